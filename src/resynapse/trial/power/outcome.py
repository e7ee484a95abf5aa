"""What would each person show in the trial, and what really happened to them?

The trial sees people until they leave. The simulator goes on, so it also knows what would have
been seen had everybody been followed: the true value that an estimator is held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from resynapse.trial.endpoint import share_abstinent, told
from resynapse.trial.endpoint_name import Endpoint, parse
from resynapse.trial.testable import kind
from resynapse.trial.time_to_event import time_to_event


@dataclass(frozen=True)
class Outcome:
    """One endpoint of the people of an arm, a row a person.

    Of a time to an event: the time, d, and whether it was seen. Of any other endpoint: the value,
    NaN where the trial has none, and the day from entry on which it is known.
    """

    seen: np.ndarray
    """Time, or value, in the trial"""
    event: np.ndarray
    """Whether the event was seen; for a value, whether there is one"""
    whole: np.ndarray
    """Time, or value, had nobody left"""
    whole_event: np.ndarray
    learned: np.ndarray | None = None
    """Of a time that the trial learns at visits: the time at which it knows, d; None: at once"""
    before: np.ndarray | None = None
    """Time to which it had followed the person until then, d"""
    stratum: np.ndarray | None = None
    """By number, in which stratum of its trial each person is analysed; None without strata"""

    def __len__(self) -> int:
        return len(self.seen)

    def some(self, rows: np.ndarray) -> Outcome:
        """These people; rows of any shape."""
        parts = (getattr(self, one.name) for one in fields(self))
        return Outcome(*(None if part is None else part[rows] for part in parts))

    @property
    def if_whole(self) -> Outcome:
        """The same people, had nobody left."""
        return Outcome(self.whole, self.whole_event, self.whole, self.whole_event)


def higher_is_better(endpoint: str) -> bool:
    """Whether more of it is a benefit: abstinence and retention yes, scales and use no."""
    return parse(endpoint).kind in ("abstinence", "retention", "last_weeks", "days_abstinent")


def outcome(endpoint: str, patients: pd.DataFrame, use_days: np.ndarray) -> Outcome:
    """The endpoint of these people: ``patients`` and ``use_days`` have a row a person."""
    asked = parse(endpoint)
    stayed = patients.assign(dropout_day=np.nan)
    if kind(endpoint) == "time":
        leaving = "dropout" in asked.subject
        tables = (patients, patients if leaving else stayed)
        (time, event), (whole, whole_event) = (times(asked, table, use_days) for table in tables)
        return Outcome(time, event, whole, whole_event)
    leaving = asked.kind == "retention"
    value = _values(asked, patients, use_days)
    whole = value if leaving else _values(asked, stayed, use_days)
    return Outcome(value, ~np.isnan(value), whole, ~np.isnan(whole))


def times(
    asked: Endpoint, patients: pd.DataFrame, use_days: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Time to the event of an endpoint and whether it was seen; censored at its horizon."""
    found = time_to_event(asked.subject, patients, use_days)
    end = np.inf if asked.horizon is None else asked.horizon
    return np.minimum(found.time, end), found.event & (found.time <= end)


def _values(asked: Endpoint, patients: pd.DataFrame, use_days: np.ndarray) -> np.ndarray:
    if asked.kind == "days_abstinent":
        return 100.0 * share_abstinent(asked, patients, use_days)
    value = told(asked.name, patients, use_days).values.astype(float)
    if asked.kind == "scale":
        left = patients["dropout_day"].to_numpy(dtype=float) < asked.horizon
        value = np.where(left, np.nan, value)
    return value


def joined(parts: Sequence[Outcome]) -> Outcome:
    """The people of all parts, in order."""
    columns = ([getattr(part, one.name) for part in parts] for one in fields(Outcome))
    return Outcome(*(None if c[0] is None else np.concatenate(c) for c in columns))
