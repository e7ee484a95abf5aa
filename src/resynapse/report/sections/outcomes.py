"""What came of each arm: staying, staying alive, not using?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from resynapse.protocol.opioids_alone import opioids
from resynapse.protocol.without_use import uses
from resynapse.report.arms import ArmStyle, followed_in_treatment, historical, named
from resynapse.report.drawn import ENOUGH, draws, over_draws
from resynapse.report.names import endpoint, in_words_of, times
from resynapse.report.table import OF_RIVAL, Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, decimals, interval, is_share, number, shown
from resynapse.trial.estimate import Difference, Estimate, difference

if TYPE_CHECKING:
    from resynapse.trial.result import ArmResult, Result

USUAL_MONTHS = 12.0
"""Where a trial is followed further, the outcomes are read here unless it published otherwise"""
DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375}
IF_EXPECTANCY = Markup(f'<span class="{OF_RIVAL}">Difference if only expectancy acts</span>')
OVERDOSE = "overdose_per_100_person_years"
NEVER_OUT = (
    "Nobody is back in the community before follow-up ends, so that nobody can use: no use here"
    " is no result."
)


@dataclass(frozen=True)
class Quantity:
    """A row of the table: an endpoint and its words."""

    name: str
    words: str

    @property
    def times(self) -> float:
        """What its numbers are multiplied by in the unit of its words."""
        return times(self.name)

    def of(self, arm: ArmResult | None) -> Estimate | None:
        """Its estimate in an arm; None where the run did not compute it."""
        found = arm.endpoints.get(self.name) if arm is not None else None
        if found is None or found.value is None:
            return None
        return in_words_of(self.name, found)


def horizon(result: Result) -> str | None:
    """The horizon at which outcomes are read, such as ``12_months``."""
    names = next(iter(result.arms.values())).endpoints
    found = [m[1] for name in names if (m := re.fullmatch(r"abstinence_(\d+_[a-z]+)", name))]
    if not found:
        return None
    told = [p.endpoint.removeprefix("abstinence_") for p in result.comparable]
    known = [name for name in found if name in told]
    fitting = known or [name for name in found if _days(name) <= USUAL_MONTHS * DAYS["months"] + 1]
    return max(fitting or found, key=_days)


def never_without(result: Result) -> bool:
    """Whether people use when the clock starts, so that nobody is without use from the start."""
    found = [
        value.value
        for arm in result.arms.values()
        for name, value in arm.endpoints.items()
        if re.fullmatch(r"abstinence_\d+_[a-z]+", name)
    ]
    return result.protocol.setting.starts_using and not any(found)


def heading(result: Result) -> str:
    """The section's heading with its horizon."""
    at = horizon(result)
    return f"Outcomes at {duration(at)}" if at else "Outcomes"


def quantities(result: Result) -> tuple[Quantity, ...]:
    """The rows in the order in which they must be read together."""
    if not uses(result.protocol):
        return tuple(Quantity(name, endpoint(name)) for name in result.protocol.endpoints)
    at = horizon(result)
    rows = [
        Quantity(f"retention_{at}", "Still in follow-up"),
        Quantity(OVERDOSE, endpoint(OVERDOSE)),
        Quantity(f"abstinence_{at}", endpoint(f"abstinence_{at}") if at else "No use"),
        Quantity("last_two_weeks_abstinent", "No use in the last two weeks"),
        Quantity("days_abstinent_percent", "Days without use, of days in the community"),
    ]
    if never_without(result):
        rows = [row for row in rows if not row.name.startswith("abstinence_")]
    if not opioids(result.protocol):
        rows = [row for row in rows if row.name != OVERDOSE]
    asked = result.protocol.endpoints
    if at and "last_two_weeks_abstinent" not in asked and not never_without(result):
        rows = [row for row in rows if row.name != "last_two_weeks_abstinent"]
    known = next(iter(result.arms.values())).endpoints
    return tuple(row for row in rows if row.name in known)


def outcome_words(result: Result, arms: tuple[ArmStyle, ...]) -> str:
    """What stands in a cell, and which arms withhold what care today would give."""
    parts = ["Staying in follow-up, staying alive and not using are read together."]
    if not opioids(result.protocol):
        parts = ["Staying in follow-up and not using are read together. Deaths are not modelled."]
    if not uses(result.protocol):
        parts = ["Means on the scales of papers: higher is more depressed. Nobody leaves."]
    if uses(result.protocol) and _never_out(result):
        parts.append(NEVER_OUT)
    parts.append(f"Value, and beside it the 95{NARROW}% interval over people.")
    if draws(result) >= ENOUGH:
        parts.append(
            f"Below, draws: the 90{NARROW}% interval over {draws(result)} draws of the parameters."
        )
    if len(arms) > 1:
        parts += ["Differences of shares in percentage points."] if uses(result.protocol) else []
    if result.rival and uses(result.protocol):
        parts.append("Where only expectancy acts, medication and therapy act as before.")
    parts += [followed_in_treatment(result, arms), historical(arms)]
    return " ".join(filter(None, parts))


def _never_out(result: Result) -> bool:
    """Whether follow-up ends before anybody could use."""
    protocol = result.protocol
    return protocol.setting.community_day >= protocol.follow_up_days


def _over_draws(result: Result, row: Quantity, whose: str, measure: str = "") -> str:
    """The interval over draws of the parameters; empty where there is none."""
    found = over_draws(result, whose, f"{row.name} {measure}".strip())
    if found is None:
        return ""
    base = next(iter(result.arms.values())).endpoints[row.name].unit
    ends = [shown(row.times * found[end], base) for end in ("low", "high", "median")]
    return interval(ends[0], ends[1], "percent" if is_share(base) else "", ends[2])


