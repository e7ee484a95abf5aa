"""How do counts, and shares of days, depend on arm and covariates, where people differ?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.newton import maximise


@dataclass(frozen=True)
class Counts:
    """A regression with overdispersion; intercept first."""

    coefficients: np.ndarray
    covariance: np.ndarray
    """Of the coefficients"""
    dispersion: float
    """Negative binomial: alpha, variance = m + alpha m^2. Beta-binomial: correlation of days"""
    log_likelihood: float


def fit_negative_binomial(
    count: np.ndarray, covariates: np.ndarray, exposure: np.ndarray | None = None
) -> Counts:
    """Negative binomial regression of counts on the log scale, exposure as offset.

    m    = exposure e^(x'b), theta = 1 / alpha
    ln L = sum(ln Gamma(y + theta) - ln Gamma(theta) - ln y! + theta ln theta + y ln m
               - (y + theta) ln(m + theta))

    The covariance of b takes theta as known, as MASS does. Raises FailedFit where counts vary no
    more than Poisson's.
    """
    y = np.asarray(count, dtype=float)
    if y.max() == 0.0:
        raise FailedFit("every count is zero")
    X = np.column_stack([np.ones(len(y)), covariates])
    offset = np.zeros(len(y)) if exposure is None else np.log(exposure)

    def likelihood(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        b, theta = at[:-1], np.exp(at[-1])
        m = np.exp(np.clip(X @ b + offset, -300, 300))
        total = m + theta
        value = special.gammaln(y + theta) - special.gammaln(theta) - special.gammaln(y + 1)
        value = value + theta * np.log(theta) + y * np.log(m) - (y + theta) * np.log(total)
        slope = special.digamma(y + theta) - special.digamma(theta) + np.log(theta) + 1
        slope = theta * np.sum(slope - np.log(total) - (y + theta) / total)
        bend = special.polygamma(1, y + theta) - special.polygamma(1, theta) + 1 / theta
        bend = np.sum(bend - 2 / total + (y + theta) / total**2) * theta**2 + slope
        score = np.append(X.T @ (theta * (y - m) / total), slope)
        information = np.zeros((len(at), len(at)))
        information[:-1, :-1] = (X.T * (theta * m * (y + theta) / total**2)) @ X
        information[:-1, -1] = information[-1, :-1] = -X.T @ (theta * m * (y - m) / total**2)
        information[-1, -1] = -bend
        return float(value.sum()), score, information

    start = np.zeros(X.shape[1] + 1)
    start[0] = np.log(y.sum() / np.exp(offset).sum())
    at, _, value = maximise(likelihood, start)
    theta = float(np.exp(at[-1]))
    if theta > 1e6:
        raise FailedFit("counts vary no more than chance makes them; a Poisson model would do")
    m = np.exp(X @ at[:-1] + offset)
    covariance = np.linalg.inv((X.T * (theta * m / (m + theta))) @ X)
    return Counts(at[:-1], covariance, 1 / theta, value)


def fit_beta_binomial(successes: np.ndarray, trials: np.ndarray, covariates: np.ndarray) -> Counts:
    """Beta-binomial regression of shares, such as days abstinent of days observed, on the logit.

    p    = 1 / (1 + e^(-x'b)), a = p (1 - rho) / rho, c = (1 - p) (1 - rho) / rho
    ln L = sum(ln C(n, k) + ln B(k + a, n - k + c) - ln B(a, c))
    """
    k, n = np.asarray(successes, dtype=float), np.asarray(trials, dtype=float)
    X = np.column_stack([np.ones(len(k)), covariates])
    if k.sum() in (0.0, n.sum()):
        raise FailedFit("everyone has the same outcome")
    choose = np.sum(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))

    def likelihood(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        p, s = special.expit(X @ at[:-1]), np.exp(at[-1])
        a, c = p * s, (1 - p) * s
        value = choose + np.sum(special.betaln(k + a, n - k + c) - special.betaln(a, c))
        first = [special.digamma(k + a) - special.digamma(a),
                 special.digamma(n - k + c) - special.digamma(c)]  # fmt: skip
        both = special.digamma(n + s) - special.digamma(s)
        second = [special.polygamma(1, k + a) - special.polygamma(1, a),
                  special.polygamma(1, n - k + c) - special.polygamma(1, c)]  # fmt: skip
        whole = special.polygamma(1, n + s) - special.polygamma(1, s)
        w = p * (1 - p) * s
        by_eta = w * (first[0] - first[1])
        by_s = a * first[0] + c * first[1] - s * both
        eta_eta = w**2 * (second[0] + second[1]) + (1 - 2 * p) * by_eta
        eta_s = by_eta + w * (a * second[0] - c * second[1])
        s_s = by_s + a**2 * second[0] + c**2 * second[1] - s**2 * whole
        information = np.zeros((len(at), len(at)))
        information[:-1, :-1] = -(X.T * eta_eta) @ X
        information[:-1, -1] = information[-1, :-1] = -X.T @ eta_s
        information[-1, -1] = -s_s.sum()
        return float(value), np.append(X.T @ by_eta, by_s.sum()), information

    start = np.zeros(X.shape[1] + 1)
    start[0] = special.logit(k.sum() / n.sum())
    reach = np.concatenate([[1.0], np.ptp(X[:, 1:], axis=0)])
    at, information, value = maximise(likelihood, start, reach)
    covariance = np.linalg.inv(information)[:-1, :-1]
    return Counts(at[:-1], covariance, float(1 / (1 + np.exp(at[-1]))), value)
