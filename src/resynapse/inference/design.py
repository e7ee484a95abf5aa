"""What do the published statistics become at many settings of the model?

A design is a list of draws: the free numbers at scrambled Sobol points of their slabs, what is
uncertain beside them from its priors. Every draw sends the same people through every arm of a
trial (common random numbers), and each published statistic is computed among all of them and
in trials of the published size. What was simulated is kept on disk, so that nothing is
simulated twice and a run that was stopped goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import folder, keep_compiled
from resynapse.evidence import study as study_of
from resynapse.evidence.study import Number, Study
from resynapse.inference.at_once import in_order
from resynapse.inference.follow_up import no_longer_than_needed
from resynapse.inference.free import World, slab_points
from resynapse.inference.kept import Arrays, engine_hash, kept_in
from resynapse.inference.prior_draws import enough, simulated, sizes
from resynapse.inference.statistic import Arm, level, statistic
from resynapse.inference.weekly_rule import is_weekly_rule
from resynapse.parameter import entries, lookup, replace
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, dump
from resynapse.trial.endpoint_name import is_endpoint
from resynapse.trial.fitted import that_hold
from resynapse.trial.knowledge import drawn
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import ParameterSet, holds, less
from resynapse.trial.site_numbers import site_numbers

PEOPLE = 512
TRIALS = 8
"""trials of the published size that each draw is asked for"""
POINTS = 512
"""Sobol points; a shorter design takes the first of them"""
POOL = 312
"""draws from this number on are made of other people, for checks on data not trained on"""
SEED = 4
LEVELS = ("proportion", "mean")
STATISTICS = ("among_all", "in_trials")

Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Design:
    """Statistics of one study over draws; rows are draws, columns the study's numbers."""

    study: str
    protocol: str
    numbers: tuple[Number, ...]
    free: np.ndarray
    """[draws, free numbers]"""
    among_all: np.ndarray
    """[draws, numbers], among all simulated people of an arm"""
    in_trials: np.ndarray
    """[draws, trials, numbers], in trials of the published size"""
    people: int
    """people simulated in each arm"""


def asked(study: Study) -> tuple[Number, ...]:
    """What the study published that a simulation of it can yield."""
    return tuple(
        one for one in study.numbers if one.comparable and (one.reference or _read_off(one))
    )


def _read_off(one: Number) -> bool:
    """Whether it is a level, or its change, that the endpoints of a trial have."""
    known = is_endpoint(one.endpoint) or is_weekly_rule(one.endpoint)
    return one.measure in (*LEVELS, "mean_change") and known


def free_points(world: World, draws: int) -> np.ndarray:
    """The free numbers of the first draws, [draws, free numbers]."""
    return slab_points(world.free, draws, SEED)


def design(
    protocol: Protocol, world: World, draws: int, *, people: int = PEOPLE,
    backend: str = DEFAULT, progress: Listener | None = None, study: Study | None = None,
) -> Design:  # fmt: skip
    """The statistics of a study at the first ``draws`` points of a world.

    The study is the protocol's, or ``study``, which is not in the package. ``people`` are
    simulated in each arm, and more where trials of the published size need them.
    """
    keep_compiled()
    people = enough(protocol, people)
    study = study or study_of(protocol.study or "")
    numbers = asked(study)
    short = _short(protocol, numbers, world)
    store = _store(short, world, numbers, people)
    points, before = free_points(world, draws), earlier(world, short)

    def one(number: int) -> Arrays:
        place, point = store / f"{number:05d}.npz" if store else None, points[number]
        make = partial(_draw, short, study, numbers, world, before, point, number, people, backend)
        return kept_in(place, STATISTICS, make)

    rows = []
    for number, row in enumerate(in_order(one, range(draws))):
        rows.append(row)
        if progress:
            progress((number + 1) / draws, f"{protocol.name}, {world.name}")
    among_all, in_trials = (np.array([row[name] for row in rows]) for name in STATISTICS)
    return Design(study.id, protocol.name, numbers, points, among_all, in_trials, people)


