"""Which values would a trial of the published size have shown, had the model been right?

Knowledge (draws of the fitted numbers), what is uncertain and not fitted, spread between
studies, and the sampling of a trial of that size are all in the forecast. What follows from
counts in two arms is computed from simulated counts by the same estimator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from resynapse.evidence.study import Number
from resynapse.inference.between_studies import BETWEEN_EFFECTS
from resynapse.inference.design import Design
from resynapse.inference.emulator import standard
from resynapse.inference.free import World
from resynapse.inference.scale import from_scale, is_log
from resynapse.inference.statistic import COUNTED, of_counts
from resynapse.inference.synthetic_likelihood import (
    Problem,
    Wanted,
    problem,
)


@dataclass(frozen=True)
class Forecast:
    """One published number, and draws of what was forecast for it, in its own unit."""

    number: Number
    samples: np.ndarray
    follows: bool = False
    """whether it follows from counts that are forecast beside it"""


def forecast(
    world: World, design: Design, values: np.ndarray, seed: int = 1
) -> tuple[Forecast, ...]:
    """Forecast every number of a study; ``values`` [draws, free numbers] say what is known."""
    counted = {(one.endpoint, one.arm) for one in design.numbers if one.measure == "proportion"}
    direct = [one for one in design.numbers if not _follows(one, counted)]
    wanted = [_wanted(one, design) for one in direct]
    emulated = problem(world, wanted, {design.protocol: design})
    drawn = _drawn(emulated, values, np.random.default_rng(seed))
    made = {id(target.number): drawn[:, k] for k, target in enumerate(emulated.targets)}
    shares = {
        (t.number.endpoint, t.number.arm): (drawn[:, k], float(t.number.n or 0))
        for k, t in enumerate(emulated.targets)
        if t.is_count
    }
    return tuple(
        Forecast(one, made[id(one)])
        if id(one) in made
        else Forecast(one, of_counts(one, shares), follows=True)
        for one in design.numbers
    )


def _follows(one: Number, counted: set[tuple[str, str]]) -> bool:
    """Whether a contrast follows from counts that were published beside it."""
    both = {(one.endpoint, one.arm), (one.endpoint, one.reference or "")}
    return one.measure in COUNTED and both <= counted


def _wanted(one: Number, design: Design) -> Wanted:
    references = {number.reference for number in design.numbers if number.reference}
    treated = one.arm not in references
    return Wanted(
        design.protocol, one.endpoint, one.arm, one.measure, treated, one.reference
    )  # fmt: skip


def _drawn(one: Problem, values: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """[draws, statistics] in trials of the published size, in their own units."""
    x = standard(one.world.free, values)
    mean, sd = one.emulator.mean(x), one.emulator.sd(x)
    size = len(one.targets)
    C = np.linalg.cholesky(one.emulator.correlation + 1e-9 * np.eye(size))
    noise = np.linalg.cholesky(one.noise)
    eta = mean + sd * (chance.standard_normal(mean.shape) @ C.T)
    factor = np.exp(BETWEEN_EFFECTS * chance.standard_normal(len(values)))
    columns = []
    off = chance.standard_normal(mean.shape) @ noise.T
    for k, target in enumerate(one.targets):
        measure = target.wanted.measure
        if target.is_count:
            n = int(target.number.n or 0)
            columns.append(chance.binomial(n, from_scale(measure, eta[:, k] + off[:, k])) / n)
        elif is_log(measure):
            columns.append(from_scale(measure, eta[:, k] + off[:, k]))
        else:
            columns.append(eta[:, k] * factor + off[:, k])
    return np.array(columns).T


def log_effect(number: Number, samples: np.ndarray) -> np.ndarray:
    """A ratio on the log scale."""
    return np.log(np.maximum(samples, math.exp(-20.0)))
