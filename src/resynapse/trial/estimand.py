"""What is the true value of an estimand, when the outcome of everybody in every arm is known?

The variable of each person is computed from the course that the simulation knows, under the
strategies for drop-out, rescue medication, incarceration and death; the true value is the
difference of its means between two arms over all people, each of whom is in both. The hypothetical
strategy needs another run, in which nobody leaves or is given rescue medication, with the same
chances otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations

import numpy as np
import pandas as pd

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.cache import keep_compiled
from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.protocol import Arm, Protocol
from resynapse.protocol.conduct import Interruptions
from resynapse.protocol.estimand import Estimand, Strategy
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.protocol.without_use import ensure_use
from resynapse.trial.arm_run import Passage
from resynapse.trial.conduct import Conduct
from resynapse.trial.endpoint_name import Endpoint, endpoints_for, parse
from resynapse.trial.everyone import Keep
from resynapse.trial.fitted import fitted_at
from resynapse.trial.hypothesis import hypothesis
from resynapse.trial.interruptions import COLUMNS, by_rule, has_rescue
from resynapse.trial.parameter_set import CALIBRATED, ParameterSet, middle
from resynapse.trial.pilots import arms_felt
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.time_to_event import time_to_event
from resynapse.trial.timeline import treatment_ends

STRATEGIES: tuple[Strategy, ...] = (
    "treatment-policy", "hypothetical", "composite", "while-on-treatment",
)  # fmt: skip
EVENT_DAYS: Mapping[str, str] = {"dropout": "dropout_day", **COLUMNS}
"""Intercurrent event -> column of its day"""
NOBODY_LEAVES: Mapping[str, float] = {"dropout.baseline": 0.0}


Strategies = Mapping[str, Strategy]
"""Event -> strategy; an event that is not named does not matter"""
PREVENTED = ("dropout", "rescue_medication")
"""Events without which people take another course, so that it needs its own run"""


@dataclass(frozen=True)
class Worlds:
    """The same people in every arm, as they are, and had some events not happened."""

    as_is: PotentialOutcomes
    without: Mapping[frozenset[str], Callable[[], PotentialOutcomes]]
    """Events of ``PREVENTED`` -> what gives the outcomes had none of them happened"""

    def of(self, strategies: Strategies) -> PotentialOutcomes:
        """Outcomes without the events whose strategy is hypothetical.

        Incarceration and death move nobody's course: had they not happened, it is as it is.
        """
        absent = (e for e in PREVENTED if strategies.get(e) == "hypothetical")
        known = {event for events in self.without for event in events}
        wanted = frozenset(absent) & known
        return self.without[wanted]() if wanted else self.as_is


def worlds(
    protocol: Protocol, people: int, seed: int = 1, parameters: str = CALIBRATED
) -> Worlds:  # fmt: skip
    """So many people through every arm, at the middle parameters, once for each world asked.

    Without drop-out nobody leaves or stops a medication; without rescue medication no rule gives
    one. What each arm feels like, against which people guess theirs, is that of the first run, as
    are the day on which treatment ends and all chances.
    """
    ensure_use(protocol, "estimand")
    keep_compiled()
    fitted = fitted_at(parameters, protocol)
    patient = _patient(protocol, fitted, {})
    felt, ends = arms_felt(protocol, patient, seed), treatment_ends(protocol, patient)
    events = PREVENTED if has_rescue(protocol) else PREVENTED[:1]

    @cache
    def without(absent: frozenset[str]) -> PotentialOutcomes:
        own = protocol.model_copy(
            update={"arms": tuple(_arm_without(arm, absent) for arm in protocol.arms)}
        )
        settings = NOBODY_LEAVES if "dropout" in absent else {}
        return _outcomes(
            Conduct(own, _patient(own, fitted, settings), seed, ends=ends), felt, people
        )

    every = [frozenset(some) for k in range(len(events)) for some in combinations(events, k + 1)]
    return Worlds(without(frozenset()), {absent: partial(without, absent) for absent in every})


def _arm_without(arm: Arm, absent: frozenset[str]) -> Arm:
    days = by_rule(arm) if "rescue_medication" in absent else ()
    kept = [one for one in arm.medications if not (one.if_rule and one.start_day in days)]
    if "dropout" in absent:
        kept = [one.model_copy(update={"may_stop": False}) for one in kept]
    return arm.model_copy(update={"medications": tuple(kept)})


def _patient(
    protocol: Protocol, fitted: ParameterSet | None, settings: Mapping[str, float]
) -> Patient:  # fmt: skip
    return hypothesis(protocol, settings=settings).of(middle(protocol.disorder, fitted))


def _outcomes(conduct: Conduct, felt: Mapping[str, ArmsFelt], people: int) -> PotentialOutcomes:
    protocol, tables, used = conduct.protocol, {}, {}
    for arm in protocol.arms:
        left = Passage.of(conduct, arm, felt[arm.id]).take(0, people, Keep(people))
        rows = {k.removeprefix("row/"): v for k, v in left.items() if k.startswith("row/")}
        tables[arm.id] = pd.DataFrame(rows)
        used[arm.id] = np.unpackbits(left["used"], axis=1, count=int(left["days"]))
    allocation = tuple(arm.allocation for arm in protocol.arms)
    return PotentialOutcomes(tables, used, protocol.reference, allocation)


def understood(protocol: Protocol, asked: Estimand) -> Endpoint:
    """The variable of an estimand; refused where the trial cannot have it."""
    arms = [arm.id for arm in protocol.arms if arm.id != protocol.reference]
    if asked.arm not in arms:
        raise InputError(
            f"Estimand {asked.name!r}: no arm {asked.arm!r} to compare with {protocol.reference}."
            f"{did_you_mean(asked.arm, arms)} Choose from {', '.join(arms) or 'none'}."
        )
    variable = parse(asked.variable)
    fits = variable.kind in ("incidence", "abstinence", "days_abstinent")
    if not fits or variable.horizon is None or variable.observed or variable.committed:
        raise InputError(
            f"Estimand {asked.name!r}: {asked.variable!r} is no variable with a true value here; "
            "choose lapse_, relapse_, abstinence_ or days_abstinent_percent_ with a number of "
            "days, weeks or months."
        )
    if "dropout" in variable.subject:
        raise InputError(
            f"Estimand {asked.name!r}: {asked.variable!r} counts drop-out as the event; ask for "
            f"{variable.subject.split('_')[0]} with `dropout: composite`."
        )
    for arm in protocol.arms:
        endpoints_for([asked.variable], protocol.follow_up_days, protocol.origin_day(arm))
    return variable


def ensure_possible(protocol: Protocol, event: str) -> None:
    """Refuse an event that is none, or that cannot happen in this protocol."""
    if event not in EVENT_DAYS:
        raise InputError(
            f"--event {event}: no intercurrent event.{did_you_mean(event, list(EVENT_DAYS))} "
            f"Choose from {', '.join(EVENT_DAYS)}."
        )
    how = protocol.conduct.interruptions if protocol.conduct else Interruptions()
    needs = {
        "rescue_medication": (has_rescue(protocol), "a medication with if_rule in an arm"),
        "incarceration": (how.incarcerations_per_year > 0, "incarcerations_per_year"),
        "death": (how.deaths, "deaths: true"),
    }
    there, remedy = needs.get(event, (True, ""))
    if not there:
        where = "" if event == "rescue_medication" else " in the section conduct, interruptions"
        raise InputError(f"--event {event}: it never happens in {protocol.name}; write {remedy}"
                         f"{where}.")  # fmt: skip


def true_values(
    variable: Endpoint, known: Worlds, arm: str, others: Strategies, event: str = "dropout"
) -> dict[Strategy, float]:
    """Strategy for an event -> the difference of means, with ``others`` for all other events."""
    return {
        one: true_value(variable, {**others, event: one}, known, arm) for one in possible(event)
    }


def possible(event: str) -> tuple[Strategy, ...]:
    """The strategies for an event; after death no treatment policy has a value."""
    return STRATEGIES[1:] if event == "death" else STRATEGIES


def true_errors(
    variable: Endpoint, known: Worlds, arm: str, others: Strategies, event: str = "dropout"
) -> dict[Strategy, float]:
    """Strategy for an event -> Monte Carlo error of its true value as that of the model.

    The value is exact for the people simulated; others would have another. Of N people, each in
    both arms, sd(u) / sqrt(N), u = N (x - mean) / n of one arm less that of the other, 0 where a
    person has no value; NaN where nobody of an arm has one.
    """
    found = {}
    for one in possible(event):
        values = _values(variable, {**others, event: one}, known, arm)
        if any(np.isnan(x).all() for x in values):
            found[one] = float("nan")
            continue
        u = [
            np.nan_to_num((x - np.nanmean(x)) * len(x) / np.count_nonzero(~np.isnan(x)))
            for x in values
        ]
        found[one] = float(np.std(u[0] - u[1], ddof=1) / np.sqrt(len(u[0])))
    return found


def true_value(variable: Endpoint, strategies: Strategies, known: Worlds, arm: str) -> float:
    """The difference of means under these strategies; people without a value are left out.

    NaN where nobody of an arm has one.
    """
    one, other = _values(variable, strategies, known, arm)
    if np.isnan(one).all() or np.isnan(other).all():
        return float("nan")
    return float(np.nanmean(one) - np.nanmean(other))


def _values(
    variable: Endpoint, strategies: Strategies, known: Worlds, arm: str
) -> tuple[np.ndarray, np.ndarray]:
    """Of everybody in the arm and in the reference."""
    from_ = known.of(strategies)
    one, other = (
        person_values(variable, strategies, from_.patients[name], from_.use_days[name])
        for name in (arm, from_.reference)
    )
    return one, other


def person_values(
    variable: Endpoint, strategies: Strategies, patients: pd.DataFrame, use_days: np.ndarray
) -> np.ndarray:
    """The variable of each person from the whole course: 1 or 0, or % of days.

    Under the composite strategy every day from the event on is a day of use, and the event counts
    as that of the variable; while on treatment, nothing from the event on counts (NaN where no day
    came before it). The first event of each strategy decides.
    """
    origin = patients["origin_day"].to_numpy(dtype=float)
    end = np.minimum(origin + variable.horizon, patients["end_day"].to_numpy(dtype=float))
    failed = first_day(patients, strategies, "composite")
    until = first_day(patients, strategies, "while-on-treatment")
    if variable.kind == "days_abstinent":
        return 100.0 * _share_without_use(patients, use_days, end, failed, until)
    subject = variable.subject or "lapse"
    whole = time_to_event(subject, patients.assign(dropout_day=np.nan), use_days)
    day = np.where(whole.event, origin + whole.time, np.inf)
    happened = ((day <= end) & (day <= until)) | ((failed <= end) & (failed <= until))
    return 1.0 - happened if variable.kind == "abstinence" else happened.astype(float)


def first_day(patients: pd.DataFrame, strategies: Strategies, strategy: Strategy) -> np.ndarray:
    """Day of the first event that has this strategy, d from entry; infinite without any."""
    day = np.full(len(patients), np.inf)
    for event, column in EVENT_DAYS.items():
        if strategies.get(event) == strategy and column in patients:
            day = np.fmin(day, patients[column].fillna(np.inf).to_numpy(dtype=float))
    return day


def _share_without_use(
    patients: pd.DataFrame, use_days: np.ndarray, end: np.ndarray, failed: np.ndarray,
    until: np.ndarray,
) -> np.ndarray:  # fmt: skip
    origin = patients["origin_day"].to_numpy(dtype=float)
    start = np.maximum(origin, patients["community_day"].to_numpy(dtype=float))
    day = np.arange(use_days.shape[1])
    counts = (day >= np.ceil(start)[:, None]) & (day < np.floor(np.minimum(end, until))[:, None])
    used = (use_days > 0) | (day >= failed[:, None])
    days = counts.sum(axis=1)
    return np.where(days > 0, 1.0 - (used & counts).sum(axis=1) / np.maximum(days, 1), np.nan)
