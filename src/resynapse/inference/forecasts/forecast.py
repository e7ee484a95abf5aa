"""Which values will a pending trial show, if the model is right, and if expectancy is all there is?

Every draw takes all parameters from where they were fitted or from their priors, the differences
between sites among them, and other people. Contrasts of simulated trials of the planned size get
the spread between studies (``another_study``); levels get theirs from the sites. The rival sets
every path of ketamine but belief to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import keep_compiled
from resynapse.evidence.study import Number, Study, StudyArm
from resynapse.inference.another_study import in_another_study, spread
from resynapse.inference.forecasts.question import Question, Questions
from resynapse.inference.prior_draws import enough, simulated, sizes
from resynapse.inference.score import interval
from resynapse.inference.statistic import Arm, level, no_effect, statistic
from resynapse.patient import Patient, settings
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol
from resynapse.trial.knowledge import drawn
from resynapse.trial.parameter_set import ParameterSet
from resynapse.trial.site_draws import at_draw

DRAWS, PEOPLE, TRIALS, SEED = 96, 256, 8, 1
LEVELS = ("mean", "proportion")
RIVAL = {"expectancy_only": True}
Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Range:
    """What is forecast for one quantity: knowledge and the sampling of a trial of that size."""

    median: float
    low50: float
    high50: float
    low90: float
    high90: float
    knowledge_low90: float
    """the same among many people: no sampling"""
    knowledge_high90: float
    favours: float | None
    """probability that the contrast favours the arm; ties count half; None for a level"""


@dataclass(frozen=True)
class Foreseen:
    """One quantity under the model and under the rival."""

    question: Question
    model: Range
    rival: Range


def foresee(
    protocol: Protocol, asked: Questions, fitted: ParameterSet | None, *, draws: int = DRAWS,
    people: int = PEOPLE, seed: int = SEED, backend: str = DEFAULT,
    progress: Listener | None = None,
) -> tuple[Foreseen, ...]:  # fmt: skip
    """Every quantity asked of a trial; at least the trial's own number of people are simulated."""
    keep_compiled()
    rival = settings(RIVAL)
    found = []
    for turn, (fixed, known) in enumerate((({}, fitted), (rival, None))):

        def heard(share: float, turn: int = turn) -> None:
            if progress:
                progress(0.5 * (turn + share), f"{protocol.name}, {('model', 'rival')[turn]}")

        found.append(_values(protocol, asked, fixed, known, draws, people, seed, backend, heard))
    pairs = zip(asked.quantities, *(map(_range, asked.quantities, *v) for v in found), strict=True)
    return tuple(Foreseen(question, model, other) for question, model, other in pairs)


def _values(
    protocol: Protocol, asked: Questions, fixed: dict[str, float], fitted: ParameterSet | None,
    draws: int, people: int, seed: int, backend: str, heard: Callable[[float], None],
) -> tuple[list[np.ndarray], list[np.ndarray]]:  # fmt: skip
    """By quantity: values in trials of the planned size, and among all simulated people."""
    plain = protocol.model_copy(update={"endpoints": ()})
    base = apply(Patient(), protocol.disorder)
    fixed = settings(protocol.switches.chosen) | fixed
    study = _study(protocol, asked)
    people = enough(protocol, max(people, sum(arm.n or 0 for arm in protocol.arms)))
    few, many = [], []
    for number in range(draws):
        patient = drawn(base, seed, number, fixed, fitted)
        here = at_draw(plain, fitted, number)
        arms = simulated(here, patient, people, seed + number, backend)
        chance = np.random.default_rng([seed, number])
        many.append([_value(one, study, arms) for one in asked.quantities])
        for trial in _trials(protocol, arms, chance):
            few.append([_elsewhere(one, study, trial, chance) for one in asked.quantities])
        heard((number + 1) / draws)
    return list(np.array(few).T), list(np.array(many).T)


def _elsewhere(
    asked: Question, study: Study, trial: dict[str, Arm], chance: np.random.Generator
) -> float:
    """The quantity in this trial, where the effect of a study differs from others'."""
    value = _value(asked, study, trial)
    if asked.measure in LEVELS:
        return value
    _, effect = spread(chance)
    return float(in_another_study(_number(asked), np.array(value), effect))


def _study(protocol: Protocol, asked: Questions) -> Study:
    """The trial as the estimators know it: its arms, and those that are put together."""
    arms = tuple(StudyArm(arm.id, arm.label) for arm in protocol.arms)
    pools = tuple(StudyArm(id, id, pools=parts) for id, parts in asked.pools.items())
    return Study(
        protocol.name, (), 0, "", "forecast", "", "", "", "first dose", (*arms, *pools), ()
    )  # fmt: skip


def _number(asked: Question) -> Number:
    return Number(
        asked.endpoint, asked.arm, asked.measure, np.nan, "", "computed", "", True, asked.reference
    )


def _value(asked: Question, study: Study, arms: dict[str, Arm]) -> float:
    """NaN where these people do not tell."""
    number = _number(asked)
    if asked.measure == "interaction":
        a, b, c, d = (level(replace(number, arm=id), study, arms) for id in asked.of)
        return (a - b) - (c - d)
    found = level if asked.measure in LEVELS else statistic
    value = found(number, study, arms)
    return np.nan if value is None else float(value)


def _trials(
    protocol: Protocol, arms: dict[str, Arm], chance: np.random.Generator
) -> Iterator[dict[str, Arm]]:
    """Trials of the planned size: nobody is in two arms, as random keys are shared by arms."""
    people = len(next(iter(arms.values())).table)
    ids = [arm.id for arm in protocol.arms]
    ends = np.cumsum([0, *sizes(protocol, people)])
    for _ in range(TRIALS):
        order = chance.permutation(people)
        yield {
            id: arms[id].some(order[low:high])
            for id, (low, high) in zip(ids, pairwise(ends), strict=True)
        }


def _range(asked: Question, few: np.ndarray, many: np.ndarray) -> Range:
    few, many = few[np.isfinite(few)], many[np.isfinite(many)]
    favours = None
    if asked.benefit:
        side = np.sign(few - no_effect(asked.measure)) * (1.0 if asked.benefit == "higher" else -1)
        favours = round(float(np.mean(0.5 + 0.5 * side)), 3)
    ends = (float(np.median(few)), *interval(few, 50), *interval(few, 90), *interval(many, 90))
    median, low50, high50, low90, high90, low, high = (float(f"{end:.4g}") for end in ends)
    return Range(median, low50, high50, low90, high90, low, high, favours)
