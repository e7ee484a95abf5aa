"""Which values are marked on an axis?"""

from __future__ import annotations

import math

import numpy as np

from resynapse.report.drawing.frame import Axis

MONTH = 30.4375
"""Days in a month, by definition"""
ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
MINUTES = (5, 10, 15, 20, 30, 40, 60, 120, 240, 360)
DAYS = (1, 2, 7, 14, 28, 56, 84)
MONTHS = (1, 2, 3, 6, 12, 24)
SLACK = 0.1
"""An end may lie this share of a step beyond the last mark"""


def amounts(highest: float, title: str, fewest: int = 4, whole: float | None = None) -> Axis:
    """From zero to a round number at or above the highest value, in four to six steps."""
    highest = highest if math.isfinite(highest) and highest > 0.0 else 1.0
    scale = 10.0 ** math.floor(math.log10(highest / fewest))
    step = next(r * scale for r in ROUND if highest / (r * scale) <= fewest + 1.0)
    top = step * math.ceil(highest / step - 1e-9)
    if whole is not None:
        top = min(top, whole)
    return Axis(0.0, top, tuple(np.arange(0.0, top + 1e-9, step).tolist()), title)


def decades(highest: float, title: str, most: int = 3) -> Axis:
    """A logarithmic axis: so many powers of ten, the last at or above the highest value."""
    highest = highest if math.isfinite(highest) and highest > 0.0 else 1.0
    last = math.ceil(math.log10(highest) - 1e-9)
    ticks = tuple(10.0**power for power in range(last - most, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, f"{title}, logarithmic", log=True)


def spread(lowest: float, highest: float, title: str) -> Axis:
    """Round numbers around a range that may lie on both sides of zero."""
    reach = amounts(max(abs(lowest), abs(highest)), title)
    step = reach.ticks[1]
    first = math.floor(min(lowest, 0.0) / step + 1e-9)
    last = max(math.ceil(max(highest, 0.0) / step - 1e-9), first + 1)
    ticks = tuple(round(k * step, 12) for k in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, title)


def between(lowest: float, highest: float, most: int = 8) -> tuple[float, ...]:
    """Round numbers inside a range that need not hold zero."""
    scale = 10.0 ** math.floor(math.log10((highest - lowest) / most))
    step = next(r * scale for r in ROUND if (highest - lowest) / (r * scale) <= most)
    first, last = math.ceil(lowest / step - 1e-9), math.floor(highest / step + 1e-9)
    return tuple(round(k * step, 12) for k in range(first, last + 1))


def percent(title: str) -> Axis:
    """The whole of a share."""
    return Axis(0.0, 100.0, (0.0, 25.0, 50.0, 75.0, 100.0), title)


def minutes(end: float, title: str, most: int = 7) -> Axis:
    """Minutes from zero."""
    return _steps(end, MINUTES, title, most)


def days(end: float, title: str, most: int = 7) -> Axis:
    """Days from zero; marks fall on weeks where there are weeks."""
    return _steps(end, DAYS, title, most)


def months(end: float, title: str, most: int = 9) -> Axis:
    """Months from zero."""
    return _steps(end, MONTHS, title, most)


def _steps(end: float, steps: tuple[int, ...], title: str, most: int) -> Axis:
    step = next((s for s in steps if end / s <= most - 1 + SLACK), steps[-1])
    return Axis(0.0, end, tuple(np.arange(0.0, end + 1e-9, float(step)).tolist()), title)


def written(value: float) -> str:
    """A tick's value as text."""
    text = f"{value:.6g}"
    return text.replace("-", "\u2212")
