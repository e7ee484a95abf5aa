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
    y = np.array([one.value for one in effects])
    v = np.array([one.standard_error**2 for one in effects])
    tau2 = between_studies(y, v)
    w = 1.0 / (v + tau2)
    mean = float(np.sum(w * y) / np.sum(w))
    return mean, float(math.sqrt(1.0 / np.sum(w) + tau2))


def between_studies(y: np.ndarray, v: np.ndarray) -> float:
    """tau^2 by moments, not below 0."""
    w = 1.0 / v
    mean = np.sum(w * y) / np.sum(w)
    q = np.sum(w * (y - mean) ** 2)
    c = np.sum(w) - np.sum(w**2) / np.sum(w)
    return max(0.0, float((q - (len(y) - 1)) / c))
