"""How far do the shares of people with yes lie apart in two arms, within strata?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import optimize

from resynapse.trial.design.rates import null_shares, null_variance
from resynapse.trial.estimate import wilson


@dataclass(frozen=True)
class RiskDifference:
    """A difference of shares and a test of none; NaN where there is no number."""

    z: np.ndarray
    """Normal deviate of the test, without correction for continuity"""
    estimate: np.ndarray
    error: np.ndarray


def pooled(n_1: np.ndarray, x_1: np.ndarray, n_0: np.ndarray, x_0: np.ndarray) -> RiskDifference:
    """z with pooled variance, of x yes among n people; the error of the estimate is not pooled.

    p       = (x_1 + x_0) / (n_1 + n_0)
    z       = (p_1 - p_0) / sqrt(p (1 - p) (1 / n_1 + 1 / n_0))
    error^2 = p_1 (1 - p_1) / n_1 + p_0 (1 - p_0) / n_0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p, p_1, p_0 = (x_1 + x_0) / (n_1 + n_0), x_1 / n_1, x_0 / n_0
        spread = np.sqrt(p * (1 - p) * (1 / n_1 + 1 / n_0))
        z = np.where(spread > 0, (p_1 - p_0) / spread, np.nan)
        return RiskDifference(z, p_1 - p_0, np.sqrt(p_1 * (1 - p_1) / n_1 + p_0 * (1 - p_0) / n_0))


def newcombe(n_1: int, x_1: int, n_0: int, x_0: int, quantile: float) -> tuple[float, float]:
    """Limits of p_1 - p_0 from Wilson's of both shares (Newcombe 1998, method 10, recalled).

    low  = p_1 - p_0 - sqrt((p_1 - l_1)^2 + (u_0 - p_0)^2)
    high = p_1 - p_0 + sqrt((u_1 - p_1)^2 + (p_0 - l_0)^2)
    """
    p_1, p_0 = x_1 / n_1, x_0 / n_0
    (l_1, u_1), (l_0, u_0) = wilson(x_1, n_1, quantile), wilson(x_0, n_0, quantile)
    low, high = np.hypot(p_1 - l_1, u_0 - p_0), np.hypot(u_1 - p_1, p_0 - l_0)
    return float(p_1 - p_0 - low), float(p_1 - p_0 + high)


