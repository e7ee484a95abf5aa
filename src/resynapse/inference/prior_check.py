"""Do the priors leave room for what was published, and for no effect?

Parameters are drawn from their priors, every arm is simulated with each draw, and each published
contrast is computed by the trial's own estimator: among many people, and in trials of the
published size, and in other studies of that size, which differ by more than sampling. Nothing is
fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.cache import keep_compiled
from resynapse.evidence import study as study_of
from resynapse.evidence.study import Number, Study
from resynapse.inference.another_study import in_another_study
from resynapse.inference.follow_up import no_longer_than_needed
from resynapse.inference.statistic import CONTRASTS, Arm, no_effect, statistic
from resynapse.patient import Patient, settings
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol
from resynapse.trial.arm_run import run_arm
from resynapse.trial.conduct import Conduct
from resynapse.trial.knowledge import PEOPLE, drawn
from resynapse.trial.pilots import arms_felt

DRAWS = 40
TRIALS = 5
"""trials of the published size that each draw is asked for"""
STUDIES = 6
"""tells the chance of studies from that of trials"""
INTERVAL = (5.0, 50.0, 95.0)
WIDE = (2.5, 97.5)

Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Row:
    """One published contrast beside what the priors allow."""

    endpoint: str
    arm: str
    reference: str | None
    measure: str
    published: float
    no_effect: float
    expected: tuple[float, float, float]
    """5, 50 and 95 % over draws, among many people an arm"""
    as_published: tuple[float, float, float]
    """the same in trials of the published size"""
    another_study: tuple[float, float, float]
    """the same in other studies of that size"""
    another_study_95: tuple[float, float]
    """2.5 and 97.5 % in other studies of that size"""
    draws: int
    """draws in which the contrast is defined"""

    @property
    def holds_published(self) -> bool:
        """Whether the published value lies within the 95 % of other studies of that size."""
        return self.another_study_95[0] <= self.published <= self.another_study_95[1]

    @property
    def holds_no_effect(self) -> bool:
        """Whether no effect lies within the 95 % of other studies of that size."""
        return self.another_study_95[0] <= self.no_effect <= self.another_study_95[1]


@dataclass(frozen=True)
class Check:
    """All contrasts of one protocol."""

    protocol: str
    study: str
    role: str
    draws: int
    people: int
    rows: tuple[Row, ...]


def contrasts(study: Study) -> list[Number]:
    """What the study published that compares, and that a simulation can yield."""
    return [one for one in study.numbers if one.comparable and one.measure in CONTRASTS]


def prior_check(
    protocol: Protocol, *, draws: int = DRAWS, people: int = PEOPLE, seed: int = 1,
    backend: str = DEFAULT, progress: Listener | None = None,
) -> Check:  # fmt: skip
    """The interval of every published contrast over draws of all parameters from their priors."""
    back_end(backend)
    keep_compiled()
    found = study_of(protocol.study or "")
    asked = contrasts(found)
    short = no_longer_than_needed(protocol, [one.endpoint for one in asked])
    short = short.model_copy(update={"endpoints": ()})
    base = apply(Patient(), protocol.disorder)
    many: list[list[float]] = [[] for _ in asked]
    few: list[list[float]] = [[] for _ in asked]
    other: list[list[float]] = [[] for _ in asked]
    for number in range(draws if asked else 0):
        patient = drawn(base, seed, number, settings(protocol.switches.chosen))
        arms = simulated(short, patient, people, seed + number, backend)
        trials = list(_trials(short, arms, seed + number))
        chance = np.random.default_rng([seed + number, STUDIES])
        for k, one in enumerate(asked):
            in_trials = [statistic(one, found, trial) for trial in trials]
            many[k] += _defined([statistic(one, found, arms)])
            few[k] += _defined(in_trials)
            other[k] += _defined(
                in_another_study(one, found, arms, value, chance) for value in in_trials
            )
        if progress:
            progress((number + 1) / draws, f"draw {number + 1} of {draws}")
    rows = tuple(_row(*row) for row in zip(asked, many, few, other, strict=True))
    return Check(protocol.name, found.id, found.role, draws, people, rows)


def _row(number: Number, many: list[float], few: list[float], other: list[float]) -> Row:
    low, high = np.percentile(other, WIDE) if other else [np.nan] * 2
    return Row(
        number.endpoint, number.arm, number.reference, number.measure, number.value,
        no_effect(number.measure), _interval(many), _interval(few), _interval(other),
        (float(low), float(high)), len(many),
    )  # fmt: skip


def _interval(values: list[float]) -> tuple[float, float, float]:
    low, middle, high = np.percentile(values, INTERVAL) if values else [np.nan] * 3
    return float(low), float(middle), float(high)


def _defined(values: Any) -> list[float]:
    return [value for value in values if value is not None and np.isfinite(value)]


def simulated(
    protocol: Protocol, patient: Patient, people: int, seed: int, backend: str
) -> dict[str, Arm]:
    """Every arm with this many people, the same people in each."""
    felt = arms_felt(protocol, patient, seed, backend)
    conduct = Conduct(protocol, patient, seed, backend=backend)
    found = {}
    for arm in protocol.arms:
        result = run_arm(conduct, arm, felt[arm.id], people, lambda _: None).result
        found[arm.id] = Arm(result.patients, result.use_days)
    return found


def _trials(protocol: Protocol, arms: dict[str, Arm], seed: int) -> Iterator[dict[str, Arm]]:
    """Trials of the published size: nobody is in two arms, as random keys are shared by arms."""
    chance = np.random.default_rng([seed, TRIALS])
    people = len(next(iter(arms.values())).table)
    sizes = [arm.n or people // len(arms) for arm in protocol.arms]
    for _ in range(TRIALS):
        order = chance.permutation(people)
        ends = np.cumsum([0, *sizes])
        parts = [order[low:high] for low, high in pairwise(ends)]
        ids = [arm.id for arm in protocol.arms]
        yield {id: arms[id].some(part) for id, part in zip(ids, parts, strict=True)}
