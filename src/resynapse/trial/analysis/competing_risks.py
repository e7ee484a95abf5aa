"""How often does one event happen, where another may come first and end the wait?

Causes are numbered: 0 censored, 1 and more the events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.newton import maximise
from resynapse.trial.analysis.risk_set import RiskSets, risk_sets
from resynapse.trial.kaplan_meier import checked


@dataclass(frozen=True)
class CumulativeIncidence:
    """Share of people who had the event of a cause by each time (Aalen and Johansen)."""

    time: np.ndarray
    share: np.ndarray
    error: np.ndarray

    def at(self, times: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Share and standard error at these times; 0 before the first event."""
        place = np.searchsorted(self.time, times, side="right")
        return np.append(0.0, self.share)[place], np.append(0.0, self.error)[place]


def cumulative_incidence(time: np.ndarray, cause: np.ndarray, of: int) -> CumulativeIncidence:
    """The estimate for one cause, with Aalen's variance as cmprsk prints it.

    n, d, d_k = number at risk, events of any cause, events of this cause
    S         = prod(1 - d / n), just before each time in F
    F         = sum(S d_k / n)
    variance  = sum over times s up to t of
                ((F(t) - F(s)) / (1 - d/n) - S)^2 v(d_k) + ((F(t) - F(s)) / (1 - d/n))^2 v(d - d_k)
    v(d)      = d (n - d) / (n^2 (n - 1))
    """
    cause = np.asarray(cause)
    time, event = checked(time, cause > 0)
    sets = risk_sets(time, event)
    n, d = sets.sums(np.ones(len(time))), sets.tied
    d_k = sets.event_sums((cause == of).astype(float))
    S = np.cumprod(1.0 - d / n)
    before = np.concatenate([[1.0], S[:-1]])
    F = np.cumsum(before * d_k / n)
    v = [one * (n - one) / (n**2 * np.maximum(n - 1, 1)) for one in (d_k, d - d_k)]
    left = np.where(S > 0, before / np.where(S > 0, S, 1.0), 0.0)
    beyond = np.tril(F[:, None] - F[None, :]) * left
    reached = np.tril(np.ones((len(F), len(F))))
    variance = ((beyond - reached * before) ** 2) @ v[0] + beyond**2 @ v[1]
    return CumulativeIncidence(sets.time, F, np.sqrt(variance))


@dataclass(frozen=True)
class FineGray:
    """A proportional model for the hazard of the subdistribution of one cause."""

    coefficients: np.ndarray
    covariance: np.ndarray
    """Robust, with the error of the estimated censoring distribution (Fine and Gray 1999)"""
    log_likelihood: float
    null_log_likelihood: float


