"""How many people does a trial need for the power that is asked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

LOWEST, HIGHEST = 0.03, 0.995
"""Powers that carry information on the slope"""
SURE = 2.0
"""Errors by which power must rise with size before anything is read off outside the range"""


@dataclass(frozen=True)
class Needed:
    """People of the reference arm for a power; None where power does not rise with size."""

    power: float
    n: float | None
    error: float | None
    """Monte Carlo error of n"""
    inside: bool
    """Whether n lies within the sizes that were simulated"""
    passed: bool = False
    """Whether the smallest of these has the power already, so that n lies below them unknown"""


def needed(n: Sequence[int], shares: np.ndarray, power: float, *, beyond: bool = True) -> Needed:
    """The size at which power crosses what is asked; ``shares`` is [units, sizes].

    The deviate of power is close to a line in the root of size (it is one for a normal statistic
    whose drift grows with the root of the information):

    Phi^-1(power) = a + b sqrt(n)

    a and b are fitted to the sizes by weighted least squares; n = ((Phi^-1(power) - a) / b)^2.
    The error is the jackknife's, a unit left out at a time. ``beyond``: whether a size outside
    the range may be read off; not where power is averaged over draws of the parameters, since it
    levels off at the probability of a benefit.
    """
    root = np.sqrt(np.asarray(n, dtype=float))
    found = _root(root, shares.mean(axis=0), power)
    unknown = Needed(power, None, None, False, bool(shares.mean(axis=0)[np.argmin(root)] >= power))
    units = len(shares)
    if found is None:
        return unknown
    left_out = [
        _root(root, np.delete(shares, unit, axis=0).mean(axis=0), power) for unit in range(units)
    ]
    sizes = np.array([np.nan if one is None else one**2 for one in left_out])
    spread = (units - 1) / units * np.sum((sizes - sizes.mean()) ** 2)
    error = float(np.sqrt(spread)) if np.isfinite(sizes).all() else None
    inside = bool(root[0] <= found <= root[-1])
    if not inside and (not beyond or error is None or error > found**2 / SURE):
        return unknown
    return Needed(power, float(found**2), error, inside)


def _root(root: np.ndarray, p: np.ndarray, power: float) -> float | None:
    """sqrt(n); None where power does not rise, or is known at fewer than two sizes."""
    use = (p > LOWEST) & (p < HIGHEST)
    if np.count_nonzero(use) < 2:
        return None
    y = special.ndtri(p[use])
    density = np.exp(-0.5 * y**2)
    weight = density**2 / (p[use] * (1 - p[use]))
    x = root[use]
    middle = np.average(x, weights=weight)
    b = np.sum(weight * (x - middle) * y) / np.sum(weight * (x - middle) ** 2)
    if b <= 0:
        return None
    a = np.average(y, weights=weight) - b * middle
    wanted = (special.ndtri(power) - a) / b
    return float(wanted) if wanted > 0 else None
