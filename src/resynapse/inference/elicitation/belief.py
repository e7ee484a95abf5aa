"""Which distribution says what a person said with chips?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, stats

from resynapse.inference.elicitation.answers import Answers, Person

Family = Callable[[np.ndarray], Any]
"""Two numbers without bounds -> a distribution of SciPy"""


@dataclass(frozen=True)
class Belief:
    """The distribution of one person that is closest to the chips."""

    name: str
    weight: float
    family: str
    distribution: Any
    """frozen distribution of SciPy, in the unit of the quantity"""
    error: float
    """greatest distance between chips and distribution at an edge, as a probability"""


def believed(answers: Answers, person: Person) -> Belief:
    """The family and its two numbers that are least squares to the cumulated chips.

    sum over edges of (F(edge) - share of chips below it)^2 is least, over the edges at which
    the share is neither 0 nor 1 (O'Hagan et al. 2006, as in SHELF). Families keep to the bounds:
    normal and t with 3 degrees of freedom where there are none, log-normal and gamma with one,
    beta with both.
    """
    below = np.cumsum(person.chips)[:-1] / sum(person.chips)
    edges = np.array(answers.edges[1:-1])
    inside = (below > 0.0) & (below < 1.0)
    middle = np.array(answers.edges[:-1]) + np.diff(answers.edges) / 2.0
    share = np.array(person.chips) / sum(person.chips)
    mean = float(share @ middle)
    sd = float(np.sqrt(share @ (middle - mean) ** 2))
    fits = [
        _fitted(name, make, start, edges[inside], below[inside])
        for name, (make, start) in _families(answers.lower, answers.upper, mean, sd).items()
    ]
    family, distribution, _ = min(fits, key=lambda one: one[2])
    error = float(np.max(np.abs(distribution.cdf(edges) - below)))
    return Belief(person.name, person.weight, family, distribution, error)


def _fitted(
    name: str, make: Family, start: np.ndarray, edges: np.ndarray, below: np.ndarray
) -> tuple[str, Any, float]:
    found = optimize.least_squares(lambda x: make(x).cdf(edges) - below, start, xtol=1e-12)
    return name, make(found.x), float(found.cost)


def _families(
    lower: float | None, upper: float | None, mean: float, sd: float
) -> dict[str, tuple[Family, np.ndarray]]:
    """Every family that keeps to the bounds, with where its fit starts."""
    if lower is not None and upper is not None:
        return _between(lower, upper, mean, sd)
    if lower is not None:
        return _above(mean - lower, sd, lambda d: Shifted(d, lower, 1.0))
    if upper is not None:
        return _above(upper - mean, sd, lambda d: Shifted(d, upper, -1.0))
    start = np.array([mean, np.log(sd)])
    return {
        "normal": (lambda x: stats.norm(x[0], np.exp(x[1])), start),
        "t, 3 degrees of freedom": (lambda x: stats.t(3, x[0], np.exp(x[1])), start),
    }


def _above(
    mean: float, sd: float, placed: Callable[[Any], Any]
) -> dict[str, tuple[Family, np.ndarray]]:
    spread = np.log1p((sd / mean) ** 2)
    log = np.array([np.log(mean) - spread / 2.0, np.log(spread) / 2.0])
    shape = np.array([2.0 * np.log(mean / sd), np.log(sd**2 / mean)])
    return {
        "log-normal": (
            lambda x: placed(stats.lognorm(np.exp(x[1]), scale=np.exp(x[0]))), log
        ),
        "gamma": (lambda x: placed(stats.gamma(np.exp(x[0]), scale=np.exp(x[1]))), shape),
    }  # fmt: skip


def _between(
    lower: float, upper: float, mean: float, sd: float
) -> dict[str, tuple[Family, np.ndarray]]:
    width = upper - lower
    m, v = (mean - lower) / width, (sd / width) ** 2
    size = max(m * (1.0 - m) / v - 1.0, 0.1)
    start = np.log([m * size, (1.0 - m) * size])
    return {"beta": (lambda x: stats.beta(*np.exp(x), loc=lower, scale=width), start)}


@dataclass(frozen=True)
class Shifted:
    """A positive quantity's distribution, counted from a bound upward (1) or downward (-1)."""

    positive: Any
    bound: float
    direction: float

    def cdf(self, x: Any) -> Any:
        """P(X <= x)."""
        below = self.positive.cdf(self.direction * (np.asarray(x) - self.bound))
        return below if self.direction > 0.0 else 1.0 - below

    def pdf(self, x: Any) -> Any:
        """Density, per unit of the quantity."""
        return self.positive.pdf(self.direction * (np.asarray(x) - self.bound))

    def ppf(self, q: Any) -> Any:
        """Quantile."""
        at = np.asarray(q) if self.direction > 0.0 else 1.0 - np.asarray(q)
        return self.bound + self.direction * self.positive.ppf(at)
