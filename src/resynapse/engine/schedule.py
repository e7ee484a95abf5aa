"""Which instants must a time grid contain, and how are they filled up?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.engine.noise import KNOT

TICK = 1.0e-9
"""two instants closer than this many days are one"""


@dataclass(frozen=True)
class Fineness:
    """Longest step, in days, up to so many days after an edge."""

    within: float
    step: float


ONSET = (Fineness(6.0 / 1440.0, 0.5 / 1440.0), Fineness(30.0 / 1440.0, 1.25 / 1440.0))
"""after an instant at which a drug's inflow jumps: blood follows within two minutes"""
FINE = (
    Fineness(1.5 / 24.0, 2.5 / 1440.0),
    Fineness(3.0 / 24.0, 5.0 / 1440.0),
    Fineness(8.0 / 24.0, 20.0 / 1440.0),
    Fineness(1.0, 1.0 / 24.0),
    Fineness(6.0, 2.0 / 24.0),
)
"""after something that acts within minutes"""
STARTED = (
    Fineness(3.0 / 24.0, 2.5 / 1440.0),
    Fineness(8.0 / 24.0, 10.0 / 1440.0),
    Fineness(1.0, 30.0 / 1440.0),
    Fineness(6.0, 2.0 / 24.0),
)
"""after the first dose of something given for long, which may bring withdrawal within minutes"""
ABSORBED = (
    Fineness(0.5 / 24.0, 0.25 / 24.0),
    Fineness(1.0 / 24.0, 0.5 / 24.0),
    Fineness(3.0 / 24.0, 1.0 / 24.0),
    Fineness(12.0 / 24.0, 2.0 / 24.0),
    Fineness(18.0 / 24.0, 1.5 / 24.0),
    Fineness(1.0, 2.0 / 24.0),
)
"""after something that is absorbed within hours and acts for a day"""


@dataclass(frozen=True)
class Edge:
    """An instant at which something fast begins: fine steps follow it."""

    time: float
    end: float
    """end of an infusion; the same as ``time`` for a bolus"""
    fine: tuple[Fineness, ...] = FINE
    onset: tuple[Fineness, ...] = ()
    """after ``time`` and after ``end``"""


def time_grid(
    start: float, end: float, edges: list[Edge], stops: list[float], cut: int = 1
) -> np.ndarray:
    """Instants from ``start`` to ``end``, days: every knot, edge and stop, refined after edges.

    Every step of this rule is cut into ``cut`` equal ones. Stops may be rounded: of instants that
    are one, that of a knot or an edge is taken, then the first of ``stops``, so that few lengths of
    step come about.
    """
    knots = np.arange(round(start / KNOT), np.ceil(end / KNOT - TICK)) * KNOT
    anchors = [start, end, *knots]
    for edge in edges:
        anchors += [edge.time, edge.end]
        anchors += [edge.time + part.within for part in edge.fine]
        anchors += [jump + part.within for jump in {edge.time, edge.end} for part in edge.onset]
    anchors = _distinct([t for t in [*anchors, *stops] if start - TICK <= t <= end + TICK])
    left, right = np.array(anchors[:-1]), np.array(anchors[1:])
    step = _longest_steps(0.5 * (left + right), edges)
    pieces = cut * np.maximum(1, np.ceil((right - left) / step - 1.0e-6)).astype(int)
    piece = np.arange(1, pieces.sum() + 1) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    whole = np.repeat(right - left, pieces)
    nodes = np.repeat(left, pieces) + whole * piece / np.repeat(pieces, pieces)
    return np.concatenate([anchors[:1], nodes])


def _longest_steps(times: np.ndarray, edges: list[Edge]) -> np.ndarray:
    """The longest step allowed at each time, days."""
    steps = np.full(len(times), KNOT)
    for edge in edges:
        long = (edge.end - edge.time) > 0.5
        infused = 30.0 / 1440.0 if long else edge.fine[0].step
        inside = (edge.time <= times) & (times < edge.end)
        steps[inside] = np.minimum(steps[inside], infused)
        _shorten(steps, times, edge.time, edge.fine)
        for jump in {edge.time, edge.end}:
            _shorten(steps, times, jump, edge.onset)
    return steps


def _shorten(steps: np.ndarray, times: np.ndarray, since: float, fine: tuple) -> None:
    """Steps after this instant no longer than it allows."""
    bounds = np.array([since + part.within for part in fine])
    finest = np.array([*(part.step for part in fine), KNOT])
    after = since <= times
    place = np.searchsorted(bounds, times[after], side="right")
    steps[after] = np.minimum(steps[after], finest[place])


def _distinct(times: list[float]) -> list[float]:
    """In order; of those that are one, the instant that is named first."""
    kept: list[int] = []
    for k in sorted(range(len(times)), key=times.__getitem__):
        if not kept or times[k] - times[kept[-1]] > TICK:
            kept.append(k)
        else:
            kept[-1] = min(k, kept[-1])
    return [times[k] for k in kept]


def distinct_steps(grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different lengths of step, and which of them each step is."""
    rounded = np.round(np.diff(grid), 12)
    return np.unique(rounded, return_inverse=True)
