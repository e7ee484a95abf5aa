"""What does a planned trial show at many settings of the model?

The free numbers stand at scrambled Sobol points of their slabs; what is uncertain beside them
(kinetics, therapy, how easily people use at the site, natural history) is drawn, so that a trial
cannot tell them by knowing what nobody knows. Kept on disk, so that nothing is simulated twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import folder, keep_compiled
from resynapse.inference.at_once import in_order
from resynapse.inference.between_studies import BETWEEN_BASELINES
from resynapse.inference.design import SEED, Listener, at, free_points
from resynapse.inference.free import World
from resynapse.inference.information.arm_outcome import LAST, ArmOutcome, arm_outcome
from resynapse.inference.kept import Arrays, engine_hash, kept_in
from resynapse.inference.prior_draws import simulated
from resynapse.inference.stages.ketamine import BELIEF, DRAWN, EARLY_EFFECT, WINDOW_GAIN
from resynapse.input_error import InputError
from resynapse.parameter import replace
from resynapse.protocol import Protocol, dump
from resynapse.trial.fitted import that_hold
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import ParameterSet, shipped_set

WORLD = World(
    "what a trial may tell", (EARLY_EFFECT, WINDOW_GAIN, BELIEF[0]),
    (*DRAWN, "window.sustained_time", "expectancy.lasting"), {},
    "early effect, window gain and belief, each half-spike",
)  # fmt: skip
NOTHING_FELT = {
    "dissociation.typical_maximum": 1e-6, "dissociation.after_midazolam": 1e-6,
    "dissociation.after_saline": 1e-6,
}  # fmt: skip
"""as under anaesthesia: no arm feels different"""
NATURAL_HISTORY = "natural-history"
PEOPLE = 256
POINTS = 48


@dataclass(frozen=True)
class Planned:
    """A trial at many settings."""

    arms: tuple[str, ...]
    free: np.ndarray
    """[draws, free numbers]"""
    values: np.ndarray
    """[draws, statistics of all arms]"""
    covariance: np.ndarray
    """of one person in each arm, mean over draws, [statistics, statistics]"""


def of_arms(protocol: Protocol, arms: Sequence[str], days: float) -> Protocol:
    """The trial with these arms alone, all where none are given, followed so many days at most."""
    known = [arm.id for arm in protocol.arms]
    unknown = [one for one in arms if one not in known]
    if unknown:
        raise InputError(
            f"--arms: {protocol.name} has no arm {', '.join(unknown)}. It has {', '.join(known)}."
        )
    home = protocol.setting.community_day
    if days < home + LAST:
        raise InputError(
            f"--days {days:g}: people are at home from day {home:g} on and are read over the last"
            f" {LAST} days. Give at least {home + LAST:g}."
        )
    chosen = tuple(arm for arm in protocol.arms if arm.id in (arms or known))
    if len(chosen) < 2:
        raise InputError("--arms: a trial compares at least two arms.")
    ids = [arm.id for arm in chosen]
    return protocol.model_copy(
        update={
            "arms": chosen, "visits": (), "endpoints": (), "estimands": None,
            "reference": protocol.reference if protocol.reference in ids else ids[0],
            "follow_up_days": min(protocol.follow_up_days, days),
        }
    )  # fmt: skip


def planned(
    protocol: Protocol, *, nothing_felt: bool = False, points: int = POINTS, people: int = PEOPLE,
    backend: str = DEFAULT, progress: Listener | None = None,
) -> Planned:  # fmt: skip
    """Simulate the trial; arms that felt nothing differ by nothing that people can tell."""
    keep_compiled()
    fixed = NOTHING_FELT if nothing_felt else {}
    short = protocol.model_copy(update={"visits": (), "endpoints": ()})
    store = _store(short, fixed, people, backend)
    free = free_points(WORLD, points)

    def one(number: int) -> Arrays:
        place = store / f"{number:05d}.npz" if store else None
        make = partial(_simulated, short, free[number], number, fixed, people, backend)
        return kept_in(place, _names(short), make)

    rows = []
    for number, row in enumerate(in_order(one, range(points))):
        rows.append(_outcomes(row))
        if progress:
            progress((number + 1) / points, f"simulating {protocol.name}")
    values = np.array([np.concatenate([arm.values for arm in row]) for row in rows])
    covariance = np.mean([_block([arm.covariance for arm in row]) for row in rows], axis=0)
    return Planned(tuple(arm.id for arm in protocol.arms), free, values, covariance)


def _simulated(
    protocol: Protocol, point: np.ndarray, number: int, fixed: dict[str, float], people: int,
    backend: str,
) -> Arrays:  # fmt: skip
    before = natural_history(protocol.disorder)
    patient = replace(at(protocol, WORLD, point, number, before), fixed)
    arms = simulated(_elsewhere(protocol, number), patient, people, SEED, backend)
    home = protocol.setting.community_day
    found = [arm_outcome(arms[arm.id], home) for arm in protocol.arms]
    parts = [part for one in found for part in (one.values, one.covariance)]
    return dict(zip(_names(protocol), parts, strict=True))


@cache
def natural_history(disorder: str) -> ParameterSet | None:
    """Stage b where it holds, but for what the pack of the disorder sets."""
    return that_hold((shipped_set(NATURAL_HISTORY),), disorder)


def _names(protocol: Protocol) -> list[str]:
    """Of the values and of the covariance of every arm, as they are kept."""
    return [f"{part}{k}" for k in range(len(protocol.arms)) for part in "vc"]


def _elsewhere(protocol: Protocol, number: int) -> Protocol:
    """The trial at a site that is a draw of the spread between sites."""
    beside = BETWEEN_BASELINES * np.random.default_rng([SEED, number]).standard_normal()
    site = protocol.setting.site
    moved = site.model_copy(update={"log_hazard": site.log_hazard + float(beside)})
    setting = protocol.setting.model_copy(update={"site": moved})
    return protocol.model_copy(update={"setting": setting})


def _outcomes(found: Arrays) -> list[ArmOutcome]:
    return [ArmOutcome(found[f"v{k}"], found[f"c{k}"]) for k in range(len(found) // 2)]


def _block(parts: list[np.ndarray]) -> np.ndarray:
    ends = np.cumsum([0, *(len(part) for part in parts)])
    whole = np.zeros((ends[-1], ends[-1]))
    for part, low, high in zip(parts, ends[:-1], ends[1:], strict=True):
        whole[low:high, low:high] = part
    return whole


def _store(protocol: Protocol, fixed: dict[str, float], people: int, backend: str) -> Path | None:
    free = [(one.name, str(one.slab), dict(one.moves)) for one in WORLD.free]
    before = natural_history(protocol.disorder)
    key = json.dumps([model_hash(), dump(protocol), free, WORLD.drawn, fixed, people, SEED, backend,
                      before.row(0) if before else {}, engine_hash()])  # fmt: skip
    return folder(f"planned/{protocol.name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}")
