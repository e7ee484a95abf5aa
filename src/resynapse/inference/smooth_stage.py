"""What do data leave of a few numbers whose likelihood is smooth?

NUTS with the gradient of the likelihood itself: no emulator, no simulated points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from resynapse.engine.cache import keep_compiled
from resynapse.inference.emulator import standard
from resynapse.inference.free import Free
from resynapse.inference.identified import Identified
from resynapse.inference.sampling import CHAINS, Posterior, diagnoses
from resynapse.parameter import HalfNormal, LogitNormal, LogNormal, Normal

ACCEPTED = 0.9
WARMUP = 500
SAMPLES = 500
QUICK_WARMUP, QUICK_SAMPLES = 300, 300
PRIOR_DRAWS = 4096
GRID = np.linspace(-1.96, 1.96, 9)
"""standard deviations of the prior over which a profile is taken"""
STARTS, STARTS_SD = 6, 0.5
"""searches for the best that begin at random, and how far from the middle of the priors, in sd"""
REACH = 3.0
"""standard deviations within which the other numbers may move in a profile"""

STEP = 1.0e-4
"""standard deviations over which a curvature is taken"""

LogLikelihood = Callable[[Any, Any], Any]
"""values of the free numbers, and latent standard normals -> ln P(data)"""


@dataclass(frozen=True)
class SmoothStage:
    """Free numbers and how likely the data are at their values."""

    name: str
    free: tuple[Free, ...]
    log_likelihood: LogLikelihood
    latents: int = 0
    """standard normal numbers that carry the error of an emulator"""
    again: tuple[str, ...] = ()
    """parameters of an earlier stage that are fitted again, its posterior as prior"""
    own: tuple[str, ...] = ()
    """baselines, log-normal, whose fitted value is that of the one study; others have another"""
    of_site: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    """free numbers that only the study's own site has, the parameter by which sites differ in them,
    and where that site stands at zero: their draws are for runs of the study's own protocol"""


def sample(stage: SmoothStage, *, seed: int = 1, samples: int = SAMPLES,
           warmup: int = WARMUP) -> Posterior:  # fmt: skip
    """Draws of the posterior, with diagnoses of each number."""
    import numpyro
    from numpyro import distributions as dist
    from numpyro.infer import MCMC, NUTS

    keep_compiled()
    names = tuple(one.name for one in stage.free)

    def model() -> None:
        deviates = numpyro.sample("deviates", dist.Normal(0.0, 1.0).expand([len(names)]))
        values = numpyro.deterministic("values", _values(stage.free, deviates))
        hidden = jnp.zeros(0)
        if stage.latents:
            hidden = numpyro.sample("latents", dist.Normal(0.0, 1.0).expand([stage.latents]))
        numpyro.factor("published", stage.log_likelihood(values, hidden))

    with jax.enable_x64(True):
        mcmc = MCMC(
            NUTS(model, target_accept_prob=ACCEPTED, dense_mass=True),
            num_warmup=warmup, num_samples=samples,
            num_chains=CHAINS, chain_method="vectorized", progress_bar=False,
        )  # fmt: skip
        mcmc.run(jax.random.key(seed), extra_fields=("diverging",))
        found = mcmc.get_samples(group_by_chain=True)
        chains = np.asarray(found["values"])
        diverging = int(np.asarray(mcmc.get_extra_fields()["diverging"]).sum())
    grouped = {name: chains[..., k] for k, name in enumerate(names)}
    draws = chains.reshape(-1, len(names))
    return Posterior(
        names, draws, draws, np.ones(len(names)), diagnoses(grouped, names), diverging,
    )  # fmt: skip


def prior_draws(free: Sequence[Free], count: int = PRIOR_DRAWS, seed: int = 1) -> np.ndarray:
    """Draws of the priors, [draws, free numbers]."""
    uniform = np.random.default_rng(seed).random((count, len(free)))
    return np.array(
        [[one.slab.quantile(float(u)) for one, u in zip(free, row, strict=True)] for row in uniform]
    )


def identified(stage: SmoothStage, posterior: Posterior) -> tuple[Identified, ...]:
    """Contraction and profile of every number."""
    before = standard(stage.free, prior_draws(stage.free))
    after = standard(stage.free, posterior.draws)
    profiles = _profiles(stage)
    return tuple(
        Identified(one.name, 1.0, 1.0, float(1.0 - after[:, k].var() / before[:, k].var()),
                   profiles[k])
        for k, one in enumerate(stage.free)
    )  # fmt: skip


