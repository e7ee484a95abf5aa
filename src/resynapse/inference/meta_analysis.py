"""What would a meta-analysis, which knows nothing of mechanism, forecast for the next trial?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from resynapse.evidence.study import Number

WIDTH_OF_95 = 2.0 * 1.959964


@dataclass(frozen=True)
class LogEffect:
    """A published ratio on the log scale."""

    value: float
    standard_error: float


def log_effect(number: Number) -> LogEffect:
    """From a ratio and its 95 % interval."""
    assert number.low is not None
    assert number.high is not None
    error = (math.log(number.high) - math.log(number.low)) / WIDTH_OF_95
    return LogEffect(math.log(number.value), error)


def predicted(effects: list[LogEffect]) -> tuple[float, float]:
    """Mean and standard deviation of the effect in a new study (DerSimonian and Laird 1986)."""
    y, v, tau2 = _known(effects)
    w = 1.0 / (v + tau2)
    mean = float(np.sum(w * y) / np.sum(w))
    return mean, float(math.sqrt(1.0 / np.sum(w) + tau2))


def heterogeneity(effects: list[LogEffect]) -> float:
    """tau^2, the variance between studies, of logs."""
    return _known(effects)[2]


def wider(effects: list[LogEffect]) -> tuple[float, float, int]:
    """Mean, scale and degrees of freedom of Student's t of the effect in a new study.

    Hartung, Knapp, Sidik and Jonkman: the error of the mean from the scatter of k studies, and
    never smaller than by moments.

        q = max(1, sum w (y - mean)^2 / (k - 1)),  scale^2 = q / sum w + tau^2,  k - 1
    """
    y, v, tau2 = _known(effects)
    w = 1.0 / (v + tau2)
    mean = np.sum(w * y) / np.sum(w)
    q = max(1.0, float(np.sum(w * (y - mean) ** 2)) / (len(y) - 1))
    return float(mean), float(math.sqrt(q / np.sum(w) + tau2)), len(y) - 1


def _known(effects: list[LogEffect]) -> tuple[np.ndarray, np.ndarray, float]:
    y = np.array([one.value for one in effects])
    v = np.array([one.standard_error**2 for one in effects])
    return y, v, between_studies(y, v)


def between_studies(y: np.ndarray, v: np.ndarray) -> float:
    """tau^2 by moments, not below 0; one study tells nothing of it."""
    if len(y) == 1:
        return 0.0
    w = 1.0 / v
    mean = np.sum(w * y) / np.sum(w)
    q = np.sum(w * (y - mean) ** 2)
    c = np.sum(w) - np.sum(w**2) / np.sum(w)
    return max(0.0, float((q - (len(y) - 1)) / c))
