"""How does the hazard of an event depend on arm and covariates?

Cox's partial likelihood for any number of covariates, with strata, delayed entry and intervals
(the counting process), weights, ties by Efron or Breslow, and variances robust to people who
contribute several rows. Two arms alone are faster through ``hazard_ratio``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.newton import maximise
from resynapse.trial.analysis.risk_set import RiskSets, risk_sets

TIES: Final = ("efron", "breslow")


@dataclass(frozen=True)
class Terms:
    """One term for every event: the weighted mean and variance of covariates among those at risk.

    Of d tied events, Efron's term l = 0 .. d-1 takes the share l/d of the tied out of the risk set.
    """

    moment: np.ndarray
    """Of each term"""
    share: np.ndarray
    """l/d; 0 with Breslow"""
    weight: np.ndarray
    """Mean weight of the tied"""
    S0: np.ndarray
    mean: np.ndarray
    """[terms, p]"""
    variance: np.ndarray
    """[terms, p, p]"""


@dataclass(frozen=True)
class Cox:
    """A fitted proportional-hazards model."""

    coefficients: np.ndarray
    """ln of the ratio of hazards for one unit of each covariate"""
    covariance: np.ndarray
    """The inverse information, or robust where people are given"""
    naive_covariance: np.ndarray
    """The inverse information"""
    log_likelihood: float
    null_log_likelihood: float
    score_statistic: float
    """Chi-square of the score test of no effect, p degrees of freedom"""
    data: CoxData


@dataclass(frozen=True)
class CoxData:
    """What the partial likelihood is made of; covariates are centred."""

    sets: RiskSets
    X: np.ndarray
    weights: np.ndarray
    ties: str

    @cached_property
    def substeps(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Moment, share of ties and weight of every term."""
        tied = self.sets.tied
        moment = np.repeat(np.arange(len(tied)), tied)
        within = np.arange(len(moment)) - np.repeat(np.cumsum(tied) - tied, tied)
        share = within / tied[moment] if self.ties == "efron" else np.zeros(len(moment))
        weight = (self.sets.event_sums(self.weights) / tied)[moment]
        return moment, share, weight

    @cached_property
    def products(self) -> np.ndarray:
        """1, x and x x' of every row, side by side: [rows, 1 + p + p p]."""
        n, p = self.X.shape
        squares = (self.X[:, :, None] * self.X[:, None, :]).reshape(n, p * p)
        return np.concatenate([np.ones((n, 1)), self.X, squares], axis=1)

    def terms(self, b: np.ndarray) -> Terms:
        """The terms at coefficients b.

        S_0, S_1, S_2 = sum over those at risk of w e^(b'x) (1, x, x x')
        mean          = S_1 / S_0
        variance      = S_2 / S_0 - mean mean'
        """
        p = self.X.shape[1]
        moment, share, weight = self.substeps
        weighted = (self.weights * np.exp(self.X @ b))[:, None] * self.products
        S = self.sets.sums(weighted)[moment]
        if share.any():
            S = S - share[:, None] * self.sets.event_sums(weighted)[moment]
        mean = S[:, 1 : p + 1] / S[:, :1]
        second = (S[:, p + 1 :] / S[:, :1]).reshape(-1, p, p)
        variance = second - mean[:, :, None] * mean[:, None, :]
        return Terms(moment, share, weight, S[:, 0], mean, variance)

    def log_likelihood(self, b: np.ndarray, terms: Terms) -> float:
        """sum(w b'x over events) - sum(weight ln S_0 over terms)."""
        event = self.sets.event
        linear = self.weights[event] @ (self.X[event] @ b)
        return float(linear - terms.weight @ np.log(terms.S0))

    def likelihood(self, b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """ln L, score and information at coefficients b."""
        terms = self.terms(b)
        return self.log_likelihood(b, terms), self.score(terms), self.information(terms)

    def score(self, terms: Terms) -> np.ndarray:
        """sum(w x over events) - sum(weight mean over terms)."""
        event = self.sets.event
        return self.weights[event] @ self.X[event] - terms.weight @ terms.mean

    def information(self, terms: Terms) -> np.ndarray:
        """sum(weight variance over terms)."""
        return np.tensordot(terms.weight, terms.variance, axes=1)


def fit_cox(
    stop: np.ndarray,
    event: np.ndarray,
    covariates: np.ndarray,
    *,
    start: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    person: np.ndarray | None = None,
    ties: str = "efron",
) -> Cox:
    """The model for covariates [rows, p].

    A row is at risk in (start, stop]. With ``person`` the variance is robust to rows of the same
    person (Lin and Wei 1989). Raises FailedFit where no finite maximum exists.
    """
    X = np.asarray(covariates, dtype=float)
    weights = np.ones(len(X)) if weights is None else np.asarray(weights, dtype=float)
    data = CoxData(risk_sets(stop, event, start, stratum), X - X.mean(axis=0), weights, ties)
    if not data.sets.event.any():
        raise FailedFit("no one had the event")
    null = data.terms(np.zeros(X.shape[1]))
    score, information = data.score(null), data.information(null)
    _require_contrast(information, data.X)
    b, found, log_likelihood = maximise(data.likelihood, np.zeros(X.shape[1]), np.ptp(X, axis=0))
    terms, naive = data.terms(b), np.linalg.inv(found)
    covariance = naive if person is None else robust_covariance(data, b, terms, naive, person)
    return Cox(
        b,
        covariance,
        naive,
        log_likelihood,
        data.log_likelihood(np.zeros(len(b)), null),
        float(score @ np.linalg.solve(information, score)),
        data,
    )


def _require_contrast(information: np.ndarray, X: np.ndarray) -> None:
    spread = np.sqrt(np.maximum(X.var(axis=0), 1e-300))
    scaled = information / np.outer(spread, spread)
    if np.linalg.eigvalsh(scaled)[0] < 1e-9 * max(np.trace(scaled), 1e-300):
        raise FailedFit("a covariate does not vary among those at risk, or is a sum of the others")


def score_residuals(data: CoxData, b: np.ndarray, terms: Terms) -> np.ndarray:
    """What each row adds to the score: [rows, p].

    residual = event (x - mean) - e^(b'x) sum over terms at risk (x - mean) weight / S_0,
    of which a tied event counts 1 - l/d.
    """
    sets, rate = data.sets, terms.weight / terms.S0
    size = len(sets.time)

    def by_moment(values: np.ndarray) -> np.ndarray:
        columns = values.reshape(len(values), -1).T
        return np.stack([np.bincount(terms.moment, column, size) for column in columns], axis=1)

    hazard, drift = by_moment(rate), by_moment(rate[:, None] * terms.mean)
    r = np.exp(data.X @ b)[:, None]
    residual = -r * (data.X * sets.over(hazard) - sets.over(drift))
    event, moment = sets.event, sets.moment
    mean = (by_moment(terms.mean) / sets.tied[:, None])[moment]
    spared = by_moment(terms.share * rate)[moment]
    drift = by_moment((terms.share * rate)[:, None] * terms.mean)[moment]
    residual[event] += data.X[event] - mean + r[event] * (data.X[event] * spared - drift)
    return residual


def robust_covariance(
    data: CoxData, b: np.ndarray, terms: Terms, naive: np.ndarray, person: np.ndarray
) -> np.ndarray:
    """naive (sum over people of u u') naive, u the weighted score residuals of a person."""
    weighted = data.weights[:, None] * score_residuals(data, b, terms)
    _, place = np.unique(person, return_inverse=True)
    u = np.stack([np.bincount(place, column) for column in weighted.T], axis=1)
    return naive @ (u.T @ u) @ naive
