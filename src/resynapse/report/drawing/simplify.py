"""Which points of a curve can go without a reader seeing it?"""

from __future__ import annotations

import numpy as np

TOLERANCE = 0.15
"""Largest shift of the drawn curve, px"""


def simplify(points: np.ndarray, tolerance: float = TOLERANCE) -> np.ndarray:
    """Points of the curve, fewest that keep it within the tolerance (Ramer, Douglas, Peucker)."""
    if len(points) < 3:
        return points
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        distance = _distance(points[first + 1 : last], points[first], points[last])
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            place = first + 1 + worst
            keep[place] = True
            waiting += [(first, place), (place, last)]
    return points[keep]


def stairs(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a step curve that holds each value until the next point."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    chord = end - start
    length = float(np.hypot(*chord))
    away = points - start
    if length == 0.0:
        return np.hypot(away[:, 0], away[:, 1])
    return np.abs(chord[0] * away[:, 1] - chord[1] * away[:, 0]) / length
