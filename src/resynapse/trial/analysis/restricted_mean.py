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
    variance = sum(w^2 variance of the difference) / sum(w)^2

    Raises FailedFit where an arm of a stratum was not followed to the horizon, or no stratum holds
    both arms.
    """
    total = value = variance = 0.0
    for one in np.unique(stratum):
        arms = [(stratum == one) & (treated == arm) for arm in (True, False)]
        n, m = (int(arm.sum()) for arm in arms)
        if n and m:
            w = n * m / (n + m)
            mean, other = (restricted_mean(time[arm], event[arm], horizon) for arm in arms)
            total += w
            value += w * (mean.value - other.value)
            variance += w**2 * (mean.standard_error**2 + other.standard_error**2)
    if total == 0.0:
        raise FailedFit("no stratum holds people of both arms")
    return RestrictedMean(value / total, float(np.sqrt(variance)) / total)
