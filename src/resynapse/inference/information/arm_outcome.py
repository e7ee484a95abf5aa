"""What would a trial read from one arm, and how far would chance move it?

    a = mean over people of the share of days at home without use                          1
    b = share of people without use on the last 28 days                                    1
    c = slope of a person's share of days on their belief to be in the active arm          1

c is read where people were asked for a guess. A statistic of n people has the covariance of
the people's influences on it, over n.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.inference.statistic import Arm

LAST = 28
LEAST_SPREAD = 1e-4
"""variance of beliefs below which no slope is read"""


@dataclass(frozen=True)
class ArmOutcome:
    """Statistics of an arm and what one person adds to the chance in them."""

    values: np.ndarray
    """[statistics]"""
    covariance: np.ndarray
    """of the influences of people, [statistics, statistics]; over n it is that of the values"""


def arm_outcome(arm: Arm, home: float) -> ArmOutcome:
    """The statistics of these people, at home from day ``home`` on."""
    use = np.asarray(arm.use_days, bool)
    a = 1.0 - use[:, int(np.ceil(home)) :].mean(axis=1)
    b = (~use[:, -LAST:].any(axis=1)).astype(float)
    columns = [(a.mean(), a - a.mean()), (b.mean(), b - b.mean())]
    belief = arm.table["belief"].to_numpy(float)
    if np.isfinite(belief).all():
        columns.append(_slope(belief - belief.mean(), a - a.mean()))
    values, influences = zip(*columns, strict=True)
    return ArmOutcome(np.array(values), np.atleast_2d(np.cov(np.array(influences))))


def _slope(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Least squares through the means, and the influence of each person on it."""
    variance = max(float(np.mean(x**2)), LEAST_SPREAD)
    slope = float(np.mean(x * y)) / variance
    return slope, x * (y - slope * x) / variance
