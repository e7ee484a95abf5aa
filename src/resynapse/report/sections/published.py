"""What did the trial itself report, and what does the run give for the same quantity?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from resynapse.evidence import study
from resynapse.protocol.without_use import uses
from resynapse.report.arms import every_style
from resynapse.report.names import MEASURES, ROLES, SEEN, endpoint, spoken
from resynapse.report.sections import standardised
from resynapse.report.sections.outcomes import estimate_cell
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, counted, is_share, listed, sentence_case, shown
from resynapse.trial.endpoint import estimates
from resynapse.trial.endpoint_name import EndpointError, parse
from resynapse.trial.estimate import Estimate, Z, difference

if TYPE_CHECKING:
    from resynapse.evidence.study import Number
    from resynapse.trial.result import PublishedValue, Result

LEVELS = ("mean", "proportion")
DIFFERENCES = ("risk_difference", "mean_difference")
NOT_COMPARED = "not compared"
NOT_COMPUTED = "not computed"


def published_tables(result: Result) -> tuple[Table | None, Table | None]:
    """Published values beside the same simulated quantity, and those that the run has not."""
    told = [*result.published, *differences(result)]
    names = {arm.id: arm.name for arm in every_style(result)}
    rows = [(_simulated(result, value), _head(value), value) for value in told]
    beside, alone = (
        tuple(Row(head, _cells(value, cell, names)) for cell, head, value in rows if given(cell))
        for given in (lambda cell: bool(cell.value), lambda cell: not cell.value)
    )
    heads = ("Quantity", "Arm", "Published", "Simulated", "Study")
    return (
        Table("Published values beside simulated ones", heads, beside) if beside else None,
        Table("Published values that this run does not give", heads, alone) if alone else None,
    )


def differences(result: Result) -> list[PublishedValue]:
    """Of people whose levels hold more than the model has: arms apart, from their published means.

    Without an interval, as a difference of two means has none where no spread was published.
    """
    if uses(result.protocol):
        return []
    other, found = result.protocol.reference, []
    means = {
        (one.endpoint, one.arm): one
        for one in result.comparable
        if one.measure == "mean" and one.value is not None
    }
    for (name, arm), one in means.items():
        beside = means.get((name, other))
        if arm == other or beside is None:
            continue
        gap = (one.value or 0.0) - (beside.value or 0.0)
        found.append(
            replace(
                one, reference=other, measure="mean_difference", seen="computed", low=None,
                high=None, n=None, value=gap,
            )
        )  # fmt: skip
    return found


def _simulated(result: Result, value: PublishedValue) -> Cell:
    return simulated(result, value) if value.comparable else Cell(words=NOT_COMPARED)


def _head(value: PublishedValue) -> str:
    measure = MEASURES.get(value.measure, sentence_case(value.measure).lower())
    named = endpoint(value.endpoint)
    day = f"day {value.day:g}" if value.day is not None else ""
    if day and day not in value.endpoint and named == sentence_case(value.endpoint):
        named += f", day{NARROW}{value.day:g}"
    return f"{named}, {measure}"


def _cells(value: PublishedValue, found: Cell, names: Mapping[str, str]) -> tuple[Cell, ...]:
    arm, other = (names.get(id, spoken(id)) for id in (value.arm, value.reference or ""))
    against = f" against {other}" if value.reference else ""
    unit = value.unit if value.unit != "ratio" else ""
    told = [value.source, SEEN.get(value.seen, value.seen), ROLES.get(value.role, value.role)]
    if kind := no_interval(value):
        told.insert(2, f"in brackets {kind}")
    published = value_cell(value.value, unit or "ratio", value.low, value.high)
    return (
        Cell(words=f"{arm}{against}"),
        in_points(published) if value.measure in DIFFERENCES else published,
        found,
        Cell(words="; ".join(told)),
    )


def in_points(cell: Cell) -> Cell:
    """A difference of shares, which are percent, is in percentage points."""
    number = cell.value.removesuffix(f"{NARROW}%")
    return replace(cell, value=cell.value.replace("%", counted(number, "points")))


def simulated(result: Result, value: PublishedValue) -> Cell:
    """The run's number for what was published; words where it gives none."""
    this = estimate(result, value.arm, value.endpoint)
    if value.measure in LEVELS and value.reference is None:
        return estimate_cell(this) if this else Cell(words=NOT_COMPUTED)
    if value.measure == "hazard_ratio":
        return _hazard_ratio(result, value)
    if value.measure in standardised.MEASURES:
        gap = standardised.apart(result, value)
        return value_cell(gap[0], "SD", *gap[1:]) if gap else Cell(words=NOT_COMPUTED)
    that = estimate(result, value.reference or "", value.endpoint)
    if this is None or that is None:
        return Cell(words=NOT_COMPUTED)
    if value.measure in DIFFERENCES:
        apart = difference(this, that)
        numbers = [
            None if x is None else (shown(x, this.unit) if is_share(this.unit) else x)
            for x in (apart.value, apart.low, apart.high)
        ]
        unit = "percent" if is_share(this.unit) else ""
        return in_points(value_cell(numbers[0], unit, numbers[1], numbers[2]))
    ratio = RATIOS.get(value.measure)
    found = ratio(this, that) if ratio else None
    return value_cell(found[0], "ratio", *found[1:]) if found else Cell(words=NOT_COMPUTED)


