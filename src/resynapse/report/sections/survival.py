"""How do abstinence, relapse and follow-up run over time, beside what was published?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from resynapse.report.arms import ArmStyle, followed_in_treatment, historical, named
from resynapse.report.bands import brief_curve_words, curve_words
from resynapse.report.drawing import Axis, Chart, Line, Mark, RiskRow, draw
from resynapse.report.drawing.ticks import MONTH, days, months, percent
from resynapse.report.drawn import by_horizon, said
from resynapse.report.figure import Figure
from resynapse.report.sections.opening import LONG
from resynapse.report.sections.published import LEVELS, described, published_day
from resynapse.report.table import Row, Table, value_cell
from resynapse.report.wording import NARROW, is_share, listed, people_drawn, plain, shown
from resynapse.trial.kaplan_meier import KaplanMeier, kaplan_meier

if TYPE_CHECKING:
    from resynapse.trial.result import ArmResult, PublishedValue, Result

WIDE, NARROW_SCREEN, HALF = 666.0, 328.0, 319.0
CROWDED = 3
"""With more arms than this the rival has a drawing of its own"""
APART = 0.15
"""Published points of different arms stand this far apart, months"""
ASIDE = 6.0
"""Bars of different arms stand so far apart, px"""
MARGINS = 100.0
"""About what stands beside a plot, px"""
SLACK = 0.01
"""A horizon as close as this to a tick stands at it"""
LABELLED = 6
"""As many published points as can carry a label"""
ORIGINS = {
    "community": "since return to the community",
    "first_dose": "since the first dose",
    "entry": "since entry",
}


@dataclass(frozen=True)
class Kind:
    """An event and how its curve is told."""

    event: str
    title: str
    y: str
    said: str
    rule: str
    endpoint: str
    """Its value at a horizon: this, then the horizon"""
    published: str = ""
    reported: bool = True
    """Whether what was published is the share on the curve; otherwise the share with the event"""


ABSTINENCE = Kind(
    "lapse_or_dropout",
    "No use",
    "% abstinent",
    "No use",
    "Missing counted as use.",
    "abstinence",
    "abstinence",
)
RELAPSE = Kind(
    "relapse",
    "No relapse",
    "% without relapse",
    "No relapse",
    f"Relapse: use on 7{NARROW}days in a row. Censored when people leave follow-up.",
    "relapse",
    "relapse",
    reported=False,
)
LAPSE = Kind(
    "lapse",
    "No use, leaving censored",
    "% without use",
    "No use, leaving censored",
    "Censored when people leave follow-up.",
    "lapse",
    "lapse",
    reported=False,
)
"""Drawn where a study published first use in this way"""
RETENTION = Kind(
    "dropout",
    "Still in follow-up",
    "% in follow-up",
    "Still in follow-up",
    "It ends on the day a person leaves: nobody who leaves comes back, so every later week is "
    "missing.",
    "retention",
    "retention",
)


@dataclass(frozen=True)
class Clock:
    """The unit of the time axis, and its end in that unit."""

    unit: str
    days: float
    end: float

    def axis(self, title: str, most: int) -> Axis:
        """The axis with at most so many ticks."""
        build = months if self.unit == "months" else days
        return build(self.end, title, most)


def clock(result: Result) -> Clock:
    """Months where the follow-up is long, days otherwise, and one at least: 0 has no scale."""
    people = (arm.patients for arm in result.arms.values())
    spans = (np.asarray(one["end_day"]) - np.asarray(one["origin_day"]) for one in people)
    length = max(1.0, *(float(np.nanmax(span)) for span in spans))
    return Clock("months", MONTH, length / MONTH) if length > LONG else Clock("days", 1.0, length)


def estimated(arm: ArmResult, kind: Kind) -> KaplanMeier:
    """The Kaplan-Meier curve of one arm."""
    seen = arm.held_times(kind.event)
    return kaplan_meier(seen.time, seen.event)


def survival_figure(
    result: Result, arms: tuple[ArmStyle, ...], kind: Kind, half: bool,
    widths: tuple[float, ...] = (),
) -> Figure:  # fmt: skip
    """One event in every arm, with numbers at risk and, where there is room, the rival.

    Drawn at the report's widths, or at those given, px: the second is for small screens.
    """
    curves = {arm.id: estimated(result.arms[arm.id], kind) for arm in arms}
    rival = len(arms) <= CROWDED
    published = published_on(result, kind)
    build = _Build(result, arms, kind, clock(result), curves, rival, tuple(published))
    sizes = widths or ((HALF,) if half else (WIDE, NARROW_SCREEN))
    drawings = [build.drawing(width) for width in sizes]
    return Figure(
        title=kind.title,
        caption=_caption(build, published, rival and bool(result.rival)),
        drawing=drawings[0],
        narrow=drawings[1] if len(drawings) > 1 else None,
        table=build.table(),
        name=kind.endpoint,
        shared=tuple(one for one in _both(build, rival and bool(result.rival)) if one[0]),
    )


@dataclass(frozen=True)
class _Build:
    result: Result
    arms: tuple[ArmStyle, ...]
    kind: Kind
    clock: Clock
    curves: dict[str, KaplanMeier]
    rival: bool
    published: tuple[PublishedValue, ...]

    def drawing(self, width: float) -> Markup:
        """The chart at one width."""
        wide = width > NARROW_SCREEN
        unit, origin = self.clock.unit, ORIGINS[self.result.protocol.origin]
        axis = self.clock.axis(f"{unit} {origin}", 9 if wide else 5)
        longest = max(len(arm.name) for arm in self.arms)
        labelled = wide or longest <= 7
        chart = Chart(
            width=width,
            height=self._height(wide),
            x=axis,
            y=percent(self.kind.y),
            lines=(*self._rivals(), *self._lines(labelled)),
            marks=self._marks(axis, width),
            risk=tuple(self._risk(arm, axis) for arm in self.arms),
        )
        return draw(chart, self.sentence())

    def _height(self, wide: bool) -> float:
        """More lines need more room between them."""
        return (226.0 if wide else 200.0) + (74.0 if len(self.arms) > CROWDED else 0.0)

    def _lines(self, labelled: bool) -> list[Line]:
        return [self._line(arm, arm.name if labelled else "") for arm in self.arms]

    def _line(self, arm: ArmStyle, label: str) -> Line:
        """The curve, with the band that the reader wants."""
        found, limits = self.curves[arm.id], self.over(arm)
        if limits is None:
            return _line(found, self.clock, arm.css, label)
        end = self.clock.end * self.clock.days
        x = np.unique([*found.time[found.time < end], *np.arange(len(limits[0])), end])
        x = x[x <= end]
        low, high = (100.0 * side[np.minimum(x.astype(int), len(side) - 1)] for side in limits)
        return Line(
            arm.css, x / self.clock.days, 100.0 * found.at(x), low, high, label=label, step=True
        )

    def _limits(self, arm: ArmStyle, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The ends of the band at these days."""
        limits = self.over(arm)
        if limits is None:
            return self.curves[arm.id].interval(times)
        low, high = (side[np.minimum(times.astype(int), len(side) - 1)] for side in limits)
        return low, high

    def over(self, arm: ArmStyle) -> tuple[np.ndarray, np.ndarray] | None:
        """Limits at each day over draws of the parameters, where these are wanted."""
        bands = self.result.bands
        return None if bands is None else bands.curve(self.kind.event, arm.id)

    def _rivals(self) -> list[Line]:
        if not self.rival:
            return []
        return [
            _line(estimated(self.result.rival[arm.id], self.kind), self.clock, arm.css, rival=True)
            for arm in self.arms
            if arm.id in self.result.rival
        ]

    def _risk(self, arm: ArmStyle, axis: Axis) -> RiskRow:
        times = np.array(axis.ticks) * self.clock.days
        found = self.curves[arm.id]
        counts = (found.at_risk(times), found.censored(times), found.events(times))
        return RiskRow(arm.css, *(tuple(int(n) for n in row) for row in counts))

    def _marks(self, axis: Axis, width: float) -> tuple[Mark, ...]:
        places = {arm.id: arm for arm in self.arms}
        shown_ones = [value for value in self.published if value.arm in places]
        labelled = width > NARROW_SCREEN and len(shown_ones) <= LABELLED
        told = [
            _mark(value, places, self.clock, labelled, self.kind.reported) for value in shown_ones
        ]
        return (*self._bars(axis, width), *told)

    def drawn(self, arm: ArmStyle) -> dict[float, tuple[float, float]]:
        """At horizons, in the unit of the clock, the interval over draws of the parameters."""
        found = by_horizon(self.result, arm.id, self.kind.endpoint)
        last = self.clock.end + SLACK
        return {
            day / self.clock.days: (
                (100.0 - 100.0 * high, 100.0 - 100.0 * low)
                if not self.kind.reported
                else (100.0 * low, 100.0 * high)
            )
            for day, (low, high) in found.items()
            if day / self.clock.days <= last
        }

    def _bars(self, axis: Axis, width: float) -> list[Mark]:
        """Beside one another, left of the ticks; where there are many arms, of the last alone."""
        ticks = np.array(axis.ticks)
        pixel = self.clock.end / (width - MARGINS)
        bars = []
        for arm in self.arms:
            aside = ASIDE * pixel * (len(self.arms) - arm.place + 1)
            found = self.drawn(arm)
            at = [time for time in sorted(found) if np.abs(ticks - time).min() < SLACK]
            for time in at[-1:] if len(self.arms) > CROWDED else at:
                bars.append(Mark(time - aside, np.nan, *found[time], css=f"drawn {arm.css}"))
        return bars

    def sentence(self) -> str:
        """What the drawing shows at its end."""
        day = np.array([self.clock.end * self.clock.days])
        parts = [
            f"{arm.name} {plain(float(self.curves[arm.id].at(day)[0]), 'proportion')}"
            for arm in self.arms
        ]
        return f"{self.kind.said} at {self.clock.end:.0f} {self.clock.unit}: {listed(parts)}."

    def table(self) -> Table:
        """The curves at the ticks."""
        ticks = self.clock.axis("", 9).ticks
        times = np.array(ticks) * self.clock.days
        rows = []
        for i, tick in enumerate(ticks):
            cells = []
            for arm in self.arms:
                found = self.curves[arm.id]
                low, high = self._limits(arm, times)
                cells.append(value_cell(found.at(times)[i], "proportion", low[i], high[i]))
            rows.append(Row(f"{tick:g} {self.clock.unit}", tuple(cells)))
        names = ("Time", *(arm.name for arm in self.arms))
        heads = ("Time", *(named(arm) for arm in self.arms))
        return Table(self.kind.title, heads, tuple(rows), names)


