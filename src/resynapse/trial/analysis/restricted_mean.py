"""How many days without the event does a person have, of the first so many?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.kaplan_meier import kaplan_meier


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
