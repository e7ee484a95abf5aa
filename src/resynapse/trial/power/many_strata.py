"""What do trials of two arms say stratum by stratum, a row a trial?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import special

from resynapse.trial.analysis import risk_difference
from resynapse.trial.analysis.many_trials import InOrder, in_order, restricted_mean_of_each
from resynapse.trial.analysis.mean_difference import MeanDifference, Moments, mean_difference
from resynapse.trial.analysis.restricted_mean import variance_within
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.power.seating import NOT_YET

Three = tuple[np.ndarray, np.ndarray, np.ndarray]
"""z, positive where the treated have more; estimate, treated less control; its error"""


def strata_of(treated: Outcome, control: Outcome) -> np.ndarray | None:
    """[trials, people of both arms] The stratum of everybody; None without strata."""
    if treated.stratum is None or control.stratum is None:
        return None
    return np.concatenate([treated.stratum, control.stratum], axis=1)


def shares(treated: Outcome, control: Outcome) -> Three:
    """Cochran, Mantel and Haenszel's test; their difference with Sato's error."""
    counts = [column for arm in _each(treated, control) for column in _counts(*arm)]
    found = risk_difference.within_strata(*counts)
    return found.z, found.estimate, found.error


def means(treated: Outcome, control: Outcome) -> Three:
    """``mean_difference``, its t as the normal deviate with the same p."""
    found = mean_difference(*(_moments(*arm) for arm in _each(treated, control)))
    return deviate(found), found.estimate, found.error


def deviate(found: MeanDifference) -> np.ndarray:
    """The normal deviate that has the p of Student's t; NaN without an error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = found.estimate / found.error
        z = np.sign(t) * -special.ndtri(special.stdtr(found.degrees, -np.abs(t)))
    return np.where(found.error > 0, z, np.nan)


def ranks(treated: Outcome, control: Outcome) -> Three:
    """Van Elteren's test: sums of ranks within strata, weighted by 1 / (people + 1)."""
    value = np.concatenate([treated.seen, control.seen], axis=1)
    one = np.arange(value.shape[1]) < treated.seen.shape[1]
    gap, variance = np.zeros(len(value)), np.zeros(len(value))
    parts = (there for _, there in _each(treated, control))
    for pair in zip(*parts, strict=True):
        there = np.concatenate(pair, axis=1)
        own_gap, own_variance = _ranks(np.where(there, value, np.nan), one)
        gap, variance = gap + own_gap, variance + own_variance
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, gap / np.sqrt(variance), np.nan)
    none = np.full(len(z), np.nan)
    return z, none, none


def _ranks(value: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted excess of one stratum's sum of ranks, and its variance, as in ``wilcoxon``."""
    from scipy.stats import rankdata

    found = rankdata(value, axis=1, nan_policy="omit")
    n, n_1 = (np.count_nonzero(~np.isnan(part), axis=1) for part in (found, found[:, treated]))
    middle = (n + 1) / 2
    W = np.nansum(found[:, treated], axis=1)
    squares = np.nansum((found - middle[:, None]) ** 2, axis=1)
    variance = n_1 * (n - n_1) / np.maximum(n * (n - 1), 1) * squares
    return (W - n_1 * middle) / (n + 1), variance / (n + 1) ** 2


def restricted_means(strata: list[InOrder], horizon: float) -> tuple[np.ndarray, np.ndarray]:
    """Difference of restricted means, treated less control, within strata; its error.

    As ``stratified_difference`` of each trial. No number where an arm of a stratum was not followed
    to the horizon, or an arm has no more people than strata.
    """
    people, means, errors = (
        np.stack(column, axis=-1)
        for column in zip(*(_areas(s, horizon) for s in strata), strict=True)
    )
    w = people.prod(axis=0) / np.maximum(people.sum(axis=0), 1.0)
    gap = np.where(w > 0, w * (means[0] - means[1]), 0.0).sum(axis=-1)
    parts = (variance_within(*arm, w) for arm in zip(people, errors, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(sum(parts))
        return np.where(np.isnan(error), np.nan, gap / w.sum(axis=-1)), error


def _areas(s: InOrder, horizon: float) -> tuple[np.ndarray, ...]:
    """[arms, trials] People of one stratum, their restricted means and Greenwood's errors."""
    entered = s.time > NOT_YET
    people = [np.count_nonzero(entered & (s.treated == arm), axis=1) for arm in (1, 0)]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = restricted_mean_of_each(s, horizon)
    return np.array(people, dtype=float), *(np.array(column) for column in zip(*means, strict=True))


def in_strata(
    time: np.ndarray, event: np.ndarray, treated: np.ndarray, stratum: np.ndarray
) -> Iterator[InOrder]:
    """Trials with the people of one stratum each; the others have not entered."""
    for k in range(int(stratum.max()) + 1):
        here = stratum == k
        yield in_order(np.where(here, time, NOT_YET), event & here, treated)


def _each(treated: Outcome, control: Outcome) -> Iterator[tuple[np.ndarray, Iterator[np.ndarray]]]:
    """Values of each arm, and stratum by stratum who of its people has one there."""
    every = strata_of(treated, control)
    strata = range(1 if every is None else int(every.max()) + 1)
    for arm in (treated, control):
        yield arm.seen, _people(arm, strata)


def _people(arm: Outcome, strata: range) -> Iterator[np.ndarray]:
    own = 0 if arm.stratum is None else arm.stratum
    for k in strata:
        yield arm.event & (own == k)


def _counts(value: np.ndarray, strata: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """[trials, strata] People with an answer, and those among them with yes."""
    pairs = [(there.sum(axis=1), (there & (value > 0.5)).sum(axis=1)) for there in strata]
    people, yes = (np.stack(column, axis=1).astype(float) for column in zip(*pairs, strict=True))
    return people, yes


def _moments(value: np.ndarray, strata: Iterator[np.ndarray]) -> Moments:
    columns = [_moments_of(np.where(there, value, 0.0), there) for there in strata]
    return Moments(*(np.stack(column, axis=1) for column in zip(*columns, strict=True)))


def _moments_of(value: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, ...]:
    n = np.count_nonzero(there, axis=1).astype(float)
    mean = value.sum(axis=1) / np.maximum(n, 1.0)
    squares = np.where(there, value - mean[:, None], 0.0)
    return n, mean, (squares**2).sum(axis=1)
