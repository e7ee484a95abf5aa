"""Do arms differ in their time to an event?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from resynapse.trial.analysis.risk_set import RiskSets, risk_sets
from resynapse.trial.kaplan_meier import checked

MAX_COMBO: Final = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0))
"""Weights (rho, gamma) of the usual combination: equal, late, middle, early"""


@dataclass(frozen=True)
class LogRank:
    """A test of two or more arms."""

    statistic: float | None
    """Chi-square; None where no event tells the arms apart"""
    p_value: float | None
    degrees_of_freedom: int = 1
    z: float | None = None
    """With two arms: observed less expected in the second, over its error; None otherwise"""


@dataclass(frozen=True)
class WeightedScores:
    """Observed less expected events in every arm but the first, with their covariance."""

    difference: np.ndarray
    """[weights, arms - 1]"""
    covariance: np.ndarray
    """[weights, weights, arms - 1, arms - 1]"""


def log_rank(
    time: np.ndarray,
    event: np.ndarray,
    arm: np.ndarray,
    stratum: np.ndarray | None = None,
    rho: float = 0.0,
    gamma: float = 0.0,
) -> LogRank:
    """The log-rank test, stratified or weighted by S^rho (1 - S)^gamma (Fleming and Harrington).

    n, d       = number at risk, number of events, of which n_a, d_a in arm a
    expected_a = sum(w d n_a / n)
    covariance = sum(w^2 d (n - d) / (n - 1) (n_a / n) (1[a=b] - n_b / n))
    statistic  = (observed - expected)' covariance^-1 (observed - expected)
    """
    scores = weighted_scores(time, event, arm, stratum, ((rho, gamma),))
    U, V = scores.difference[0], scores.covariance[0, 0]
    known = np.linalg.matrix_rank(V, tol=1e-12 * max(float(np.trace(V)), 1e-300)) if len(U) else 0
    if known == 0:
        return LogRank(None, None)
    statistic = float(U @ np.linalg.pinv(V, rcond=1e-12, hermitian=True) @ U)
    z = float(U[0] / np.sqrt(V[0, 0])) if len(U) == 1 else None
    return LogRank(statistic, float(special.chdtrc(known, statistic)), int(known), z)


def max_combo(
    time: np.ndarray,
    event: np.ndarray,
    arm: np.ndarray,
    stratum: np.ndarray | None = None,
    weights: tuple[tuple[float, float], ...] = MAX_COMBO,
) -> LogRank:
    """The largest of several weighted log-rank statistics of two arms, |z|, and its own p-value.

    p = 1 - P(all |z_k| < largest), z jointly normal with their estimated correlation.
    """
    from scipy.stats import multivariate_normal

    scores = weighted_scores(time, event, arm, stratum, weights)
    V = scores.covariance[:, :, 0, 0]
    error = np.sqrt(np.diag(V))
    if not np.all(error > 0.0):
        return LogRank(None, None)
    z = scores.difference[:, 0] / error
    largest = float(np.max(np.abs(z)))
    box = np.full(len(z), largest)
    inside = multivariate_normal.cdf(
        box,
        cov=V / np.outer(error, error),
        allow_singular=True,
        abseps=1e-6,
        releps=1e-6,
        lower_limit=-box,
        rng=np.random.default_rng(1),
    )
    return LogRank(largest**2, float(1.0 - inside), 1, float(z[np.argmax(np.abs(z))]))


def weighted_scores(
    time: np.ndarray,
    event: np.ndarray,
    arm: np.ndarray,
    stratum: np.ndarray | None,
    weights: tuple[tuple[float, float], ...],
) -> WeightedScores:
    """Scores for each pair (rho, gamma) of weights; S is the pooled curve of each stratum."""
    time, event = checked(time, event)
    member = np.asarray(arm)[:, None] == np.unique(arm)[1:]
    sets = risk_sets(time, event, stratum=stratum)
    n, d = sets.sums(np.ones(len(time))), sets.tied
    S = _just_before(sets, n, d)
    w = np.stack([S**rho * (1.0 - S) ** gamma for rho, gamma in weights])
    share = sets.sums(member.astype(float)) / n[:, None]
    difference = w @ (sets.event_sums(member.astype(float)) - d[:, None] * share)
    spread = d * (n - d) / np.maximum(n - 1, 1)
    parts = np.einsum("vt,wt,t,ta->vwa", w, w, spread, share * (1.0 - share))
    covariance = -np.einsum("vt,wt,t,ta,tb->vwab", w, w, spread, share, share, optimize=True)
    diagonal = np.arange(member.shape[1])
    covariance[:, :, diagonal, diagonal] = parts
    return WeightedScores(difference, covariance)


def _just_before(sets: RiskSets, n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """The Kaplan-Meier share without the event just before each moment, in its stratum."""
    S = np.ones(len(n))
    for stratum in np.unique(sets.stratum):
        here = sets.stratum == stratum
        S[here] = np.concatenate([[1.0], np.cumprod(1.0 - d[here] / n[here])[:-1]])
    return S
