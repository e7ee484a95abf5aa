"""Which points of a curve can go without a reader seeing it?"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

TOLERANCE = 0.15
"""Largest shift of the drawn curve, px"""


def simplify(points: np.ndarray, tolerance: float = TOLERANCE) -> np.ndarray:
    """Points of the curve, fewest that keep it within the tolerance (Ramer, Douglas, Peucker)."""
    if len(points) < 3:
        return points
    return points[_compiled()(np.ascontiguousarray(points, dtype=float), tolerance)]


@cache
def _compiled() -> Callable[[np.ndarray, float], np.ndarray]:
    """Machine code: a page draws a dozen such curves while a person waits."""
    from numba import njit

    return njit(cache=True, nogil=True)(_kept)


def _kept(points: np.ndarray, tolerance: float) -> np.ndarray:
    """Which points stay."""
    keep = np.zeros(len(points), np.bool_)
    keep[0] = keep[-1] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        across, up = points[last] - points[first]
        length, most, worst = np.hypot(across, up), tolerance, first
        for k in range(first + 1, last):
            x, y = points[k] - points[first]
            away = abs(across * y - up * x) / length if length > 0.0 else np.hypot(x, y)
            if away > most:
                most, worst = away, k
        if worst > first:
            keep[worst] = True
            waiting.append((first, worst))
            waiting.append((worst, last))
    return keep


def stairs(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a step curve that holds each value until the next point."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
