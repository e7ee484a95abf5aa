"""How do forecasts and published values look side by side?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from textwrap import wrap
from typing import TYPE_CHECKING

from markupsafe import escape

from resynapse.report.drawing import marks
from resynapse.report.forecast_names import told
from resynapse.report.standalone import standalone
from resynapse.report.wording import MINUS, NARROW, PERCENT

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint, Validation

ROW, LINE, HEAD, GAP = 22.0, 15.0, 26.0, 22.0
"""px; a row of more lines is so many ``LINE`` higher"""
EDGE = 20.0
"""px left of the axis where names stand above it"""
RATIOS = ("hazard_ratio", "odds_ratio", "log_survival_ratio")
SHARES = ("proportion", "risk_difference")
MOST_TICKS = 8
"""Steps of an axis, at most"""
SHARES_TITLE = "Shares, %, and their differences, points"
PERCENT_TITLE = "% or percentage points"
FARTHEST = 64.0
"""The largest ratio, and the reciprocal of the smallest, that an axis is drawn to"""
CUT = "Arrow head: goes on beyond the axis."
SAID = "Forecasts beside published values; no study forecasts itself"
EXTRA = """
.outer { stroke: #8A94A3; stroke-width: 1.5; } .inner { stroke: #41506A; stroke-width: 5; }
.middle { fill: #FFFFFF; stroke: #41506A; stroke-width: 1.5; }
.hit { fill: #FFFFFF; stroke: #1B2024; stroke-width: 1.5; } .miss { fill: #1B2024; }
.beyond { fill: #41506A; }
.zero { stroke: #B9C0CA; stroke-dasharray: 3 3; }
"""


@dataclass(frozen=True)
class Size:
    """How wide it is, where its axis begins, px, and how many letters a line of a name has."""

    width: float
    labels: float
    """0: names stand above their intervals"""
    letters: int


SHEET, PAGE, NARROW_SCREEN = Size(980.0, 500.0, 72), Size(828.0, 420.0, 60), Size(328.0, 0.0, 46)


@dataclass(frozen=True)
class Part:
    """Endpoints on one axis."""

    title: str
    endpoints: tuple[Endpoint, ...]
    ticks: tuple[float, ...]
    none: float
    scale: Callable[[float], float] = float
    shown: float = 1.0
    """What a reader's number is of the one that is kept: 100 where shares are written in percent"""


def forest(found: Validation) -> str:
    """A whole SVG file: a row an endpoint, hits hollow and misses filled, three axes."""
    below = (
        "Thin line: 90 % interval; thick: 50 %; circle: median; diamond: published, hollow within"
        f" the 90 % interval, filled outside. {cut(found.endpoints)}".rstrip(),
        *found.words(),
        "Research, not for dosing a patient. Ketamine is not approved for any addiction.",
    )
    return standalone(drawing(found.endpoints), _sheet(), SAID, {}, below)


def drawing(endpoints: Sequence[Endpoint], size: Size = SHEET) -> str:
    """The drawing alone."""
    y, pieces, width = 0.0, [], size.width
    for part in _parts(endpoints):
        if part.endpoints:
            pieces += _part(part, y, size)
            y += HEAD + sum(_height(one, size) for one in part.endpoints) + ROW + GAP
    return (
        f'<svg width="{width:g}" height="{y:g}" viewBox="0 0 {width:g} {y:g}" role="img"'
        f' aria-label="{escape(SAID)}">{"".join(pieces)}</svg>'
    )


def _sheet() -> str:
    folder = resources.files("resynapse.report").joinpath("style")
    read = (folder.joinpath(f"{name}.css").read_text("utf-8") for name in ("tokens", "report"))
    return "".join(read) + EXTRA


def _parts(endpoints: Sequence[Endpoint]) -> tuple[Part, ...]:
    ratios = tuple(one for one in endpoints if one.measure in RATIOS)
    shares = tuple(one for one in endpoints if one.measure in SHARES)
    others = tuple(one for one in endpoints if one.measure not in (*RATIOS, *SHARES))
    return (
        Part("Ratios; 1, no difference", ratios, _doublings(_numbers(ratios)), 1.0, math.log),
        Part(SHARES_TITLE, shares, _even(_numbers(shares), 0.25), 0.0, shown=100.0),
        Part(_other_title(others), others, _even(_numbers(others), 25.0), 0.0),
    )


def _other_title(others: Sequence[Endpoint]) -> str:
    """What the numbers of an axis are that several units share."""
    units = {PERCENT_TITLE if one.unit in PERCENT else one.unit for one in others}
    return f"Other values, {'; '.join(sorted(units))}"


def _numbers(endpoints: Sequence[Endpoint]) -> list[float]:
    """Everything that is drawn."""
    return [
        value
        for one in endpoints
        for value in (one.published, one.median, one.low50, one.high50, one.low90, one.high90)
    ]


def _even(numbers: Sequence[float], step: float) -> tuple[float, ...]:
    """Multiples of a step, doubled until they are few, with nothing and every number between."""
    low, high = min([0.0, *numbers]), max([step, *numbers])
    while high - low > MOST_TICKS * step:
        step *= 2.0
    return tuple(step * k for k in range(math.floor(low / step), math.ceil(high / step) + 1))


def _doublings(numbers: Sequence[float]) -> tuple[float, ...]:
    """Powers of two with one and every ratio between them, as far as ``FARTHEST``."""
    within = [min(max(one, 1.0 / FARTHEST), FARTHEST) for one in numbers]
    low, high = math.log2(min([0.5, *within])), math.log2(max([2.0, *within]))
    first, last = math.floor(low), math.ceil(high)
    step = math.ceil((last - first) / MOST_TICKS)
    return tuple(2.0**k for k in range(step * (first // step), last + step, step))


def cut(endpoints: Sequence[Endpoint]) -> str:
    """What an arrow head means, where an interval goes on beyond its axis; else nothing."""
    beyond = any(
        not part.ticks[0] <= value <= part.ticks[-1]
        for part in _parts(endpoints)
        for value in _numbers(part.endpoints)
    )
    return CUT if beyond else ""


def _part(part: Part, top: float, size: Size) -> list[str]:
    low, high = part.scale(part.ticks[0]), part.scale(part.ticks[-1])
    begin = size.labels or EDGE
    room = size.width - begin - 20.0

    def across(value: float) -> float:
        share = (part.scale(max(value, 1e-6) if part.none == 1.0 else value) - low) / (high - low)
        return begin + room * min(max(share, 0.0), 1.0)

    bottom = top + HEAD + sum(_height(one, size) for one in part.endpoints)
    pieces = [marks.text(0, top + 14, part.title, "name")]
    pieces += _nothing(part, across(part.none), top + HEAD, size)
    for tick in part.ticks:
        words = f"{part.shown * tick:g}".replace("-", MINUS)
        pieces.append(marks.text(across(tick), bottom + 14, words, "soft", "middle"))
    y = top + HEAD
    for one in part.endpoints:
        pieces += _row(one, y, across, size)
        pieces += _arrows(one, y, part, across, size)
        y += _height(one, size)
    return pieces


def _nothing(part: Part, x: float, top: float, size: Size) -> list[str]:
    """The line of no difference; beside intervals only, where names stand above them."""
    if size.labels:
        bottom = top + sum(_height(one, size) for one in part.endpoints)
        return [marks.rule(x, top - 6, x, bottom, "zero")]
    pieces, y = [], top
    for one in part.endpoints:
        middle = _middle(one, y, size)
        pieces.append(marks.rule(x, middle - 0.5 * ROW, x, middle + 0.5 * ROW, "zero"))
        y += _height(one, size)
    return pieces


def _lines(one: Endpoint, size: Size) -> list[str]:
    return wrap(told(one).replace(NARROW, "\0"), size.letters)


def _height(one: Endpoint, size: Size) -> float:
    more = LINE * (len(_lines(one, size)) - 1)
    return ROW + more if size.labels else ROW + more + ROW


def _middle(one: Endpoint, top: float, size: Size) -> float:
    """Height of the interval, px."""
    height = _height(one, size)
    return top + (0.5 * height if size.labels else height - 0.5 * ROW)


def _arrows(
    one: Endpoint, top: float, part: Part, across: Callable[[float], float], size: Size
) -> list[str]:
    """A head at each end of the axis that an interval or a published value goes beyond."""
    y, (low, high) = _middle(one, top, size), (part.ticks[0], part.ticks[-1])
    numbers = _numbers((one,))
    heads = [(low, -1)] if min(numbers) < low else []
    heads += [(high, 1)] if max(numbers) > high else []
    return [
        f'<path class="beyond" d="M{across(end) + 8 * way:.1f} {y:.1f}l{-8 * way} -5v10z"/>'
        for end, way in heads
    ]


def _row(one: Endpoint, top: float, across: Callable[[float], float], size: Size) -> list[str]:
    x, y = across(one.published), _middle(one, top, size)
    diamond = f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6-6z"
    words = [
        marks.text(0, top + 15 + LINE * k, line.replace("\0", NARROW), "soft")
        for k, line in enumerate(_lines(one, size))
    ]
    return [
        *words,
        marks.rule(across(one.low90), y, across(one.high90), y, "outer"),
        marks.rule(across(one.low50), y, across(one.high50), y, "inner"),
        f'<circle class="middle" cx="{across(one.median):.1f}" cy="{y:.1f}" r="4"/>',
        f'<path class="{"hit" if one.hit90 else "miss"}" d="{diamond}"/>',
    ]
