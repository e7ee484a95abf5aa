"""How often does a trial that is looked at several times cross a boundary?

The recursion is that of Jennison and Turnbull (2000), chapter 19; the integrals are taken by the
rule of Gauss and Legendre, since the integrand is smooth between the boundaries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

REACH = 9.0
"""Standard deviations to either side of the mean that are integrated over; beyond lies 1e-19"""
FEWEST, MOST = 48, 128
"""Nodes of the rule, at least and at most; where more are needed, it is used panel by panel"""
FINENESS = 2.5
"""Nodes for each standard deviation of a step, on average"""


@dataclass(frozen=True)
class Continuing:
    """The statistic at a look, on the paths on which the trial goes on.

    The probability of a set of values is the sum of ``weight`` over the nodes ``z`` in it.
    """

    information: float
    """Fraction of the largest information, 0 to 1"""
    mean: float
    """Expected Z at this look, before any stopping"""
    z: np.ndarray
    weight: np.ndarray

    @property
    def probability(self) -> float:
        """Of going on after this look."""
        return float(self.weight.sum())

    def above(self, bound: float, information: float, mean: float) -> float:
        """Probability of going on now and of Z at or above the bound at the next look."""
        return float(self.weight @ special.ndtr(-self._standard(bound, information, mean)))

    def below(self, bound: float, information: float, mean: float) -> float:
        """Probability of going on now and of Z below the bound at the next look."""
        return float(self.weight @ special.ndtr(self._standard(bound, information, mean)))

    def _standard(self, bound: float | np.ndarray, information: float, mean: float) -> np.ndarray:
        """(bound sqrt(I_k) - z sqrt(I_k-1) - drift) / sqrt(I_k - I_k-1), a column each bound."""
        drift = mean * np.sqrt(information) - self.mean * np.sqrt(self.information)
        step = np.sqrt(information - self.information)
        past = self.z * np.sqrt(self.information) + drift
        return np.subtract.outer(-past, -np.asarray(bound) * np.sqrt(information)) / step

    def go_on(
        self, lower: float, upper: float, information: float, mean: float, finest: float
    ) -> Continuing:
        """The next look, on the paths between the bounds.

        scale  = sqrt(I_k) / sqrt(I_k - I_k-1)                      1
        g_k(z) = sum of weight_k-1(y) scale phi(standard(z, y))     1
        """
        z, width = nodes(max(lower, mean - REACH), min(upper, mean + REACH), finest)
        scale = np.sqrt(information / (information - self.information))
        standard = self._standard(z, information, mean)
        g = self.weight @ (scale * np.exp(-0.5 * standard**2) / np.sqrt(2 * np.pi))
        return Continuing(information, mean, z, g * width)


def start() -> Continuing:
    """Before the first look nothing is known and every path goes on."""
    return Continuing(0.0, 0.0, np.zeros(1), np.ones(1))


def nodes(low: float, high: float, finest: float) -> tuple[np.ndarray, np.ndarray]:
    """Places and widths of the rule between two bounds; none where they meet."""
    if not low < high:
        return np.empty(0), np.empty(0)
    count = max(FEWEST, int(np.ceil(FINENESS * (high - low) / finest)))
    panels = int(np.ceil(count / MOST))
    x, width = _rule(int(np.ceil(count / panels)))
    half = (high - low) / panels / 2
    start = low + 2 * half * np.arange(panels)[:, None]
    return (start + half * (x + 1)).ravel(), np.tile(half * width, panels)


@cache
def _rule(count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(count)


def finest_step(information: np.ndarray) -> float:
    """The smallest standard deviation of Z at a look, given Z at the look before."""
    before = np.concatenate([[0.0], information[:-1]])
    return float(np.sqrt(np.min(1 - before / information)))


@dataclass(frozen=True)
class Crossing:
    """Probabilities of stopping at each look."""

    lower: np.ndarray
    upper: np.ndarray

    @property
    def stopping(self) -> np.ndarray:
        """Of stopping at each look, at either bound."""
        return self.lower + self.upper


def crossing(
    information: np.ndarray, mean: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> Crossing:
    """Probabilities of leaving through either bound, look by look.

    ``mean`` is E[Z_k], drift * sqrt(information) where the effect is constant; the correlation
    of Z_j and Z_k is sqrt(I_j / I_k). All arrays have one entry a look.
    """
    now, finest = start(), finest_step(information)
    below, above = [], []
    for t, m, low, high in zip(information, mean, lower, upper, strict=True):
        below.append(now.below(low, t, m))
        above.append(now.above(high, t, m))
        now = now.go_on(low, high, t, m, finest)
    return Crossing(np.array(below), np.array(above))
