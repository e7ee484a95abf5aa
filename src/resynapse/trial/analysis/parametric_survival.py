"""How do arm and covariates stretch the time to an event whose distribution has a known form?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.newton import maximise
from resynapse.trial.kaplan_meier import checked


@dataclass(frozen=True)
class ParametricSurvival:
    """An accelerated failure time model, ln time = x'b + scale error."""

    coefficients: np.ndarray
    """Intercept first"""
    scale: float
    covariance: np.ndarray
    """Of the coefficients and, but for the exponential, ln scale"""
    log_likelihood: float


Errors = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


def _extreme(z: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln f = z - e^z, ln S = -e^z."""
    return d * z - np.exp(z), d - np.exp(z), -np.exp(z)


def _logistic(z: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln f = z - 2 ln(1 + e^z), ln S = -ln(1 + e^z)."""
    p = special.expit(z)
    return d * z - (1 + d) * np.logaddexp(0.0, z), d - (1 + d) * p, -(1 + d) * p * (1 - p)


def _normal(z: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """ln f = -z^2/2 - ln(2 pi)/2, ln S = ln Phi(-z)."""
    log_f, log_S = -(z**2) / 2 - np.log(2 * np.pi) / 2, special.log_ndtr(-z)
    h = np.exp(log_f - log_S)
    return (
        np.where(d > 0, log_f, log_S),
        np.where(d > 0, -z, -h),
        np.where(d > 0, -1.0, -h * (h - z)),
    )


DISTRIBUTIONS: Final[dict[str, Errors]] = {
    "exponential": _extreme,
    "weibull": _extreme,
    "log_logistic": _logistic,
    "log_normal": _normal,
}


def fit_parametric_survival(
    time: np.ndarray, event: np.ndarray, covariates: np.ndarray, distribution: str = "weibull"
) -> ParametricSurvival:
    """Maximum likelihood, times above zero.

    z    = (ln t - x'b) / scale
    ln L = sum(d (ln f(z) - ln scale - ln t) + (1 - d) ln S(z))
    """
    time, event = checked(time, event)
    if not event.any():
        raise FailedFit("no one had the event")
    if np.any(time <= 0.0):
        raise FailedFit("a time is zero, which this distribution cannot hold; add half a day")
    X = np.column_stack([np.ones(len(time)), covariates])
    d, log_t, errors = event.astype(float), np.log(time), DISTRIBUTIONS[distribution]
    free = distribution != "exponential"

    def likelihood(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        scale = np.exp(at[-1]) if free else 1.0
        z = (log_t - X @ (at[:-1] if free else at)) / scale
        value, first, second = errors(z, d)
        U = np.column_stack([-X / scale, -z]) if free else -X / scale
        score = U.T @ first
        information = -(U.T * second) @ U
        if free:
            score[-1] -= d.sum()
            information[:-1, -1] -= X.T @ first / scale
            information[-1, :-1] = information[:-1, -1]
            information[-1, -1] -= z @ first
        total = value.sum() - d @ (log_t + (at[-1] if free else 0.0))
        return float(total), score, information

    start = np.zeros(X.shape[1] + free)
    start[0] = np.log(time.sum() / event.sum())
    at, information, value = maximise(likelihood, start)
    scale = float(np.exp(at[-1])) if free else 1.0
    b = at[:-1] if free else at
    return ParametricSurvival(b, scale, np.linalg.inv(information), value)
