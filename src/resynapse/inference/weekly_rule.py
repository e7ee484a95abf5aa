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
    it, or where the person has left before its end. Seven days of use in a row count where they
    begin by the end of the last week, in weeks 1 and 2 too: more than the abstract's rule.
    """
    ends = np.arange(1, WEEKS + 1) * DAYS
    used = np.stack([np.any(use_days[:, d - DAYS : d], axis=1) for d in ends], axis=1)
    left = table["dropout_day"].fillna(np.inf).to_numpy(float)
    bad = (used | (left[:, None] < ends))[:, FIRST - 1 :]
    windows = np.lib.stride_tricks.sliding_window_view(bad, RUN, axis=1)
    seven = table["relapse_day"].fillna(np.inf).to_numpy(float)
    in_a_row = np.any(np.all(windows, axis=2), axis=1)
    return np.asarray(in_a_row | (seven <= ends[-1]))
