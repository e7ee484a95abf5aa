"""How far is each estimator from each true value, and how often does its interval hold it?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pandas as pd

from resynapse.protocol.conduct import TrialConduct
from resynapse.protocol.estimand import Strategy
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.imputation import imputed_difference
from resynapse.trial.analysis.mean_difference import mean_within_strata
from resynapse.trial.endpoint_name import Endpoint
from resynapse.trial.estimand import (
    Strategies,
    Worlds,
    first_day,
    person_values,
    true_errors,
    true_values,
)
from resynapse.trial.kaplan_meier import kaplan_meier
from resynapse.trial.measurement import reported
from resynapse.trial.monthly import shares_by_month
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.streams import Draw, Streams
from resynapse.trial.time_to_event import time_to_event
from resynapse.trial.trials import Enrolled, enrolled

NOTHING_ELSE: Strategies = MappingProxyType({})
WALD = 1.959964
"""97.5 % point of the standard normal: intervals are the estimate and so many errors"""

MISSING_AS_USE = "missing as use"
WHILE_SEEN = "what was seen before drop-out"
STAYED = "people who stayed"
WITHIN = "within strata"
KAPLAN_MEIER = "Kaplan-Meier, censored at drop-out"
AS_TOLD = "what was told before drop-out"
IMPUTED = {
    "missing_at_random": "imputed, missing at random",
    "jump_to_reference": "imputed, jump to reference",
    "copy_reference": "imputed, copy reference",
    "copy_increments_in_reference": "imputed, copy increments in reference",
}
"""Rule of ``analysis.imputation`` -> name of the estimator"""
IMPUTATIONS = 10
WORDS = {
    "dropout": "drop-out",
    "rescue_medication": "rescue medication",
    "incarceration": "incarceration",
    "death": "death",
}


@dataclass(frozen=True)
class Performance:
    """One estimator against one true value."""

    estimator: str
    strategy: Strategy
    truth: float
    truth_error: float
    """Monte Carlo error of the truth as that of the model: other people would have another"""
    estimate: float
    """Mean over trials"""
    bias: float
    bias_error: float
    """Monte Carlo error"""
    coverage: float
    """Share of trials whose 95 % interval holds the truth; NaN where there is none"""
    coverage_error: float
    trials: int
    """Trials with an estimate"""
    failed: int


def performance(
    variable: Endpoint, known: Worlds, arm: str, people: int, trials: int, seed: int,
    conduct: TrialConduct | None = None, others: Strategies = NOTHING_ELSE, event: str = "dropout",
) -> list[Performance]:  # fmt: skip
    """Every estimator against every strategy for an event, over trials of so many people.

    ``others`` are the strategies for all other events. Trials are drawn from the population whose
    true values these are, so the spread between trials is all there is of error; where a trial
    takes up much of the population, intervals hold the truth more often than they say.
    """
    how, outcomes = conduct or TrialConduct(), known.as_is
    truths = true_values(variable, known, arm, others, event)
    errors = true_errors(variable, known, arm, others, event)
    readings = _readings(variable, outcomes, how, seed, _as_seen(others, event), event)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in readings}
    names = arm, outcomes.reference
    here, there = (outcomes.arms.index(one) for one in names)
    for replicate in range(trials):
        entered = enrolled(outcomes, people, Streams(seed, replicate), how, "lapse")
        groups = [Group.of(entered, k) for k in (here, there)]
        for name, reading in readings.items():
            found[name].append(reading.difference(names, groups, replicate))
    return [
        _performance(name, strategy, (truth, errors[strategy]), np.array(found[name]))
        for name in readings
        for strategy, truth in truths.items()
    ]


def _as_seen(others: Strategies, event: str) -> dict[str, Strategy]:
    """What a trial can do about the other events: it sees no world in which they did not happen."""
    return {
        one: "treatment-policy" if strategy == "hypothetical" else strategy
        for one, strategy in others.items()
        if one != event
    }


@dataclass(frozen=True)
class Group:
    """People of one arm of a trial."""

    rows: np.ndarray
    """Of the population"""
    stratum: np.ndarray
    """In words, in which each was randomised"""

    @classmethod
    def of(cls, entered: Enrolled, arm: int) -> Group:
        """Those who were given an arm, by its number."""
        own = entered.given.arm == arm
        return cls(entered.chosen[own], entered.frame["stratum"].to_numpy()[own])


class _Reading(Protocol):
    """An estimator of the difference of two arms."""

    def difference(
        self, arms: tuple[str, str], groups: list[Group], replicate: int
    ) -> tuple[float, float]:
        """Estimate and standard error."""
        ...


class _ArmByArm(ABC):
    """An estimator that is the difference of a quantity of each arm."""

    @abstractmethod
    def of(self, arm: str, rows: np.ndarray) -> tuple[float, float]:
        """The quantity of some people of an arm, and its squared error."""

    def difference(
        self, arms: tuple[str, str], groups: list[Group], replicate: int
    ) -> tuple[float, float]:
        """Estimate and standard error."""
        (one, v), (other, w) = (
            self.of(arm, group.rows) for arm, group in zip(arms, groups, strict=True)
        )
        return one - other, float(np.sqrt(v + w))


@dataclass(frozen=True)
class _Means(_ArmByArm):
    """An estimator that is a difference of means: arm -> a value a person, NaN where none."""

    values: Mapping[str, np.ndarray]

    def of(self, arm: str, rows: np.ndarray) -> tuple[float, float]:
        """Mean and its squared error."""
        known = self.values[arm][rows]
        known = known[~np.isnan(known)]
        if len(known) < 2:
            return np.nan, np.nan
        return float(known.mean()), float(known.var(ddof=1) / len(known))


@dataclass(frozen=True)
class _WithinStrata:
    """The same difference within the strata of the randomisation."""

    values: Mapping[str, np.ndarray]

    def difference(
        self, arms: tuple[str, str], groups: list[Group], replicate: int
    ) -> tuple[float, float]:
        """Estimate and standard error."""
        own, other = (self.values[arm][g.rows] for arm, g in zip(arms, groups, strict=True))
        found = mean_within_strata(own, groups[0].stratum, other, groups[1].stratum)
        return float(found.estimate), float(found.error)


@dataclass(frozen=True)
class _Survival(_ArmByArm):
    """An estimator that is a difference of Kaplan-Meier shares at a day from the origin."""

    time: Mapping[str, np.ndarray]
    event: Mapping[str, np.ndarray]
    day: float
    without: bool
    """Whether the share without the event is meant"""

    def of(self, arm: str, rows: np.ndarray) -> tuple[float, float]:
        """Share and its squared error (Greenwood)."""
        if len(rows) < 2:
            return np.nan, np.nan
        curve = kaplan_meier(self.time[arm][rows], self.event[arm][rows])
        share = float(curve.at(self.day))
        return (share if self.without else 1.0 - share), float(curve.error(self.day)) ** 2


@dataclass(frozen=True)
class _Imputed:
    """An estimator that imputes the months after an event: arm -> [people, months]."""

    months: Mapping[str, np.ndarray]
    weight: np.ndarray
    """Of each month in the mean"""
    rule: str
    seed: int

    def difference(
        self, arms: tuple[str, str], groups: list[Group], replicate: int
    ) -> tuple[float, float]:
        """By Rubin's rules; no estimate where the imputation fails."""
        own, other = (self.months[arm][group.rows] for arm, group in zip(arms, groups, strict=True))
        draw = np.random.default_rng([self.seed, replicate, int(Draw.IMPUTATION)])
        try:
            return imputed_difference(own, other, self.weight, self.rule, IMPUTATIONS, draw)
        except FailedFit:
            return np.nan, np.nan


