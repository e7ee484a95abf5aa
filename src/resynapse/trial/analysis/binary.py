"""How do the odds of an outcome depend on arm and covariates?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.newton import CLOSE_ENOUGH, MOST_STEPS, maximise

LONGEST_STEP = 5.0
"""Of a coefficient, as in R's logistf"""


@dataclass(frozen=True)
class Logistic:
    """A logistic regression; intercept first."""

    coefficients: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    """With Firth, not penalised"""


def fit_logistic(outcome: np.ndarray, covariates: np.ndarray, *, firth: bool = False) -> Logistic:
    """Maximum likelihood; with ``firth`` penalised by the information (Firth 1993).

    The penalty keeps estimates finite where an arm has no outcome, or only outcomes.
    Without it that case raises FailedFit.
    """
    y = np.asarray(outcome, dtype=float)
    if y.min() == y.max():
        raise FailedFit("everyone has the same outcome")
    X = np.column_stack([np.ones(len(y)), covariates])
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise FailedFit("a covariate does not vary, or is a sum of the others")
    if firth:
        return _firth(y, X)

    def likelihood(b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        eta, p = X @ b, special.expit(X @ b)
        return float(y @ eta - np.logaddexp(0, eta).sum()), X.T @ (y - p), _information(X, p)

    reach = np.concatenate([[1.0], np.ptp(X[:, 1:], axis=0)])
    b, information, value = maximise(likelihood, np.zeros(X.shape[1]), reach)
    return Logistic(b, np.linalg.inv(information), value)


def _firth(y: np.ndarray, X: np.ndarray) -> Logistic:
    """score = X'(y - p + h (1/2 - p)), h the diagonal of the weighted projection on X."""
    b = np.zeros(X.shape[1])
    for _ in range(MOST_STEPS):
        p = special.expit(X @ b)
        inverse = np.linalg.inv(_information(X, p))
        h = p * (1 - p) * np.einsum("ij,jk,ik->i", X, inverse, X)
        score = X.T @ (y - p + h * (0.5 - p))
        step = inverse @ score
        if score @ step < CLOSE_ENOUGH**2:
            eta = X @ b
            return Logistic(b, inverse, float(y @ eta - np.logaddexp(0, eta).sum()))
        b = b + step * min(1.0, LONGEST_STEP / max(float(np.max(np.abs(step))), 1e-300))
    raise FailedFit(f"no convergence in {MOST_STEPS} steps")


def _information(X: np.ndarray, p: np.ndarray) -> np.ndarray:
    return (X.T * (p * (1 - p))) @ X