def within_strata(
    n_1: np.ndarray, x_1: np.ndarray, n_0: np.ndarray, x_0: np.ndarray
) -> RiskDifference:
    """Cochran-Mantel-Haenszel z without correction; Mantel and Haenszel's difference, its error.

    n_1, n_0 people and x_1, x_0 yes of a stratum [..., strata], N = n_1 + n_0, x = x_1 + x_0
    z        = sum(x_1 - n_1 x / N) / sqrt(sum(n_1 n_0 x (N - x) / (N^2 (N - 1))))
    w        = n_1 n_0 / N
    estimate = sum(w (x_1 / n_1 - x_0 / n_0)) / sum(w)
    P        = (n_1^2 x_0 - n_0^2 x_1 + n_1 n_0 (n_0 - n_1) / 2) / N^2
    Q        = (x_1 (n_0 - x_0) + x_0 (n_1 - x_1)) / (2 N)
    error^2  = (estimate sum(P) + sum(Q)) / sum(w)^2

    The error is Sato's of 1989, as SAS's manual gives it (FREQ procedure, Common Risk Difference);
    by simulation it holds for few large strata and for many small ones.
    """
    N, x = n_1 + n_0, x_1 + x_0
    there = (n_1 > 0) & (n_0 > 0)
    whole = np.maximum(N, 2)
    excess = np.sum(np.where(there, x_1 - n_1 * x / whole, 0.0), axis=-1)
    spread = np.where(there, n_1 * n_0 * x * (N - x) / (whole**2 * (whole - 1)), 0.0).sum(axis=-1)
    w = np.where(there, n_1 * n_0 / whole, 0.0)
    gap = x_1 / np.maximum(n_1, 1) - x_0 / np.maximum(n_0, 1)
    P = (n_1**2 * x_0 - n_0**2 * x_1 + n_1 * n_0 * (n_0 - n_1) / 2) / whole**2
    Q = (x_1 * (n_0 - x_0) + x_0 * (n_1 - x_1)) / (2 * whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = w.sum(axis=-1)
        estimate = np.sum(w * gap, axis=-1) / total
        square = estimate * np.sum(P * there, axis=-1) + np.sum(Q * there, axis=-1)
        z = np.where(spread > 0, excess / np.sqrt(spread), np.nan)
        return RiskDifference(z, estimate, np.sqrt(square) / total)


@dataclass(frozen=True)
class Shares:
    """x_1 of n_1 people, and x_0 of n_0 of the reference, of a stratum each [strata]."""

    n_1: np.ndarray
    x_1: np.ndarray
    n_0: np.ndarray
    x_0: np.ndarray
    stratified: bool = True
    """Whether the variance is that within strata; without, there is one stratum"""

    def difference(self) -> RiskDifference:
        """With the test of none; ``within_strata`` where there are strata."""
        counts = self.n_1, self.x_1, self.n_0, self.x_0
        return within_strata(*counts) if self.stratified else pooled(*(one[0] for one in counts))

    def score(self, null: float) -> float:
        """Normal deviate of the difference of shares less ``null``, with the variance under it.

        With the likeliest shares q of each stratum under q_1 - q_0 = null, N = n_1 + n_0:

        w = n_1 n_0 / N
        V = q_1 (1 - q_1) / n_1 + q_0 (1 - q_0) / n_0, within strata times N / (N - 1)
        z = sum(w (x_1 / n_1 - x_0 / n_0 - null)) / sqrt(sum(w^2 V))

        Farrington and Manning 1990; within strata Miettinen and Nurminen 1985, with Mantel and
        Haenszel's weights. At 0 these are the z of ``pooled`` and that of ``within_strata``.
        """
        n_1, x_1, n_0, x_0 = self._shared()
        N, p_1, p_0 = n_1 + n_0, x_1 / n_1, x_0 / n_0
        w = n_1 * n_0 / N
        V = null_variance(p_1, p_0, n_1 / n_0, -null) / n_0
        V = V * N / (N - 1) if self.stratified else V
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.sum(w * (p_1 - p_0 - null)) / np.sqrt(np.sum(w**2 * V)))

    def fewest(self, null: float) -> float:
        """People with yes or with no expected under ``null`` in an arm, the fewest of these four.

        Of the likeliest shares, over all strata that hold both arms.
        """
        n_1, x_1, n_0, x_0 = self._shared()
        q_1, q_0 = null_shares(x_1 / n_1, x_0 / n_0, n_1 / n_0, -null)
        each = n_1 * q_1, n_1 * (1 - q_1), n_0 * q_0, n_0 * (1 - q_0)
        return min(float(np.sum(one)) for one in each)

    def _shared(self) -> list[np.ndarray]:
        """n_1, x_1, n_0 and x_0 of strata that hold both arms."""
        there = (self.n_1 > 0) & (self.n_0 > 0)
        return [one[there].astype(float) for one in (self.n_1, self.x_1, self.n_0, self.x_0)]

    def limits(self, estimate: float, quantile: float) -> tuple[float, float]:
        """The differences at which ``score`` is quantile and -quantile; within -1 and 1."""
        return self._end(estimate, quantile, -1.0), self._end(estimate, quantile, 1.0)

    def _end(self, estimate: float, quantile: float, side: float) -> float:
        """``side`` itself where no difference before it is rejected."""

        def left(null: float) -> float:
            return self.score(null) + side * quantile

        inner = float(np.clip(estimate - side * TINY, TINY - 1.0, 1.0 - TINY))
        outer = side * (1.0 - TINY)
        if side * estimate >= 1.0 - 2 * TINY or side * left(outer) > 0.0:
            return side
        return float(optimize.brentq(left, inner, outer, xtol=1e-13))


TINY: Final = 1e-9
"""Of a difference of shares"""
