"""How far is each estimator from each true value, and how often does its interval hold it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.protocol.conduct import TrialConduct
from resynapse.protocol.estimand import Strategy
from resynapse.trial.analysis.kaplan_meier import kaplan_meier
from resynapse.trial.endpoint_name import Endpoint
from resynapse.trial.estimand import Worlds, person_values, true_values
from resynapse.trial.measurement import reported
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.streams import Draw, Streams
from resynapse.trial.time_to_event import time_to_event
from resynapse.trial.trials import enrolled

WALD = 1.959964
"""97.5 % point of the standard normal: intervals are the estimate and so many errors"""

MISSING_AS_USE = "missing as use"
WHILE_SEEN = "what was seen before drop-out"
STAYED = "people who stayed"
KAPLAN_MEIER = "Kaplan-Meier, censored at drop-out"
AS_TOLD = "what was told before drop-out"


@dataclass(frozen=True)
class Performance:
    """One estimator against one true value."""

    estimator: str
    strategy: Strategy
    truth: float
    estimate: float
    """Mean over trials"""
    bias: float
    bias_error: float
    """Monte Carlo error"""
    coverage: float
    """Share of trials whose 95 % interval holds the truth"""
    coverage_error: float
    trials: int
    """Trials with an estimate"""
    failed: int


def performance(
    variable: Endpoint, known: Worlds, arm: str, people: int, trials: int, seed: int,
    conduct: TrialConduct | None = None,
) -> list[Performance]:  # fmt: skip
    """Every estimator against every strategy, over trials of so many people in all arms.

    Trials are drawn from the population whose true values these are, so the spread between trials
    is all there is of error; where a trial takes up much of the population, intervals hold the
    truth more often than they say.
    """
    how = conduct or TrialConduct()
    truths = true_values(variable, known, arm)
    readings = _readings(variable, known.as_is, how, seed)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in readings}
    here, there = (known.as_is.arms.index(one) for one in (arm, known.as_is.reference))
    for replicate in range(trials):
        chosen, given = _enrolled(known.as_is, people, seed, replicate, how)
        groups = [chosen[given == k] for k in (here, there)]
        for name, reading in readings.items():
            found[name].append(_difference(reading, (arm, known.as_is.reference), groups))
    return [
        _performance(name, strategy, truth, np.array(found[name]))
        for name in readings
        for strategy, truth in truths.items()
    ]


def _enrolled(
    outcomes: PotentialOutcomes, people: int, seed: int, replicate: int, how: TrialConduct
) -> tuple[np.ndarray, np.ndarray]:
    entered = enrolled(outcomes, people, Streams(seed, replicate), how, "lapse")
    return entered.chosen, entered.given.arm


@dataclass(frozen=True)
class _Means:
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
class _Survival:
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


def _readings(
    variable: Endpoint, outcomes: PotentialOutcomes, how: TrialConduct, seed: int
) -> dict[str, _Means | _Survival]:
    """Estimators by name, each with what it reads of everybody in every arm."""
    tables, used = outcomes.patients, outcomes.use_days

    def means(strategy: Strategy, days: Mapping[str, np.ndarray] = used) -> _Means:
        return _Means(
            {arm: person_values(variable, strategy, tables[arm], days[arm]) for arm in tables}
        )

    whole = means("treatment-policy")
    stayed = {
        arm: np.where(_left(variable, tables[arm]), np.nan, whole.values[arm]) for arm in tables
    }
    found: dict[str, _Means | _Survival] = {
        MISSING_AS_USE: means("composite"),
        WHILE_SEEN: means("while-on-treatment"),
        STAYED: _Means(stayed),
    }
    if variable.kind != "days_abstinent":
        return found | {KAPLAN_MEIER: _survival(variable, outcomes)}
    told = {
        arm: reported(days, how.follow_back, Streams(seed, 0).of(Draw.FOLLOW_BACK))
        for arm, days in used.items()
    }
    return found | {AS_TOLD: means("while-on-treatment", told)}


def _left(variable: Endpoint, patients: pd.DataFrame) -> np.ndarray:
    due = patients["origin_day"].to_numpy(dtype=float) + float(variable.horizon or 0.0)
    end = np.minimum(due, patients["end_day"].to_numpy(dtype=float))
    return patients["dropout_day"].fillna(np.inf).to_numpy(dtype=float) < end


def _survival(variable: Endpoint, outcomes: PotentialOutcomes) -> _Survival:
    time, event = {}, {}
    for arm, table in outcomes.patients.items():
        seen = time_to_event(variable.subject or "lapse", table, outcomes.use_days[arm])
        time[arm], event[arm] = seen.time, seen.event
    return _Survival(time, event, float(variable.horizon or 0.0), variable.kind == "abstinence")


def _difference(
    reading: _Means | _Survival, arms: tuple[str, str], groups: list[np.ndarray]
) -> tuple[float, float]:
    """Estimate and standard error."""
    (one, v), (other, w) = (reading.of(arm, rows) for arm, rows in zip(arms, groups, strict=True))
    return one - other, float(np.sqrt(v + w))


def _performance(name: str, strategy: Strategy, truth: float, found: np.ndarray) -> Performance:
    usable = found[np.isfinite(found).all(axis=1)]
    estimate, error = usable.T if len(usable) else (np.array([np.nan]), np.array([np.nan]))
    count = len(usable)
    held = float(np.mean(np.abs(estimate - truth) <= WALD * error))
    return Performance(
        estimator=name,
        strategy=strategy,
        truth=truth,
        estimate=float(estimate.mean()),
        bias=float(estimate.mean() - truth),
        bias_error=float(estimate.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan"),
        coverage=held,
        coverage_error=float(np.sqrt(max(held * (1 - held), 0.0) / max(count, 1))),
        trials=count,
        failed=len(found) - count,
    )
