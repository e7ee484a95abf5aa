"""Which test does each simulated trial get, and what does it estimate?

Thousands of trials at a time, a row a trial. z is positive for a benefit, whatever the endpoint;
a trial in which a method has no answer has NaN, counts as not significant, and is counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.analysis import many_weighted
from resynapse.trial.analysis.many_trials import (
    InOrder,
    chunks,
    in_order,
    log_hazard_ratio,
    log_rank_z,
    restricted_mean_difference,
)
from resynapse.trial.power import many_strata
from resynapse.trial.power.many_strata import strata_of
from resynapse.trial.power.outcome import Kind, Outcome

METHODS: dict[Kind, tuple[str, ...]] = {
    "time": (
        "log_rank", "stratified_log_rank", "fleming_harrington_RHO_GAMMA", "max_combo", "cox",
        "stratified_cox", "restricted_mean",
    ),
    "yes or no": ("risk_difference", "stratified_risk_difference"),
    "number": ("mean_difference", "wilcoxon"),
}  # fmt: skip
"""What can be tested on each kind of endpoint; the first by default"""
STRATIFIED = "stratified_"
"""What a method begins with that looks at each stratum of the randomisation by itself"""
WEIGHTED = re.compile(r"fleming_harrington_(\d(?:\.\d+)?)_(\d(?:\.\d+)?)")
ESTIMATES = {
    "cox": "ln hazard ratio",
    "stratified_cox": "ln hazard ratio within strata",
    "restricted_mean": "days without the event, difference",
    "risk_difference": "difference of shares",
    "stratified_risk_difference": "difference of shares within strata, Mantel-Haenszel",
    "mean_difference": "difference of means",
}
"""What a method estimates, treated less control; the others only test"""
LOG_RATIOS = ("cox", "stratified_cox")
"""Methods whose estimate is the logarithm of a ratio"""
IN_WORDS = {
    "log_rank": "log-rank test",
    "stratified_log_rank": "log-rank test within the strata of the randomisation",
    "max_combo": "MaxCombo test",
    "cox": "Cox model, Wald test",
    "stratified_cox": "Cox model within the strata of the randomisation, Wald test",
    "restricted_mean": "difference of restricted means",
    "risk_difference": "z test of two shares, pooled variance",
    "stratified_risk_difference": "Cochran-Mantel-Haenszel test within the strata of the "
    "randomisation",
    "mean_difference": "t test of two means, variances apart",
    "wilcoxon": "Wilcoxon's rank-sum test",
}


@dataclass(frozen=True)
class Answers:
    """What each trial says."""

    z: np.ndarray
    """Normal deviate of the test, positive for a benefit"""
    estimate: np.ndarray
    """Treated less control, as ``ESTIMATES`` says; NaN where a method only tests"""
    error: np.ndarray


@dataclass(frozen=True)
class Question:
    """What is asked of every trial."""

    kind: Kind
    higher_is_better: bool
    horizon: float
    """Of restricted means, d"""
    alpha: float = 0.05
    """Of two sides"""


def check(methods: Sequence[str], kind: Kind) -> tuple[str, ...]:
    """The methods asked for, or the usual one; refused where the endpoint does not allow it."""
    for name in methods:
        if not _allowed(name, kind):
            allowed = METHODS[kind]
            raise InputError(
                f"--analysis {name} cannot test an endpoint that is a {kind}."
                f"{did_you_mean(name, list(allowed))} Allowed: {', '.join(allowed)}."
            )
    return tuple(dict.fromkeys(methods)) or METHODS[kind][:1]


def _allowed(name: str, kind: Kind) -> bool:
    weighted = kind == "time" and WEIGHTED.fullmatch(name)
    return bool(weighted) or (name in METHODS[kind] and name in IN_WORDS)


def in_words(method: str) -> str:
    """The test, as a report calls it."""
    found = WEIGHTED.fullmatch(method)
    return (
        f"log-rank test weighted by Fleming-Harrington ({found[1]}, {found[2]})"
        if found
        else (IN_WORDS[method])
    )


def answers(
    methods: Sequence[str], treated: Outcome, control: Outcome, asked: Question
) -> dict[str, Answers]:
    """Every method on the same trials; outcomes are [trials, people]."""
    sign = 1.0 if asked.higher_is_better else -1.0
    if asked.kind == "time":
        return _of_times(methods, treated, control, asked, sign)
    both = {
        "risk_difference": _shares, "stratified_risk_difference": many_strata.shares,
        "mean_difference": _means, "wilcoxon": _ranks,
    }  # fmt: skip
    found = {}
    for method in methods:
        z, estimate, error = both[method](treated, control)
        found[method] = Answers(sign * z, estimate, error)
    return found


def _of_times(
    methods: Sequence[str], treated: Outcome, control: Outcome, asked: Question, sign: float
) -> dict[str, Answers]:
    time = np.concatenate([treated.seen, control.seen], axis=1)
    event = np.concatenate([treated.event, control.event], axis=1)
    arm = np.broadcast_to(np.arange(time.shape[1]) < treated.seen.shape[1], time.shape)
    stratum = strata_of(treated, control)
    parts: dict[str, list[tuple[np.ndarray, ...]]] = {method: [] for method in methods}
    with np.errstate(divide="ignore", invalid="ignore"):
        for rows in chunks(len(time)):
            some = time[rows], event[rows], arm[rows]
            ordered = in_order(*some)
            within = ordered if stratum is None else in_order(*some, stratum[rows])
            for method in methods:
                s = within if method.startswith(STRATIFIED) else ordered
                parts[method].append(_one_of_times(method, s, asked, sign))
    columns = {name: [np.concatenate(c) for c in zip(*p, strict=True)] for name, p in parts.items()}
    return {name: Answers(*three) for name, three in columns.items()}


def _one_of_times(
    method: str, s: InOrder, asked: Question, sign: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    none = np.full(len(s.time), np.nan)
    weighted = WEIGHTED.fullmatch(method)
    if weighted:
        z = many_weighted.weighted_z(s, float(weighted[1]), float(weighted[2]))
        return sign * z, none, none
    if method in ("log_rank", STRATIFIED + "log_rank"):
        return sign * log_rank_z(s), none, none
    if method == "max_combo":
        return sign * many_weighted.max_combo_z(s, asked.alpha), none, none
    if method in ("cox", STRATIFIED + "cox"):
        estimate, error = log_hazard_ratio(s)
        return sign * estimate / error, estimate, error
    gained, error = restricted_mean_difference(s, asked.horizon)
    return -sign * gained / error, gained, error


def _shares(treated: Outcome, control: Outcome) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z with pooled variance; the error of the estimate is not pooled."""
    (n_1, p_1, _), (n_0, p_0, _) = (_moments(arm) for arm in (treated, control))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = (n_1 * p_1 + n_0 * p_0) / (n_1 + n_0)
        pooled = np.sqrt(p * (1 - p) * (1 / n_1 + 1 / n_0))
        z = np.where(pooled > 0, (p_1 - p_0) / pooled, np.nan)
        return z, p_1 - p_0, np.sqrt(p_1 * (1 - p_1) / n_1 + p_0 * (1 - p_0) / n_0)


