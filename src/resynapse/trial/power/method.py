"""Which test does each simulated trial get, and what does it estimate?

Thousands of trials at a time, a row a trial. z is positive for a benefit, whatever the endpoint;
a trial in which a method has no answer has NaN, counts as not significant, and is counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.analysis import many_weighted, risk_difference
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
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.testable import Kind

METHODS: dict[Kind, tuple[str, ...]] = {
    "time": (
        "log_rank", "fleming_harrington_RHO_GAMMA", "max_combo", "cox", "restricted_mean",
    ),
    "yes or no": ("risk_difference",),
    "number": ("mean_difference", "wilcoxon"),
}  # fmt: skip
"""What can be tested on each kind of endpoint; the first by default"""
STRATIFIED = "stratified_"
"""What may stand before any of them: each stratum of the randomisation is looked at by itself"""
WEIGHTED = re.compile(r"fleming_harrington_(\d(?:\.\d+)?)_(\d(?:\.\d+)?)")
ESTIMATES = {
    "cox": "ln hazard ratio",
    "stratified_cox": "ln hazard ratio within strata",
    "restricted_mean": "days without the event, difference",
    "stratified_restricted_mean": "days without the event, difference within strata",
    "risk_difference": "difference of shares",
    "stratified_risk_difference": "difference of shares within strata, Mantel-Haenszel",
    "mean_difference": "difference of means",
    "stratified_mean_difference": "difference of means within strata",
}
"""What a method estimates, treated less control; the others only test"""
LOG_RATIOS = ("cox", "stratified_cox")
"""Methods whose estimate is the logarithm of a ratio"""
IN_WORDS = {
    "log_rank": "log-rank test",
    "max_combo": "MaxCombo test",
    "cox": "Cox model, Wald test",
    "restricted_mean": "difference of restricted means",
    "risk_difference": "z test of two shares, pooled variance",
    "stratified_risk_difference": "Cochran-Mantel-Haenszel test",
    "mean_difference": "t test of two means, variances apart",
    "wilcoxon": "Wilcoxon's rank-sum test",
    "stratified_wilcoxon": "van Elteren's test",
}
WITHIN = " within the strata of the randomisation"


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
                f"{did_you_mean(name, list(allowed))} Allowed: {', '.join(allowed)}, each also "
                f"with {STRATIFIED} before it."
            )
    return tuple(dict.fromkeys(methods)) or METHODS[kind][:1]


def _allowed(name: str, kind: Kind) -> bool:
    plain = name.removeprefix(STRATIFIED)
    weighted = kind == "time" and WEIGHTED.fullmatch(plain)
    return bool(weighted) or (plain in METHODS[kind] and plain in IN_WORDS)


def in_words(method: str) -> str:
    """The test, as a report calls it."""
    plain = method.removeprefix(STRATIFIED)
    within = WITHIN if method.startswith(STRATIFIED) else ""
    found = WEIGHTED.fullmatch(plain)
    if found:
        return f"log-rank test weighted by Fleming-Harrington ({found[1]}, {found[2]}){within}"
    first, comma, rest = IN_WORDS.get(method, IN_WORDS[plain]).partition(",")
    return f"{first}{within}{comma}{rest}"


def answers(
    methods: Sequence[str], treated: Outcome, control: Outcome, asked: Question
) -> dict[str, Answers]:
    """Every method on the same trials; outcomes are [trials, people]."""
    sign = 1.0 if asked.higher_is_better else -1.0
    if asked.kind == "time":
        return _of_times(methods, treated, control, asked, sign)
    both = {
        "risk_difference": _shares, "stratified_risk_difference": many_strata.shares,
        "mean_difference": _means, "stratified_mean_difference": many_strata.means,
        "wilcoxon": _ranks, "stratified_wilcoxon": many_strata.ranks,
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
    stratum = np.zeros(time.shape, dtype=int) if stratum is None else stratum
    parts: dict[str, list[tuple[np.ndarray, ...]]] = {method: [] for method in methods}
    with np.errstate(divide="ignore", invalid="ignore"):
        for rows in chunks(len(time)):
            views = _Views(time[rows], event[rows], arm[rows], stratum[rows])
            for method in methods:
                parts[method].append(_one_of_times(method, views, asked, sign))
    columns = {name: [np.concatenate(c) for c in zip(*p, strict=True)] for name, p in parts.items()}
    return {name: Answers(*three) for name, three in columns.items()}


@dataclass(frozen=True)
class _Views:
    """Trials in order of time; arrays [trials, people]."""

    time: np.ndarray
    event: np.ndarray
    treated: np.ndarray
    stratum: np.ndarray

    @cached_property
    def plain(self) -> InOrder:
        """Everybody together."""
        return in_order(self.time, self.event, self.treated)

    @cached_property
    def within(self) -> InOrder:
        """Stratum after stratum, at risk within each."""
        return in_order(self.time, self.event, self.treated, self.stratum)

    @cached_property
    def apart(self) -> list[InOrder]:
        """A stratum each."""
        return list(many_strata.in_strata(self.time, self.event, self.treated, self.stratum))


def _one_of_times(
    method: str, views: _Views, asked: Question, sign: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    stratified, plain = method.startswith(STRATIFIED), method.removeprefix(STRATIFIED)
    none = np.full(len(views.time), np.nan)
    weighted = WEIGHTED.fullmatch(plain)
    if weighted or plain == "max_combo":
        strata = views.apart if stratified else [views.plain]
        if weighted:
            z = many_weighted.weighted_z(strata, float(weighted[1]), float(weighted[2]))
        else:
            z = many_weighted.max_combo_z(strata, asked.alpha)
        return sign * z, none, none
    if plain == "restricted_mean":
        gained, error = (
            many_strata.restricted_means(views.apart, asked.horizon)
            if stratified
            else restricted_mean_difference(views.plain, asked.horizon)
        )
        return -sign * gained / error, gained, error
    s = views.within if stratified else views.plain
    if plain == "log_rank":
        return sign * log_rank_z(s), none, none
    estimate, error = log_hazard_ratio(s)
    return sign * estimate / error, estimate, error


def _shares(treated: Outcome, control: Outcome) -> many_strata.Three:
    counts = []
    for arm in (treated, control):
        counts += [arm.event.sum(axis=1), (arm.event & (arm.seen > 0.5)).sum(axis=1)]
    found = risk_difference.pooled(*counts)
    return found.z, found.estimate, found.error


def _means(treated: Outcome, control: Outcome) -> many_strata.Three:
    """Welch's t of the values that there are, as the normal deviate with its p."""
    return many_strata.means(replace(treated, stratum=None), replace(control, stratum=None))


def _ranks(treated: Outcome, control: Outcome) -> many_strata.Three:
    """Mid-ranks of the values that there are, normal, without continuity correction."""
    return many_strata.ranks(replace(treated, stratum=None), replace(control, stratum=None))
