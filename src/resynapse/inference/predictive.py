"""Which values of the fitted numbers did the model expect, before and after it was fitted?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.evidence.study import Number
from resynapse.inference.calibration import Calibration
from resynapse.inference.forecast import forecast
from resynapse.inference.free import World
from resynapse.inference.score import interval

DRAWS = 4000


@dataclass(frozen=True)
class Predictive:
    """One fitted number: published, and the 90 % interval of trials of that size."""

    protocol: str
    number: Number
    before: tuple[float, float, float]
    """5, 50 and 95 % under the prior"""
    after: tuple[float, float, float]
    """the same under the posterior"""

    @property
    def within(self) -> bool:
        """Whether the posterior reaches what was published."""
        return self.after[0] <= self.number.value <= self.after[2]


def predictive(done: Calibration) -> tuple[Predictive, ...]:
    """Prior and posterior predictive of every number that was fitted."""
    world, draws = done.problem.world, done.posterior.draws
    thinned = draws[np.linspace(0, len(draws) - 1, DRAWS).astype(int)]
    prior = from_prior(world, DRAWS)
    rows = []
    for protocol in dict.fromkeys(t.wanted.protocol for t in done.problem.targets):
        design = done.designs[protocol]
        wanted = [t.number for t in done.problem.targets if t.wanted.protocol == protocol]
        pairs = zip(forecast(world, design, prior), forecast(world, design, thinned), strict=True)
        rows += [
            Predictive(protocol, one.number, _three(one.samples), _three(other.samples))
            for one, other in pairs
            if one.number in wanted
        ]
    return tuple(rows)


def from_prior(world: World, count: int, seed: int = 1) -> np.ndarray:
    """Draws of the free numbers from their priors, indicators drawn too."""
    uniform = np.random.default_rng(seed).random((count, len(world.free)))
    return np.array(
        [[one.prior.quantile(u) for one, u in zip(world.free, row, strict=True)] for row in uniform]
    )


def _three(samples: np.ndarray) -> tuple[float, float, float]:
    low, high = interval(samples, 90)
    return low, float(np.median(samples)), high
