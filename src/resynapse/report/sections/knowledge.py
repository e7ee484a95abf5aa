"""How much further do the results spread when the parameters themselves are uncertain?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from resynapse.report.arms import ArmStyle, named
from resynapse.report.drawn import ENOUGH, draws
from resynapse.report.names import MEASURES, endpoint, hazard_of, times
from resynapse.report.sections.comparison import event
from resynapse.report.sections.outcomes import quantities
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, PERCENT, counted, thousands

if TYPE_CHECKING:
    from resynapse.trial.result import Result

UNITS = {"hazard_ratio": "ratio", "risk_difference": "proportion", "mean_difference": ""}
FEW = 100
"""Below this many draws the ends of an interval are rough"""
NOT_DRAWN = Cell(words="\u2013")


@dataclass(frozen=True)
class Drawn:
    """An entry of the result's knowledge, its name taken apart."""

    arm: str
    """The arm, or one against the other"""
    name: str
    measure: str
    found: dict[str, Any]
    unit: str = ""
    """What stands behind its number, which carries none: of differences, and of what has days"""

    @property
    def words(self) -> str:
        """The quantity for a reader."""
        told = hazard_of if self.measure == "hazard_ratio" else endpoint
        what = told(self.name)
        return f"{what}, {MEASURES.get(self.measure, self.measure)}" if self.measure else what

    def cell(self) -> Cell:
        """Median over the draws with its interval, where there are enough for one."""
        unit = UNITS.get(self.measure, self.found.get("unit", ""))
        unit = "" if times(self.name) != 1.0 or "_day_" in self.name else unit
        signed = self.measure.endswith("difference")
        middle, low, high = (
            times(self.name) * self.found[end] for end in ("median", "low", "high")
        )
        ends = (low, high) if self.found["draws"] >= ENOUGH else (None, None)
        value = value_cell(middle, unit, *ends, signed)
        if signed:
            value = replace(value, value=value.value.removesuffix(f"{NARROW}%"))
        return replace(value, value=f"{value.value} {counted(value.value, self.unit)}".rstrip())

    def row(self) -> Row:
        """Everything about it on one line."""
        cells = (Cell(words=self.arm), self.cell(), Cell(words=thousands(self.found["draws"])))
        return Row(self.words, cells)


def entries(result: Result) -> tuple[Drawn, ...]:
    """Every quantity that was drawn: "arm: endpoint" or "arm against arm: endpoint measure"."""
    found = []
    for key, interval in result.knowledge.items():
        arm, _, rest = key.rpartition(": ")
        name, _, measure = rest.partition(" ")
        found.append(Drawn(arm, name, measure, interval, _behind(result, name, measure)))
    return tuple(found)


def _behind(result: Result, name: str, measure: str) -> str:
    """The unit of a difference, or of a quantity on a day; that of deaths stands in its words."""
    apart = measure.endswith("difference")
    if times(name) != 1.0 or not (apart or "_day_" in name):
        return ""
    if measure == "risk_difference":
        return "points"
    known = [arm.endpoints[name].unit for arm in result.arms.values() if name in arm.endpoints]
    return "points" if apart and {*known} & PERCENT else known[0] if known else ""


def knowledge_table(result: Result, arms: tuple[ArmStyle, ...]) -> Table | None:
    """What the section on outcomes shows, over draws of the parameters; a row an arm."""
    known = {(one.arm, one.name, one.measure): one for one in entries(result)}
    rows: list[Row] = []
    for quantity in quantities(result):
        drawn = [_row(known, arm, arms, quantity.name) for arm in arms]
        if any(row.cells[0] is not NOT_DRAWN for row in drawn):
            rows += [Row(quantity.words, group=True), *drawn]
    ratios = [_ratio(known, arm, arms[0], event(result)) for arm in arms[1:]]
    if any(row.cells[1] is not NOT_DRAWN for row in ratios):
        rows += [Row(f"{hazard_of(event(result))}, ratio of hazards", group=True), *ratios]
    if not rows:
        return None
    heads = ("Quantity", f"Median over {thousands(draws(result))} draws")
    if len(arms) > 1:
        return Table(
            "Uncertainty of the parameters", (*heads, f"Against {arms[0].name}"), tuple(rows)
        )
    return Table("Uncertainty of the parameters", heads, tuple(rows))


Known = dict[tuple[str, str, str], Drawn]


def _row(known: Known, arm: ArmStyle, arms: tuple[ArmStyle, ...], name: str) -> Row:
    value = _cell(known, (arm.id, name, ""))
    if len(arms) == 1:
        return Row(named(arm), (value,))
    if arm is arms[0]:
        return Row(named(arm), (value, Cell(words="reference")))
    pair = f"{arm.id} against {arms[0].id}"
    either = [(pair, name, measure) for measure in ("risk_difference", "mean_difference")]
    return Row(named(arm), (value, _cell(known, *either)))


def _ratio(known: Known, arm: ArmStyle, reference: ArmStyle, name: str) -> Row:
    pair = f"{arm.id} against {reference.id}"
    return Row(named(arm), (Cell(), _cell(known, (pair, name, "hazard_ratio"))))


def _cell(known: Known, *keys: tuple[str, str, str]) -> Cell:
    return next((known[key].cell() for key in keys if key in known), NOT_DRAWN)


def every_drawn(result: Result) -> Table | None:
    """All that was drawn, for those who look further."""
    return _table("Every quantity over draws of the parameters", entries(result))


def _table(caption: str, chosen: Iterable[Drawn]) -> Table | None:
    rows = tuple(one.row() for one in sorted(chosen, key=_order))
    return Table(caption, ("Quantity", "Arm", "Median over draws", "Draws"), rows) if rows else None


def _order(one: Drawn) -> tuple[bool, str]:
    """Quantities, an arm below the other, before comparisons."""
    return bool(one.measure), one.name


FITTED = "prior, or from its posterior where it was fitted"


def knowledge_words(result: Result) -> str:
    """What the interval is, or why there is none."""
    if not result.knowledge:
        return (
            "This run holds every parameter at its default, so how far the results move with what "
            "nobody knows is not shown. Run it with draws of the parameters to see it."
        )
    distribution = "prior" if result.parameters == "prior" else FITTED
    count = draws(result)
    if count < ENOUGH:
        times = "once" if count == 1 else f"{count} times"
        return (
            f"Every parameter drawn from its {distribution}, {times}: too few for an interval, so "
            "how far the results move with what nobody knows is not shown. Run it with more draws."
        )
    rough = f" With {count} draws the ends of the intervals are rough." if count < FEW else ""
    return (
        f"Every parameter drawn from its {distribution}; median of the draws and the interval "
        f"that holds 90{NARROW}% of them.{rough}"
    )
