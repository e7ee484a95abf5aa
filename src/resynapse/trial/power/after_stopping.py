"""What do estimates become when it is taken into account that a trial may have stopped early?

The drift at which an outcome as extreme as the trial's has probability one half, and the limits of
95 % (``design.after_stopping``, stage-wise ordering), are smooth in Z at each look. They are
computed on a grid of Z once, and read by splines for every simulated trial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from resynapse.trial.design.after_stopping import Stopped
from resynapse.trial.design.sequential import Looks
from resynapse.trial.power.method import Answers

PROBABILITIES = (0.5, 0.025, 0.975)
"""Of an outcome as extreme, or more: the median-unbiased drift, then 95 % limits"""
LOWEST, HIGHEST, STEP = -6.0, 10.0, 0.25
"""Z at which drifts are computed; moves none by 1e-4"""
Drifts = Callable[[np.ndarray], np.ndarray]
"""[trials] Z -> [trials, probabilities] drifts"""


@dataclass(frozen=True)
class Adjusted:
    """Median-unbiased estimates and 95 % limits, a row a trial, on the scale of the estimate."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


class AfterStopping:
    """The drifts of every look of one design."""

    def __init__(self, looks: Looks) -> None:
        self.information = looks.information
        self.by_look = [_drifts(looks, look + 1) for look in range(len(looks.information))]

    def adjusted(self, last: Answers, look: np.ndarray, gain: float) -> Adjusted:
        """Trials that ended at these looks, from 1; ``gain`` is 1 where more is a benefit.

        drift = Z / sqrt(t)  of the naive estimate; a drift of d more is  gain d error sqrt(t)

        more on the scale of the estimate, error that of the estimate, t its share of information.
        """
        root = np.sqrt(self.information)[look - 1]
        drift = np.full((len(look), len(PROBABILITIES)), np.nan)
        for place, drifts in enumerate(self.by_look):
            rows = np.flatnonzero((look == place + 1) & np.isfinite(last.z))
            drift[rows] = drifts(last.z[rows])
        more = drift - (last.z / root)[:, None]
        moved = last.estimate[:, None] + gain * more * (last.error * root)[:, None]
        middle, one, other = moved.T
        return Adjusted(middle, np.minimum(one, other), np.maximum(one, other))


def _drifts(looks: Looks, look: int) -> Drifts:
    root = float(np.sqrt(looks.information[look - 1]))
    grid = np.arange(LOWEST, HIGHEST + STEP / 2, STEP)
    ended = [Stopped(looks, look, float(z)) for z in grid]
    table = np.array([[one.drift_at(p) for p in PROBABILITIES] for one in ended])
    kept = np.isfinite(table).all(axis=1)
    low, high = grid[kept][[0, -1]]
    spline = CubicSpline(grid[kept], table[kept], axis=0)

    def at(z: np.ndarray) -> np.ndarray:
        inside = np.clip(z, low, high)
        return spline(inside) + ((z - inside) / root)[:, None]

    return at
