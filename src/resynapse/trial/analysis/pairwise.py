"""Of all pairs of a treated and a control person, who fares better?

Generalised pairwise comparisons: outcomes are compared in order of importance until one decides
the pair (Buyse 2010; win ratio of Pocock 2012).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit


@dataclass(frozen=True)
class Outcome:
    """One outcome of every person."""

    value: np.ndarray
    """A value, or a time to an event"""
    event: np.ndarray | None = None
    """For times: whether the event happened; None for values"""
    higher_is_better: bool = True
    """For times: whether the event is unwanted"""
    threshold: float = 0.0
    """Smaller differences decide nothing"""


@dataclass(frozen=True)
class Pairwise:
    """Shares of all pairs, and what is made of them."""

    wins: float
    losses: float
    ties: float
    net_benefit: float
    """wins - losses"""
    net_benefit_error: float
    win_ratio: float
    """wins / losses"""
    log_win_ratio_error: float
    win_odds: float
    """(wins + ties / 2) / (losses + ties / 2)"""
    log_win_odds_error: float


def compare_pairs(treated: np.ndarray, outcomes: Sequence[Outcome]) -> Pairwise:
    """Every treated person against every control; errors from the theory of U statistics.

    covariance = cov(rows) / n_1 + cov(columns) / n_0 of the shares of wins and losses of each
    treated and of each control person (Bebu and Lachin, Biostatistics 2016; 17: 178-187).
    A pair is decided by times only if the earlier one ends with the event.
    """
    treated = np.asarray(treated, dtype=bool)
    result = np.zeros((int(treated.sum()), int((~treated).sum())))
    for outcome in outcomes:
        result = np.where(result == 0.0, _sign(outcome, treated), result)
    if min(result.shape) < 2:
        raise FailedFit("an arm has one person, whose outcomes tell nothing of their spread")
    wins, losses = result > 0, result < 0
    w, l = float(wins.mean()), float(losses.mean())  # noqa: E741
    V = _covariance(wins, losses)
    if w == 0.0 or l == 0.0:
        raise FailedFit("one arm wins every pair that is decided, or none is decided")
    t = float((result == 0).mean())
    up, down = w + t / 2, l + t / 2
    ratio, odds = np.array([1 / w, -1 / l]), np.array([1, -1]) * (1 / up + 1 / down) / 2
    gap = np.array([1.0, -1.0])
    errors = [math.sqrt(g @ V @ g) for g in (gap, ratio, odds)]
    return Pairwise(w, l, t, w - l, errors[0], w / l, errors[1], up / down, errors[2])


def _sign(outcome: Outcome, treated: np.ndarray) -> np.ndarray:
    """1 where the treated person of a pair fares better, -1 where worse, 0 undecided."""
    this, that = outcome.value[treated][:, None], outcome.value[~treated][None, :]
    later, earlier = this - that > outcome.threshold, that - this > outcome.threshold
    if outcome.event is not None:
        later = later & outcome.event[~treated][None, :]
        earlier = earlier & outcome.event[treated][:, None]
    sign = later.astype(float) - earlier.astype(float)
    return sign if outcome.higher_is_better else -sign


def _covariance(wins: np.ndarray, losses: np.ndarray) -> np.ndarray:
    rows = np.cov(np.stack([wins.mean(axis=1), losses.mean(axis=1)]))
    columns = np.cov(np.stack([wins.mean(axis=0), losses.mean(axis=0)]))
    return rows / wins.shape[0] + columns / wins.shape[1]
