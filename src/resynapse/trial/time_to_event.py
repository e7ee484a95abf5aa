"""How many days after the origin did something happen to each person, as the trial saw it?

Nothing is seen after a person dropped out: use after that day is censored at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

EVENTS = ("lapse", "relapse", "dropout", "lapse_or_dropout", "relapse_or_dropout")
"""``lapse`` is any use; ``relapse`` is use on 7 days in a row, dated by the first use of them."""

RELAPSE_DAYS = 7
"""Consecutive days with use that make a relapse (decisions, section 8)."""


Columns = Mapping[str, Any]
"""a row a person: a table, or arrays by the names of its columns, which are read faster"""


@dataclass(frozen=True)
class TimeToEvent:
    """One row a person."""

    time: np.ndarray
    """Days from the origin to the event or to the end of observation"""
    event: np.ndarray
    """Whether the event was seen"""


def time_to_event(name: str, patients: Columns, use_days: np.ndarray) -> TimeToEvent:
    """Times to one of ``EVENTS``, from the columns of an arm's people and their days of use."""
    origin = _days(patients, "origin_day")
    dropout = _days(patients, "dropout_day", missing=np.inf)
    end = np.minimum(_days(patients, "end_day"), dropout)
    day = np.full(len(origin), np.inf)
    if name.startswith("lapse"):
        day = first_use(patients, use_days)
    if name.startswith("relapse"):
        day = _first_relapse(patients, use_days)
    if name.endswith("dropout"):
        day = np.minimum(day, dropout)
    event = (day <= end) & np.isfinite(day)
    return TimeToEvent(np.maximum(np.where(event, day, end) - origin, 0.0), event)


def first_use(patients: Columns, use_days: np.ndarray) -> np.ndarray:
    """Day of first use at or after the origin, d from entry; infinite without any."""
    return _from_the_origin(patients, use_days, "first_use_day", run=1)


def _first_relapse(patients: Columns, use_days: np.ndarray) -> np.ndarray:
    """The first day of the seven; where they begin with the first use, not before that use."""
    day = _from_the_origin(patients, use_days, "relapse_day", run=RELAPSE_DAYS)
    used = first_use(patients, use_days)
    return np.where(np.isfinite(day), np.maximum(day, used), day)


def _from_the_origin(patients: Columns, use_days: np.ndarray, column: str, run: int) -> np.ndarray:
    """The day in the table; where that came before the origin, the days of use decide."""
    day = _days(patients, column, missing=np.inf)
    origin = _days(patients, "origin_day")
    for row in np.flatnonzero(day < origin):
        start = int(np.ceil(origin[row]))
        day[row] = start + _first_run(use_days[row, start:], run)
    return day


def _first_run(used: np.ndarray, run: int) -> float:
    """Index of the first of so many consecutive days with use; infinite without any."""
    if len(used) < run:
        return np.inf
    counts = np.convolve(used > 0, np.ones(run), mode="valid")
    starts = np.flatnonzero(counts > run - 0.5)
    return float(starts[0]) if len(starts) else np.inf


def _days(patients: Columns, column: str, missing: float = np.nan) -> np.ndarray:
    days = np.array(patients[column], dtype=float)
    days[np.isnan(days)] = missing
    return days
