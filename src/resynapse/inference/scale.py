"""On which scale is a statistic near to normal, and in which direction is benefit?"""

from __future__ import annotations

import numpy as np

from resynapse.evidence.study import Number
from resynapse.inference.statistic import HALF, RATIOS

Values = np.ndarray


def to_scale(measure: str, value: Values, people: float = np.inf) -> Values:
    """Ratios by their logarithm, shares by that of their cumulative hazard, ln(-ln p).

    ``people`` is the number that a share was counted among; half a person keeps it off 0 and 1.
    """
    value = np.asarray(value, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure in RATIOS:
            return np.log(value)
        if measure == "percent_difference":
            return np.log1p(value / 100.0)
        if measure == "proportion":
            inside = value
            if np.isfinite(people):
                inside = (value * people + HALF) / (people + 2.0 * HALF)
            return np.log(-np.log(inside))
    return value


def from_scale(measure: str, value: Values) -> Values:
    """The inverse of ``to_scale``."""
    value = np.asarray(value, float)
    if measure in RATIOS:
        return np.exp(value)
    if measure == "percent_difference":
        return 100.0 * np.expm1(value)
    if measure == "proportion":
        return np.exp(-np.exp(value))
    return value


def benefit(number: Number) -> float:
    """Sign of the scale when use rises: +1 for hazards and craving, -1 for abstinence."""
    falls = number.endpoint.startswith(("abstinen", "last_two", "days_abst"))
    if number.measure in ("hazard_ratio", "log_survival_ratio", "proportion"):
        return 1.0
    return -1.0 if falls else 1.0


def is_log(measure: str) -> bool:
    """Whether the scale is that of a log effect."""
    return measure in (*RATIOS, "percent_difference")
