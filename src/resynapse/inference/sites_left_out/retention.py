"""What does stage c forecast for retention at sites of CTN-0027 that it was not fitted to?

A third of the sites is left out and the stage fitted again to retention and urines of the rest.
Sites differ in the model by how easily people use (log hazard, sd 0.7) and how many do not mean to
abstain (logit, sd 1.5), as declared for stage b; both move who stops through use, and the model has
no other way for sites to differ in who stays. The error of the emulator is drawn with every draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial

import jax
import numpy as np

from resynapse.inference.sites_left_out.fitted import draws
from resynapse.inference.sites_left_out.observed import sites_of
from resynapse.inference.smooth_stage import SAMPLES
from resynapse.inference.stage_fit import Listener
from resynapse.inference.stages.medications import Medications
from resynapse.inference.stages.natural_history import BETWEEN_COMMITMENTS
from resynapse.inference.synthetic_likelihood import BETWEEN_BASELINES
from resynapse.inference.treated_course import DAYS

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
        say = partial(progress, k / len(names), f"retention without fold {fold}")
        fitted = stage.without(fold)
        left_out = [site for site in folds if folds[site] == fold]
        posterior = draws(fitted.stage, f"fold {fold}", samples, _emulated(stage), say)
        found |= shares(fitted, posterior, left_out)
    return found


def shares(stage: Medications, posterior: np.ndarray, sites: Sequence[str]) -> Shares:
    """By site, chance of being in treatment at DAY at new sites, [draws, arms]."""
    picked = np.linspace(0, len(posterior) - 1, DRAWS).astype(int)
    at = DAYS.index(DAY)
    with jax.enable_x64(True):
        scaled = jax.jit(jax.vmap(lambda v, z: stage.statistics(v, z)[:, at]))
        return {
            site: np.exp(-np.exp(np.asarray(scaled(*_anew(stage, posterior[picked], site)))))
            for site in sites
        }


def _anew(stage: Medications, here: np.ndarray, site: str) -> tuple[np.ndarray, np.ndarray]:
    """Draws at a new site, and the error of the emulator."""
    chance = np.random.default_rng([SEED, int(site)])
    moved, names = here.copy(), [one.name for one in stage.stage.free]
    spread = {"ctn0027_hazard": BETWEEN_BASELINES, "ctn0027_commitment": BETWEEN_COMMITMENTS}
    for name, sd in spread.items():
        moved[:, names.index(name)] += sd * chance.standard_normal(len(here))
    return moved, stage.errors(len(here), chance)


def _emulated(stage: Medications) -> str:
    """What was simulated, as the emulator holds it."""
    return hashlib.sha256(stage.emulator.coefficients.tobytes()).hexdigest()
