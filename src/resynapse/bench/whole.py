"""What does a whole benchmark measure, and in which words is it handed on?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from resynapse.bench.chain import PEOPLE, chain
from resynapse.bench.comparison import Effort, compared
from resynapse.bench.engines import CHAIN, WHOLE, absent
from resynapse.bench.peak import fraction
from resynapse.bench.scaling import scaling
from resynapse.bench.workload import WORKLOADS
from resynapse.engine.cores import cores

NAMES = (*WORKLOADS, WHOLE)
FEW = {"native": 256, "xla": 64}
"""people an arm of a quick run of the whole chain"""
MEASURED = 0.8
"""share of the time of a workload in which engines are measured; then how cost grows is"""


def bench(
    names: Sequence[str], engines: Sequence[str], effort: Effort, people: int | None,
    listener: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """All rows, and the peers that are absent: what ``--json`` prints."""
    found: dict[str, Any] = {"cores": cores(), "results": [], "absent": {}}
    for place, name in enumerate(names):
        mine = effort.part(1.0 / (len(names) - place))
        rows, left_out = (
            _chain(engines, mine, people, listener)
            if name == WHOLE
            else _beside_peers(name, engines, mine, listener)
        )
        found["results"] += rows
        found["absent"][name] = (absent(name) if name in WORKLOADS else {}) | left_out
    return found


def _beside_peers(
    name: str, engines: Sequence[str], effort: Effort, listener: Callable[[str], None]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    rows, left_out = compared(name, engines, cores(), effort.part(MEASURED), listener)
    for row in (r for r in rows if r["backend"] == "native"):
        listener(f"{name}: share of the arithmetic peak")
        row |= fraction(WORKLOADS[name](), cores(), effort.turns)
        row["scaling"] = _growth(name, effort, listener)
    return rows, left_out


def _growth(name: str, effort: Effort, listener: Callable[[str], None]) -> dict[str, Any]:
    """How cost grows, where there is time for it."""
    if effort.left < 0.0:
        listener(f"{name}: no time is left to see how cost grows; give more --minutes")
        return {}
    listener(f"{name}: how cost grows")
    return scaling(name, cores(), effort)


def _chain(
    engines: Sequence[str], effort: Effort, people: int | None, listener: Callable[[str], None]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The whole chain has no peer: no other tool runs it."""
    there = [name for name in CHAIN if not engines or name in engines]
    quick = effort.turns == 1
    usual = FEW if quick else PEOPLE
    sizes = {name: people or usual[name] for name in there}
    rows, left_out = chain(sizes, listener, effort.until, quick)
    for row in rows:
        row["ratio_to"] = {
            other["backend"]: row["rate"] / other["rate"] for other in rows if other is not row
        }
    return rows, left_out