@dataclass(frozen=True)
class _Weighted:
    """Risk sets in which people with another event stay, with weight G(t-) / G(T-)."""

    sets: RiskSets
    X: np.ndarray
    G: np.ndarray
    """Share not yet censored just before each moment"""
    stays: np.ndarray
    """1 / G(T-) for people with another event, else 0"""

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Weighted sum over those at risk at each moment: [rows, k] to [moments, k]."""
        kept = self.stays[:, None] * values
        size = len(self.sets.time) + 1
        left = np.stack([np.bincount(self.sets.last, one, size) for one in kept.T], axis=1)
        return self.sets.sums(values) + self.G[:, None] * np.cumsum(left, axis=0)[:-1]

    def parts(self, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """S_0 [moments], mean [moments, p], variance [moments, p, p]."""
        n, p = self.X.shape
        squares = (self.X[:, :, None] * self.X[:, None, :]).reshape(n, p * p)
        columns = np.concatenate([np.ones((n, 1)), self.X, squares], axis=1)
        S = self.sums(np.exp(self.X @ b)[:, None] * columns)
        mean = S[:, 1 : p + 1] / S[:, :1]
        second = (S[:, p + 1 :] / S[:, :1]).reshape(-1, p, p)
        return S[:, 0], mean, second - mean[:, :, None] * mean[:, None, :]

    def likelihood(self, b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """ln L, score and information; ties by Breslow, as in cmprsk."""
        S0, mean, variance = self.parts(b)
        tied, event = self.sets.tied, self.sets.event
        value = (self.X[event] @ b).sum() - tied @ np.log(S0)
        score = self.X[event].sum(axis=0) - tied @ mean
        return float(value), score, np.tensordot(tied, variance, axes=1)


def fit_fine_gray(
    time: np.ndarray, cause: np.ndarray, covariates: np.ndarray, of: int = 1
) -> FineGray:
    """Fine and Gray's model (JASA 1999; 94: 496-509) of the cause ``of``."""
    cause, X = np.asarray(cause), np.asarray(covariates, dtype=float)
    time, _ = checked(time, cause > 0)
    if not np.any(cause == of):
        raise FailedFit("no one had the event")
    sets = risk_sets(time, cause == of)
    X = X - X.mean(axis=0)
    censoring = risk_sets(time, cause == 0)
    G = _not_censored_before(censoring, time, sets.time)
    other = (cause > 0) & (cause != of)
    stays = np.where(other, 1.0 / _not_censored_before(censoring, time, time), 0.0)
    model = _Weighted(sets, X, G, stays)
    b, information, value = maximise(model.likelihood, np.zeros(X.shape[1]), np.ptp(X, axis=0))
    u = _influence(model, b) + _of_censoring(model, b, censoring)
    inverse = np.linalg.inv(information)
    null = model.likelihood(np.zeros(len(b)))[0]
    return FineGray(b, inverse @ (u.T @ u) @ inverse, value, null)


def _not_censored_before(censoring: RiskSets, time: np.ndarray, at: np.ndarray) -> np.ndarray:
    share = np.cumprod(1.0 - censoring.tied / censoring.sums(np.ones(len(time))))
    return np.append(1.0, share)[np.searchsorted(censoring.time, at, side="left")]


def _influence(model: _Weighted, b: np.ndarray) -> np.ndarray:
    """eta_i = (x - mean) at the event - r sum over moments w (x - mean) dLambda."""
    S0, mean, _ = model.parts(b)
    step = (model.sets.tied / S0)[:, None]
    r = np.exp(model.X @ b)[:, None]
    rise, drift = model.sets.over(step), model.sets.over(step * mean)
    eta = -r * (model.X * rise - drift)
    after = [_from(model.G[:, None] * one)[model.sets.last] for one in (step, step * mean)]
    eta -= r * model.stays[:, None] * (model.X * after[0] - after[1])
    eta[model.sets.event] += model.X[model.sets.event] - mean[model.sets.moment]
    return eta


def _of_censoring(model: _Weighted, b: np.ndarray, censoring: RiskSets) -> np.ndarray:
    """psi_i = q / n at the time of censoring - sum over moments of censoring q / n dLambda_c.

    q(u) = sum over people with another event before u of r / G(T-) sum_{s>=u} G (x - mean) dLambda
    """
    S0, mean, _ = model.parts(b)
    step = (model.sets.tied / S0)[:, None]
    place = np.searchsorted(model.sets.time, censoring.time, side="left")
    later = [_from(model.G[:, None] * one)[place] for one in (step, step * mean)]
    kept = (model.stays * np.exp(model.X @ b))[:, None] * np.hstack(
        [np.ones((len(model.X), 1)), model.X]
    )
    size = len(censoring.time) + 1
    left = [np.bincount(censoring.last, one, size) for one in kept.T]
    before = np.cumsum(left, axis=1).T[:-1]
    q = before[:, 1:] * later[0] - before[:, :1] * later[1]
    n = censoring.sums(np.ones(len(model.X)))[:, None]
    psi = -censoring.over(q / n * (censoring.tied[:, None] / n))
    psi[censoring.event] += (q / n)[censoring.moment]
    return psi


def _from(moments: np.ndarray) -> np.ndarray:
    """Sum from each moment on: [moments + 1, k], 0 at the end."""
    total = np.cumsum(moments[::-1], axis=0)[::-1]
    return np.concatenate([total, np.zeros_like(total[:1])])
