"""Which visits does each person attend, and what is written down there?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.trial.measurement import reported, urine_positive
from resynapse.trial.seen import Run
from resynapse.trial.streams import Draw

SCALE = re.compile(r"(craving_vas|mood_madrs|mood_hamd17|withdrawal_cows)_day_(\d+(?:\.\d+)?)")
POSITIVE, NEGATIVE, MISSING = "+", "-", "o"


@dataclass(frozen=True)
class VisitCourse:
    """Visits of people, a row a person and a column a visit that was due, by its day."""

    due: np.ndarray
    """Day from entry of each visit"""
    day: np.ndarray
    """When each took place, or would have"""
    reason: np.ndarray
    """Why not: ``missed``, ``incarcerated``, ``dropped out``, ``died``; empty where attended"""
    positive: np.ndarray
    """What the urine would show"""
    told: np.ndarray
    """[people, days]: 1 for use that people tell when asked"""

    @property
    def attended(self) -> np.ndarray:
        """[people, visits]"""
        return self.reason == ""


def visit_course(run: Run) -> VisitCourse:
    """Which visits people attend, what a urine shows there, and which use they tell."""
    due, how = _due(run)[0], run.how
    place = _Place.of(run, due)
    return VisitCourse(
        due,
        place.day,
        place.reason,
        urine_positive(run.use_days, place.day, how.urine, run.streams.of(Draw.URINE)),
        reported(
            run.use_days, how.follow_back, how.visits.every_days, run.streams.of(Draw.FOLLOW_BACK)
        ),
    )


def visits_table(run: Run) -> pd.DataFrame:
    """A row a person and visit that was due up to the end of follow-up, by person, then visit.

    ``day`` is when a visit took place, within its window; of a missed one there is none.
    ``reason`` says why: ``missed``, ``incarcerated``, ``dropped out``, ``died``. Scales stand where
    the protocol measures them, and are missing with the visit.
    """
    (due, scales), course = _due(run), visit_course(run)
    attended, day = course.attended, course.day
    urine = np.where(course.positive, POSITIVE, NEGATIVE)
    weekly = np.isin(due, weekly_days(run))
    table = {
        "person": np.repeat(run.patients["patient"].to_numpy(), len(due)),
        "arm": np.repeat(np.array(run.outcomes.arms, dtype=object)[run.arm], len(due)),
        "visit": np.tile(np.arange(1, len(due) + 1), len(run.chosen)),
        "due_day": np.tile(due, len(run.chosen)),
        "day": np.where(attended, day, np.nan).ravel(),
        "attended": attended.ravel().astype(int),
        "reason": course.reason.ravel(),
        "urine": np.where(weekly, np.where(attended, urine, MISSING), "_").ravel(),
        "reported_use_days": _since_last(course.told, day, attended).ravel(),
    }
    for name, columns in scales.items():
        values = np.full(attended.shape, np.nan)
        for at, column in columns.items():
            values[:, np.searchsorted(due, at)] = run.patients[column].to_numpy(dtype=float)
        table[name] = np.where(attended, values, np.nan).ravel()
    return pd.DataFrame(table)


def urine_words(visits: pd.DataFrame) -> pd.Series:
    """Each person's urines as a word, as ``trial.urine_word`` and plans of analyses read it."""
    due = visits[visits["urine"] != "_"]
    return due.groupby("person", sort=False)["urine"].agg("".join).rename("urines")


def weekly_days(run: Run) -> np.ndarray:
    """Days from entry on which a urine is due: one each ``every_days``."""
    every, end = run.how.visits.every_days, float(run.patients["end_day"].iloc[0])
    return np.arange(every, end + 1e-9, every)


def _due(run: Run) -> tuple[np.ndarray, dict[str, dict[float, str]]]:
    """Days on which a visit is due, and for each scale the column of each day."""
    scales: dict[str, dict[float, str]] = {}
    for column, day in measured_scales(run.patients):
        scales.setdefault(column.partition("_day_")[0], {})[day] = column
    measured = {day for columns in scales.values() for day in columns}
    return np.array(sorted(measured | set(weekly_days(run)))), scales


def measured_scales(patients: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Columns of ratings, each with its day."""
    for column in patients:
        match = SCALE.fullmatch(column)
        if match:
            yield column, float(match[2])


class _Place:
    """When each visit takes place, and why not: [people, visits]."""

    def __init__(self, day: np.ndarray, reason: np.ndarray) -> None:
        self.day, self.reason = day, reason

    @classmethod
    def of(cls, run: Run, due: np.ndarray) -> _Place:
        """Missed with a probability that depends on use since the last visit was due.

        People are randomised on day 0, so that a visit due then takes place, and on that day.
        """
        how, draw = run.how.visits, run.streams.of(Draw.VISITS)
        shape = len(run.chosen), len(due)
        window = min(how.window_days, 0.5 * how.every_days - 0.5) if len(due) > 1 else 0.0
        shift = np.floor(draw.uniform(0, 1, shape) * (2 * max(window, 0.0) + 1)) - max(window, 0.0)
        end = run.patients["end_day"].to_numpy(dtype=float)[:, None]
        day = np.maximum.accumulate(np.clip(np.round(due + shift), 0.0, end), axis=1)
        used = np.diff(_used_up_to(run.use_days, np.broadcast_to(due, shape)), axis=1, prepend=0)
        missed = draw.random(shape) < np.where(used > 0, how.missed_using, how.missed)
        day[:, due <= 0.0], missed[:, due <= 0.0] = 0.0, False
        reason = np.where(missed, "missed", "").astype(object)
        jail = run.incarcerated[:, None]
        inside = (day >= jail) & (day < jail + run.how.interruptions.incarcerated_days)
        reason[inside] = "incarcerated"
        reason[day > run.left_day[:, None]] = "dropped out"
        reason[day > run.death_day[:, None]] = "died"
        return cls(day, reason)


def _used_up_to(use_days: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days with use before each of these days: [people, visits]."""
    total = np.zeros((len(use_days), use_days.shape[1] + 1), dtype=int)
    np.cumsum(use_days > 0, axis=1, out=total[:, 1:])
    return np.take_along_axis(total, np.clip(day, 0, use_days.shape[1]).astype(int), axis=1)


def _since_last(told: np.ndarray, day: np.ndarray, attended: np.ndarray) -> np.ndarray:
    """Days with use that were told, since the last visit attended; none where not attended."""
    total = _used_up_to(told, day).astype(float)
    before = np.maximum.accumulate(np.where(attended, total, 0.0), axis=1)
    last = np.concatenate([np.zeros((len(total), 1)), before[:, :-1]], axis=1)
    return np.where(attended, np.maximum(total - last, 0.0), np.nan)
