"""What do estimates become when it is taken into account that a trial may have stopped early?

The drift at which an outcome as extreme as the trial's has probability one half, and the limits of
95 % (``design.after_stopping``, stage-wise ordering), by the bounds and information of each trial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import elementwise

from resynapse.trial.design.looks_seen import Part, Seen, parts
from resynapse.trial.design.sequential import Looks
from resynapse.trial.power.looking import Stops

PROBABILITIES = (0.5, 0.025, 0.975)
"""Of an outcome as extreme, or more: the median-unbiased drift, then 95 % limits"""
LOWEST, HIGHEST = -6.0, 10.0
"""Z beyond these moves the drift as it does without looks"""
FARTHEST = 6.0
"""Standard errors from none, or from Z, beyond which no drift is searched"""
CLOSE = {"xatol": 1e-7, "xrtol": 0.0, "fatol": 0.0, "frtol": 0.0}


@dataclass(frozen=True)
class Adjusted:
    """Median-unbiased estimates and 95 % limits, a row a trial, on the scale of the estimate."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def adjusted(looks: Looks, stops: Stops, gain: float) -> Adjusted:
    """Estimates of trials that ended as they did; ``gain`` is 1 where more is a benefit.

    drift = Z / sqrt(t)  of the naive estimate; a drift of d more is  gain d error sqrt(t)

    more on the scale of the estimate, error that of the estimate, t its share of information.
    """
    last, told = stops.last, Seen(stops.information, stops.final - 1)
    root = np.sqrt(np.take_along_axis(told.information, stops.look[:, None] - 1, axis=1)[:, 0])
    drift = np.full((len(root), len(PROBABILITIES)), np.nan)
    for trials, row, here, part in parts(looks, told):
        drift[trials] = _drifts(part, here, row, stops.look[trials] - 1, last.z[trials])
    more = drift - (last.z / root)[:, None]
    moved = last.estimate[:, None] + gain * more * (last.error * root)[:, None]
    middle, one, other = moved.T
    return Adjusted(middle, np.minimum(one, other), np.maximum(one, other))


def _drifts(part: Part, told: Seen, row: np.ndarray, look: np.ndarray, z: np.ndarray) -> np.ndarray:
    """[trials, probabilities] Drifts of trials that ended at these looks, from 0, with these Z."""
    found = np.full((len(z), len(PROBABILITIES)), np.nan)
    for k in range(told.information.shape[1]):
        some = np.flatnonzero((look == k) & np.isfinite(z))
        if len(some):
            found[some] = _at_look(part, told, k, row[some], z[some])
    return found


def _at_look(part: Part, told: Seen, k: int, row: np.ndarray, z: np.ndarray) -> np.ndarray:
    inside, root = np.clip(z, LOWEST, HIGHEST), np.sqrt(told.information[row, k])
    low, high = np.minimum(inside, 0.0) - FARTHEST, np.maximum(inside, 0.0) + FARTHEST

    def excess(drift: np.ndarray, one: np.ndarray, p: np.ndarray) -> np.ndarray:
        return part.as_extreme(k, inside[one], told.information, drift, row[one]) - p

    columns = [
        elementwise.find_root(
            excess, (low / root, high / root), args=(np.arange(len(z)), p), tolerances=CLOSE
        ).x
        for p in PROBABILITIES
    ]
    return np.stack(columns, axis=1) + ((z - inside) / root)[:, None]
