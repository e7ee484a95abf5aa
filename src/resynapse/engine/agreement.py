"""How far apart do two runs of the same people lie?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from resynapse.engine.plan import Kept

MEDIAN, TAIL = 50.0, 99.0
"""percentiles of the difference of first uses"""


class Paths(NamedTuple):
    """What two runs are compared by, people in the same order."""

    first_use: np.ndarray
    """day; far in the future where there was none"""
    bouts: np.ndarray
    use_days: np.ndarray
    """[people, days], 1 = any use that day"""
    records: np.ndarray
    """[records, quantities, people]"""


class Agreement(NamedTuple):
    """Differences between two runs."""

    people: int
    first_uses: int
    """people with a first use in either run, after entry"""
    first_use_median: float
    """d; without any first use 0"""
    first_use_tail: float
    """d, 99th percentile"""
    same_bouts: float
    """share of people with as many bouts in both runs"""
    use_days_within_one: float
    """share of people whose days of use differ by one at most"""
    states: dict[str, float]
    """greatest difference of each quantity as a share of its range, in people without a bout"""


def paths(kept: Kept, days: int, records: int) -> Paths:
    """The paths in what a back end leaves behind, without its spare rows."""
    marks = kept.lane.marks
    return Paths(
        np.asarray(marks.first_use),
        np.asarray(marks.bouts),
        np.asarray(kept.use_days)[:days].T,
        np.asarray(kept.records)[:records],
    )


def agreement(one: Paths, other: Paths, until: float, names: tuple[str, ...]) -> Agreement:
    """Differences until this day; ``names`` are those of the quantities in the records."""
    first, second = (np.minimum(run.first_use, until) for run in (one, other))
    drawn = (np.maximum(first, second) > 0.0) & (np.minimum(first, second) < until)
    apart = np.abs(first - second)[drawn] if drawn.any() else np.zeros(1)
    days = [run.use_days.astype(int).sum(axis=1) for run in (one, other)]
    return Agreement(
        people=len(first),
        first_uses=int(drawn.sum()),
        first_use_median=float(np.percentile(apart, MEDIAN)),
        first_use_tail=float(np.percentile(apart, TAIL)),
        same_bouts=float(np.mean(_bouts(one, until) == _bouts(other, until))),
        use_days_within_one=float(np.mean(np.abs(days[0] - days[1]) <= 1)),
        states=_states(one, other, names),
    )


def _bouts(paths: Paths, until: float) -> np.ndarray:
    """None in those who first use after the time that is compared."""
    return np.where(paths.first_use <= until, paths.bouts, 0.0)


def _states(one: Paths, other: Paths, names: tuple[str, ...]) -> dict[str, float]:
    """An event a moment earlier changes a state as much as it can: only paths without are asked."""
    without = (one.bouts == 0) & (other.bouts == 0)
    if not without.any():
        return {}
    a, b = one.records[:, :, without], other.records[:, :, without]
    width = np.ptp(other.records, axis=(0, 2))
    error = np.abs(a - b).max(axis=(0, 2))
    shares = error / np.where(width > 0.0, width, 1.0)
    return {name: float(share) for name, share in zip(names, shares, strict=True)}


def joined(parts: list[Paths]) -> Paths:
    """Paths of several groups of people as one."""
    first, bouts, days, records = zip(*parts, strict=True)
    return Paths(
        np.concatenate(first),
        np.concatenate(bouts),
        np.concatenate(days),
        np.concatenate(records, axis=2),
    )


def as_words(found: Agreement) -> dict[str, Any]:
    """For a manifest: names with units."""
    return {
        "people": found.people,
        "first_uses": found.first_uses,
        "first_use_median_d": found.first_use_median,
        "first_use_99th_percentile_d": found.first_use_tail,
        "same_bouts": found.same_bouts,
        "use_days_within_one": found.use_days_within_one,
        "states_share_of_range": found.states,
    }
