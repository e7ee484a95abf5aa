"""What did the data say about each fitted number, beyond its prior?

Computed from draws of the prior weighted by their likelihood, so without the sampler: the same
weights give the evidence of a hypothesis and check the posterior of the sampler.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import jax
import numpy as np
from scipy.special import logsumexp

from resynapse.inference.emulator import standard
from resynapse.inference.sampling import likelihood
from resynapse.inference.synthetic_likelihood import Problem, Seen, masks

DRAWS = 4096
LATENTS = 64
SLICES = 12
LEAST_CONTRACTION = 0.1
LEAST_DROP = 1.92
"""half of the 95 % point of chi-squared with one degree of freedom"""


@dataclass(frozen=True)
class Identified:
    """How far one number was learned."""

    name: str
    on_before: float
    """prior probability that it is not zero"""
    on_after: float
    contraction: float
    """1 - posterior over prior variance of the slab, on its standard scale"""
    profile: tuple[tuple[float, float], ...]
    """(value, best log likelihood there less the best anywhere)"""

    @property
    def drop(self) -> float:
        """How far the profile falls within the central 95 % of the prior."""
        return -min(height for _, height in self.profile)

    @property
    def learned(self) -> bool:
        """Whether the data moved it: the variance shrank, or the profile falls far enough."""
        return self.contraction >= LEAST_CONTRACTION or self.drop >= LEAST_DROP


@dataclass(frozen=True)
class Weighted:
    """Draws of the slabs from the prior, with their likelihood under each set of indicators."""

    problem: Problem
    slabs: np.ndarray
    """[draws, free numbers]"""
    log_likelihood: np.ndarray
    """[draws, combinations], averaged over the latent numbers, with the prior of indicators"""

    @property
    def log_evidence(self) -> float:
        """ln P(data) under the prior."""
        return float(logsumexp(self.log_likelihood) - np.log(len(self.slabs)))

    def on(self) -> np.ndarray:
        """Posterior probability that each number is not zero."""
        mask, _ = masks(self.problem.world)
        weight = logsumexp(self.log_likelihood, axis=0)
        return np.asarray(np.exp(weight - logsumexp(weight)) @ mask)

    def mean_of_slabs(self) -> np.ndarray:
        """Posterior mean of each slab."""
        weight = logsumexp(self.log_likelihood, axis=1)
        return np.asarray(np.exp(weight - logsumexp(weight)) @ self.slabs)

    @property
    def effective(self) -> float:
        """How many draws of the posterior these weighted ones are worth."""
        log = logsumexp(self.log_likelihood, axis=1)
        return float(np.exp(2.0 * logsumexp(log) - logsumexp(2.0 * log)))

    def resampled(self, count: int, seed: int = 1) -> np.ndarray:
        """Draws of the posterior, indicators drawn too, [count, free numbers]."""
        mask, _ = masks(self.problem.world)
        flat = self.log_likelihood.ravel()
        weight = np.exp(flat - logsumexp(flat))
        picked = np.random.default_rng(seed).choice(len(flat), count, p=weight / weight.sum())
        row, combination = np.divmod(picked, len(mask))
        return np.asarray(self.slabs[row] * mask[combination])


def weighted(problem: Problem, seen: Seen, draws: int = DRAWS, seed: int = 1) -> Weighted:
    """Likelihood of draws from the prior, latent numbers averaged over."""
    chance = np.random.default_rng(seed)
    uniform = chance.random((draws, len(problem.world.free)))
    slabs = np.array(
        [[f.slab.quantile(u) for f, u in zip(problem.world.free, row, strict=True)]
         for row in uniform]
    )  # fmt: skip
    latent = chance.standard_normal((LATENTS, problem.counts))
    with jax.enable_x64(True):
        one = likelihood(problem)

        @jax.jit
        def every(slab: jax.Array) -> jax.Array:
            by_latent = jax.vmap(lambda z: one(slab, z, seen.counts, seen.values))(latent)
            return jax.nn.logsumexp(by_latent, axis=0) - np.log(LATENTS)

        found = np.asarray(jax.lax.map(every, slabs))
    return Weighted(problem, slabs, found)


def identified(found: Weighted, slabs: np.ndarray) -> tuple[Identified, ...]:
    """Contraction and profile of every number; ``slabs`` are draws of the posterior."""
    free = found.problem.world.free
    after, before = standard(free, slabs), standard(free, found.slabs)
    mask, prior = masks(found.problem.world)
    best = (found.log_likelihood - prior).max(axis=1)
    on = found.on()
    return tuple(
        Identified(
            one.name, one.on, float(on[k]),
            float(1.0 - after[:, k].var() / before[:, k].var()),
            _profile(found.slabs[:, k], found.log_likelihood - prior, mask[:, k], best),
        )
        for k, one in enumerate(free)
    )  # fmt: skip


def _profile(
    values: np.ndarray, heights: np.ndarray, on: np.ndarray, best: np.ndarray
) -> tuple[tuple[float, float], ...]:
    """Best likelihood in each slice of the central 95 % of the prior, over all other numbers."""
    active = heights[:, on == 1.0].max(axis=1)
    edges = np.quantile(values, np.linspace(0.025, 0.975, SLICES + 1))
    rows = []
    for low, high in pairwise(edges):
        inside = (values >= low) & (values < high)
        rows.append((float(values[inside].mean()), float(active[inside].max() - best.max())))
    return tuple(rows)
