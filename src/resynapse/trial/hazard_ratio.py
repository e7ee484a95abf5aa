"""How many times as fast does it happen in one arm as in another?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.estimate import Z

LONGEST_STEP = 1.0
"""On the log scale; within it Newton's step on this score always comes closer to the root."""
CLOSE_ENOUGH = 1e-10
"""A last step this short moves a ratio by less than its tenth digit."""
MOST_STEPS = 200


@dataclass(frozen=True)
class HazardRatio:
    """Treated against reference; None with a reason where the data hold no finite ratio."""

    value: float | None
    low: float | None
    high: float | None
    reason: str | None = None


@dataclass(frozen=True)
class _Terms:
    """One term for every event: those at risk in both arms, with Efron's share of ties."""

    treated_events: int
    log_odds: np.ndarray
    """ln(treated at risk / reference at risk), where both arms are"""
    only_treated: int
    """Events when nobody of the reference arm was at risk: they say nothing about the ratio"""


def hazard_ratio(time: np.ndarray, event: np.ndarray, treated: np.ndarray) -> HazardRatio:
    """Cox's partial likelihood for two arms, ties by Efron, Wald interval on the log scale.

    p           = n_1 e^b / (n_0 + n_1 e^b)          1, one for every event
    score       = sum(d_1) - sum(p)                  1
    information = sum(p (1 - p))                     1
    ratio       = e^b where score = 0                1
    low, high   = e^(b -+ Z / sqrt(information))     1
    """
    event, treated = np.asarray(event, dtype=bool), np.asarray(treated, dtype=bool)
    terms = _terms(np.asarray(time, dtype=float), event, treated)
    reason = _why_not(terms, event, treated)
    if reason is not None:
        return HazardRatio(None, None, None, reason)
    b = 0.0
    for _ in range(MOST_STEPS):
        p = special.expit(b + terms.log_odds)
        score = terms.treated_events - terms.only_treated - np.sum(p)
        information = np.sum(p * (1 - p))
        step = float(np.clip(score / information, -LONGEST_STEP, LONGEST_STEP))
        b += step
        if abs(step) < CLOSE_ENOUGH:
            half = Z / math.sqrt(information)
            return HazardRatio(math.exp(b), math.exp(b - half), math.exp(b + half))
    return HazardRatio(None, None, None, f"no convergence in {MOST_STEPS} steps")


def _terms(time: np.ndarray, event: np.ndarray, treated: np.ndarray) -> _Terms:
    """Those at risk at each event; of d tied events, number l counts (d - l) / d of the tied."""
    moments, place, d = np.unique(time[event], return_inverse=True, return_counts=True)
    d_1 = np.bincount(place, weights=treated[event], minlength=len(moments))
    at_risk_1 = _at_risk(time[treated], moments)
    at_risk_0 = _at_risk(time[~treated], moments)
    repeat = np.repeat(np.arange(len(moments)), d)
    share = (np.arange(len(repeat)) - (np.cumsum(d) - d)[repeat]) / d[repeat]
    n_1 = at_risk_1[repeat] - share * d_1[repeat]
    n_0 = at_risk_0[repeat] - share * (d - d_1)[repeat]
    both = (n_1 > 0) & (n_0 > 0)
    return _Terms(
        treated_events=int(d_1.sum()),
        log_odds=np.log(n_1[both] / n_0[both]),
        only_treated=int(np.count_nonzero(n_0 <= 0)),
    )


def _at_risk(time: np.ndarray, moments: np.ndarray) -> np.ndarray:
    return len(time) - np.searchsorted(np.sort(time), moments, side="left")


def _why_not(terms: _Terms, event: np.ndarray, treated: np.ndarray) -> str | None:
    """The score falls with b between two limits; a finite root needs zero between them."""
    if not event.any():
        return "no one had the event"
    if not treated.any() or treated.all():
        return "one of the two arms is empty"
    if not (event & treated).any():
        return "no one in this arm had the event"
    if not (event & ~treated).any():
        return "no one in the reference arm had the event"
    compared = terms.treated_events - terms.only_treated
    if not 0 < compared < len(terms.log_odds):
        return "the arms were never at risk together in a way that bounds the ratio"
    return None