def _profiles(stage: SmoothStage) -> list[tuple[tuple[float, float], ...]]:
    """Best log likelihood along each number, less the best anywhere.

    Latents are a part of the data's law, so all other numbers and they are at their best together:

        l(x, u) = ln P(data | x, u) - u'u / 2

    Held at zero they would let what a study has of its own count as learned.
    """
    size = len(stage.free)

    def loss(z: Any) -> Any:
        own = z[size:]
        return 0.5 * jnp.sum(own**2) - stage.log_likelihood(_values(stage.free, z[:size]), own)

    with jax.enable_x64(True):
        slope = jax.jit(jax.value_and_grad(loss))
        start = _from_many(slope, size + stage.latents, STARTS if stage.latents else 0)
        found = [_along(slope, start.x, k) for k in range(size)]
    lowest = min(start.fun, *(height for row in found for height in row))
    return [
        tuple((float(_value(one, z)), float(lowest - h)) for z, h in zip(GRID, row, strict=True))
        for one, row in zip(stage.free, found, strict=True)
    ]


def _from_many(loss: Callable[[Any], Any], size: int, more: int) -> Any:
    """The best of searches from zero and from ``more`` places at random: some end too early."""
    chance = np.random.default_rng(STARTS)
    begins = [np.zeros(size), *(STARTS_SD * chance.standard_normal((more, size)))]
    return min((_best(loss, one, {}) for one in begins), key=lambda one: one.fun)


def _along(loss: Callable[[Any], Any], best: np.ndarray, k: int) -> list[float]:
    """The least loss at each of GRID in one number, from its middle outward, each from the last."""
    found: dict[float, float] = {}
    for side in (GRID[GRID >= 0.0], GRID[GRID < 0.0][::-1]):
        last = best
        for z in side:
            end = _best(loss, last, {k: z})
            found[z], last = float(end.fun), end.x
    return [found[z] for z in GRID]


def most_probable(stage: SmoothStage) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviates of the most probable numbers, and the covariance of the curvature there."""
    size = len(stage.free)

    def loss(z: Any) -> Any:
        log = stage.log_likelihood(_values(stage.free, z), jnp.zeros(stage.latents))
        return 0.5 * jnp.sum(z**2) - log

    with jax.enable_x64(True):
        slope = jax.jit(jax.value_and_grad(loss))
        best = _best(slope, np.zeros(size), {}).x
        ways = STEP * np.eye(size)
        rows = [(slope(best + way)[1] - slope(best - way)[1]) / (2.0 * STEP) for way in ways]
    curvature = np.array(rows, float)
    width, axes = np.linalg.eigh(0.5 * (curvature + curvature.T))
    return best, (axes / np.maximum(width, 1.0)) @ axes.T


def values_at(free: Sequence[Free], deviates: np.ndarray) -> np.ndarray:
    """Numbers at standard deviates of their priors, [draws, free numbers]."""
    with jax.enable_x64(True):
        return np.asarray(jax.vmap(lambda z: _values(free, z))(jnp.asarray(deviates)))


def _best(loss: Callable[[Any], Any], start: np.ndarray, held: dict[int, float]) -> Any:
    begin, bounds = start.copy(), [(-REACH, REACH)] * len(start)
    for k, z in held.items():
        begin[k], bounds[k] = z, (z, z)

    def both(z: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = loss(jnp.asarray(z))
        return float(value), np.asarray(slope, float)

    return minimize(both, begin, jac=True, method="L-BFGS-B", bounds=bounds)


def _values(free: Sequence[Free], z: Any) -> Any:
    return jnp.stack([_value(one, z[k]) for k, one in enumerate(free)])


def _value(free: Free, z: Any) -> Any:
    """The number at a standard normal deviate of its prior."""
    slab = free.slab
    if isinstance(slab, LogNormal):
        return slab.median * jnp.exp(slab.sd * z)
    if isinstance(slab, HalfNormal):
        return slab.scale * jax.scipy.special.ndtri(0.5 + 0.5 * jax.scipy.special.ndtr(z))
    if isinstance(slab, Normal):
        return slab.median + slab.sd * z
    if isinstance(slab, LogitNormal):
        odds = slab.median / (1.0 - slab.median) * jnp.exp(slab.sd * z)
        return odds / (1.0 + odds)
    raise TypeError(f"{free.name}: no profile for {slab}.")
