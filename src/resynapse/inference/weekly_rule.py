"""Who relapsed by a trial's own rule that counts weeks with use or missing, in simulated people?

No endpoint of a run: such a rule needs to be told which weeks it looks at and what missing means.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

FOUR_WEEKS = "four weeks in a row with use or missing, or seven days, weeks 3 to 24"
"""Lee 2018's rule (abstract); that missing counts as use is CTNote's reading of it (secondary)"""
WEEKS, FIRST, RUN, DAYS = 24, 3, 4, 7


def is_weekly_rule(endpoint: str) -> bool:
    """Whether this is a rule of that kind."""
    return endpoint == FOUR_WEEKS


def relapsed_by_weeks(table: pd.DataFrame, use_days: np.ndarray) -> np.ndarray:
    """Whether each person relapsed, [people]; ``use_days`` [people, days from entry].

    Weeks count from entry, which is randomisation in X:BOT. A week is bad where there is any use in
    it, or where the person has left before its end. Seven days of use in a row count where all of
    them lie in weeks 3 to 24: so the abstract; CTNote (secondary) begins at day 21.
    """
    ends = np.arange(1, WEEKS + 1) * DAYS
    used = np.stack([np.any(use_days[:, d - DAYS : d], axis=1) for d in ends], axis=1)
    left = table["dropout_day"].fillna(np.inf).to_numpy(float)
    bad = (used | (left[:, None] < ends))[:, FIRST - 1 :]
    days = np.asarray(use_days[:, (FIRST - 1) * DAYS : ends[-1]], bool)
    return _in_a_row(bad, RUN) | _in_a_row(days, DAYS)


def _in_a_row(hit: np.ndarray, run: int) -> np.ndarray:
    """Whether each row of ``hit``, [people, times], has ``run`` hits in a row, [people]."""
    windows = np.lib.stride_tricks.sliding_window_view(hit, run, axis=1)
    return np.any(np.all(windows, axis=2), axis=1)