def simulated_before(protocol: Protocol, world: World, people: int = PEOPLE) -> bool:
    """Whether any draw of this design is kept."""
    numbers = asked(study_of(protocol.study or ""))
    short = _short(protocol, numbers, world)
    store = _store(short, world, numbers, enough(protocol, people))
    return store is not None and any(store.glob("*.npz"))


def at(
    protocol: Protocol, world: World, point: np.ndarray, number: int, before: ParameterSet | None
) -> Patient:
    """The model of one draw: fitted numbers as given, uncertain ones drawn, the rest held.

    ``before`` is what ``earlier`` gives, once for all draws.
    """
    base = apply(Patient(), protocol.disorder)
    loose = drawn(base, SEED, number, {})
    varied = {e.path: lookup(loose, e.path) for e in entries(base) if world.is_drawn(e.path)}
    row = before.row(number) if before else {}
    return replace(base, varied | row | world.settings(point))


def earlier(world: World, protocol: Protocol) -> ParameterSet | None:
    """Draws of the stages before that hold for the people of a protocol; None where none does.

    What the disorder's pack sets, or the site has for itself, stays as it is.
    """
    held = that_hold(world.over, protocol.disorder)
    return held and less(held, site_numbers(protocol))


def of_disorder(world: World, disorder: str) -> list[ParameterSet]:
    """The earlier stages of a world that say anything of people with this disorder."""
    return [one for one in world.over if all(holds(stage, disorder) for stage in one.stages)]


def _draw(
    protocol: Protocol, study: Study, numbers: tuple[Number, ...], world: World,
    before: ParameterSet | None, point: np.ndarray, number: int, people: int, backend: str,
) -> Arrays:  # fmt: skip
    patient = at(protocol, world, point, number, before)
    seed = SEED + int(number >= POOL)
    arms = simulated(protocol, patient, people, seed, backend)
    everyone = _values(numbers, study, arms)
    trials = [_values(numbers, study, trial) for trial in _trials(protocol, arms, number)]
    return dict(zip(STATISTICS, (everyone, np.array(trials)), strict=True))


def _values(numbers: tuple[Number, ...], study: Study, arms: dict[str, Arm]) -> np.ndarray:
    found = [
        level(one, study, arms) if one.measure in LEVELS else statistic(one, study, arms)
        for one in numbers
    ]
    return np.array([np.nan if value is None else value for value in found], float)


def _trials(protocol: Protocol, arms: dict[str, Arm], number: int) -> list[dict[str, Arm]]:
    """Trials of the published size: nobody is in two arms, as random keys are shared by arms."""
    chance = np.random.default_rng([SEED, TRIALS, number])
    ids = [arm.id for arm in protocol.arms]
    people = len(arms[ids[0]].table)
    ends = np.cumsum([0, *sizes(protocol, people)])
    orders = [chance.permutation(people) for _ in range(TRIALS)]
    return [
        {
            id: arms[id].some(order[low:high])
            for id, (low, high) in zip(ids, pairwise(ends), strict=True)
        }
        for order in orders
    ]


def _short(protocol: Protocol, numbers: tuple[Number, ...], world: World) -> Protocol:
    """The protocol as this hypothesis has it, no longer than its numbers need."""
    protocol = no_longer_than_needed(protocol, [one.endpoint for one in numbers])
    protocol = protocol.model_copy(update={"endpoints": ()})
    if not world.one_frailty:
        return protocol
    site = protocol.setting.site.model_copy(update={"uncommitted": 0.0})
    return protocol.model_copy(
        update={"setting": protocol.setting.model_copy(update={"site": site})}
    )


def _store(
    protocol: Protocol, world: World, numbers: tuple[Number, ...], people: int
) -> Path | None:
    free = [(one.name, str(one.slab), dict(one.moves)) for one in world.free]
    what = [(one.endpoint, one.arm, one.reference, one.measure) for one in numbers]
    parts = [model_hash(), dump(protocol), world.name, free, world.drawn, dict(world.fixed), what,
             people, TRIALS, POOL, SEED, engine_hash()]  # fmt: skip
    parts += [one.content for one in of_disorder(world, protocol.disorder)]
    key = json.dumps(parts)
    return folder(f"designs/{protocol.name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}")