def estimate(result: Result, arm: str, name: str) -> Estimate | None:
    """An endpoint of an arm, or of arms that the publication pools."""
    if arm in result.arms:
        return result.arms[arm].endpoints.get(name)
    parts = [result.arms[id] for id in _pooled(result.protocol.study or "", arm)]
    if not parts:
        return None
    table = pd.concat([part.patients for part in parts], ignore_index=True)
    used = np.concatenate([part.use_days for part in parts])
    try:
        return estimates((name,), table, used)[name]
    except EndpointError:
        return None


@cache
def _pooled(name: str, arm: str) -> tuple[str, ...]:
    arms = study(name).arms if name else ()
    return next((each.pools for each in arms if each.id == arm), ())


def _hazard_ratio(result: Result, value: PublishedValue) -> Cell:
    for found in result.comparisons:
        names = (found.endpoint, found.arm, found.reference, found.measure)
        if names == (value.endpoint, value.arm, value.reference, value.measure):
            return value_cell(found.value, "ratio", found.low, found.high)
    return Cell(words=NOT_COMPUTED)


def odds_ratio(this: Estimate, that: Estimate) -> tuple[float, float, float] | None:
    """Odds against odds, with Woolf's interval; None where a share is 0 or 1.

    ratio     = p / (1 - p) / (q / (1 - q))                              1
    error     = sqrt(1 / (n p (1 - p)) + 1 / (m q (1 - q)))              1
    low, high = ratio exp(-+ Z error)                                    1
    """
    p, q, n, m = _share(this), _share(that), this.n, that.n
    if p is None or q is None:
        return None
    ratio = p / (1 - p) / (q / (1 - q))
    error = math.sqrt(1 / (n * p * (1 - p)) + 1 / (m * q * (1 - q)))
    return ratio, ratio * math.exp(-Z * error), ratio * math.exp(Z * error)


def log_survival_ratio(this: Estimate, that: Estimate) -> tuple[float, float, float] | None:
    """Logarithms of two shares without the event, which a constant ratio of hazards would give.

    ratio     = ln p / ln q                                              1
    error     = sqrt((1 - p) / (n p (ln p)^2) + (1 - q) / (m q (ln q)^2))    1
    low, high = ratio exp(-+ Z error)                                    1
    """
    p, q, n, m = _share(this), _share(that), this.n, that.n
    if p is None or q is None:
        return None
    ratio = math.log(p) / math.log(q)
    error = math.sqrt((1 - p) / (n * p * math.log(p) ** 2) + (1 - q) / (m * q * math.log(q) ** 2))
    return ratio, ratio * math.exp(-Z * error), ratio * math.exp(Z * error)


RATIOS = {"odds_ratio": odds_ratio, "log_survival_ratio": log_survival_ratio}


def _share(found: Estimate) -> float | None:
    """A share strictly between 0 and 1."""
    inside = is_share(found.unit) and found.value is not None and 0.0 < found.value < 1.0
    return found.value if inside else None


def published_day(value: PublishedValue) -> float | None:
    """The day to which a published value belongs: its own horizon, or the day that it names."""
    try:
        return parse(value.endpoint).horizon
    except EndpointError:
        return value.day


def described(published: list[PublishedValue]) -> str:
    """Study, size, interval and role of published values."""
    told: dict[str, list[PublishedValue]] = {}
    for value in published:
        told.setdefault(value.source, []).append(value)
    return " ".join(_study(source, values) for source, values in told.items())


def _study(source: str, values: list[PublishedValue]) -> str:
    sizes = sorted({value.n for value in values if value.n})
    n = f", n{NARROW}={NARROW}{listed([str(size) for size in sizes])}" if sizes else ""
    arms = {value.arm for value in values}
    each = " in each arm" if len(sizes) == 1 and len(arms) > 1 else ""
    seen = SEEN.get(values[0].seen, values[0].seen)
    role = ROLES.get(values[0].role, values[0].role)
    told = list(dict.fromkeys(limits_are(value) for value in values if value.low is not None))
    whisker = f", {listed(told)}" if told else ""
    return f"{source}{n}{each}, {seen}{whisker}; {role}."


def no_interval(value: PublishedValue | Number) -> str:
    """What stands in brackets beside a value where that is no interval; empty where it is one."""
    if value.low is None or "interval" in (kind := limits_are(value)):
        return ""
    return f"the {kind}" if kind.startswith("lowest") else kind


def limits_are(value: PublishedValue | Number) -> str:
    """What the ends of a published interval are: a spread of people is no interval of a mean."""
    if not value.interval or f"95{NARROW}%" in value.interval.replace(" ", NARROW):
        return f"95{NARROW}% interval"
    return "lowest and highest seen" if "range" in value.interval else value.interval
