"""How is one simulated quantity drawn over its own span of time, every arm in one plot?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from resynapse.report.arms import ArmStyle, named, some
from resynapse.report.bands import brief_words, course_words, crowded_words, table_words
from resynapse.report.curves import Curve, curve
from resynapse.report.drawing import Axis, Chart, Limit, Line, Mark, Note, draw
from resynapse.report.drawing.ticks import MONTH, amounts, days, decades, minutes, months
from resynapse.report.figure import Figure
from resynapse.report.table import Row, Table, value_cell
from resynapse.report.wording import listed, people_drawn, plain
from resynapse.trial.dataset import SHARES
from resynapse.trial.everyone import SAMPLED

if TYPE_CHECKING:
    import xarray as xr

    from resynapse.trial.over_draws import OverDraws
    from resynapse.trial.result import Result

WIDTH, HEIGHT = 319.0, 182.0
CROWDED = 3
"""With more arms than this bands would cover one another"""
SHORT = 7
"""Names up to this many characters fit at the end of a line in half the width"""
TOGETHER = 0.07
"""Lines that end closer than this share of the axis are named where they differ most"""
ENOUGH = 0.2
"""If they differ by this share of the axis there: a line of text fits between them"""

DOTTED = "Dotted: the median where only expectancy acts."
NOTHING = 1e-9
"""A quantity that never leaves zero in any arm is not drawn"""
SAME = 0.005
"""Lines that stay within this share of the axis are one line to the eye"""

Clock = Literal["minutes", "days", "months"]


@dataclass(frozen=True)
class Panel:
    """What to draw: a variable, over which time, on which axis."""

    variable: str
    title: str
    y: str
    clock: Clock
    end: float
    """In the unit of the clock"""
    said: str
    whole: float | None = None
    """Highest value that the scale has"""
    room: float = 0.0
    """A value that the axis must reach"""
    limits: tuple[Limit, ...] = ()
    note: str = ""
    label: str = ""
    marks: tuple[Mark, ...] = ()
    marks_said: str = ""
    doses: tuple[float, ...] = ()
    infusion: float = 0.0
    """Minutes of the infusion, where arms share one"""
    since: str = ""
    scale: float = 1.0
    """What one unit of the run is in the unit shown"""
    kept: float = 1.0
    """What one unit of single people and of draws is in the unit of the run"""
    log: bool = False
    """Whether the axis of the quantity is logarithmic"""
    rival: bool = False
    """Whether the world in which only expectancy acts is drawn beside it"""


def panel(result: Result, arms: tuple[ArmStyle, ...], spec: Panel) -> Figure | None:
    """The figure; None where the run holds no such quantity."""
    dataset = result.acute if spec.clock == "minutes" else result.chronic
    if spec.variable not in dataset:
        return None
    found, over = curves(dataset, arms, spec), False
    if result.bands is not None:
        found, over = banded(found, result.bands, spec)
    if not found or not any(np.nanmax(np.abs(line.high)) > NOTHING for line in found.values()):
        return None
    drawn = [arm for arm in arms if arm.id in found]
    alone = singles(result, drawn, spec, found)
    dotted = rivals(result, drawn, spec)
    chart = _chart(spec, drawn, found, (*alone, *dotted))
    return Figure(
        title=spec.title,
        caption=_caption(
            result, spec, drawn, _beside(drawn, found, chart.y), len(alone), over, bool(dotted)
        ),
        drawing=draw(chart, _sentence(spec, drawn, found)),
        table=_table(spec, drawn, found, chart.x, table_words(result, over)),
        label=spec.label,
        name=spec.variable,
        shared=_shared(result, drawn, over, bool(dotted)),
    )


def holds(result: Result, spec: Panel) -> bool:
    """Whether the run has this quantity, and it leaves zero in any arm."""
    dataset = result.acute if spec.clock == "minutes" else result.chronic
    values = dataset.get(spec.variable)
    return values is not None and bool((abs(values) > NOTHING).any())


def curves(dataset: xr.Dataset, arms: tuple[ArmStyle, ...], spec: Panel) -> dict[str, Curve]:
    """Each arm's curve in the unit of the clock, as far as the panel reaches."""
    present = set(dataset[spec.variable]["arm"].values.tolist())
    scale = MONTH if spec.clock == "months" else 1.0
    found = {
        arm.id: curve(dataset, spec.variable, arm.id).scaled(x=scale, y=spec.scale).until(spec.end)
        for arm in arms
        if arm.id in present
    }
    return {id: line for id, line in found.items() if line.known}


