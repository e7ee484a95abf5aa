"""What do log-rank, Cox and restricted means say of thousands of simulated trials of two arms?

The same estimators as ``log_rank``, ``hazard_ratio`` and ``restricted_mean``, a row a trial.
Where a trial has no answer its row holds NaN, and ``failed`` counts those rows: a power curve
counts them as not significant and says how many they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from scipy import special

from resynapse.trial.hazard_ratio import CLOSE_ENOUGH, LONGEST_STEP, MOST_STEPS

CHUNK = 1000
"""Trials in memory at once"""


@dataclass(frozen=True)
class ManyTrials:
    """A number for every trial; NaN where it has none."""

    log_rank_z: np.ndarray
    """Positive where the treated have more events than expected"""
    log_hazard_ratio: np.ndarray
    log_hazard_ratio_error: np.ndarray
    restricted_mean_difference: np.ndarray
    """Treated less control, in the unit of the times"""
    restricted_mean_error: np.ndarray

    @property
    def failed(self) -> dict[str, int]:
        """Number of trials without an answer, by estimator."""
        return {
            one.name: int(np.isnan(getattr(self, one.name)).sum())
            for one in fields(self)
            if not one.name.endswith("error")
        }


def analyse_many(
    time: np.ndarray, event: np.ndarray, treated: np.ndarray, horizon: float
) -> ManyTrials:
    """All three estimators; time, event [trials, people], treated [people] or the same shape."""
    treated = np.broadcast_to(np.asarray(treated, dtype=bool), time.shape)
    parts = [
        _chunk(in_order(time[rows], event[rows], treated[rows]), horizon)
        for rows in chunks(len(time))
    ]
    return ManyTrials(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def chunks(trials: int) -> Iterator[slice]:
    """Rows of trials that fit into memory together."""
    for start in range(0, trials, CHUNK):
        yield slice(start, start + CHUNK)


@dataclass(frozen=True)
class InOrder:
    """Trials with their people in order of time, stratum by stratum; arrays [trials, people]."""

    time: np.ndarray
    event: np.ndarray
    treated: np.ndarray
    new: np.ndarray
    """Whether a time is the first of its ties"""
    first: np.ndarray
    """Place of the first of its ties"""
    n: np.ndarray
    """At risk in the same stratum, of all and of the treated"""
    n_1: np.ndarray
    d: np.ndarray
    """Events at the same time, of all and of the treated"""
    d_1: np.ndarray
    before: np.ndarray
    """Events of the same time that stand before this one"""
    treated_events: np.ndarray
    """[trials]"""


def in_order(
    time: np.ndarray, event: np.ndarray, treated: np.ndarray, stratum: np.ndarray | None = None
) -> InOrder:
    """Trials of [trials, people], sorted and counted; within a stratum where there are strata."""
    order, new = _by_stratum(time, stratum)
    beyond = _last(new) + 1
    t, e, a = (np.take_along_axis(one, order, axis=1) for one in (time, event, treated))
    place = np.broadcast_to(np.arange(t.shape[1]), t.shape)
    new[:, 1:] |= t[:, 1:] != t[:, :-1]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    last = _last(new)

    def until(flag: np.ndarray) -> np.ndarray:
        total = np.zeros((len(t), t.shape[1] + 1), dtype=np.int64)
        np.cumsum(flag, axis=1, out=total[:, 1:])
        return total

    E, E_1, A = until(e), until(e & a), until(a)
    earlier = np.take_along_axis(E, first, axis=1)
    return InOrder(
        time=t,
        event=e.astype(float),
        treated=a,
        new=new,
        first=first,
        n=(beyond - first).astype(float),
        n_1=np.take_along_axis(A, beyond, axis=1)
        - np.take_along_axis(A, first, axis=1).astype(float),
        d=(np.take_along_axis(E, last + 1, axis=1) - earlier).astype(float),
        d_1=(np.take_along_axis(E_1, last + 1, axis=1) - np.take_along_axis(E_1, first, axis=1))
        * 1.0,
        before=(E[:, :-1] - earlier).astype(float),
        treated_events=E_1[:, -1].astype(float),
    )


def _by_stratum(time: np.ndarray, stratum: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """The order of people, by stratum and then by time, and where in it a stratum begins."""
    order, new = np.argsort(time, axis=1, kind="stable"), np.zeros(time.shape, dtype=bool)
    new[:, 0] = True
    if stratum is None:
        return order, new
    by_time = np.take_along_axis(stratum, order, axis=1)
    again = np.argsort(by_time, axis=1, kind="stable")
    s = np.take_along_axis(by_time, again, axis=1)
    new[:, 1:] = s[:, 1:] != s[:, :-1]
    return np.take_along_axis(order, again, axis=1), new


def _last(new: np.ndarray) -> np.ndarray:
    """[trials, people] Place of the last of those that begin where ``new`` says."""
    people = new.shape[1]
    ends = np.ones(new.shape, dtype=bool)
    ends[:, :-1] = new[:, 1:]
    last = np.where(ends, np.arange(people), people)[:, ::-1]
    return np.minimum.accumulate(last, axis=1)[:, ::-1]


def _chunk(s: InOrder, horizon: float) -> tuple[np.ndarray, ...]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return log_rank_z(s), *log_hazard_ratio(s), *restricted_mean_difference(s, horizon)


def restricted_mean_difference(s: InOrder, horizon: float) -> tuple[np.ndarray, np.ndarray]:
    """Treated less control, and its error."""
    (one, one_error), (other, other_error) = restricted_mean_of_each(s, horizon)
    return one - other, np.hypot(one_error, other_error)


def restricted_mean_of_each(
    s: InOrder, horizon: float
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Restricted mean and error of the treated, then of the others."""
    own = _restricted(s, s.n_1, s.d_1, horizon)
    return own, _restricted(s, s.n - s.n_1, s.d - s.d_1, horizon)


