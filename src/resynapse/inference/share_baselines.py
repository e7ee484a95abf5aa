"""Which share would somebody expect at a new site, or in a new study, who knows no mechanism?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy.special import expit

from resynapse.inference.meta_analysis import LogEffect, predicted

NO_DIFFERENCE, META_ANALYSIS = "no difference between sites", "random-effects meta-analysis"
HALF = 0.5


class Counted(Protocol):
    """People in whom something was seen, of so many."""

    @property
    def count(self) -> int:
        """Of them."""

    @property
    def n(self) -> int:
        """All of them."""


def no_difference(known: Sequence[Counted], draws: int, chance: np.random.Generator) -> np.ndarray:
    """Shares elsewhere, [draws], if all are one: Beta(k + 1/2, n - k + 1/2)."""
    count, n = (sum(getattr(one, name) for one in known) for name in ("count", "n"))
    return chance.beta(count + HALF, n - count + HALF, draws)


def meta_analysis(known: Sequence[Counted], draws: int, chance: np.random.Generator) -> np.ndarray:
    """Shares elsewhere, [draws], from logits that differ (DerSimonian-Laird)."""
    mean, sd = predicted([_logit(one) for one in known])
    return np.asarray(expit(mean + sd * chance.standard_normal(draws)))


def _logit(one: Counted) -> LogEffect:
    """ln(k / (n - k)) and its standard error, sqrt(1/k + 1/(n - k))."""
    used, other = one.count, one.n - one.count
    return LogEffect(math.log(used / other), math.sqrt(1.0 / used + 1.0 / other))
