"""Which values of the free numbers do the published statistics leave, and can that be trusted?

numpyro comes with an extra and is imported where it samples: the likelihood, and all that reads
stored results, go without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine.cache import keep_compiled
from resynapse.inference.emulator import standard
from resynapse.inference.free import Free
from resynapse.inference.synthetic_likelihood import Problem, Seen, log_choose, masks
from resynapse.parameter import HalfNormal, LogNormal, Normal

CHAINS = 4
WARMUP = 1000
SAMPLES = 2000
ACCEPTED = 0.95
LARGEST_R_HAT = 1.01
SMALLEST_SAMPLE = 400


@dataclass(frozen=True)
class Diagnosis:
    """Whether a sampler can be believed about one number."""

    name: str
    r_hat: float
    effective_sample: float

    @property
    def good(self) -> bool:
        return self.r_hat < LARGEST_R_HAT and self.effective_sample > SMALLEST_SAMPLE


@dataclass(frozen=True)
class Posterior:
    """Draws of the free numbers; a number that may be zero is zero in some of them."""

    names: tuple[str, ...]
    draws: np.ndarray
    """[draws, free numbers]"""
    slabs: np.ndarray
    """the same before indicators turned numbers off"""
    on: np.ndarray
    """posterior probability that each number is not zero"""
    diagnoses: tuple[Diagnosis, ...]
    divergences: int

    @property
    def converged(self) -> bool:
        """R-hat, effective sample size and divergences all as they must be."""
        return self.divergences == 0 and all(one.good for one in self.diagnoses)

    def refusal(self) -> str:
        """Which numbers did not converge, and what to try."""
        bad = [
            f"{one.name} (R-hat {one.r_hat:.3f}, effective sample size {one.effective_sample:.0f})"
            for one in self.diagnoses
            if not one.good
        ]
        if self.divergences:
            bad.append(f"{self.divergences} divergences")
        return (
            f"The calibration did not converge: {', '.join(bad)}. It is not kept. R-hat must be"
            f" under {LARGEST_R_HAT}, the effective sample size over {SMALLEST_SAMPLE}, without"
            " divergences. Give more samples with --samples, or narrow the prior of that number."
        )


class Sampler:
    """NUTS on the slabs of one problem, compiled once for any data of the same shape."""

    def __init__(
        self, problem: Problem, *, chains: int = CHAINS, warmup: int = WARMUP,
        samples: int = SAMPLES,
    ) -> None:  # fmt: skip
        from numpyro.infer import MCMC, NUTS

        keep_compiled()
        self.problem = problem
        model = _model(problem)

        def run(key: Any, counts: Any, values: Any) -> tuple[dict[str, Any], Any]:
            mcmc = MCMC(
                NUTS(model, target_accept_prob=ACCEPTED), num_warmup=warmup, num_samples=samples,
                num_chains=chains, chain_method="vectorized", progress_bar=False,
            )  # fmt: skip
            mcmc.run(key, counts, values, extra_fields=("diverging",))
            return mcmc.get_samples(group_by_chain=True), mcmc.get_extra_fields()["diverging"]

        self.run = jax.jit(run)

    def sample(self, seen: Seen, seed: int = 1) -> Posterior:
        """Draws of the slabs, indicators summed over; then an indicator for every draw."""
        with jax.enable_x64(True):
            found, diverging = self.run(jax.random.key(seed), seen.counts, seen.values)
        grouped = {name: np.asarray(values) for name, values in found.items()}
        names = tuple(free.name for free in self.problem.world.free)
        slabs = np.stack([grouped[name].ravel() for name in names], axis=1)
        weights = grouped["indicator"].reshape(len(slabs), -1)
        mask, chosen = _indicators(self.problem, weights, seed)
        return Posterior(
            names, slabs * mask[chosen] + 0.0, slabs, (weights @ mask).mean(axis=0),
            diagnoses(grouped, names), int(np.asarray(diverging).sum()),
        )  # fmt: skip


def sample(problem: Problem, seen: Seen, *, seed: int = 1, samples: int = SAMPLES) -> Posterior:
    """The posterior of a problem."""
    return Sampler(problem, samples=samples).sample(seen, seed)


def _indicators(problem: Problem, weights: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Every combination, and the one that each draw gets by its conditional probability."""
    mask, _ = masks(problem.world)
    u = np.random.default_rng([seed, 1]).random((len(weights), 1))
    return mask, np.minimum((weights.cumsum(axis=1) < u).sum(axis=1), len(mask) - 1)


def diagnoses(grouped: dict[str, np.ndarray], names: tuple[str, ...]) -> tuple[Diagnosis, ...]:
    """R-hat and effective sample size of each number; chains are the first axis."""
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    found = []
    for name in names:
        values = grouped[name]
        found.append(
            Diagnosis(name, float(split_gelman_rubin(values)), float(effective_sample_size(values)))
        )
    return tuple(found)


def _model(problem: Problem) -> Any:
    import numpyro
    from numpyro import distributions as dist

    log_likelihood = likelihood(problem)

    def model(counts: Any, values: Any) -> None:
        slabs = jnp.stack([numpyro.sample(f.name, _law(f)) for f in problem.world.free])
        z = numpyro.sample("latent", dist.Normal(0.0, 1.0).expand([problem.counts]).to_event(1))
        by_mask = log_likelihood(slabs, z, counts, values)
        numpyro.deterministic("indicator", jax.nn.softmax(by_mask))
        numpyro.factor("published", jax.nn.logsumexp(by_mask))

    return model


def _law(free: Free) -> Any:
    from numpyro import distributions as dist

    slab = free.slab
    if isinstance(slab, LogNormal):
        return dist.LogNormal(np.log(slab.median), slab.sd)
    if isinstance(slab, HalfNormal):
        return dist.HalfNormal(slab.scale)
    if isinstance(slab, Normal):
        return dist.Normal(slab.median, slab.sd)
    raise TypeError(f"{free.name}: no sampler for {slab}.")


def likelihood(problem: Problem) -> Any:
    """(slabs, latent, counts, values) -> ln P of each combination of indicators with the data."""
    mask, prior = masks(problem.world)
    emulator, free, counts = problem.emulator, problem.world.free, problem.counts
    sizes = problem.sizes
    fixed = sizes[:, None] if counts else np.zeros((0, 1))

    def one(on: Any, slabs: Any, z: Any, read: Any, values: Any) -> Any:
        x = standard(free, slabs * on, jnp)
        mean, sd = emulator.mean(x, jnp), emulator.sd(x, jnp)
        L = jnp.linalg.cholesky(sd[:, None] * emulator.correlation * sd + problem.noise)
        eta = mean[:counts] + L[:counts, :counts] @ z
        hazard = jnp.exp(eta)[:, None]
        j = jnp.minimum(jnp.arange(read.shape[1]), fixed)
        log_p, log_q = -hazard, jnp.log(-jnp.expm1(-hazard))
        tally = log_choose(sizes, read.shape[1]) + j * log_p + (fixed - j) * log_q
        found = jax.nn.logsumexp(read + tally, axis=1).sum()
        off = values - mean[counts:] - L[counts:, :counts] @ z
        inner = L[counts:, counts:]
        e = jax.scipy.linalg.solve_triangular(inner, off, lower=True)
        normal = jax.scipy.stats.norm.logpdf(e).sum() - jnp.log(jnp.diagonal(inner)).sum()
        return found + normal

    def every(slabs: Any, z: Any, read: Any, values: Any) -> Any:
        by_mask = jax.vmap(one, in_axes=(0, None, None, None, None))
        return by_mask(jnp.asarray(mask), slabs, z, read, values) + prior

    return every
