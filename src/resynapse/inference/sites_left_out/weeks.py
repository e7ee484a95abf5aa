"""How near does stage c come to the weeks of people at sites of CTN-0027 that it was not fitted to?

A third of the sites is left out, the stage fitted again to the rest, and its medians are set beside
the shares of the people left out. Beside it stand the shares of the people fitted to, which know no
mechanism, and any other forecast, such as that of a set that knew every site.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import numpy as np

from resynapse.inference.smooth_stage import SAMPLES, sample
from resynapse.inference.stage_fit import Listener, NotConverged
from resynapse.inference.stages.medications import SEED, Medications
from resynapse.inference.treated_data import RETAINED, alone

FOLDS = ("1", "2", "3")
OWN, OTHER_SITES = "model, fitted without the fold", "other sites, no mechanism"
DRAWS = 400
FIVE_POINTS = 0.05


@dataclass(frozen=True)
class Fold:
    """What a fold's people showed, and each forecast of it, [arms, quantities]."""

    fold: str
    seen: np.ndarray
    forecasts: Mapping[str, np.ndarray]


def folds(
    stage: Medications, progress: Listener, samples: int = SAMPLES,
    beside: Mapping[str, np.ndarray] | None = None,
) -> tuple[Fold, ...]:  # fmt: skip
    """Every fold with its forecasts; ``beside`` are others', the same for every fold."""
    found = []
    for k, fold in enumerate(FOLDS):
        progress(k / len(FOLDS), f"weeks without fold {fold}")
        rest = stage.without(fold)
        posterior = sample(rest.stage, samples=samples)
        if not posterior.converged:
            raise NotConverged(posterior.refusal())
        made = {OWN: medians(rest, posterior.draws), OTHER_SITES: rest.seen.shares}
        found.append(Fold(fold, alone(fold).shares, {**made, **(beside or {})}))
    return tuple(found)


def medians(stage: Medications, draws: np.ndarray) -> np.ndarray:
    """Median share of each quantity, the error of the emulator drawn with every draw."""
    picked = draws[np.linspace(0, len(draws) - 1, DRAWS).astype(int)]
    errors = stage.errors(DRAWS, np.random.default_rng(SEED))
    with jax.enable_x64(True):
        of = jax.jit(
            jax.vmap(lambda v, z: stage.predicted(stage.statistics(v, z), stage.screen(v)))
        )
        scaled = np.asarray(np.median(np.asarray(of(picked, errors)), axis=0))
    return np.where(RETAINED, np.exp(-np.exp(scaled)), 1.0 / (1.0 + np.exp(-scaled)))


def errors(found: tuple[Fold, ...], forecast: str) -> dict[str, tuple[float, int, int]]:
    """Mean absolute error, how many lie within five points, of how many; retention and weeks."""
    kinds = {"retention": RETAINED, "weeks": ~RETAINED}
    table = {}
    for kind, chosen in kinds.items():
        off = np.concatenate(
            [np.abs(one.forecasts[forecast] - one.seen)[:, chosen].ravel() for one in found]
        )
        table[kind] = (float(off.mean()), int((off <= FIVE_POINTS).sum()), len(off))
    return table
