"""How do lines, bands and points of several arms become one drawing?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from resynapse.report.drawing import labels, marks, risk
from resynapse.report.drawing.frame import Axis, Frame
from resynapse.report.drawing.simplify import stairs
from resynapse.report.drawing.ticks import written

TOP, BELOW, RISK_BELOW = 30.0, 40.0, 4.0
"""Margins above and below the plot and under the table of numbers at risk, px"""
NAMED = 12.0
"""More above where a shaded span has a name, which stands under the title of the axis, px"""
CROWDED = 3
"""Bands of more lines are drawn fainter, so that lines under them can be told apart"""
OF_RIVAL = '<g class="of-rival">{}</g>'
"""Goes out of sight with the dotted lines"""
TICK = 4.0
"""Length of a tick, px"""


@dataclass(frozen=True)
class Line:
    """A curve, with a band where limits are given; ``rival`` is drawn as round dots."""

    css: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    label: str = ""
    rival: bool = False
    step: bool = False


@dataclass(frozen=True)
class Mark:
    """A published value with its interval: a diamond for an outcome, a circle for a level."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    css: str = ""
    label: str = ""
    left: bool = False
    circle: bool = False


@dataclass(frozen=True)
class Limit:
    """A level with its words."""

    value: float
    words: str


@dataclass(frozen=True)
class Note:
    """Words inside the plot, beside the curve they name."""

    x: float
    y: float
    words: str
    css: str = ""


@dataclass(frozen=True)
class Chart:
    """Everything on one drawing."""

    width: float
    height: float
    x: Axis
    y: Axis
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    limits: tuple[Limit, ...] = ()
    notes: tuple[Note, ...] = ()
    doses: tuple[float, ...] = ()
    shade: tuple[float, float, str] | None = None
    risk: tuple[risk.RiskRow, ...] = ()


def draw(chart: Chart, sentence: str) -> Markup:
    """The drawing as inline SVG; the sentence says what it shows."""
    frame = _frame(chart)
    pieces = [
        *_axes(frame),
        *_behind(chart, frame),
        *_bands(chart, frame),
        *_curves(chart, frame),
        *_points(chart, frame),
        *_names(chart, frame),
        *(risk.table(frame, chart.risk) if chart.risk else ()),
    ]
    below = risk.height(chart.risk) - RISK_BELOW if chart.risk else BELOW
    height = marks.rounded(frame.base + below)
    size = (marks.rounded(chart.width), height, marks.rounded(chart.width), height)
    bands = sum(line.low is not None for line in chart.lines)
    css = ' class="crowded"' if bands > CROWDED else ""
    head = '<svg role="img"{} aria-label="{}"{} width="{}" height="{}" viewBox="0 0 {} {}">'
    start = head.format(css, escape(sentence), _scales(frame), *size)
    return Markup(start + "".join(pieces) + "</svg>")


def _scales(frame: Frame) -> str:
    """Ends of both axes, px and then values, so that a page can read the curves off."""
    x = (frame.left, frame.end, frame.x.low, frame.x.high)
    y = (frame.base, frame.top, frame.y.low, frame.y.high)
    told = (" ".join(f"{end:g}" for end in ends) for ends in (x, y))
    log = ' data-log=""' if frame.y.log else ""
    return ' data-x="{}" data-y="{}" data-over="{}" data-unit="{}"{}'.format(
        *told, escape(frame.x.title), escape(frame.y.title), log
    )


def _frame(chart: Chart) -> Frame:
    ends = [labels.width(line.label) for line in chart.lines if line.label]
    ticks = max((labels.width(written(tick)) for tick in chart.y.ticks), default=0.0)
    left = max(46.0 if chart.risk else 0.0, ticks + 12.0)
    right = max(ends) + 12.0 if ends else 14.0
    top = TOP + (NAMED if chart.shade else 0.0)
    return Frame(chart.width, chart.height, left, right, top, BELOW, chart.x, chart.y)


