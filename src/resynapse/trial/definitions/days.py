"""What do a person's days of use or of drinking come to?

``used`` is one person's days in order from the origin: 1 with use, 0 without, NaN where nothing is
known. ``missing`` says what an unknown day counts as: ``use``, ``abstinent``, or ``skipped``.
Days are counted from 0, the day of origin; a time of 3 means that three days passed before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from resynapse.input_error import InputError

Missing = Literal["use", "abstinent", "skipped"]


@dataclass(frozen=True)
class Timed:
    """Days to an event, or to the end of what is known where it did not happen."""

    time: float
    event: bool


def continuous_abstinence(used: np.ndarray, missing: Missing = "use", grace_days: int = 0) -> bool:
    """No day of use after a grace period, which need not be abstinent."""
    return not np.any(_counted(used, missing)[grace_days:])


def percent_days_abstinent(used: np.ndarray, missing: Missing = "skipped") -> float:
    """Days without use, % of days that count, 0 to 100; NaN without any."""
    days = _counted(used, missing)
    return float(100.0 * np.mean(days == 0)) if len(days) else float("nan")


def longest_abstinence(used: np.ndarray, missing: Missing = "use") -> int:
    """Days of the longest unbroken run without use."""
    longest = now = 0
    for one in _counted(used, missing):
        now = 0 if one else now + 1
        longest = max(longest, now)
    return longest


def time_to_lapse(used: np.ndarray, missing: Missing = "skipped") -> Timed:
    """The first day of any use; without it, censored at the last day known."""
    return time_to_run(used, 1, missing)


def time_to_relapse(used: np.ndarray, run_days: int = 7, missing: Missing = "skipped") -> Timed:
    """The first of so many consecutive days of use; 7 by default."""
    return time_to_run(used, run_days, missing)


def time_to_run(used: np.ndarray, run_days: int, missing: Missing) -> Timed:
    """The first day of the first run; an unknown day that is skipped breaks a run."""
    if run_days < 1:
        raise InputError(f"run_days is {run_days}; a run has at least 1 day.")
    days = np.asarray(used, dtype=float)
    hit = (days > 0) | (np.isnan(days) & (missing == "use"))
    total = np.concatenate([[0], np.cumsum(hit)])
    starts = np.flatnonzero(total[run_days:] - total[:-run_days] == run_days)
    if len(starts):
        return Timed(float(starts[0]), True)
    return Timed(_known_until(days, missing), False)


def time_to_frequent_use(
    used: np.ndarray, days_of_use: int = 10, of_days: int = 28, missing: Missing = "use"
) -> Timed:
    """The day on which so many of the last ``of_days`` had use; 10 of 28 by default."""
    days = np.asarray(used, dtype=float)
    hit = (days > 0) | (np.isnan(days) & (missing == "use"))
    total = np.concatenate([[0], np.cumsum(hit)])
    last = np.arange(1, len(days) + 1)
    within = total[last] - total[np.maximum(last - of_days, 0)]
    reached = np.flatnonzero(within >= days_of_use)
    if len(reached):
        return Timed(float(reached[0]), True)
    return Timed(_known_until(days, missing), False)


def time_to_dropout(used: np.ndarray, missing_days: int = 28) -> Timed:
    """The first of so many consecutive days of which nothing is known; 28 by default."""
    unknown = np.isnan(np.asarray(used, dtype=float)).astype(float)
    return time_to_run(unknown, missing_days, "abstinent")


def responder(used: np.ndarray, grace_days: int = 0, missing: Missing = "use") -> bool:
    """No use after a grace period; the same as continuous abstinence from its end on."""
    if grace_days >= len(used):
        raise InputError(
            f"A grace period of {grace_days} days leaves none of {len(used)} days to judge; "
            "shorten it."
        )
    return continuous_abstinence(used, missing, grace_days)


def _counted(used: np.ndarray, missing: Missing) -> np.ndarray:
    """1 and 0 for the days that count."""
    days = np.asarray(used, dtype=float)
    if missing == "skipped":
        return (days[~np.isnan(days)] > 0).astype(int)
    return np.where(np.isnan(days), missing == "use", days > 0).astype(int)


def _known_until(days: np.ndarray, missing: Missing) -> float:
    """Days until nothing more is known; all of them where a missing day is taken for something."""
    if missing != "skipped":
        return float(len(days))
    known = np.flatnonzero(~np.isnan(days))
    return float(known[-1] + 1) if len(known) else 0.0
