"""What does stage b forecast for first use at sites of CTN-0030 that it was not fitted to?

A third of the sites is left out and the stage fitted again. A new site of the trial lies around
the site of the rest with the spread that the stage assumes between sites: log hazard sd 0.7, logit
of the uncommitted share sd 1.5. With the whole trial left out it lies around the default site.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import numpy as np

from resynapse.inference.sites_left_out.fitted import draws
from resynapse.inference.sites_left_out.observed import sites_of
from resynapse.inference.stage_fit import Listener
from resynapse.inference.stages.natural_history import (
    BETWEEN_COMMITMENTS,
    Cohort,
    NaturalHistory,
    cohorts,
)
from resynapse.inference.synthetic_likelihood import BETWEEN_BASELINES

TRIAL, PROTOCOL, SITE = "CTN-0030", "ctn-0030-short", "ctn0030"
DAYS = (7.0, 14.0, 28.0)
DRAWS = 1000
SAMPLES = 2000
"""of each chain, after as many that are thrown away"""
PEOPLE = 32
"""people a cohort; half of those of the stage, as four fits are needed"""
SEED = 4

Shares = dict[str, np.ndarray]
"""by site, chance of a first use by each of DAYS, [draws, days]"""


def forecasts(
    stage: NaturalHistory, progress: Listener, samples: int = SAMPLES
) -> tuple[Shares, Shares]:
    """For every site: with its fold left out, and with the whole trial left out."""
    folds, here = sites_of(TRIAL), Shares()
    names = sorted(set(folds.values()))
    for k, fold in enumerate(names):
        say = partial(progress, k / (len(names) + 1), f"first use without fold {fold}")
        fitted = stage.fitted_to(cohorts(fold))
        found = draws(fitted.stage, f"fold {fold}", samples, [PEOPLE], say)
        left_out = [site for site in folds if folds[site] == fold]
        here |= shares(fitted, found, left_out)
    say = partial(progress, len(names) / (len(names) + 1), f"first use without {TRIAL}")
    elsewhere = stage.fitted_to(tuple(c for c in cohorts() if c.site != SITE))
    found = draws(elsewhere.stage, TRIAL, samples, [PEOPLE], say)
    return here, shares(elsewhere, found, list(folds))


def shares(stage: NaturalHistory, posterior: np.ndarray, sites: Sequence[str]) -> Shares:
    """By site, chance of a first use by each of DAYS at new sites, [draws, days]."""
    picked = np.linspace(0, len(posterior) - 1, DRAWS).astype(int)
    cohort = next(one for one in cohorts() if one.protocol == PROTOCOL)
    with jax.enable_x64(True):
        of = jax.jit(jax.vmap(lambda values, beside: _used(stage, values, beside, cohort)))
        return {site: np.asarray(of(posterior[picked], _apart(site))) for site in sites}


def _apart(site: str) -> np.ndarray:
    """How a new site differs from that of its trial: log hazard and logit, [draws, 2]."""
    spread = np.random.default_rng([SEED, int(site)]).standard_normal((DRAWS, 2))
    return spread * np.array([BETWEEN_BASELINES, BETWEEN_COMMITMENTS])


def _used(stage: NaturalHistory, values: Any, beside: Any, cohort: Cohort) -> Any:
    use = stage.first_use[cohort.protocol]
    return 1.0 - use.at(DAYS, stage.lapse(values), stage.site(values, SITE, beside))