def _readings(
    variable: Endpoint, outcomes: PotentialOutcomes, how: TrialConduct, seed: int,
    others: Strategies, event: str,
) -> dict[str, _Reading]:  # fmt: skip
    """Estimators by name, each with what it reads of everybody in every arm."""
    tables, used = outcomes.patients, outcomes.use_days

    def means(strategy: Strategy, days: Mapping[str, np.ndarray] = used) -> _Means:
        asked = {**others, event: strategy}
        return _Means(
            {arm: person_values(variable, asked, tables[arm], days[arm]) for arm in tables}
        )

    whole, names = means("treatment-policy"), _names(event)
    stayed = {
        arm: np.where(_left(variable, tables[arm], event), np.nan, whole.values[arm])
        for arm in tables
    }
    found: dict[str, _Reading] = {
        names[MISSING_AS_USE]: means("composite"),
        names[WHILE_SEEN]: means("while-on-treatment"),
        names[STAYED]: _Means(stayed),
    }
    if how.randomisation.strata:
        within = _WithinStrata(means("composite").values)
        found[f"{names[MISSING_AS_USE]}, {WITHIN}"] = within
    if event not in ("dropout", "death"):
        found = {f"regardless of {WORDS[event]}": whole, **found}
    if variable.kind != "days_abstinent":
        return found | {names[KAPLAN_MEIER]: _survival(variable, outcomes, event)}
    if event == "dropout":
        stream = Streams(seed, 0).of
        told = {
            arm: reported(days, how.follow_back, how.visits.every_days, stream(Draw.FOLLOW_BACK))
            for arm, days in used.items()
        }
        found[AS_TOLD] = means("while-on-treatment", told)
    return found | _imputed(variable, outcomes, event, seed)