def log_rank_z(s: InOrder) -> np.ndarray:
    """z, with the sums of ``log_rank`` taken event by event."""
    p = s.n_1 / s.n
    expected = np.sum(s.event * p, axis=1)
    variance = np.sum(s.event * p * (1 - p) * (s.n - s.d) / np.maximum(s.n - 1, 1), axis=1)
    return np.where(variance > 0, (s.treated_events - expected) / np.sqrt(variance), np.nan)


def log_hazard_ratio(s: InOrder) -> tuple[np.ndarray, np.ndarray]:
    """Efron's partial likelihood by Newton's steps, all trials at once, as in ``hazard_ratio``."""
    share = np.where(s.event > 0, s.before / np.maximum(s.d, 1), 0.0)
    n_1 = s.n_1 - share * s.d_1
    n_0 = s.n - s.n_1 - share * (s.d - s.d_1)
    both = (s.event > 0) & (n_1 > 0) & (n_0 > 0)
    log_odds = np.where(both, np.log(np.where(both, n_1 / n_0, 1.0)), 0.0)
    compared = s.treated_events - np.sum((s.event > 0) & (n_0 <= 0), axis=1)
    possible = (compared > 0) & (compared < both.sum(axis=1))
    b, information = np.zeros(len(log_odds)), np.ones(len(log_odds))
    open_ = np.flatnonzero(possible)
    for _ in range(MOST_STEPS):
        if not len(open_):
            break
        p = np.where(both[open_], special.expit(b[open_, None] + log_odds[open_]), 0.0)
        information[open_] = np.sum(p * (1 - p), axis=1)
        step = (compared[open_] - p.sum(axis=1)) / information[open_]
        step = np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        b[open_] += step
        open_ = open_[np.abs(step) >= CLOSE_ENOUGH]
    possible[open_] = False
    error = 1 / np.sqrt(information)
    return np.where(possible, b, np.nan), np.where(possible, error, np.nan)


def _restricted(
    s: InOrder, n: np.ndarray, d: np.ndarray, horizon: float
) -> tuple[np.ndarray, np.ndarray]:
    """Restricted mean of one arm, with n at risk and d events, as in ``restricted_mean``."""
    counts = s.new & (d > 0)
    S = np.cumprod(np.where(counts, 1 - d / n, 1.0), axis=1)
    edges = np.minimum(np.column_stack([s.time, np.full(len(s.time), np.inf)]), horizon)
    pieces = S * np.diff(edges, axis=1)
    beyond = np.cumsum(pieces[:, ::-1], axis=1)[:, ::-1]
    inside = counts & (s.time < horizon) & (n > d)
    terms = np.where(inside, beyond**2 * d / (n * (n - d)), 0.0)
    last = np.max(np.where(n > 0, s.time, 0.0), axis=1)
    known = (last >= horizon) | (S[:, -1] < 1e-9)
    mean = edges[:, 0] + pieces.sum(axis=1)
    return np.where(known, mean, np.nan), np.where(known, np.sqrt(terms.sum(axis=1)), np.nan)
