"""What do a person's scores and diagnoses at visits come to?

``day`` are the days of the visits, rising; scores are NaN where a visit was missed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

EARLY_REMISSION_DAYS: Final = 91.3
"""d, three months (DSM-5, Hasin 2013, secondary)"""
SUSTAINED_REMISSION_DAYS: Final = 365.25
"""d, twelve months (DSM-5, Hasin 2013, secondary)"""
SEVERITIES: Final = ("none", "mild", "moderate", "severe")


def mean_score(score: np.ndarray) -> float:
    """Mean over visits attended; NaN without any."""
    known = np.asarray(score, dtype=float)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else float("nan")


def area_under_score(day: np.ndarray, score: np.ndarray) -> float:
    """Area by trapezoids between the first and the last visit attended, points times days.

    NaN with fewer than two visits.
    """
    days, scores = _known(day, score)
    return float(np.trapezoid(scores, days)) if len(days) > 1 else float("nan")


def average_score(day: np.ndarray, score: np.ndarray) -> float:
    """The area divided by its days: the mean over time; NaN with fewer than two visits."""
    days, _ = _known(day, score)
    if len(days) < 2:
        return float("nan")
    return area_under_score(day, score) / float(days[-1] - days[0])


def disorder_severity(criteria: float) -> int:
    """Place in ``SEVERITIES`` by the number of DSM-5 criteria met: 0-1, 2-3, 4-5, 6 or more."""
    return int(np.searchsorted([2.0, 4.0, 6.0], criteria, side="right"))


def disease_status_fall(before: float, after: float, levels: int = 1) -> bool:
    """Whether severity by DSM-5 fell by so many levels; not known after counts as no fall."""
    if np.isnan(after):
        return False
    return disorder_severity(before) - disorder_severity(after) >= levels


def remission(
    day: np.ndarray, criteria_without_craving: np.ndarray, sustained: bool = False
) -> bool:
    """Early, or sustained, remission at the last visit: no criterion but craving for so long.

    A visit that was missed breaks the time without criteria.
    """
    days, count = np.asarray(day, dtype=float), np.asarray(criteria_without_craving, dtype=float)
    met = np.flatnonzero(~(count == 0.0))
    free_from = (
        days[0] if not len(met) else (days[met[-1] + 1] if met[-1] + 1 < len(days) else np.inf)
    )
    needed = SUSTAINED_REMISSION_DAYS if sustained else EARLY_REMISSION_DAYS
    return bool(days[-1] - free_from >= needed)


def _known(day: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    days, scores = np.asarray(day, dtype=float), np.asarray(score, dtype=float)
    there = ~np.isnan(scores)
    return days[there], scores[there]