def _means(treated: Outcome, control: Outcome) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Welch's t of the values that there are, as the normal deviate with its p."""
    (n_1, m_1, s_1), (n_0, m_0, s_0) = (_moments(arm) for arm in (treated, control))
    with np.errstate(divide="ignore", invalid="ignore"):
        v_1, v_0 = s_1 / n_1, s_0 / n_0
        degrees = (v_1 + v_0) ** 2 / (v_1**2 / (n_1 - 1) + v_0**2 / (n_0 - 1))
        error = np.sqrt(v_1 + v_0)
        t = (m_1 - m_0) / error
        z = np.sign(t) * -special.ndtri(special.stdtr(degrees, -np.abs(t)))
    return np.where(error > 0, z, np.nan), m_1 - m_0, error


def _moments(arm: Outcome) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, mean and variance of the values that there are, a row a trial."""
    value = np.where(arm.event, arm.seen, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.count_nonzero(arm.event, axis=1)
        middle = value.sum(axis=1) / n
        spread = np.where(arm.event, value - middle[:, None], 0.0)
        return n, middle, (spread**2).sum(axis=1) / (n - 1)


def _ranks(treated: Outcome, control: Outcome) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mid-ranks of the values that there are, normal, without continuity correction."""
    parts = (np.where(arm.event, arm.seen, np.nan) for arm in (treated, control))
    value = np.concatenate(list(parts), axis=1)
    arm = np.arange(value.shape[1]) < treated.seen.shape[1]
    ranks = stats.rankdata(value, axis=1, nan_policy="omit")
    n, n_1 = (np.count_nonzero(~np.isnan(part), axis=1) for part in (ranks, ranks[:, arm]))
    W = np.nansum(ranks[:, arm], axis=1)
    spread = np.nansum((ranks - (n[:, None] + 1) / 2) ** 2, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = n_1 * (n - n_1) / (n * (n - 1)) * spread
        z = np.where(variance > 0, (W - n_1 * (n + 1) / 2) / np.sqrt(variance), np.nan)
    none = np.full(len(z), np.nan)
    return z, none, none