def _names(event: str) -> dict[str, str]:
    """What estimators are called, drop-out's or another event's."""
    if event == "dropout":
        return {name: name for name in (MISSING_AS_USE, WHILE_SEEN, STAYED, KAPLAN_MEIER)}
    return {
        MISSING_AS_USE: f"{WORDS[event]} counted as use",
        WHILE_SEEN: f"what was seen before {WORDS[event]}",
        STAYED: f"people without {WORDS[event]}",
        KAPLAN_MEIER: f"Kaplan-Meier, censored at {WORDS[event]}",
    }


def _imputed(
    variable: Endpoint, outcomes: PotentialOutcomes, event: str, seed: int
) -> dict[str, _Reading]:
    months, weight = {}, np.zeros(0)
    for arm, table in outcomes.patients.items():
        until = first_day(table, {event: "while-on-treatment"}, "while-on-treatment")
        months[arm], weight = shares_by_month(variable, table, outcomes.use_days[arm], until)
    return {name: _Imputed(months, weight, rule, seed) for rule, name in IMPUTED.items()}


def _left(variable: Endpoint, patients: pd.DataFrame, event: str) -> np.ndarray:
    due = patients["origin_day"].to_numpy(dtype=float) + float(variable.horizon or 0.0)
    end = np.minimum(due, patients["end_day"].to_numpy(dtype=float))
    return first_day(patients, {event: "composite"}, "composite") < end


def _survival(variable: Endpoint, outcomes: PotentialOutcomes, event: str) -> _Survival:
    time, happened = {}, {}
    for arm, table in outcomes.patients.items():
        day = first_day(table, {event: "composite"}, "composite")
        censored = table.assign(dropout_day=np.where(np.isfinite(day), day, np.nan))
        seen = time_to_event(variable.subject or "lapse", censored, outcomes.use_days[arm])
        time[arm], happened[arm] = seen.time, seen.event
    without = variable.kind == "abstinence"
    return _Survival(time, happened, float(variable.horizon or 0.0), without)


def _performance(
    name: str, strategy: Strategy, known: tuple[float, float], found: np.ndarray
) -> Performance:
    truth, truth_error = known
    usable = found[np.isfinite(found).all(axis=1)]
    estimate, error = usable.T if len(usable) else (np.array([np.nan]), np.array([np.nan]))
    count = len(usable)
    told = count > 0 and np.isfinite(truth)
    held = float(np.mean(np.abs(estimate - truth) <= WALD * error)) if told else float("nan")
    return Performance(
        estimator=name,
        strategy=strategy,
        truth=truth,
        truth_error=truth_error,
        estimate=float(estimate.mean()),
        bias=float(estimate.mean() - truth),
        bias_error=float(estimate.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan"),
        coverage=held,
        coverage_error=float(np.sqrt(held * (1 - held) / max(count, 1))),
        trials=count,
        failed=len(found) - count,
    )
