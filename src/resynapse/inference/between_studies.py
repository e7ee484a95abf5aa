"""How far do numbers of the same thing lie apart between studies, and what does one teach of all?

How far is assumed, all three. A baseline that was fitted in one study is that study's own; of other
people it says no more than the spread of baselines between studies lets through (``over_studies``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from resynapse.parameter import LogNormal

BETWEEN_EFFECTS = 0.3
"""standard deviation of log effects between studies"""
BETWEEN_BASELINES = 0.7
"""standard deviation of log baselines between studies"""
READING = 0.03
"""of a share read off a figure: 3 points at best"""
SEED = 5


@dataclass(frozen=True)
class OverStudies:
    """What draws of one study's own numbers say of those of all studies."""

    rows: np.ndarray
    """which draws of the study these are, [kept]; one that counts more stands more often"""
    own: np.ndarray
    """the study's own numbers in these, [kept, numbers]"""
    general: np.ndarray
    """the number around which studies lie, [kept, numbers]"""
    effective: float
    """how many draws of equal weight the draws are worth"""


def over_studies(
    own: np.ndarray, priors: Sequence[LogNormal], kept: int, between: float = BETWEEN_BASELINES,
    seed: int = SEED,
) -> OverStudies:  # fmt: skip
    """The general value of each number, from draws of one study's own, [draws, numbers].

    y = ln of the study's own number, g = ln of the general one, m and s the prior's log median and
    log sd, t = ``between``. All are believed to be

        g ~ Normal(m, s^2)                                                    1
        y ~ Normal(g, t^2)                                                    1

    so that y ~ Normal(m, s^2 + t^2). The draws were made with y ~ Normal(m, s^2), as if the study's
    own number were that of all, and are weighed anew, numbers together:

        w = product of Normal(y; m, s^2 + t^2) / Normal(y; m, s^2)            1
        effective = (sum of w)^2 / sum of w^2                                 draws

    ``kept`` rows stand at even steps of the cumulative weight; in each g is drawn given y.
    """
    y = np.log(own)
    m = np.log([one.median for one in priors])
    s2, t2 = np.array([one.sd for one in priors]) ** 2, between**2
    log = 0.5 * np.sum((y - m) ** 2 * (1.0 / s2 - 1.0 / (s2 + t2)), axis=1)
    w = np.exp(log - log.max())
    rows = np.searchsorted(np.cumsum(w) / w.sum(), (np.arange(kept) + 0.5) / kept)
    effective = float(w.sum() ** 2 / (w**2).sum())
    return OverStudies(rows, own[rows], general(own[rows], priors, between, seed), effective)


def general(
    own: np.ndarray, priors: Sequence[LogNormal], between: float = BETWEEN_BASELINES,
    seed: int = SEED,
) -> np.ndarray:  # fmt: skip
    """A draw of the general value of each number in each row, [rows, numbers].

    The data reach g through y alone, so that with the letters of ``over_studies``

        P = 1 / s^2 + 1 / t^2                                                 1
        g | y ~ Normal((m / s^2 + y / t^2) / P, 1 / P)                        1

    drawn at even quantiles in an order of chance, which keeps chance out of the median.
    """
    y = np.log(own)
    m = np.log([one.median for one in priors])
    s2, t2 = np.array([one.sd for one in priors]) ** 2, between**2
    P = 1.0 / s2 + 1.0 / t2
    even = ndtri((np.arange(len(own)) + 0.5) / len(own))
    chance = np.random.default_rng(seed)
    z = np.stack([chance.permutation(even) for _ in priors], axis=1)
    return np.asarray(np.exp((m / s2 + y / t2) / P + z / np.sqrt(P)))
