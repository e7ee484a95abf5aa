"""What does a trial learn of each person, when it sees them at visits only?

Use is known from what people tell at the visits that they attend, for the time up to each, and
from urines there: one that is positive where nobody told of use in its window makes the day before
the visit a day of use. People are followed to the last visit that they attended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.endpoint import share_abstinent, told
from resynapse.trial.endpoint_name import Endpoint, parse
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.power.outcome import Outcome, outcome, times
from resynapse.trial.seen import Run
from resynapse.trial.streams import Streams
from resynapse.trial.table import RELAPSE_RUN, relapse_day
from resynapse.trial.testable import kind
from resynapse.trial.visit_course import VisitCourse, measured_scales, visit_course

LOST_DAYS = 28.0
"""Without a visit for so long before an endpoint is due, a person is missing (decisions 8)"""


def measured(
    endpoint: str, patients: pd.DataFrame, use_days: np.ndarray, how: TrialConduct,
    streams: Streams,
) -> Outcome:  # fmt: skip
    """The endpoint of these people as the trial learns it, and as it was."""
    asked, whole = parse(endpoint), outcome(endpoint, patients, use_days)
    found = learned(patients, use_days, how, streams)
    if kind(endpoint) == "time":
        return _time(asked, found, whole)
    value = _value(asked, found)
    return replace(whole, seen=value, event=~np.isnan(value))


@dataclass(frozen=True)
class Learned:
    """Everything that the trial knows of people in the end, a row a person."""

    patients: pd.DataFrame
    use_days: np.ndarray
    """[people, days]: 1 where the trial knows of use"""
    course: VisitCourse
    last: np.ndarray
    """Day of the last visit attended, 0 without any"""
    left: np.ndarray
    """Day of drop-out or death; infinite for most"""


def learned(
    patients: pd.DataFrame, use_days: np.ndarray, how: TrialConduct, streams: Streams
) -> Learned:
    """What a trial with this conduct knows of these people in the end."""
    alone = PotentialOutcomes({"arm": patients}, {"arm": use_days}, "arm")
    people = np.arange(len(patients))
    run = Run(alone, how, people, np.zeros_like(people), streams)
    course = visit_course(run)
    last = np.where(course.attended, course.day, 0.0).max(axis=1)
    known = course.told.astype(bool) & (np.arange(use_days.shape[1]) < last[:, None])
    _add_urines(known, course, how.urine.detection_days)
    table = patients.assign(
        first_use_day=np.where(known.any(axis=1), known.argmax(axis=1), np.nan),
        relapse_day=relapse_day(known.astype(np.uint8)),
    )
    return Learned(table, known, course, last, run.left_day)


def written_down(found: Learned) -> pd.DataFrame:
    """The table of people as a trial would have it, with the scales of visits attended.

    People leave at their last visit; those who stay are followed to theirs.
    """
    gone = np.isfinite(found.left)
    end = found.patients["end_day"].to_numpy(dtype=float)
    attended, due = found.course.attended, found.course.due
    scales = {
        column: found.patients[column].where(attended[:, np.searchsorted(due, day - 1e-9)])
        for column, day in measured_scales(found.patients)
    }
    return found.patients.assign(
        dropout_day=np.where(gone, found.last, np.nan),
        end_day=np.where(gone, end, np.minimum(end, found.last)),
        **scales,
    )


def _add_urines(known: np.ndarray, course: VisitCourse, window: float) -> None:
    """Use that a urine shows and that nobody told of, on the day before the visit."""
    for visit in range(len(course.due)):
        day = course.day[:, visit]
        at = np.arange(known.shape[1])
        inside = (at >= np.ceil(day - window)[:, None]) & (at <= day[:, None])
        shown = course.attended[:, visit] & course.positive[:, visit] & (day >= 1.0)
        rows = np.flatnonzero(shown & ~(known & inside).any(axis=1))
        known[rows, (day[rows] - 1.0).astype(int)] = True


def _time(asked: Endpoint, found: Learned, whole: Outcome) -> Outcome:
    """The time to an event, the day from which it is known, and how far was followed before."""
    end = found.patients["end_day"].to_numpy(dtype=float)
    leaving = "dropout" in asked.subject
    gone = np.isfinite(found.left)
    followed = np.minimum(end, found.last)
    table = found.patients.assign(
        end_day=np.where(gone, end, followed) if leaving else followed,
        dropout_day=np.where(gone, found.left, np.nan) if leaving else np.nan,
    )
    seen, event = times(asked, table, found.use_days)
    origin = found.patients["origin_day"].to_numpy(dtype=float)
    lasts = RELAPSE_RUN - 1.0 if asked.subject.startswith("relapse") else 0.0
    visits = np.where(found.course.attended, found.course.day, np.inf)
    tells = visits > (origin + seen + lasts)[:, None] + 0.5
    told_at = np.where(tells, visits, np.inf).min(axis=1)
    used = event & np.isfinite(told_at) & ~(origin + seen == found.left)
    earlier = np.where(visits < told_at[:, None], visits, 0.0).max(axis=1)
    return replace(
        whole,
        seen=seen,
        event=event,
        learned=np.where(used, told_at - origin, seen),
        before=np.where(used, np.maximum(earlier - origin, 0.0), seen),
    )


def _value(asked: Endpoint, found: Learned) -> np.ndarray:
    """A number, or yes or no; NaN where the trial has none."""
    patients = found.patients
    origin, end = (patients[name].to_numpy(dtype=float) for name in ("origin_day", "end_day"))
    if asked.kind == "days_abstinent":
        table = patients.assign(dropout_day=found.last)
        return 100.0 * share_abstinent(replace(asked, observed=True), table, found.use_days)
    due = np.minimum(origin + (asked.horizon or 0.0), end)
    missing = np.where(found.last < due - LOST_DAYS, found.last, np.inf)
    left = found.left if asked.kind == "retention" else np.minimum(found.left, missing)
    table = patients.assign(dropout_day=np.where(np.isfinite(left), left, np.nan))
    value = told(asked.name, table, found.use_days).values.astype(float)
    if asked.kind == "scale":
        visit = int(np.searchsorted(found.course.due, asked.horizon - 1e-9))
        value = np.where(found.course.attended[:, visit], value, np.nan)
    return value