def rival_figure(result: Result, arms: tuple[ArmStyle, ...]) -> Figure | None:
    """Expectancy alone, apart, where the arms are too many for one drawing."""
    if len(arms) <= CROWDED or not result.rival:
        return None
    curves = {a.id: estimated(result.rival[a.id], ABSTINENCE) for a in arms if a.id in result.rival}
    build = _Build(result, arms, ABSTINENCE, clock(result), curves, False, ())
    drawings = []
    for width in (WIDE, NARROW_SCREEN):
        axis = build.clock.axis(f"{build.clock.unit} {ORIGINS[result.protocol.origin]}", 9)
        lines = tuple(
            _line(curves[a.id], build.clock, a.css, a.name if width == WIDE else "", rival=True)
            for a in arms
            if a.id in curves
        )
        chart = Chart(width, 216.0, axis, percent(ABSTINENCE.y), lines)
        drawings.append(draw(chart, f"If only expectancy acts: {build.sentence()}"))
    caption = (
        "Kaplan-Meier, dotted: a world in which only expectancy acts, the same people and arms. "
        f"{ABSTINENCE.rule} {_count(result)} {historical(arms)}"
    ).strip()
    return Figure(
        "No use, if only expectancy acts", caption, drawings[0], build.table(), drawings[1]
    )