def _axes(frame: Frame) -> list[str]:
    pieces = [marks.text(0, 11, frame.y.title, "soft")]
    for tick in frame.y.ticks:
        y = float(frame.down(tick))
        css = "axis" if tick == frame.y.low else "grid"
        pieces.append(marks.rule(frame.left, y, frame.end, y, css))
        pieces.append(marks.text(frame.left - 8, y + 4, written(tick), "", "end"))
    for tick in frame.x.ticks:
        x = float(frame.across(tick))
        pieces.append(marks.rule(x, frame.base, x, frame.base + TICK, "axis"))
        pieces.append(marks.text(x, frame.base + 18, written(tick), "", "middle"))
    pieces.append(marks.text(frame.end, frame.base + 34, frame.x.title, "soft", "end"))
    return pieces


def _behind(chart: Chart, frame: Frame) -> list[str]:
    pieces = []
    if chart.shade:
        start, stop = (float(frame.across(edge)) for edge in chart.shade[:2])
        size = (stop - start, frame.base - frame.top)
        pieces.append(marks.block(start, frame.top, *size, "shade"))
        pieces.append(marks.text(start, frame.top - 5, chart.shade[2], "soft"))
    pieces += [marks.triangle(float(frame.across(day)), frame.top) for day in chart.doses]
    for limit in chart.limits:
        y = float(frame.down(limit.value))
        pieces.append(marks.rule(frame.left, y, frame.end, y, "limit"))
        pieces.append(marks.text(frame.end, y - 5, limit.words, "limit-words", "end"))
    return pieces


def _bands(chart: Chart, frame: Frame) -> list[str]:
    return [
        OF_RIVAL.format(area) if line.rival else area
        for line in chart.lines
        if line.low is not None and line.high is not None
        for area in [marks.area(*_band(line, frame), line.css)]
    ]


def _band(line: Line, frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Left to right, the lower and the upper limit, px."""
    low, high = frame.down(line.low), frame.down(line.high)
    if not line.step:
        return frame.across(line.x), low, high
    x, low = stairs(frame.across(line.x), low)
    return x, low, stairs(frame.across(line.x), high)[1]


def _curves(chart: Chart, frame: Frame) -> list[str]:
    pieces = []
    for line in sorted(chart.lines, key=lambda line: line.rival):
        shown = np.where(line.y < frame.y.low, np.nan, line.y) if frame.y.log else line.y
        x, y = frame.across(line.x), frame.down(shown)
        if line.step:
            x, y = stairs(x, y)
        pieces.append(marks.curve(x, y, f"{'rival' if line.rival else 'line'} {line.css}"))
    return pieces


def _points(chart: Chart, frame: Frame) -> list[str]:
    return [piece for mark in chart.marks for piece in _point(mark, frame)]


def _point(mark: Mark, frame: Frame) -> list[str]:
    """The interval, the value where there is one, and the label beside it."""
    pieces = []
    x = float(frame.across(mark.x))
    if mark.low is not None and mark.high is not None:
        low, high = float(frame.down(mark.low)), float(frame.down(mark.high))
        pieces.append(marks.rule(x, low, x, high, f"whisker {mark.css}"))
    if np.isfinite(mark.y):
        y = float(frame.down(mark.y))
        pieces.append((marks.circle if mark.circle else marks.diamond)(x, y, mark.css))
        away, anchor, lower = (-9.0, "end", 4.0) if mark.left else (9.0, "start", -6.0)
        if mark.label:
            pieces.append(marks.text(x + away, y + lower, mark.label, "said", anchor))
    return pieces


def _names(chart: Chart, frame: Frame) -> list[str]:
    pieces = [
        marks.text(float(frame.across(n.x)), float(frame.down(n.y)), n.words, f"name {n.css}")
        for n in chart.notes
    ]
    named = [line for line in chart.lines if line.label and np.isfinite(line.y).any()]
    ends = [float(frame.down(line.y[np.isfinite(line.y)][-1])) for line in named]
    for line, y in zip(named, labels.pushed_apart(ends, frame.base - 2), strict=True):
        pieces.append(marks.text(frame.end + 8, y + 4, line.label, f"name {line.css}"))
    return pieces
