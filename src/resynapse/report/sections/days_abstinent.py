"""How many days of a month pass without use, while people live in the community?"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from resynapse.report.arms import ArmStyle, historical, named
from resynapse.report.bands import fixed_words
from resynapse.report.drawing import Axis, Chart, Line, Mark, draw
from resynapse.report.drawing.ticks import MONTH, days, months, percent
from resynapse.report.figure import Figure
from resynapse.report.names import SEEN
from resynapse.report.sections.opening import LONG
from resynapse.report.sections.published import LEVELS, described, published_day
from resynapse.report.sections.survival import CROWDED, NARROW_SCREEN, WIDE
from resynapse.report.table import Row, Table, value_cell
from resynapse.report.wording import NARROW, listed, people_drawn, plain, shown
from resynapse.trial.estimate import Estimate, mean, undefined

if TYPE_CHECKING:
    from resynapse.trial.result import ArmResult, PublishedValue, Result

SUBJECT = "days_abstinent_percent"
ASIDE = 0.04
"""Published values of different arms stand this share of their time apart"""
WEEK = 7.0
SHORT = 28.0
"""A follow-up of no more days than this is told by the day"""
Interval = tuple[float, Estimate]
"""The middle of a stretch of days from entry, and the mean share of its days without use, %"""


def days_abstinent(
    result: Result, arms: tuple[ArmStyle, ...], widths: tuple[float, ...] = (WIDE, NARROW_SCREEN)
) -> Figure:
    """The mean share in each month, or in each week of a short trial.

    The second of ``widths``, px, is for small screens.
    """
    long = result.protocol.follow_up_days > LONG
    short = result.protocol.follow_up_days <= SHORT
    length, unit = (MONTH, "month") if long else (1.0, "day") if short else (WEEK, "week")
    what, title = f"Mean share of days in the community without use, by {unit}", "Days without use"
    if short:
        what, title = "Share of people in the community without use that day", "People without use"
    seen = min(len(result.arms[arm.id].patients) for arm in arms)
    n = f"n{NARROW}={NARROW}{people_drawn(seen, result.patients_per_arm, len(arms))}"
    found = {arm.id: shares(result.arms[arm.id], length) for arm in arms}
    dotted = _rivals(result, arms, length)
    scale = MONTH if long else 1.0
    told = published_levels(result)
    diamonds = _marks(told, arms, scale)
    drawings = [_drawing(result, arms, found, dotted, diamonds, width, scale) for width in widths]
    return Figure(
        title=f"{title}, {'each' if short else 'in each'} {unit}",
        caption=(
            f"{what}; band: 95{NARROW}% interval over people, {n}. {fixed_words(result)}"
            f"What people did, also those who left follow-up. {_dotted_words(dotted)}"
            f"{_published_words(result, told)}{historical(arms)}"
        ).strip(),
        drawing=drawings[0],
        narrow=drawings[1] if len(drawings) > 1 else None,
        table=_table(arms, found, scale),
        name="days_abstinent",
    )


def shares(arm: ArmResult, length: float) -> list[Interval]:
    """For each stretch of so many days: the mean over people who were in the community in it."""
    use = arm.use_days.astype(float)
    start = arm.patients["community_day"].to_numpy(dtype=float)
    stop = arm.patients["end_day"].to_numpy(dtype=float)
    day = np.arange(use.shape[1])
    free = (day >= np.ceil(start)[:, None]) & (day < np.floor(stop)[:, None])
    edges = np.arange(0.0, use.shape[1] + 0.5 * length, length)
    found = []
    for low, high in pairwise(edges):
        inside = free & (day >= low) & (day < high)
        counted = inside.sum(axis=1)
        someone = counted > 0.5 * length
        if someone.any():
            used = (use * inside).sum(axis=1)[someone] / counted[someone]
            found.append((0.5 * (low + high), mean(100.0 * (1.0 - used), "percent", (0.0, 100.0))))
    return found or [(0.5 * length, undefined("percent"))]


def _axis(result: Result, scale: float, most: int) -> Axis:
    end = result.protocol.follow_up_days / scale
    build = months if scale == MONTH else days
    return build(end, f"{'months' if scale == MONTH else 'days'} since entry", most)


def _drawing(
    result: Result,
    arms: tuple[ArmStyle, ...],
    found: dict[str, list[Interval]],
    dotted: dict[str, list[Interval]],
    diamonds: tuple[Mark, ...],
    width: float,
    scale: float,
) -> Markup:
    labelled = width == WIDE
    rivals = [_line(arm, dotted[arm.id], scale, rival=True) for arm in arms if arm.id in dotted]
    lines = (*rivals, *(_line(arm, found[arm.id], scale, labelled) for arm in arms))
    axis = _axis(result, scale, 9 if labelled else 5)
    chart = Chart(width, 216.0, axis, percent("% without use"), lines, diamonds)
    return draw(chart, _sentence(arms, found))


def _rivals(result: Result, arms: tuple[ArmStyle, ...], length: float) -> dict[str, list[Interval]]:
    """The same where only expectancy acts; nothing where lines would be too many."""
    if len(arms) > CROWDED:
        return {}
    return {id: shares(result.rival[id], length) for a in arms if (id := a.id) in result.rival}


def _dotted_words(dotted: dict[str, list[Interval]]) -> str:
    return "Dotted, with its band: only expectancy acts. " if dotted else ""


def published_levels(result: Result) -> list[PublishedValue]:
    """Published shares of days without use, of an arm, that the model can be held against."""
    return [one for one in _levels(result) if one.comparable]


def _levels(result: Result) -> list[PublishedValue]:
    return [
        one
        for one in result.published
        if one.endpoint.startswith(SUBJECT)
        and one.measure in LEVELS
        and one.reference is None
        and one.value is not None
        and one.arm in result.arms
    ]


def _marks(
    told: list[PublishedValue], arms: tuple[ArmStyle, ...], scale: float
) -> tuple[Mark, ...]:
    """Each in the middle of the days over which it is a mean; arms a little apart."""
    places = {arm.id: arm for arm in arms}
    marks = []
    for one in told:
        arm, middle = places[one.arm], 0.5 * (published_day(one) or 0.0) / scale
        x = middle * (1.0 + ASIDE * (arm.place - 0.5 * (len(arms) + 1)))
        numbers = [
            None if x is None else shown(x, one.unit) for x in (one.value, one.low, one.high)
        ]
        marks.append(Mark(x, numbers[0] or 0.0, *numbers[1:], arm.css))
    return tuple(marks)


def _published_words(result: Result, told: list[PublishedValue]) -> str:
    """What the diamonds are, and why others are not drawn."""
    words = ""
    if told:
        words = f"Diamonds: means from entry on, in the middle of their span: {described(told)} "
    left = [one for one in _levels(result) if not one.comparable]
    if not left:
        return words
    seen = listed(list(dict.fromkeys(SEEN.get(one.seen, one.seen) for one in left)))
    many = f"{len(left)} published values" if len(left) > 1 else "A published value"
    return f"{words}Not drawn, as nothing may be held against them: {many}, {seen}. "


def _line(
    arm: ArmStyle, found: list[Interval], scale: float, labelled: bool = False, rival: bool = False
) -> Line:
    x = np.array([middle / scale for middle, _ in found])
    parts = [_numbers([getattr(e, name) for _, e in found]) for name in ("value", "low", "high")]
    return Line(arm.css, x, *parts, label=arm.name if labelled else "", rival=rival)


def _numbers(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values])


def _sentence(arms: tuple[ArmStyle, ...], found: dict[str, list[Interval]]) -> str:
    parts = [f"{arm.name} {plain(found[arm.id][-1][1].value, 'percent')}" for arm in arms]
    return f"Days without use at the end of follow-up: {listed(parts)}."


def _table(arms: tuple[ArmStyle, ...], found: dict[str, list[Interval]], scale: float) -> Table:
    unit = "months" if scale == MONTH else "days"
    middles = sorted({middle for values in found.values() for middle, _ in values})
    rows = []
    for middle in middles:
        estimates = [dict(found[arm.id]).get(middle, undefined("percent")) for arm in arms]
        cells = tuple(value_cell(e.value, "percent", e.low, e.high) for e in estimates)
        rows.append(Row(f"around {middle / scale:.1f} {unit}", cells))
    heads = ("Time", *(named(arm) for arm in arms))
    return Table("Days without use", heads, tuple(rows), ("Time", *(arm.name for arm in arms)))
