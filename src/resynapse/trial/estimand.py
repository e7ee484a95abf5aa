"""What is the true value of an estimand, when the outcome of everybody in every arm is known?

The variable of each person is computed from the course that the simulation knows, under the
strategy for drop-out; the true value is the difference of its means between two arms over all
people, each of whom is in both. The hypothetical strategy needs a second run in which nobody
leaves, with the same chances otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.cache import keep_compiled
from resynapse.input_error import InputError
from resynapse.patient import Patient, configured
from resynapse.protocol import Arm, Protocol
from resynapse.protocol.estimand import Estimand, Strategy
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.arm_run import Passage
from resynapse.trial.conduct import Conduct
from resynapse.trial.endpoint_name import Endpoint, endpoints_for, parse
from resynapse.trial.everyone import Keep
from resynapse.trial.parameter_set import middle
from resynapse.trial.pilots import arms_felt
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.time_to_event import time_to_event

STRATEGIES: tuple[Strategy, ...] = (
    "treatment-policy", "hypothetical", "composite", "while-on-treatment",
)  # fmt: skip
NOBODY_LEAVES: Mapping[str, float] = {"dropout.baseline": 0.0}


@dataclass(frozen=True)
class Worlds:
    """The same people in every arm, as they are and had nobody left."""

    as_is: PotentialOutcomes
    all_stay: PotentialOutcomes


def worlds(protocol: Protocol, people: int, seed: int = 1) -> Worlds:
    """So many people through every arm twice, at the middle of the priors.

    In the second run drop-out is off and nobody stops a medication; what each arm feels like,
    against which people guess theirs, is that of the first.
    """
    keep_compiled()
    felt = arms_felt(protocol, _patient(protocol, {}), seed)
    kept = protocol.model_copy(update={"arms": tuple(map(_never_stopped, protocol.arms))})
    return Worlds(
        _outcomes(Conduct(protocol, _patient(protocol, {}), seed), felt, people),
        _outcomes(Conduct(kept, _patient(kept, NOBODY_LEAVES), seed), felt, people),
    )


def _patient(protocol: Protocol, settings: Mapping[str, float]) -> Patient:
    return configured(middle(protocol.disorder, None), protocol.switches.chosen, dict(settings))


def _never_stopped(arm: Arm) -> Arm:
    medications = tuple(one.model_copy(update={"may_stop": False}) for one in arm.medications)
    return arm.model_copy(update={"medications": medications})


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


def true_values(variable: Endpoint, known: Worlds, arm: str) -> dict[Strategy, float]:
    """Strategy -> the difference of means, the arm less the reference."""
    return {one: true_value(variable, one, known, arm) for one in STRATEGIES}


def true_value(variable: Endpoint, strategy: Strategy, known: Worlds, arm: str) -> float:
    """The difference of means under one strategy; people without a value are left out."""
    from_ = known.all_stay if strategy == "hypothetical" else known.as_is
    means = [
        np.nanmean(person_values(variable, strategy, from_.patients[one], from_.use_days[one]))
        for one in (arm, from_.reference)
    ]
    return float(means[0] - means[1])


def person_values(
    variable: Endpoint, strategy: Strategy, patients: pd.DataFrame, use_days: np.ndarray
) -> np.ndarray:
    """The variable of each person from the whole course: 1 or 0, or % of days.

    Under the composite strategy every day from drop-out on is a day of use, and drop-out an
    event; while on treatment, nothing from drop-out on counts (NaN where no day came before it).
    """
    origin = patients["origin_day"].to_numpy(dtype=float)
    end = np.minimum(origin + variable.horizon, patients["end_day"].to_numpy(dtype=float))
    left = patients["dropout_day"].fillna(np.inf).to_numpy(dtype=float)
    if variable.kind == "days_abstinent":
        return 100.0 * _share_without_use(strategy, patients, use_days, end, left)
    subject = variable.subject or "lapse"
    whole = time_to_event(subject, patients.assign(dropout_day=np.nan), use_days)
    day = np.where(whole.event, origin + whole.time, np.inf)
    happened = day <= end
    if strategy == "composite":
        happened |= left <= end
    if strategy == "while-on-treatment":
        happened &= day <= left
    return 1.0 - happened if variable.kind == "abstinence" else happened.astype(float)


def _share_without_use(
    strategy: Strategy, patients: pd.DataFrame, use_days: np.ndarray, end: np.ndarray,
    left: np.ndarray,
) -> np.ndarray:  # fmt: skip
    origin = patients["origin_day"].to_numpy(dtype=float)
    start = np.maximum(origin, patients["community_day"].to_numpy(dtype=float))
    day = np.arange(use_days.shape[1])
    counts = (day >= np.ceil(start)[:, None]) & (day < np.floor(end)[:, None])
    used = use_days > 0
    if strategy == "composite":
        used = used | (day >= left[:, None])
    if strategy == "while-on-treatment":
        counts &= day < np.floor(left)[:, None]
    days = counts.sum(axis=1)
    return np.where(days > 0, 1.0 - (used & counts).sum(axis=1) / np.maximum(days, 1), np.nan)
