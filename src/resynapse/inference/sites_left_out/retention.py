"""What does stage c forecast for retention at sites of CTN-0027 that it was not fitted to?

A third of the sites is left out and the stage fitted again to retention and urines of the rest.
Sites differ in the model by how easily people use (log hazard, sd 0.7), which moves who stops
through use; the model has no other way for sites to differ in who stays. The error of the emulator
is drawn anew.
"""

from __future__ import annotations

import jax
import numpy as np

from resynapse.inference.sites_left_out.observed import sites_of
from resynapse.inference.smooth_stage import SAMPLES, sample
from resynapse.inference.stage_fit import Listener, NotConverged
from resynapse.inference.stages.medications import DAYS, Medications
from resynapse.inference.synthetic_likelihood import BETWEEN_BASELINES

TRIAL, PROTOCOL = "CTN-0027", "ctn-0027"
DAY = 161
DRAWS = 1000
SEED = 4

Shares = dict[str, np.ndarray]
"""by site, chance of being in treatment at DAY in each of ARMS, [draws, arms]"""


def forecasts(stage: Medications, progress: Listener, samples: int = SAMPLES) -> Shares:
    """For every site, with its fold left out."""
    folds, found = sites_of(TRIAL), Shares()
    names = sorted(set(folds.values()))
    for k, fold in enumerate(names):
        progress(k / len(names), f"retention without fold {fold}")
        fitted = stage.without(fold)
        posterior = sample(fitted.stage, samples=samples)
        if not posterior.converged:
            raise NotConverged(posterior.refusal())
        draws = posterior.draws[np.linspace(0, len(posterior.draws) - 1, DRAWS).astype(int)]
        found |= {site: shares(fitted, draws, site) for site in folds if folds[site] == fold}
    return found


def shares(stage: Medications, draws: np.ndarray, site: str) -> np.ndarray:
    """Chance of being in treatment at DAY at a new site, [draws, arms]."""
    chance = np.random.default_rng([SEED, int(site)])
    here = draws.copy()
    place = [one.name for one in stage.stage.free].index("ctn0027_hazard")
    here[:, place] += BETWEEN_BASELINES * chance.standard_normal(len(here))
    anew = chance.standard_normal((len(here), stage.stage.latents))
    with jax.enable_x64(True):
        kept = np.asarray(jax.jit(jax.vmap(lambda v, z: stage.shares(v, z)[0]))(here, anew))
    return kept[:, :, DAYS.index(DAY)]
