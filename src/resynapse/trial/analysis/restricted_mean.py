"""How many days without the event does a person have, of the first so many?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.kaplan_meier import kaplan_meier


@dataclass(frozen=True)
class RestrictedMean:
    """The mean time without the event up to a horizon, in the unit of the times."""

    value: float
    standard_error: float


def restricted_mean(time: np.ndarray, event: np.ndarray, horizon: float) -> RestrictedMean:
    """Area under the Kaplan-Meier curve up to the horizon, with Greenwood's error.

    value    = integral of S from 0 to horizon
    variance = sum over events of (integral of S from t to horizon)^2 d / (n (n - d))

    Raises FailedFit where everyone had left, without the last event, before the horizon.
    """
    curve = kaplan_meier(time, event)
    last, ended = curve.observed[-1], bool(curve.survival[-1] == 0.0)
    if horizon > last and not ended:
        raise FailedFit(
            f"no one was followed to the horizon of {horizon:g}; the last time is {last:g}. "
            "Choose a horizon up to which people are followed in every arm"
        )
    inside = curve.time < horizon
    knots = np.concatenate([[0.0], curve.time[inside], [horizon]])
    S = np.concatenate([[1.0], curve.survival[inside]])
    pieces = S * np.diff(knots)
    beyond = np.cumsum(pieces[::-1])[::-1][1:]
    t = curve.time[inside]
    n, d = curve.at_risk(t), np.diff(curve.events(t), prepend=0)
    terms = np.where(n > d, beyond**2 * d / (n * np.maximum(n - d, 1.0)), 0.0)
    return RestrictedMean(float(pieces.sum()), float(np.sqrt(terms.sum())))


def stratified_difference(
    time: np.ndarray, event: np.ndarray, treated: np.ndarray, stratum: np.ndarray, horizon: float
) -> RestrictedMean:
    """Difference of restricted means, treated less others, within strata.

    n, m     = people of each arm in a stratum; strata of one arm only are left out
    w        = n m / (n + m)
    value    = sum(w difference) / sum(w)
    variance = v + v_other, as in ``variance_within``

    Raises FailedFit where an arm of a stratum was not followed to the horizon, no stratum holds
    both arms, or an arm has no more people than strata.
    """
    n, gap, error = [], [], []
    for one in np.unique(stratum):
        arms = [(stratum == one) & (treated == arm) for arm in (True, False)]
        if all(arm.any() for arm in arms):
            try:
                mean, other = (restricted_mean(time[arm], event[arm], horizon) for arm in arms)
            except FailedFit as failure:
                raise FailedFit(f"of an arm in one stratum, {failure}") from None
            n.append([arm.sum() for arm in arms])
            gap.append(mean.value - other.value)
            error.append([mean.standard_error, other.standard_error])
    if not n:
        raise FailedFit("no stratum holds people of both arms")
    people, errors = np.array(n, dtype=float).T, np.array(error).T
    w = people.prod(axis=0) / people.sum(axis=0)
    variance = sum(variance_within(*arm, w) for arm in zip(people, errors, strict=True))
    if np.isnan(variance):
        raise FailedFit("an arm has no more people than strata, which tells nothing of its spread")
    return RestrictedMean(float(w @ gap / w.sum()), float(np.sqrt(variance)))


def variance_within(n: np.ndarray, error: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Squared error of an arm's weighted mean over strata [..., strata]; NaN where there is none.

    N, S     = sum(n), number of strata with weight
    s^2      = sum(n^2 error^2) / N (N - 1) / (N - S)
    variance = s^2 sum(w^2 / n) / sum(w)^2

    Greenwood's squared error is too small by 1 / n, and none of one person: the spread is taken
    over all strata of an arm, as ``mean_difference`` does, with the degrees of freedom that
    strata after the first take. With one stratum it is Greenwood's.
    """
    there = w > 0
    n, n_2 = np.where(there, n, 0.0), np.where(there, (n * error) ** 2, 0.0)
    N, S = n.sum(axis=-1), np.count_nonzero(there, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(S == 1, 1.0, np.where(N > S, (N - 1) / (N - S), np.nan))
        s_2 = n_2.sum(axis=-1) / N * lost
        return s_2 * np.where(there, w**2 / n, 0.0).sum(axis=-1) / w.sum(axis=-1) ** 2
