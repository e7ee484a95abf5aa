"""How sure is a power that was simulated?

Trials of one batch overlap in people, so counting them as independent would promise too much.
Each trial by itself is a sample of new people, so the mean over all trials is unbiased, and
batches share nobody: the spread between batches gives the error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.estimate import wilson

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Share:
    """A share of trials, with its Monte Carlo error."""

    value: float
    error: float
    low: float
    """95 % interval, Wilson's, for as many independent trials as the error is worth"""
    high: float
    trials: int
    worth: float
    """Independent trials that would have this error"""


@dataclass(frozen=True)
class Mean:
    """A mean over trials, with its Monte Carlo error."""

    value: float
    error: float


def by_unit(values: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Means over the batches of each unit; the first axis is batches."""
    return np.stack([values[units == unit].mean(axis=0) for unit in np.unique(units)])


def mean(values: np.ndarray, units: np.ndarray) -> Mean:
    """Over batches of equal size; error = sd(units) / sqrt(units)."""
    each = by_unit(values, units)
    error = each.std(ddof=1) / np.sqrt(len(each)) if len(each) > 1 else np.nan
    return Mean(float(each.mean()), float(error))


def share(values: np.ndarray, units: np.ndarray, trials: int, independent: float | None) -> Share:
    """The share of ``trials`` trials, from its value in each batch.

    ``independent`` is the number of trials without common people that could be drawn from all
    batches. The error of the mean of overlapping trials lies between two that are known
    (Hoeffding 1948, section 5: N Var(U_N) falls with N, from m Var(U_m)):

    p (1 - p) / trials <= error^2 <= p (1 - p) (1 / trials + 1 / independent)

    and what the batches say is kept between them. None where units differ in their parameters:
    then the batches alone decide.
    """
    found = mean(values, units)
    p = found.value
    variance = p * (1 - p)
    worth = variance / found.error**2 if found.error > 0 else np.inf
    if independent is None:
        worth = min(worth, float(len(np.unique(units)))) if variance == 0.0 else worth
    else:
        least = 1 / (1 / trials + 1 / max(independent, 1.0))
        worth = least if variance == 0.0 else float(np.clip(worth, least, trials))
    worth = max(worth, 1.0)
    error = float(np.sqrt(variance / worth)) if independent is not None else found.error
    low, high = wilson(p * worth, max(worth, 1.0), -float(special.ndtri((1 - CONFIDENCE) / 2)))
    return Share(p, error, max(low, 0.0), min(high, 1.0), trials, worth)
