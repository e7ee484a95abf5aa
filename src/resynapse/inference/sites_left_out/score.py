"""How good was a forecast of the people counted at each site?

ln score = ln mean over draws of Binomial(k; n, p)
CRPS     of k / n, sampling included, over the same draws
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp
from scipy.stats import binom

from resynapse.inference.score import crps, interval
from resynapse.inference.sites_left_out.observed import SiteCount

SEED = 1


@dataclass(frozen=True)
class SiteScore:
    """One way to forecast, over all sites of one quantity."""

    coverage90: float
    coverage50: float
    width90: float
    """mean width of the 90 % interval of the share counted"""
    crps: tuple[float, ...]
    """a site each; smaller is better"""
    log_scores: tuple[float, ...]
    """a site each; larger is better"""


def sampled(p: np.ndarray, n: int, site: str) -> np.ndarray:
    """Shares that a site of ``n`` people would show, [draws]."""
    chance = np.random.default_rng([SEED, int(site)])
    return np.asarray(chance.binomial(n, p) / n)


def score(counts: Sequence[SiteCount], shares: Mapping[str, np.ndarray]) -> SiteScore:
    """All scores; ``shares`` by site are draws of the chance of each person there."""
    rows = [_one(count, shares[count.site]) for count in counts]
    inside90, inside50, width, of_shares, logs = zip(*rows, strict=True)
    return SiteScore(
        float(np.mean(inside90)), float(np.mean(inside50)), float(np.mean(width)), of_shares, logs
    )


def _one(one: SiteCount, p: np.ndarray) -> tuple[bool, bool, float, float, float]:
    samples = sampled(p, one.n, one.site)
    (low, high), (lower, upper) = (interval(samples, share) for share in (90, 50))
    log = logsumexp(binom.logpmf(one.count, one.n, p)) - np.log(len(p))
    return (
        bool(low <= one.share <= high), bool(lower <= one.share <= upper), high - low,
        crps(samples, one.share), float(log),
    )  # fmt: skip


def gap(other: Sequence[float], own: Sequence[float]) -> tuple[float, float]:
    """Mean difference over sites and its standard error."""
    difference = np.array(other) - np.array(own)
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))
