"""Does it matter that the stage of ketamine lies over draws of the stages before, and only over?

Three fits to the same published numbers:

* ``held``: natural history and medications where they were set by hand, mood from its prior;
* ``cut``: stage e as it ships: every simulated draw has a draw of these stages of its own, which
  nothing here moves; those of natural history and medications where people use opioids alone;
* ``joint``: the same draws, but the numbers of stage b are free too, with what the stages before
  left of them as their prior, so that trials of ketamine may move a heroin baseline.

What a disorder's pack sets (the baseline of alcohol) stays as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from resynapse.inference.calibration import Calibration, fitted
from resynapse.inference.design import Design, Listener, design
from resynapse.inference.free import Free, World
from resynapse.inference.stages.ketamine import BEFORE, FITTED, KETAMINE, over_stages
from resynapse.inference.stages.natural_history import FITTED as NUMBERS
from resynapse.inference.synthetic_likelihood import problem
from resynapse.parameter import LogNormal
from resynapse.protocol import load
from resynapse.trial.parameter_set import ParameterSet, joined, shipped_set

LEAST = 1e-3
"""for a number that reaches zero, before its logarithm"""


@dataclass(frozen=True)
class Beside:
    """The fits side by side, and how far the joint one moved stage b."""

    fits: Mapping[str, Calibration]
    moved: Mapping[str, tuple[float, float]]
    """by number of stage b: shift of its median in sd of the prior, and ratio of its sd, of logs"""


def beside(draws: int, samples: int, progress: Listener) -> Beside:
    """All three fits, with so many simulated draws of each trial."""
    names = tuple(dict.fromkeys(one.protocol for one in FITTED))
    made: dict[str, dict[str, Design]] = {}
    cut = over_stages(KETAMINE)
    for k, (label, world) in enumerate((("held", KETAMINE), ("cut", cut))):
        made[label] = {
            name: design(load(name), world, draws, progress=_part(progress, 2 * k + j, 4))
            for j, name in enumerate(names)
        }
    joint = dataclasses.replace(cut, free=(*cut.free, *_numbers()))
    made["joint"] = {name: _with_numbers(one) for name, one in made["cut"].items()}
    worlds = {"held": KETAMINE, "cut": cut, "joint": joint}
    fits = {
        label: fitted(problem(worlds[label], FITTED, one), one, samples)
        for label, one in made.items()
    }
    return Beside(fits, _moved(joint, fits["joint"]))


def _part(progress: Listener, done: int, all_: int) -> Listener:
    return lambda share, words: progress(0.9 * (done + share) / all_, f"simulating {words}")


def _numbers() -> tuple[Free, ...]:
    """The numbers of stage b with its posterior as prior: log-normal with its moments of logs."""
    before, found = _before(), []
    for name in NUMBERS:
        path = f"lapse.{name}"
        logs = _logs(np.array(before.draws)[:, before.paths.index(path)])
        prior = LogNormal(float(np.exp(logs.mean())), float(logs.std()))
        found.append(Free(name, path, "", prior, {path: 1.0}, "as the stages before left it"))
    return tuple(found)


def _before() -> ParameterSet:
    """The stages before as people who use opioids have them."""
    return joined([shipped_set(one) for one in BEFORE])


def _logs(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.maximum(values, LEAST)))


def _with_numbers(one: Design) -> Design:
    """The design with stage b's numbers as columns beside the free ones."""
    before = _before()
    rows = np.array([
        [before.row(number)[f"lapse.{name}"] for name in NUMBERS] for number in range(len(one.free))
    ])  # fmt: skip
    return dataclasses.replace(one, free=np.hstack([one.free, np.maximum(rows, LEAST)]))


def _moved(world: World, done: Calibration) -> dict[str, tuple[float, float]]:
    found = {}
    for k, one in enumerate(world.free):
        if one.name in NUMBERS:
            assert isinstance(one.slab, LogNormal)
            logs = _logs(done.posterior.draws[:, k])
            shift = (np.median(logs) - np.log(one.slab.median)) / one.slab.sd
            found[one.name] = (float(shift), float(logs.std() / one.slab.sd))
    return found
