"""Does it matter that the stage of ketamine holds what the stage before it fitted?

Three fits to the same published numbers:

* ``held``: stage e as it ships, with stage b at its medians;
* ``cut``: every simulated draw has a draw of stage b of its own, which nothing here moves, where
  people use opioids, of whom alone that stage says something;
* ``joint``: the same draws, but the numbers of stage b are free too, with stage b's posterior as
  their prior, so that trials of ketamine may move a heroin baseline.

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
from resynapse.inference.stages.ketamine import FITTED, KETAMINE
from resynapse.inference.stages.natural_history import FITTED as BEFORE
from resynapse.inference.synthetic_likelihood import problem
from resynapse.parameter import LogNormal
from resynapse.protocol import load
from resynapse.trial.parameter_set import shipped_set

STAGE = "natural-history"
CUT = dataclasses.replace(KETAMINE, over=STAGE)
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
    for k, (label, world) in enumerate((("held", KETAMINE), ("cut", CUT))):
        made[label] = {
            name: design(load(name), world, draws, progress=_part(progress, 2 * k + j, 4))
            for j, name in enumerate(names)
        }
    joint = dataclasses.replace(CUT, free=(*CUT.free, *_numbers()))
    made["joint"] = {name: _with_numbers(one) for name, one in made["cut"].items()}
    worlds = {"held": KETAMINE, "cut": CUT, "joint": joint}
    fits = {
        label: fitted(problem(worlds[label], FITTED, one), one, samples)
        for label, one in made.items()
    }
    return Beside(fits, _moved(joint, fits["joint"]))


def _part(progress: Listener, done: int, all_: int) -> Listener:
    return lambda share, words: progress(0.9 * (done + share) / all_, f"simulating {words}")


def _numbers() -> tuple[Free, ...]:
    """The numbers of stage b with its posterior as prior: log-normal with its moments of logs."""
    before, found = shipped_set(STAGE), []
    for name in BEFORE:
        path = f"lapse.{name}"
        logs = _logs(np.array(before.draws)[:, before.paths.index(path)])
        prior = LogNormal(float(np.exp(logs.mean())), float(logs.std()))
        found.append(Free(name, path, "", prior, {path: 1.0}, "as stage b left it"))
    return tuple(found)


def _logs(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.maximum(values, LEAST)))


def _with_numbers(one: Design) -> Design:
    """The design with stage b's numbers as columns beside the free ones."""
    before = shipped_set(STAGE)
    rows = np.array([
        [before.row(number)[f"lapse.{name}"] for name in BEFORE] for number in range(len(one.free))
    ])  # fmt: skip
    return dataclasses.replace(one, free=np.hstack([one.free, np.maximum(rows, LEAST)]))


def _moved(world: World, done: Calibration) -> dict[str, tuple[float, float]]:
    found = {}
    for k, one in enumerate(world.free):
        if one.name in BEFORE:
            assert isinstance(one.slab, LogNormal)
            logs = _logs(done.posterior.draws[:, k])
            shift = (np.median(logs) - np.log(one.slab.median)) / one.slab.sd
            found[one.name] = (float(shift), float(logs.std() / one.slab.sd))
    return found
