"""What share of each month was a person abstinent, as far as the trial saw them?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from resynapse.trial.endpoint_name import MONTH_DAYS, Endpoint

MOST_MONTHS = 6


def shares_by_month(
    variable: Endpoint, patients: pd.DataFrame, use_days: np.ndarray, until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """[people, months] Percent of days without use, NaN in months that are not seen to their end.

    The time that the variable is read over is cut into months, at most six of equal length; a
    person is seen ``until`` a day from entry. Also the weight of each month in the whole time.
    """
    start, end = _span(variable, patients)
    count = int(np.clip(round((end - start) / MONTH_DAYS), 1, MOST_MONTHS))
    edges = np.round(np.linspace(start, end, count + 1)).astype(int)
    used = (use_days > 0).astype(float)
    shares = [100.0 * (1.0 - used[:, a:b].mean(axis=1)) for a, b in pairwise(edges)]
    seen = until[:, None] >= edges[None, 1:]
    days = np.diff(edges)
    return np.where(seen, np.column_stack(shares), np.nan), days / days.sum()


def _span(variable: Endpoint, patients: pd.DataFrame) -> tuple[float, float]:
    """First and last whole day that count, the same for everybody of an arm."""
    first = patients.iloc[0]
    end = min(first["origin_day"] + (variable.horizon or np.inf), first["end_day"])
    return float(np.ceil(max(first["origin_day"], first["community_day"]))), float(np.floor(end))
