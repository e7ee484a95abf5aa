"""Are numbers found again that made the data? For stages whose likelihood is smooth."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm

from resynapse.inference.free import Free
from resynapse.inference.smooth_stage import SmoothStage, _values

STEP = 1.0e-4


def levels(free: Sequence[Free]) -> np.ndarray:
    """Quantiles of the priors, alternately low and high, from which data are made."""
    return np.resize([0.3, 0.7], len(free))


def truth(free: Sequence[Free]) -> np.ndarray:
    """Their values."""
    return np.array([one.slab.quantile(u) for one, u in zip(free, levels(free), strict=True)])


def recovered(stage: SmoothStage) -> tuple[np.ndarray, np.ndarray]:
    """How far the most likely numbers lie from the truth in posterior sd, and that sd in prior sd.

    The sd is that of the curvature there (Laplace), from differences of slopes.
    """
    size = len(stage.free)
    with jax.enable_x64(True):
        loss = jax.jit(
            jax.value_and_grad(
                lambda z: 0.5 * jnp.sum(z**2) - stage.log_likelihood(_values(stage.free, z), None)
            )
        )
        found = minimize(
            lambda z: tuple(np.asarray(v, float) for v in loss(z)), np.zeros(size), jac=True
        ).x
        ways = STEP * np.eye(size)
        rows = [(loss(found + way)[1] - loss(found - way)[1]) / (2.0 * STEP) for way in ways]
    sd = np.sqrt(np.diagonal(np.linalg.inv(np.array(rows))))
    return (found - norm.ppf(levels(stage.free))) / sd, sd
