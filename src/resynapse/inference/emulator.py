"""Which mean and spread do statistics have at settings that were not simulated?

    m(x)     = B f(x)                                    a polynomial of the free numbers
    ln sd(x) = A (1, x)                                  spread by all that is not fitted
    cov(x)   = sd(x) C sd(x)                             C the correlation of the residuals

x are the free numbers on scales on which their slabs are about standard; the degree of the
polynomial is the one that predicts draws that were held back best. Spread is measured on
draws held back, so that it contains the error of the emulator itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from resynapse.inference.free import Free
from resynapse.parameter import HalfNormal, LogitNormal, LogNormal, Normal

DEGREES = (1, 2, 3)
FOLDS = 8
LEAST_SPREAD = 1e-3
LOG_ABS_NORMAL = -0.635181
"""mean of ln |z|, z standard normal: -(Euler's constant + ln 2) / 2"""


@dataclass(frozen=True)
class Emulator:
    """Mean and covariance of statistics on their scales, as functions of the free numbers."""

    free: tuple[Free, ...]
    degree: int
    coefficients: np.ndarray
    """B, [features, statistics]"""
    log_sd: np.ndarray
    """A, [1 + free numbers, statistics]"""
    correlation: np.ndarray
    held_back: np.ndarray
    """root mean square error on draws held back, over the spread of the statistic, by statistic"""

    def mean(self, x: Any, xp: Any = np) -> Any:
        """m at standard free numbers x, [..., statistics]."""
        return _features(x, self.degree, xp) @ self.coefficients

    def sd(self, x: Any, xp: Any = np) -> Any:
        """sd at standard free numbers x, [..., statistics]."""
        return xp.exp(_features(x, 1, xp) @ self.log_sd)


def standard(free: tuple[Free, ...], values: Any, xp: Any = np) -> Any:
    """The free numbers on scales on which their slabs are about standard, [..., free numbers]."""
    columns = [_one(one, values[..., k], xp) for k, one in enumerate(free)]
    return xp.stack(columns, axis=-1)


def _one(free: Free, value: Any, xp: Any) -> Any:
    """A log for log-normal numbers; half-normal ones saturate, as what they act on does."""
    slab = free.slab
    if isinstance(slab, LogNormal):
        return xp.log(value / slab.median) / slab.sd
    if isinstance(slab, HalfNormal):
        return 3.0 * value / (value + slab.scale) - 1.0
    if isinstance(slab, Normal):
        return (value - slab.median) / slab.sd
    if isinstance(slab, LogitNormal):
        odds = value / (1.0 - value) * (1.0 - slab.median) / slab.median
        return xp.log(odds) / slab.sd
    raise TypeError(f"{free.name}: no standard scale for {slab}.")


def _features(x: Any, degree: int, xp: Any) -> Any:
    count = x.shape[-1]
    columns = [xp.ones_like(x[..., 0])]
    for order in range(1, degree + 1):
        for powers in combinations_with_replacement(range(count), order):
            product = columns[0]
            for k in powers:
                product = product * x[..., k]
            columns.append(product)
    return xp.stack(columns, axis=-1)


def fit(free: tuple[Free, ...], values: np.ndarray, statistics: np.ndarray) -> Emulator:
    """Emulate ``statistics`` [draws, statistics], on their scales, at ``values`` [draws, free].

    Draws in which a statistic is not defined are left out.
    """
    whole = np.isfinite(statistics).all(axis=1)
    x, y = standard(free, values[whole]), statistics[whole]
    errors = {degree: _held_back(x, y, degree) for degree in DEGREES}
    spread = y.std(axis=0)
    degree = min(DEGREES, key=lambda d: float(np.mean((errors[d] / spread) ** 2)))
    residual = errors[degree]
    A = _log_sd(x, residual)
    scaled = residual / np.exp(_features(x, 1, np) @ A)
    return Emulator(
        free=free,
        degree=degree,
        coefficients=_least_squares(_features(x, degree, np), y),
        log_sd=A,
        correlation=np.atleast_2d(np.corrcoef(scaled.T)),
        held_back=np.sqrt(np.mean(residual**2, axis=0)) / spread,
    )


def _least_squares(features: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(features, y, rcond=None)[0]


def _held_back(x: np.ndarray, y: np.ndarray, degree: int) -> np.ndarray:
    """Residuals of draws, each from a fit that did not see it."""
    features, fold = _features(x, degree, np), np.arange(len(x)) % FOLDS
    found = np.empty_like(y)
    for k in range(FOLDS):
        out = fold == k
        found[out] = y[out] - features[out] @ _least_squares(features[~out], y[~out])
    return found


def _log_sd(x: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Least squares on ln |residual|, shifted so that standardised residuals have variance 1."""
    linear = _features(x, 1, np)
    logs = np.log(np.abs(residual) + LEAST_SPREAD) - LOG_ABS_NORMAL
    A = _least_squares(linear, logs)
    scaled = residual / np.exp(linear @ A)
    A[0] += 0.5 * np.log(np.mean(scaled**2, axis=0))
    return A
