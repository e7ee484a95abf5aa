"""Does an effect on the hazard change with time?

The score test of an effect b + theta g(t) (Grambsch and Therneau 1994, in the exact form of
R's survival from version 3 on).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from resynapse.trial.analysis.cox import Cox
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.risk_set import RiskSets, risk_sets

TRANSFORMS: Final = ("km", "identity", "rank", "log")


@dataclass(frozen=True)
class ProportionalHazards:
    """Chi-squares against a constant ratio of hazards."""

    statistic: np.ndarray
    """One for every covariate, 1 degree of freedom"""
    p_value: np.ndarray
    global_statistic: float
    """All of them, p degrees of freedom"""
    global_p_value: float


def proportional_hazards_test(
    fit: Cox,
    stop: np.ndarray,
    event: np.ndarray,
    start: np.ndarray | None = None,
    transform: str = "km",
) -> ProportionalHazards:
    """Score test at theta = 0, from the rows to which the model was fitted.

    Raises FailedFit where people differ at one time of events only, or the logarithm of time 0 is
    asked for.

    u           = sum over events of g(t) (x - mean)
    information = sum over terms of (1, g; g, g^2) variance
    statistic   = (0, u)' information^-1 (0, u)
    """
    data = fit.data
    terms, sets = data.terms(fit.coefficients), data.sets
    g = _transformed(sets.time, risk_sets(stop, event, start), np.asarray(stop), transform)
    g = g - np.average(g, weights=sets.tied)
    at, p = g[terms.moment], data.X.shape[1]
    rows = data.weights[sets.event] * g[sets.moment]
    u = rows @ data.X[sets.event] - (terms.weight * at) @ terms.mean
    parts = [np.tensordot(terms.weight * at**k, terms.variance, axes=1) for k in range(3)]
    information = np.block([[parts[0], parts[1]], [parts[1], parts[2]]])
    _require_times(information)
    one = np.array([_quadratic(information, u, [j], p) for j in range(p)])
    everything = _quadratic(information, u, list(range(p)), p)
    return ProportionalHazards(
        one, special.chdtrc(1, one), everything, float(special.chdtrc(p, everything))
    )


def _require_times(information: np.ndarray) -> None:
    spread = np.sqrt(np.maximum(np.diag(information), 1e-300))
    if np.linalg.eigvalsh(information / np.outer(spread, spread))[0] < 1e-12:
        raise FailedFit("people at risk differ at too few times of events")


def _quadratic(information: np.ndarray, u: np.ndarray, chosen: list[int], p: int) -> float:
    kept = [*range(p), *(p + j for j in chosen)]
    full = np.concatenate([np.zeros(p), u[chosen]])
    return float(full @ np.linalg.solve(information[np.ix_(kept, kept)], full))


def _transformed(
    moments: np.ndarray, pooled: RiskSets, stop: np.ndarray, transform: str
) -> np.ndarray:
    """g at each moment; ``km`` is 1 - S just before it, all strata together."""
    if transform == "identity":
        return moments
    if transform == "log":
        if moments.min() <= 0.0:
            raise FailedFit("an event at time 0 has no logarithm; take another function of time")
        return np.log(moments)
    if transform == "rank":
        times = np.sort(stop)
        sides = (np.searchsorted(times, moments, side) for side in ("left", "right"))
        return (sum(sides) + 1.0) / 2
    S = np.cumprod(1.0 - pooled.tied / pooled.sums(np.ones(len(stop))))
    return 1.0 - np.append(1.0, S)[np.searchsorted(pooled.time, moments)]
