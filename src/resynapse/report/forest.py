"""How do forecasts and published values look side by side?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import escape

from resynapse.report.drawing import marks
from resynapse.report.standalone import standalone

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint, Validation

WIDTH, LABELS, ROW, HEAD, GAP = 980.0, 480.0, 22.0, 26.0, 22.0
"""px"""
RATIOS = ("hazard_ratio", "odds_ratio", "log_survival_ratio")
SHARES = ("proportion", "risk_difference")
NAMED = ("interaction", "mean_change")
"""measures that a row names, as its arms do not say them"""
SAID = "Forecasts beside published values; no study forecasts itself"
EXTRA = """
.outer { stroke: #8A94A3; stroke-width: 1.5; } .inner { stroke: #41506A; stroke-width: 5; }
.middle { fill: #FFFFFF; stroke: #41506A; stroke-width: 1.5; }
.hit { fill: #1B7F4D; } .miss { fill: #C0392B; } .zero { stroke: #B9C0CA; stroke-dasharray: 3 3; }
"""


@dataclass(frozen=True)
class Part:
    """Endpoints on one axis."""

    title: str
    endpoints: tuple[Endpoint, ...]
    ticks: tuple[float, ...]
    none: float
    scale: Callable[[float], float] = float


def forest(found: Validation) -> str:
    """A whole SVG file: a row an endpoint, hits green and misses red, three axes."""
    below = (
        "Thin line: 90 % interval; thick: 50 %; circle: median; diamond: published, green within"
        " the 90 % interval, red outside.",
        *found.words(),
        "Research, not for dosing a patient. Ketamine is not approved for any addiction.",
    )
    return standalone(drawing(found.endpoints), _sheet(), SAID, {}, below)


def drawing(endpoints: Sequence[Endpoint], named: Callable[[Endpoint], str] | None = None) -> str:
    """The drawing alone; ``named`` says what stands before a row."""
    y, pieces = 0.0, []
    for part in _parts(endpoints):
        pieces += _part(part, y, named or _name)
        y += HEAD + ROW * len(part.endpoints) + ROW + GAP
    return (
        f'<svg width="{WIDTH:g}" height="{y:g}" viewBox="0 0 {WIDTH:g} {y:g}" role="img"'
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
        Part("Ratios", ratios, (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0), 1.0, math.log),
        Part("Shares and their differences", shares, (-0.25, 0.0, 0.25, 0.5, 0.75), 0.0),
        Part("Percent or points", others, (-75.0, -50.0, -25.0, 0.0, 25.0, 50.0), 0.0),
    )


def _part(part: Part, top: float, named: Callable[[Endpoint], str]) -> list[str]:
    low, high = part.scale(part.ticks[0]), part.scale(part.ticks[-1])
    room = WIDTH - LABELS - 20.0

    def across(value: float) -> float:
        share = (part.scale(max(value, 1e-6) if part.none == 1.0 else value) - low) / (high - low)
        return LABELS + room * min(max(share, 0.0), 1.0)

    bottom = top + HEAD + ROW * len(part.endpoints)
    pieces = [marks.text(0, top + 14, part.title, "name")]
    pieces.append(marks.rule(across(part.none), top + HEAD - 6, across(part.none), bottom, "zero"))
    for tick in part.ticks:
        pieces.append(marks.text(across(tick), bottom + 14, f"{tick:g}", "soft", "middle"))
    for k, one in enumerate(part.endpoints):
        pieces += _row(one, named(one), top + HEAD + ROW * (k + 0.5), across)
    return pieces


def _name(one: Endpoint) -> str:
    what = one.endpoint.replace("_", " ")
    arms = one.arm + (f" v {one.reference}" if one.reference else "")
    words = f"{one.protocol}: {what}, {arms}"
    if one.measure in (*RATIOS, *NAMED):
        words += f", {one.measure.replace('_', ' ')}"
    return words


def _row(one: Endpoint, words: str, y: float, across: Callable[[float], float]) -> list[str]:
    x = across(one.published)
    diamond = f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6-6z"
    return [
        marks.text(0, y + 4, words, "soft"),
        marks.rule(across(one.low90), y, across(one.high90), y, "outer"),
        marks.rule(across(one.low50), y, across(one.high50), y, "inner"),
        f'<circle class="middle" cx="{across(one.median):.1f}" cy="{y:.1f}" r="4"/>',
        f'<path class="{"hit" if one.hit90 else "miss"}" d="{diamond}"/>',
    ]
