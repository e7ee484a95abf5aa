"""What would somebody forecast for a new site of a trial who knows no mechanism?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from resynapse.inference.meta_analysis import LogEffect, predicted
from resynapse.inference.sites_left_out.observed import SiteCount

NO_DIFFERENCE, META_ANALYSIS = "no difference between sites", "random-effects meta-analysis"
HALF = 0.5


def no_difference(
    known: Sequence[SiteCount], draws: int, chance: np.random.Generator
) -> np.ndarray:
    """Shares of a new site, [draws], if all sites are one: Beta(k + 1/2, n - k + 1/2)."""
    count, n = (sum(getattr(one, name) for one in known) for name in ("count", "n"))
    return chance.beta(count + HALF, n - count + HALF, draws)


def meta_analysis(
    known: Sequence[SiteCount], draws: int, chance: np.random.Generator
) -> np.ndarray:
    """Shares of a new site, [draws], from logits that differ between sites (DerSimonian-Laird)."""
    mean, sd = predicted([_logit(one) for one in known])
    return np.asarray(expit(mean + sd * chance.standard_normal(draws)))


def _logit(one: SiteCount) -> LogEffect:
    """ln(k / (n - k)) and its standard error, sqrt(1/k + 1/(n - k))."""
    used, other = one.count, one.n - one.count
    return LogEffect(math.log(used / other), math.sqrt(1.0 / used + 1.0 / other))
