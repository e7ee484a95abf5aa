"""How did the studies without ketamine turn what they saw into a number?

A published ratio is met by the study's own estimator on simulated people, never by a parameter.
"""

from __future__ import annotations

import numpy as np

from evidence.cohorts import Cohort
from resynapse.inference.weekly_rule import relapsed_by_weeks
from resynapse.trial.hazard_ratio import hazard_ratio

NEGATIVE, POSITIVE, MISSING = 0, 1, 2
URINE_DAYS = 3
"""days of use that a weekly urine shows"""
WEEKS = 24


def left(cohort: Cohort) -> np.ndarray:
    """Day on which each was lost to the study: drop-out, or the end of agonist treatment."""
    return cohort.table["dropout_day"].fillna(np.inf).to_numpy(float)


def urines(cohort: Cohort, weeks: int = WEEKS) -> np.ndarray:
    """[people, weeks]: negative, positive or missing, at the end of each week."""
    day = np.arange(1, weeks + 1) * 7
    positive = np.stack([cohort.use_days[:, d - URINE_DAYS : d].any(axis=1) for d in day], axis=1)
    missing = left(cohort)[:, None] < day
    return np.where(missing, MISSING, np.where(positive, POSITIVE, NEGATIVE))


def first_run(bad: np.ndarray, run: int) -> np.ndarray:
    """Week (from 1) in which so many bad weeks in a row began; infinite without any."""
    counts = np.lib.stride_tricks.sliding_window_view(bad, run, axis=1).sum(axis=2)
    found = counts == run
    return np.where(found.any(axis=1), 1.0 + found.argmax(axis=1), np.inf)


def three_bad_weeks(cohort: Cohort) -> np.ndarray:
    """Relapse as Schottenfeld 2008 has it: three urines in a row positive or missing."""
    return first_run(urines(cohort) != NEGATIVE, 3)


def relapse_of_xbot(cohort: Cohort) -> float:
    """Share who relapsed by Lee 2018's rule."""
    return float(np.mean(relapsed_by_weeks(cohort.table, cohort.use_days)))


def retained_without_relapse(cohort: Cohort, day: float = 168.0) -> float:
    """Share still in the study and without seven days of use in a row (Krupitsky 2012)."""
    relapse = np.floor(cohort.table["relapse_day"].fillna(np.inf).to_numpy(float))
    return float(np.mean((left(cohort) >= day) & (relapse > day)))


def confirmed(cohort: Cohort, first_week: int = 5) -> float:
    """Share with every urine seen and negative from this week on (Krupitsky 2011)."""
    return float((urines(cohort)[:, first_week - 1 :] == NEGATIVE).all(axis=1).mean())


def ratio(treated: np.ndarray, reference: np.ndarray, end: float) -> float:
    """Cox's ratio of hazards of events at these times, censored at ``end``."""
    time = np.concatenate([treated, reference])
    value = hazard_ratio(
        np.minimum(time, end), time <= end, np.arange(len(time)) < len(treated)
    ).value
    return float("nan") if value is None else value


def log_survival_ratio(treated: float, reference: float) -> float:
    """ln S_1 / ln S_0."""
    return float(np.log(treated) / np.log(reference))


def next_urine(cohort: Cohort, now: int, then: int) -> float:
    """Chance of ``then`` a week after ``now``, among pairs of which both were seen; weeks 3 on."""
    seen = urines(cohort)[:, 2:]
    first, second = seen[:, :-1].ravel(), seen[:, 1:].ravel()
    pairs = (first == now) & (second != MISSING)
    return float(np.mean(second[pairs] == then))


def deaths_per_100_years(cohort: Cohort, before: Cohort | None = None) -> float:
    """Expected deaths from overdose per 100 person-years, after the shorter course ``before``."""
    deaths = cohort.table["overdose_deaths_expected"].sum()
    days = cohort.table["days_in_community"].sum()
    if before is not None:
        deaths -= before.table["overdose_deaths_expected"].sum()
        days -= before.table["days_in_community"].sum()
    return float(100.0 * deaths / (days / 365.25))
