"""How far do two arms lie apart in standard deviations, as a meta-analysis tells it?"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from resynapse.trial.estimate import Z

if TYPE_CHECKING:
    from resynapse.trial.result import PublishedValue, Result

MEASURES = ("hedges_g", "cohens_d", "standardised_mean_difference")
SCORE = re.compile(r"depression score on day (\d+)")
"""A pool of scales; in standard deviations the MADRS may stand for each"""


def apart(result: Result, value: PublishedValue) -> tuple[float, float, float] | None:
    """Arm less reference over the standard deviation of both; None where the run has no such score.

    d         = (m_1 - m_2) / sqrt((s_1^2 + s_2^2) / 2)                  SD
    error     = sqrt(1 / n_1 + 1 / n_2 + d^2 / (2 (n_1 + n_2)))          SD
    low, high = d -+ Z error                                             SD
    """
    found = SCORE.fullmatch(value.endpoint)
    column = f"mood_madrs_day_{found[1]}" if found else value.endpoint
    first, second = (_scores(result, id, column) for id in (value.arm, value.reference))
    if first is None or second is None or min(first.size, second.size) < 2:
        return None
    spread = math.sqrt(0.5 * (float(np.var(first, ddof=1)) + float(np.var(second, ddof=1))))
    if spread == 0.0:
        return None
    d, n, m = float(first.mean() - second.mean()) / spread, first.size, second.size
    error = math.sqrt(1.0 / n + 1.0 / m + d * d / (2.0 * (n + m)))
    return d, d - Z * error, d + Z * error


def _scores(result: Result, arm: str | None, column: str) -> np.ndarray | None:
    if arm not in result.arms or column not in result.arms[arm].patients:
        return None
    parts = [part[column].to_numpy(float) for part in result.arms[arm].tables((column,))]
    values = np.concatenate(parts)
    return values[~np.isnan(values)]