def banded(
    found: Mapping[str, Curve], bands: OverDraws, spec: Panel
) -> tuple[dict[str, Curve], bool]:
    """The same lines with bands over draws of the parameters, and whether there are any."""
    made = {}
    for id, line in found.items():
        limits = bands.course(spec.clock == "minutes", spec.variable, id)
        if limits is None:
            return dict(found), False
        low, high = (spec.kept * spec.scale * end[: len(line.x)] for end in limits)
        made[id] = replace(line, low=low, high=high)
    return made, True


def singles(
    result: Result, arms: list[ArmStyle], spec: Panel, found: Mapping[str, Curve]
) -> tuple[Line, ...]:
    """A thin line for each person who is shown alone; shares of people have none."""
    if spec.variable in SHARES:
        return ()
    lines = []
    for arm in arms:
        kept = result.singles.get(arm.id)
        x = found[arm.id].x
        for values in kept.course(spec.clock == "minutes", spec.variable) if kept else ():
            lines.append(Line(f"single {arm.css}", x, values[: len(x)] * spec.kept * spec.scale))
    return tuple(lines)


def rivals(result: Result, arms: list[ArmStyle], spec: Panel) -> tuple[Line, ...]:
    """The median of each arm where only expectancy acts; none where lines would be too many."""
    if not spec.rival or result.rival_days is None or len(arms) > CROWDED:
        return ()
    found = curves(result.rival_days, tuple(arms), spec)
    return tuple(
        Line(arm.css, line.x, line.middle, rival=True)
        for arm in arms
        if (line := found.get(arm.id)) is not None
    )


def _chart(
    spec: Panel, arms: list[ArmStyle], found: Mapping[str, Curve], alone: tuple[Line, ...]
) -> Chart:
    crowded = len(arms) > CROWDED
    tops = [line.middle if crowded else line.high for line in found.values()]
    peak = max(float(np.nanmax(top)) for top in tops)
    peak = max([peak, spec.room, *(mark.high or mark.y for mark in spec.marks)])
    peak = max([peak, *(float(np.nanmax(line.y)) for line in alone)])
    y = decades(peak, spec.y) if spec.log else amounts(peak, spec.y, whole=spec.whole)
    build = {"minutes": minutes, "days": days, "months": months}[spec.clock]
    x = build(spec.end, f"{spec.clock} {spec.since or 'since entry'}", 6)
    notes = _notes(arms, found, y) if not crowded and not y.log else ()
    named_at_end = not crowded and not notes and max(len(arm.name) for arm in arms) <= SHORT
    lines = (*alone, *(_line(arm, found[arm.id], crowded, named_at_end) for arm in arms))
    shade = (0.0, spec.infusion, "infusion") if spec.infusion else None
    return Chart(WIDTH, HEIGHT, x, y, lines, spec.marks, spec.limits, notes, spec.doses, shade)


def _line(arm: ArmStyle, found: Curve, crowded: bool, named_at_end: bool) -> Line:
    band = (None, None) if crowded else (found.low, found.high)
    label = arm.name if named_at_end else ""
    return Line(arm.css, found.x, found.middle, *band, label=label)


def _notes(arms: list[ArmStyle], found: Mapping[str, Curve], y: Axis) -> tuple[Note, ...]:
    """Names where the lines differ most, if they end together and differ anywhere."""
    if len(arms) < 2 or max(len(arm.name) for arm in arms) > 2 * SHORT:
        return ()
    span = y.high - y.low
    x = found[arms[0].id].x
    heights = np.array([np.interp(x, found[arm.id].x, found[arm.id].middle) for arm in arms])
    gaps = np.diff(np.sort(heights, axis=0), axis=0).min(axis=0) / span
    best = int(np.nanargmax(gaps))
    if gaps[-1] > TOGETHER or gaps[best] < ENOUGH:
        return ()
    beside = float(x[best]) + 0.02 * float(x[-1])
    return tuple(
        Note(beside, float(height) + 0.04 * span, arm.name, arm.css)
        for arm, height in zip(arms, heights[:, best], strict=True)
    )


