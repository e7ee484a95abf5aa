"""How far do the means of two arms lie apart, within strata or after covariates?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit


@dataclass(frozen=True)
class Moments:
    """People of an arm in each stratum; arrays [..., strata]."""

    n: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    """Sum of squares around the mean"""


@dataclass(frozen=True)
class MeanDifference:
    """A difference of means with what its t test needs; NaN where there is no number."""

    estimate: np.ndarray
    error: np.ndarray
    degrees: np.ndarray
    """Of freedom of Student's t"""


def mean_difference(one: Moments, other: Moments) -> MeanDifference:
    """Difference of means, one less other, within strata; Welch's t where there is one stratum.

    n, m     = people of each arm in a stratum; strata of one arm only are left out
    w        = n m / (n + m)
    estimate = sum(w (mean - mean_other)) / sum(w)
    s^2      = sum of squares within strata / (people - strata), of each arm
    v        = s^2 sum(w^2 / n) / sum(w)^2, of each arm
    error^2  = v + v_other
    degrees  = error^4 / (v^2 / (people - strata) + v_other^2 / (people_other - strata))

    The weights are those of least squares with a term for each stratum; the degrees of freedom are
    Satterthwaite's. No number where an arm has no more people than strata.
    """
    there = (one.n > 0) & (other.n > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.where(there, one.n * other.n / (one.n + other.n), 0.0)
        gap = np.where(there, one.mean - other.mean, 0.0)
        (v, free), (v_other, free_other) = (_variance(arm, w, there) for arm in (one, other))
        estimate = np.sum(w * gap, axis=-1) / w.sum(axis=-1)
        degrees = (v + v_other) ** 2 / (v**2 / free + v_other**2 / free_other)
        error = np.sqrt(v + v_other)
    return MeanDifference(np.where(np.isnan(error), np.nan, estimate), error, degrees)


def _variance(arm: Moments, w: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """v of an arm, and people less strata."""
    n, squares = np.where(there, arm.n, 0.0), np.where(there, arm.squares, 0.0)
    free = n.sum(axis=-1) - np.count_nonzero(there, axis=-1)
    s_2 = np.where(free > 0, squares.sum(axis=-1) / free, np.nan)
    return s_2 * np.where(there, w**2 / n, 0.0).sum(axis=-1) / w.sum(axis=-1) ** 2, free


def mean_within_strata(
    own: np.ndarray, stratum: np.ndarray, other: np.ndarray, other_stratum: np.ndarray
) -> MeanDifference:
    """``mean_difference`` of the values of two arms; values NaN are left out."""
    there = [~np.isnan(values) for values in (own, other)]
    words = stratum[there[0]].astype(str), other_stratum[there[1]].astype(str)
    every = np.union1d(*words)
    parts = zip((own[there[0]], other[there[1]]), words, strict=True)
    return mean_difference(*(_by_stratum(values, labels, every) for values, labels in parts))


def _by_stratum(values: np.ndarray, stratum: np.ndarray, every: np.ndarray) -> Moments:
    place = np.searchsorted(every, stratum)
    n = np.bincount(place, minlength=len(every)).astype(float)
    mean = np.bincount(place, values, minlength=len(every)) / np.maximum(n, 1.0)
    squares = np.bincount(place, (values - mean[place]) ** 2, minlength=len(every))
    return Moments(n, mean, squares)


@dataclass(frozen=True)
class LinearFit:
    """Least squares with an intercept first."""

    coefficients: np.ndarray
    covariance: np.ndarray
    degrees: int
    log_likelihood: float


def fit_linear(value: np.ndarray, columns: np.ndarray) -> LinearFit:
    """Ordinary least squares of the values on an intercept and the columns.

    Raises FailedFit where columns repeat each other, or leave no people to tell the error.
    """
    X = np.column_stack([np.ones(len(value)), columns])
    degrees = len(value) - X.shape[1]
    if np.linalg.matrix_rank(X / np.maximum(np.abs(X).max(axis=0), 1e-300)) < X.shape[1]:
        raise FailedFit("arms, covariates and strata repeat each other; leave one out")
    if degrees < 1:
        raise FailedFit(f"{len(value)} people are too few for {X.shape[1]} coefficients")
    b = np.linalg.lstsq(X, value, rcond=None)[0]
    squares = float(np.sum((value - X @ b) ** 2))
    if squares <= 1e-20 * float(np.sum(value**2)):
        raise FailedFit("arms, covariates and strata leave nothing of the values")
    variance = squares / len(value)
    likelihood = -len(value) / 2 * (np.log(2 * np.pi * variance) + 1)
    return LinearFit(b, squares / degrees * np.linalg.inv(X.T @ X), degrees, float(likelihood))
