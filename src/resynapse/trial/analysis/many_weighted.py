"""What do weighted log-rank tests say of thousands of simulated trials of two arms?

The same tests as ``log_rank`` and ``max_combo``, a row a trial, for hazards that are not
proportional. A trial without an answer has NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import special

from resynapse.trial.analysis.log_rank import MAX_COMBO
from resynapse.trial.analysis.many_trials import InOrder

TINY = 1e-12
POINTS = 8192


def weighted_z(strata: Sequence[InOrder], rho: float, gamma: float) -> np.ndarray:
    """Fleming and Harrington's z; positive where the treated have more events than expected.

    Scores and covariances of strata are summed; without strata, give one.
    """
    difference, covariance = _summed(strata, ((rho, gamma),))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = difference[:, 0] / np.sqrt(covariance[:, 0, 0])
    return np.where(covariance[:, 0, 0] > TINY, z, np.nan)


def max_combo_z(strata: Sequence[InOrder], alpha: float) -> np.ndarray:
    """A normal deviate for MaxCombo's p: the sign of the largest z, the size of its two-sided p.

    Its p is worked out where it decides at ``alpha`` of two sides. Of trials that no multiplicity
    could turn (below z of alpha, or above Bonferroni's), the deviate lies on that side of alpha's.
    """
    difference, covariance = _summed(strata, MAX_COMBO)
    error = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0.0))
    known = np.all(error > TINY, axis=1)
    safe = np.where(error > TINY, error, 1.0)
    z = difference / safe
    largest = z[np.arange(len(z)), np.argmax(np.abs(z), axis=1)]
    size = np.abs(largest)
    open_, closed = -special.ndtri(alpha / 2), -special.ndtri(alpha / 2 / len(MAX_COMBO))
    found = np.where(size >= closed, -special.ndtri(_bonferroni(size) / 2), size - closed + open_)
    found = np.minimum(found, np.where(size < open_, size, np.inf))
    for row in np.flatnonzero(known & (size >= open_) & (size < closed)):
        correlation = covariance[row] / np.outer(safe[row], safe[row])
        found[row] = -special.ndtri(_two_sided(size[row], correlation) / 2)
    return np.where(known, np.sign(largest) * found, np.nan)


def _bonferroni(size: np.ndarray) -> np.ndarray:
    return np.minimum(2 * len(MAX_COMBO) * special.ndtr(-size), 1.0)


def _two_sided(size: float, correlation: np.ndarray) -> float:
    """1 - P(all |z_k| < size), z jointly normal; by a rule of Sobol points, to about 3e-4."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return float(np.mean(np.max(np.abs(root @ _normals(len(correlation))), axis=0) >= size))


@cache
def _normals(dimensions: int) -> np.ndarray:
    """[dimensions, points], the same for every trial."""
    from scipy.stats import qmc

    points = qmc.Sobol(dimensions, scramble=True, rng=1).random(POINTS)
    return np.ascontiguousarray(special.ndtri(points).T)


def _summed(
    strata: Sequence[InOrder], weights: tuple[tuple[float, float], ...]
) -> tuple[np.ndarray, np.ndarray]:
    """``_scores`` of all strata together."""
    differences, covariances = zip(*(_scores(s, weights) for s in strata), strict=True)
    return sum(differences), sum(covariances)


def _scores(s: InOrder, weights: tuple[tuple[float, float], ...]) -> tuple[np.ndarray, np.ndarray]:
    """Observed less expected [trials, weights], and covariance [trials, weights, weights].

    S          = pooled share without the event just before t
    w          = S^rho (1 - S)^gamma
    difference = sum(w (1[treated] - n_1 / n)) over events
    covariance = sum(w v n_1 / n (1 - n_1 / n) (n - d) / (n - 1)) over events
    """
    p = s.n_1 / s.n
    S = _just_before(s)
    w = np.stack([S**rho * (1.0 - S) ** gamma for rho, gamma in weights], axis=2)
    excess = s.event * (s.treated - p)
    spread = s.event * p * (1 - p) * (s.n - s.d) / np.maximum(s.n - 1, 1)
    difference = np.einsum("tiw,ti->tw", w, excess)
    return difference, np.einsum("tiw,tiv,ti->twv", w, w, spread, optimize=True)


def _just_before(s: InOrder) -> np.ndarray:
    S = np.cumprod(np.where(s.new, 1.0 - s.d / s.n, 1.0), axis=1)
    before = np.concatenate([np.ones((len(S), 1)), S[:, :-1]], axis=1)
    return np.take_along_axis(before, s.first, axis=1)
