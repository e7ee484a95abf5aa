"""How many people stand behind each part of a survival curve?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resynapse.report.drawing import marks
from resynapse.report.drawing.frame import Frame
from resynapse.report.wording import thousands

HEAD = 17.0
"""Height of a heading, px"""
LINE = 16.0
"""Height of a row, px"""
SPACE = 5.0
"""Between blocks, px"""
START = 56.0
"""From the axis down to the first heading, px"""


@dataclass(frozen=True)
class RiskRow:
    """One arm's numbers at each tick of the time axis."""

    css: str
    at_risk: tuple[int, ...]
    censored: tuple[int, ...]
    events: tuple[int, ...]


def height(rows: Sequence[RiskRow]) -> float:
    """What the table needs below the axis, px."""
    return START + 3 * (HEAD + LINE * len(rows) + SPACE) - HEAD


def table(frame: Frame, rows: Sequence[RiskRow]) -> list[str]:
    """At risk, censored and events, a row an arm, under the ticks (KMunicate)."""
    pieces: list[str] = []
    y = frame.base + START
    for name in ("at_risk", "censored", "events"):
        words = {"at_risk": "At risk", "censored": "Censored", "events": "Events"}[name]
        pieces.append(marks.text(0, y, words, "soft"))
        y += HEAD
        for row in rows:
            pieces.append(_swatch(y - 4, row.css))
            pieces += _numbers(frame, y, getattr(row, name))
            y += LINE
        y += SPACE
    return pieces


def _swatch(y: float, css: str) -> str:
    return f'<path class="line {css}" d="M0 {marks.rounded(y)}h19"/>'


def _numbers(frame: Frame, y: float, numbers: tuple[int, ...]) -> list[str]:
    places = zip(frame.x.ticks, numbers, strict=True)
    return [
        marks.text(float(frame.across(tick)), y, thousands(count), "", "middle")
        for tick, count in places
    ]
