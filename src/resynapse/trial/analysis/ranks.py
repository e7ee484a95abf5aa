"""Do values of two arms differ in rank, whatever their distribution?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.analysis.failed_fit import FailedFit


@dataclass(frozen=True)
class RankTest:
    """A test by ranks, with the shift and the probability that describe the difference."""

    statistic: float
    """z, or F where ``degrees_of_freedom`` are two"""
    p_value: float
    degrees_of_freedom: tuple[int, int] | None = None
    shift: float | None = None
    """Hodges and Lehmann: median of all differences between the arms"""
    probability: float | None = None
    """P(value of the arm > value of the reference) + P(equal) / 2"""


def wilcoxon(value: np.ndarray, treated: np.ndarray, stratum: np.ndarray | None = None) -> RankTest:
    """Wilcoxon's rank-sum test, mid-ranks for ties, normal, without continuity correction.

    With strata, van Elteren's: sums of strata weighted by 1 / (n + 1).
    z = sum(w (W - n_1 (n + 1) / 2)) / sqrt(sum(w^2 variance)),
    variance = n_0 n_1 / (n (n - 1)) sum((rank - mean rank)^2)
    """
    value, treated = np.asarray(value, dtype=float), np.asarray(treated, dtype=bool)
    if np.ptp(value) == 0.0:
        raise FailedFit("all values are the same")
    from scipy.stats import rankdata

    labels = np.zeros(len(value)) if stratum is None else np.asarray(stratum)
    gap = variance = 0.0
    for label in np.unique(labels):
        ranks, here = rankdata(value[labels == label]), treated[labels == label]
        n, n_1 = len(ranks), int(here.sum())
        if 0 < n_1 < n:
            weight = 1.0 / (n + 1)
            gap += weight * (ranks[here].sum() - n_1 * (n + 1) / 2)
            spread = np.sum((ranks - (n + 1) / 2) ** 2)
            variance += weight**2 * n_1 * (n - n_1) / (n * (n - 1)) * spread
    if variance <= 0.0:
        raise FailedFit("no stratum holds both arms with different values")
    z = float(gap / np.sqrt(variance))
    gaps = np.subtract.outer(value[treated], value[~treated])
    probability = float(np.mean(gaps > 0) + np.mean(gaps == 0) / 2)
    p_value = float(2 * special.ndtr(-abs(z)))
    return RankTest(z, p_value, None, float(np.median(gaps)), probability)


def rank_ancova(value: np.ndarray, arm: np.ndarray, covariates: np.ndarray) -> RankTest:
    """Quade's rank analysis of covariance (JASA 1967; 62: 1187-1200), any number of arms.

    Ranks of the values are regressed on ranks of the covariates, arms together; the residuals are
    compared between arms by the F test of one-way analysis of variance.
    """
    value, arm = np.asarray(value, dtype=float), np.asarray(arm)
    if np.ptp(value) == 0.0:
        raise FailedFit("all values are the same")
    from scipy.stats import f_oneway, rankdata

    ranks = [rankdata(column) for column in np.atleast_2d(np.asarray(covariates).T)]
    X = np.column_stack([np.ones(len(value)), *ranks])
    y = rankdata(value)
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    if np.ptp(residual) < 1e-9 * len(y):
        raise FailedFit("the covariates' ranks leave nothing of the values' ranks")
    groups = [residual[arm == one] for one in np.unique(arm)]
    F = f_oneway(*groups)
    if not np.isfinite(F.pvalue):
        raise FailedFit("too few people for an F test")
    degrees = len(groups) - 1, len(value) - len(groups)
    return RankTest(float(F.statistic), float(F.pvalue), degrees)
