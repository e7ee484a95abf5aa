"""How does a person see what became of one simulated person?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.trial.replay import Path

ALONE = (
    "patients", "draws", "check_grid", "workers", "cluster", "file", "rivals", "enantiomers",
)  # fmt: skip
"""what says nothing about one person"""


def ensure_alone(given: list[str]) -> None:
    """Refuse what a person who is replayed alone has no use for."""
    no_use = ("--output", "--resume", "--cluster", "--enantiomers", "--rivals")
    useless = [name for name in given if name in no_use]
    if useless:
        raise InputError(
            "--patient writes no files and shares no work, and replays one person as asked for;"
            f" leave out {', '.join(useless)}, and give --json for the whole path."
        )


def show(plan: Protocol, key: int, as_json: bool, wishes: dict[str, Any], given: list[str]) -> None:
    """Replay one person in every arm, and print the row of each, or with ``as_json`` the path.

    ``given`` are the options that were typed.
    """
    ensure_alone(given)
    from resynapse.protocol.without_use import ensure_use
    from resynapse.trial.replay import replay

    ensure_use(plan, "--patient")

    paths = replay(plan, key, **{k: v for k, v in wishes.items() if k not in ALONE})
    if as_json:
        from resynapse.exchange.as_json import plain

        made = {"protocol": plan.name, "patient": key, "seed": wishes["seed"]}
        made["arms"] = {path.arm: _whole(path) for path in paths}
        json.dump(plain(made), sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
        return
    _print(plan, key, paths)


def _whole(path: Path) -> dict[str, Any]:
    return {
        "row": path.row.to_dict(),
        "days": path.days,
        "states": path.states,
        "use_days": path.use_days,
    }


def _print(plan: Protocol, key: int, paths: list[Path]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(f"Person {key}", *(path.arm for path in paths))
    for name in paths[0].row.index:
        table.add_row(name, *(_cell(path.row[name]) for path in paths))
    console = Console()
    console.print("Research software: it tells nobody how to dose a patient.")
    console.print(table)
    console.print(f"As in every run of {plan.name} with this seed; --json prints the whole path.")


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