def coinciding(arms: list[ArmStyle], found: Mapping[str, Curve], y: Axis) -> str:
    """Which lines lie on one another, so that only the last of them is seen."""
    groups: list[list[ArmStyle]] = []
    for arm in arms:
        for group in groups:
            if _apart(found[group[0].id], found[arm.id]) < SAME * (y.high - y.low):
                group.append(arm)
                break
        else:
            groups.append([arm])
    everyone = [arm.name for arm in arms]
    told = [some([arm.name for arm in group], everyone) for group in groups if len(group) > 1]
    return f"On one line: {'; '.join(told)}." if told else ""


def _beside(arms: list[ArmStyle], found: Mapping[str, Curve], y: Axis) -> str:
    """Which lines cannot be seen by themselves, and why."""
    return below(arms, found, y) or coinciding(arms, found, y)


def below(arms: list[ArmStyle], found: Mapping[str, Curve], y: Axis) -> str:
    """Which arms a logarithmic axis does not reach."""
    low = [arm.name for arm in arms if y.log and np.nanmax(found[arm.id].middle) < y.low]
    return f"Below the axis: {listed(low)}." if low else ""


def _apart(one: Curve, other: Curve) -> float:
    if len(one.x) != len(other.x):
        return float("inf")
    return float(np.nanmax(np.abs(one.middle - other.middle)))


def _caption(
    result: Result, spec: Panel, drawn: list[ArmStyle], together: str, alone: int, over: bool,
    dotted: bool,
) -> str:  # fmt: skip
    arms, band = len(drawn), _band(result, drawn, over)
    thin = f"Thin: the first {alone // arms} of them." if alone else ""
    parts = band, thin, together, spec.note, DOTTED if dotted else "", spec.marks_said
    return " ".join(part for part in parts if part)


def _band(result: Result, drawn: list[ArmStyle], over: bool) -> str:
    n = _people(result, len(drawn))
    if len(drawn) > CROWDED:
        return f"Line: median of {n}; {crowded_words(result, over)} in the table."
    return course_words(result, over, n)


def _shared(
    result: Result, drawn: list[ArmStyle], over: bool, dotted: bool
) -> tuple[tuple[str, str], ...]:
    """What panels beside it may say too."""
    short = "Line: median." if len(drawn) > CROWDED else brief_words(result, over)
    return ((_band(result, drawn, over), short), *([(DOTTED, "")] if dotted else []))


def _people(result: Result, arms: int) -> str:
    """Percentiles over time are those of the first people of an arm."""
    whole = result.patients_per_arm
    return people_drawn(min(SAMPLED, whole), whole, arms, "simulated people")


def _sentence(spec: Panel, arms: list[ArmStyle], found: Mapping[str, Curve]) -> str:
    unit = spec.clock.removesuffix("s")
    parts = []
    for arm in arms:
        line = found[arm.id]
        top = int(np.nanargmax(line.middle))
        parts.append(f"{arm.name} {plain(line.middle[top])} at {unit} {line.x[top]:.3g}")
    return f"{spec.said}, highest median: {listed(parts)}."


def _table(
    spec: Panel, arms: list[ArmStyle], found: Mapping[str, Curve], axis: Axis, what: str
) -> Table:
    times = np.array(axis.ticks)
    values = {arm.id: found[arm.id].at(times) for arm in arms}
    rows = tuple(
        Row(
            f"{tick:g} {spec.clock}",
            tuple(value_cell(v[0][i], "", v[1][i], v[2][i]) for v in values.values()),
        )
        for i, tick in enumerate(times)
    )
    heads = ("Time", *(named(arm) for arm in arms))
    caption = f"{spec.title}: {what}, {spec.y}"
    return Table(caption, heads, rows, ("Time", *(arm.name for arm in arms)))
