"""How much further do the results spread when the parameters themselves are uncertain?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from resynapse.report.names import MEASURES, endpoint
from resynapse.report.sections.comparison import event
from resynapse.report.sections.opening import OPIOIDS
from resynapse.report.sections.outcomes import DEATHS, OVERDOSE, quantities
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, thousands

if TYPE_CHECKING:
    from resynapse.trial.result import Result

UNITS = {"hazard_ratio": "ratio", "risk_difference": "proportion", "mean_difference": ""}
FEW = 100
"""Below this many draws the ends of an interval are rough"""


@dataclass(frozen=True)
class Drawn:
    """An entry of the result's knowledge, its name taken apart."""

    arm: str
    """The arm, or one against the other"""
    name: str
    measure: str
    found: dict[str, Any]

    @property
    def words(self) -> str:
        """The quantity for a reader."""
        what = DEATHS.words if self.name == OVERDOSE else endpoint(self.name)
        return f"{what}, {MEASURES.get(self.measure, self.measure)}" if self.measure else what

    def row(self) -> Row:
        """Median over the draws with its interval, and how many there were."""
        unit = UNITS.get(self.measure, self.found.get("unit", ""))
        unit = "" if self.name == OVERDOSE or "_day_" in self.name else unit
        signed = self.measure.endswith("difference")
        times = DEATHS.times if self.name == OVERDOSE else 1.0
        middle, low, high = (times * self.found[end] for end in ("median", "low", "high"))
        value = value_cell(middle, unit, low, high, signed)
        if signed:
            value = replace(value, value=value.value.removesuffix(f"{NARROW}%"))
        cells = (Cell(words=self.arm), value, Cell(words=thousands(self.found["draws"])))
        return Row(self.words, cells)


def entries(result: Result) -> tuple[Drawn, ...]:
    """Every quantity that was drawn: "arm: endpoint" or "arm against arm: endpoint measure"."""
    found = []
    for key, interval in result.knowledge.items():
        arm, _, rest = key.rpartition(": ")
        name, _, measure = rest.partition(" ")
        found.append(Drawn(arm, name, measure, interval))
    return tuple(found)


def knowledge_table(result: Result) -> Table | None:
    """What the section on outcomes shows, over draws of the parameters."""
    shown = {quantity.name for quantity in quantities(result)}
    if result.protocol.disorder in OPIOIDS:
        shown.add(OVERDOSE)
    chosen = [
        one
        for one in entries(result)
        if (one.name in shown and one.measure in ("", "risk_difference", "mean_difference"))
        or (one.name == event(result) and one.measure == "hazard_ratio")
    ]
    return _table("Uncertainty of the parameters", chosen)


def every_drawn(result: Result) -> Table | None:
    """All that was drawn, for those who look further."""
    return _table("Every quantity over draws of the parameters", entries(result))


def _table(caption: str, chosen: Iterable[Drawn]) -> Table | None:
    rows = tuple(one.row() for one in sorted(chosen, key=_order))
    return Table(caption, ("Quantity", "Arm", "Median over draws", "Draws"), rows) if rows else None


def _order(one: Drawn) -> tuple[bool, str]:
    """Quantities, an arm below the other, before comparisons."""
    return bool(one.measure), one.name


def knowledge_words(result: Result) -> str:
    """What the interval is, or why there is none."""
    if not result.knowledge:
        return (
            "This run holds every parameter at its default, so how far the results move with what "
            "nobody knows is not shown. Run it with draws of the parameters to see it."
        )
    distribution = "prior" if result.parameters == "prior" else "posterior"
    draws = max(found["draws"] for found in result.knowledge.values())
    rough = f" With {draws} draws the ends of the intervals are rough." if draws < FEW else ""
    return (
        f"Every parameter drawn from its {distribution}; median of the draws and the interval "
        f"that holds 90{NARROW}% of them. The intervals above are over people only.{rough}"
    )