def _line(found: KaplanMeier, clock: Clock, css: str, label: str = "", rival: bool = False) -> Line:
    """Percent over time; the last level is carried to the end."""
    end = clock.end * clock.days
    inside = found.time < end
    x = np.concatenate([[0.0], found.time[inside], [end]])
    levels = (found.survival, found.low, found.high)
    y, low, high = (_carried(values[inside]) for values in levels)
    return Line(css, x / clock.days, y, low, high, label=label, rival=rival, step=True)


def _carried(values: np.ndarray) -> np.ndarray:
    last = values[-1:] if len(values) else np.ones(1)
    return 100.0 * np.concatenate([[1.0], values, last])


def published_on(result: Result, kind: Kind) -> list[PublishedValue]:
    """Published shares of this kind that belong on the curve."""
    return [
        value
        for value in result.comparable
        if kind.published
        and _horizon(value.endpoint, kind.published)
        and value.measure in LEVELS
        and value.reference is None
        and value.value is not None
        and is_share(value.unit)
        and value.arm in result.arms
    ]


def _horizon(endpoint: str, subject: str) -> bool:
    """Whether it is a share of this subject by some time, such as ``relapse_6_months``."""
    return re.fullmatch(rf"{subject}_\d+_[a-z]+", endpoint) is not None