def gap(this: Estimate | None, that: Estimate | None) -> Cell:
    """One estimate minus another, signed; shares in percentage points."""
    if this is None or that is None:
        return Cell(words="\u2013")
    found: Difference = difference(this, that)
    if found.value is None:
        return Cell(words="\u2013")
    if not is_share(this.unit):
        digits = decimals(max(abs(this.value or 0.0), abs(that.value or 0.0)), "")
        numbers = [number(x, digits) for x in (found.low, found.high) if x is not None]
        return Cell(
            number(found.value, digits, signed=True), NARROW.join(" to ".join(numbers).split())
        )
    points = [
        None if x is None else shown(x, this.unit) for x in (found.value, found.low, found.high)
    ]
    cell = value_cell(points[0], "percent", points[1], points[2], signed=True)
    return replace(cell, value=cell.value.replace(f"{NARROW}%", ""))


def estimate_cell(found: Estimate | None) -> Cell:
    """An estimate; its unit stands in the row's words unless it is a share."""
    if found is None:
        return Cell(words="\u2013")
    unit = found.unit if is_share(found.unit) else ""
    return value_cell(found.value, unit, found.low, found.high)


def outcomes(result: Result, arms: tuple[ArmStyle, ...]) -> Table:
    """Two arms side by side; more of them below one another."""
    rows = quantities(result)
    if len(arms) <= 2:
        return _side_by_side(result, arms, rows)
    return _below_one_another(result, arms, rows)


def _side_by_side(result: Result, arms: tuple[ArmStyle, ...], rows: tuple[Quantity, ...]) -> Table:
    heads: list[str | Markup] = ["Outcome", *(named(arm) for arm in arms)]
    names = ["Outcome", *(arm.name for arm in arms)]
    two = len(arms) == 2
    extra: list[str | Markup] = ["Difference"] if two else []
    extra += [IF_EXPECTANCY] if two and result.rival else []
    table_rows = []
    for row in rows:
        cells = [_value(result, row, arm) for arm in arms]
        if two:
            cells += _gaps(result, row, arms[1].id, arms[0].id)
        table_rows.append(Row(row.words, tuple(cells)))
    return Table(
        heading(result), (*heads, *extra), tuple(table_rows), (*names, *map(_worded, extra))
    )


def _gaps(result: Result, row: Quantity, arm: str, reference: str) -> list[Cell]:
    worlds = [result.arms] + ([result.rival] if result.rival else [])
    cells = [gap(row.of(world.get(arm)), row.of(world.get(reference))) for world in worlds]
    pair = f"{arm} against {reference}"
    wider = [_over_draws(result, row, pair, f"{kind}_difference") for kind in ("risk", "mean")]
    rivals = [replace(cell, css=OF_RIVAL) for cell in cells[1:]]
    return [replace(cells[0], wider=wider[0] or wider[1]), *rivals]


def _value(result: Result, row: Quantity, arm: ArmStyle) -> Cell:
    cell = estimate_cell(row.of(result.arms[arm.id]))
    return replace(cell, wider=_over_draws(result, row, arm.id))


def _below_one_another(
    result: Result, arms: tuple[ArmStyle, ...], rows: tuple[Quantity, ...]
) -> Table:
    reference = arms[0]
    heads: list[str | Markup] = ["Outcome", "Value", f"Difference from {reference.name}"]
    heads += [IF_EXPECTANCY] if result.rival else []
    table_rows = []
    for row in rows:
        table_rows.append(Row(row.words, group=True))
        for arm in arms:
            cells = [_value(result, row, arm)]
            if arm is reference:
                empty = [Cell(css=OF_RIVAL)] * (len(heads) - 3)
                cells += [Cell(words="reference"), *empty]
            else:
                cells += _gaps(result, row, arm.id, reference.id)
            table_rows.append(Row(named(arm), tuple(cells)))
    return Table(heading(result), tuple(heads), tuple(table_rows), tuple(map(_worded, heads)))


def _worded(head: str | Markup) -> str:
    return head.striptags() if isinstance(head, Markup) else head


def every_endpoint(result: Result, arms: tuple[ArmStyle, ...]) -> Table:
    """All that the run estimated, for those who look further."""
    names = dict.fromkeys(name for arm in arms for name in result.arms[arm.id].endpoints)
    rows = tuple(
        Row(
            _with_unit(name, result.arms[arms[0].id].endpoints.get(name)),
            tuple(_told(name, result.arms[arm.id].endpoints.get(name)) for arm in arms),
        )
        for name in names
    )
    heads = ("Endpoint", *(named(arm) for arm in arms))
    return Table("Every endpoint", heads, rows, ("Endpoint", *(arm.name for arm in arms)))


def _told(name: str, found: Estimate | None) -> Cell:
    """An endpoint in the unit of its words."""
    return estimate_cell(found and in_words_of(name, found))


def _with_unit(name: str, found: Estimate | None) -> str:
    words = endpoint(name)
    scale = found is not None and not is_share(found.unit) and "_day_" in name
    return f"{words}, {found.unit.rpartition(' ')[2]}" if scale and found else words


def duration(at: str) -> str:
    """``12_months`` in words."""
    count, unit = at.split("_")
    return f"{count}{NARROW}{unit.removesuffix('s') if count == '1' else unit}"


def _days(name: str) -> float:
    count, unit = name.split("_")
    return float(count) * DAYS.get(unit, 1.0)
