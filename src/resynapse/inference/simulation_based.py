"""Does the posterior say what it should of data whose true parameters are known?

Simulation-based calibration (Talts et al. 2018, arXiv 1804.06788): the free numbers are drawn
from their prior, the true simulator makes a trial of the published size from them, with lapses
at random, other people than the emulator was trained on, and everything else drawn from its
prior; the emulator infers. The rank of the truth among thinned draws of the posterior is then
uniform. Both half-spikes are taken as on, and there is no spread between studies.

Truths are points of the design, a scrambled Sobol sequence, and so spread over the prior more
evenly than independent draws: ranks of a number that the data hardly tell are as even, and their p
lies near 1. The test is lenient there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from resynapse.inference.design import POINTS, POOL, Design, Listener, design
from resynapse.inference.free import World
from resynapse.inference.sampling import Posterior, Sampler
from resynapse.inference.stages.ketamine import FITTED, KETAMINE, over_stages
from resynapse.inference.synthetic_likelihood import Problem, Wanted, in_trial, problem
from resynapse.protocol import load

THINNED = 99
BINS = 10
LEAST_P = 0.005
"""A number fails below this; with three numbers the chance of a false alarm is about 1.5 %"""
AGAIN = (1, 2)
"""other simulated trials of each truth, for which all is told once more; it passes or fails by the
first. Truths are the same, so these are no independent checks"""

Infer = Callable[[Any, int], Posterior]


@dataclass(frozen=True)
class Ranks:
    """Ranks of the truth among draws, and whether they are uniform."""

    names: tuple[str, ...]
    ranks: np.ndarray
    """[data sets, free numbers], 0 to THINNED"""
    truth: np.ndarray
    middle: np.ndarray
    """posterior medians"""

    def p_values(self) -> dict[str, float]:
        """Of a chi-squared test of uniformity, by number."""
        counts = self.counts()
        return {name: float(stats.chisquare(counts[name]).pvalue) for name in self.names}

    def coverage(self, share: float = 0.9) -> dict[str, float]:
        """Share of data sets whose central interval holds the truth, by number."""
        low, high = (0.5 - 0.5 * share) * THINNED, (0.5 + 0.5 * share) * THINNED
        inside = (self.ranks >= low) & (self.ranks <= high)
        return dict(zip(self.names, inside.mean(axis=0).tolist(), strict=True))

    def correlation(self) -> dict[str, float]:
        """Between truth and posterior median, by number: how far it can be recovered at all."""
        return {
            name: float(stats.spearmanr(self.truth[:, k], self.middle[:, k]).statistic)
            for k, name in enumerate(self.names)
        }

    def counts(self) -> dict[str, list[int]]:
        """How many ranks lie in each of BINS, by number."""
        return {
            name: np.histogram(self.ranks[:, k], bins=BINS, range=(0, THINNED + 1))[0].tolist()
            for k, name in enumerate(self.names)
        }

    def told(self) -> dict[str, dict[str, Any]]:
        """By number: p of uniformity, ranks in BINS, coverage of 50 and 90 %, correlation with the
        truth.
        """
        p, half, most = self.p_values(), self.coverage(0.5), self.coverage(0.9)
        known, counts = self.correlation(), self.counts()
        return {
            name: {
                "p": p[name], "in50": half[name], "in90": most[name], "correlation": known[name],
                "ranks": counts[name],
            }
            for name in self.names
        }  # fmt: skip

    @property
    def uniform(self) -> bool:
        return min(self.p_values().values()) > LEAST_P


def always_on(world: World) -> World:
    """The same hypothesis without spikes, as simulation-based calibration draws it."""
    free = tuple(dataclasses.replace(one, prior=one.slab) for one in world.free)
    return dataclasses.replace(world, free=free)


def reduced(world: World, wanted: Sequence[Wanted], designs: dict[str, Design]) -> Problem:
    """The problem of simulation-based calibration, trained on the first people only."""
    return problem(always_on(world), wanted, designs, 0.0, 0.0, slice(0, POOL))


def ranks(
    one: Problem, designs: dict[str, Design], *, sets: int = POINTS - POOL,
    infer: Infer | None = None, progress: Listener | None = None, trial: int = 0,
) -> Ranks:  # fmt: skip
    """Infer from one simulated trial, by number, of each draw that the emulator did not see."""
    infer = infer or Sampler(one, chains=1, warmup=500, samples=20 * THINNED).sample
    free = next(iter(designs.values())).free
    found, middle, truth = [], [], []
    for k in range(sets):
        posterior = infer(in_trial(one, designs, POOL + k, trial), k + 1)
        draws = posterior.slabs[:: len(posterior.slabs) // THINNED][:THINNED]
        truth.append(free[POOL + k])
        found.append((draws < free[POOL + k]).sum(axis=0))
        middle.append(np.median(posterior.slabs, axis=0))
        if progress:
            progress((k + 1) / sets, f"data set {k + 1} of {sets}")
    names = tuple(number.name for number in one.world.free)
    return Ranks(names, np.array(found), np.array(truth), np.array(middle))


def too_sure(infer: Infer, factor: float = 0.5) -> Infer:
    """A wrong sampler: draws pulled towards their median, so that its intervals are too narrow."""

    def wrong(seen: Any, seed: int) -> Posterior:
        right = infer(seen, seed)
        middle = np.median(right.slabs, axis=0)
        return dataclasses.replace(right, slabs=middle + factor * (right.slabs - middle))

    return wrong


def checked(progress: Listener | None = None) -> tuple[Ranks, Ranks, tuple[Ranks, ...]]:
    """Ranks of the sampler that is used, and of one that is too sure, on the fitted trials.

    Last those of the first with other trials of each truth.
    """
    plans = dict.fromkeys(one.protocol for one in FITTED)
    world = over_stages(KETAMINE)
    designs = {name: design(load(name), world, POINTS, progress=progress) for name in plans}
    one = reduced(world, FITTED, designs)
    sample = Sampler(one, chains=1, warmup=500, samples=20 * THINNED).sample
    infer = cache_of(sample)
    right = ranks(one, designs, infer=infer, progress=progress)
    wrong = ranks(one, designs, infer=too_sure(infer))
    again = (ranks(one, designs, infer=sample, progress=progress, trial=k) for k in AGAIN)
    return right, wrong, tuple(again)


def cache_of(infer: Infer) -> Infer:
    """The same, with every posterior kept, so that two samplers cost one."""
    kept: dict[int, Posterior] = {}

    def remembered(seen: Any, seed: int) -> Posterior:
        if seed not in kept:
            kept[seed] = infer(seen, seed)
        return kept[seed]

    return remembered