def _mark(
    value: PublishedValue, places: dict[str, ArmStyle], clock: Clock, labelled: bool,
    reported: bool = True,
) -> Mark:  # fmt: skip
    arm, count = places[value.arm], len(places)
    day = published_day(value) or clock.end * clock.days
    shift = APART * (arm.place - 0.5 * (count + 1)) * MONTH / clock.days
    ends = [None if end is None else shown(end, value.unit) for end in (value.low, value.high)]
    y = shown(value.value or 0.0, value.unit)
    if not reported:
        y, ends = 100.0 - y, [None if end is None else 100.0 - end for end in reversed(ends)]
    label = f"{arm.name} {plain(y, 'percent')}" if labelled else ""
    return Mark(day / clock.days + shift, y, *ends, arm.css, label, left=arm.place == 1)


def _count(result: Result) -> str:
    seen = min(len(arm.patients) for arm in result.arms.values())
    return f"n{NARROW}={NARROW}{people_drawn(seen, result.patients_per_arm, len(result.arms))}."


def _both(build: _Build, rival: bool) -> tuple[tuple[str, str], tuple[str, str]]:
    """What curves of other events say too: the band, and the dots; each with a short form."""
    result, over = build.result, build.over(build.arms[0]) is not None
    of = "" if result.bands is None else " over people alone, at the reference parameters"
    band = f"Kaplan-Meier; {curve_words(result, over, _count(result))}"
    dotted = f"Dotted, with its band{of}: only expectancy acts." if rival else ""
    return (band, brief_curve_words(result, over)), (dotted, "")


def _caption(build: _Build, published: list[PublishedValue], rival: bool) -> str:
    result, ((band, _), (dotted, _)) = build.result, _both(build, rival)
    parts = [band, build.kind.rule]
    if build.kind is RETENTION:
        parts += filter(None, [followed_in_treatment(result, build.arms)])
    if any(build.drawn(arm) for arm in build.arms):
        parts.append(said(result))
    parts += filter(None, [dotted])
    if published:
        less = "" if build.kind.reported else ", 100 less the share with the event"
        parts.append(f"Diamonds{less}: {described(published)}")
    return " ".join([*parts, historical(build.arms)]).strip()
