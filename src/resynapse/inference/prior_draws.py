"""What do a trial's published contrasts become under draws of all parameters from their priors?

Draw number n of one seed takes the same random numbers for the parameters of every protocol, so
that trials can be set beside each other under one truth. What was simulated is kept on disk:
nothing is simulated twice, and a run that was stopped goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.cache import folder, keep_compiled
from resynapse.evidence import study as study_of
from resynapse.evidence.study import Number, Study
from resynapse.inference.another_study import Share, published_shares
from resynapse.inference.at_once import in_order
from resynapse.inference.follow_up import no_longer_than_needed
from resynapse.inference.kept import Arrays, engine_hash, kept_in
from resynapse.inference.statistic import CONTRASTS, Arm, level, statistic
from resynapse.patient import Patient, settings
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, dump
from resynapse.trial.arm_run import run_arm
from resynapse.trial.conduct import Conduct
from resynapse.trial.knowledge import PEOPLE, drawn
from resynapse.trial.model_hash import model_hash
from resynapse.trial.pilots import arms_felt

TRIALS = 20
"""trials of the published size that each draw is asked for"""
CHANCE = 5
"""tells the chance of who is in a trial from any other"""

Listener = Callable[[float, str], None]
PARTS = ("among_all", "in_trials", "shares")
"""of a draw, as it is kept"""


@dataclass(frozen=True)
class PriorDraws:
    """Published contrasts of one study over draws of the parameters; NaN where undefined."""

    protocol: str
    study: Study
    contrasts: tuple[Number, ...]
    among_all: np.ndarray
    """[draws, contrasts], among all simulated people of an arm"""
    in_trials: np.ndarray
    """[draws, trials, contrasts], in trials of the published size"""
    shares: dict[Share, np.ndarray]
    """[draws], among all simulated people: the shares whose counts contrasts follow from"""
    people: int
    """people simulated in each arm"""
    seed: int


def contrasts(study: Study) -> list[Number]:
    """What the study published that compares, and that a simulation can yield."""
    return [one for one in study.numbers if one.comparable and one.measure in CONTRASTS]


def prior_draws(
    protocol: Protocol, draws: int, *, people: int = PEOPLE, seed: int = 1,
    backend: str = DEFAULT, progress: Listener | None = None,
) -> PriorDraws:  # fmt: skip
    """Every published contrast of a completed trial under draws 0 to ``draws`` - 1.

    Of ``people`` an arm, or more where a trial of the published size has more in all.
    """
    back_end(backend)
    keep_compiled()
    people = enough(protocol, people)
    study = study_of(protocol.study or "")
    asked = contrasts(study)
    short = no_longer_than_needed(protocol, [one.endpoint for one in asked])
    short = short.model_copy(update={"endpoints": ()})
    store = _store(short, asked, people, seed, backend)

    def one(number: int) -> Arrays:
        place = store / f"{number:05d}.npz" if store else None
        make = partial(_draw, short, study, asked, number, people, seed, backend)
        return kept_in(place, PARTS, make)

    rows = []
    for number, row in enumerate(in_order(one, range(draws if asked else 0))):
        rows.append(tuple(row[name] for name in PARTS))
        if progress:
            progress((number + 1) / draws, f"{protocol.name}, draw {number + 1} of {draws}")
    many, few, levels = zip(*rows, strict=True) if rows else ((), (), ())
    named = _shares(study, asked)
    by_share = np.array(levels, float).reshape(len(rows), len(named))
    return PriorDraws(
        protocol.name, study, tuple(asked),
        np.array(many, float).reshape(len(rows), len(asked)),
        np.array(few, float).reshape(len(rows), TRIALS, len(asked)),
        dict(zip(named, by_share.T, strict=True)), people, seed,
    )  # fmt: skip


def enough(protocol: Protocol, people: int) -> int:
    """``people``, doubled until a trial of the published size has nobody in two arms."""
    while sum(sizes(protocol, people)) > people:
        people *= 2
    return people


def sizes(protocol: Protocol, people: int) -> list[int]:
    """People of each arm in a trial of the published size; even shares where none is published."""
    return [arm.n or people // len(protocol.arms) for arm in protocol.arms]


def _draw(
    protocol: Protocol, study: Study, asked: list[Number], number: int, people: int, seed: int,
    backend: str,
) -> Arrays:  # fmt: skip
    base = apply(Patient(), protocol.disorder)
    patient = drawn(base, seed, number, settings(protocol.switches.chosen))
    arms = simulated(protocol, patient, people, seed + number, backend)
    trials = [_values(asked, study, trial) for trial in _trials(protocol, arms, seed + number)]
    shares = [level(one, study, arms) for one in _shares(study, asked).values()]
    found = _values(asked, study, arms), np.array(trials), np.array(shares)
    return dict(zip(PARTS, found, strict=True))


def _values(asked: list[Number], study: Study, arms: dict[str, Arm]) -> np.ndarray:
    found = [statistic(one, study, arms) for one in asked]
    return np.array([np.nan if value is None else value for value in found], float)


def _shares(study: Study, asked: list[Number]) -> dict[Share, Number]:
    """The published shares that contrasts follow from, each once."""
    return {
        (share.endpoint, share.arm): share
        for one in asked
        for share in (published_shares(study, one) or {}).values()
    }


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
    chance = np.random.default_rng([seed, CHANCE])
    people = len(next(iter(arms.values())).table)
    ends = np.cumsum([0, *sizes(protocol, people)])
    for _ in range(TRIALS):
        order = chance.permutation(people)
        parts = [order[low:high] for low, high in pairwise(ends)]
        ids = [arm.id for arm in protocol.arms]
        yield {id: arms[id].some(part) for id, part in zip(ids, parts, strict=True)}


def _store(
    protocol: Protocol, asked: list[Number], people: int, seed: int, backend: str
) -> Path | None:
    what = [(one.endpoint, one.arm, one.reference, one.measure) for one in asked]
    parts = [
        model_hash(),
        dump(protocol),
        what,
        people,
        seed,
        backend,
        TRIALS,
        CHANCE,
        engine_hash(),
    ]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    return folder(f"prior-draws/{protocol.name}-{key}")
