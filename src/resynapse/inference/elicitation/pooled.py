"""What do several people believe together, and does what was published contradict it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from resynapse.inference.elicitation.answers import Answers
from resynapse.inference.elicitation.belief import Belief, believed

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
NODES = np.polynomial.hermite_e.hermegauss(96)
CONFLICT = 0.05
"""A smaller probability is called a conflict"""


@dataclass(frozen=True)
class Pooled:
    """The linear pool of beliefs: their mixture with the weights of the people.

    F(x) = sum_i w_i F_i(x) / sum_i w_i. It keeps disagreement as width (Stone 1961).
    """

    answers: Answers
    beliefs: tuple[Belief, ...]

    @property
    def weights(self) -> np.ndarray:
        """Of each person, adding to 1."""
        given = np.array([one.weight for one in self.beliefs])
        return given / given.sum()

    def below(self, x: float | np.ndarray) -> np.ndarray:
        """P(quantity <= x)."""
        return np.asarray(
            self.weights @ np.array([one.distribution.cdf(x) for one in self.beliefs])
        )

    def density(self, x: np.ndarray) -> np.ndarray:
        """Per unit of the quantity."""
        return np.asarray(
            self.weights @ np.array([one.distribution.pdf(x) for one in self.beliefs])
        )

    def quantile(self, q: float) -> float:
        """Where the pool has the share ``q`` below; it lies between those of the people."""
        ends = [float(one.distribution.ppf(q)) for one in self.beliefs]
        low, high = min(ends), max(ends)
        if math.isclose(low, high, rel_tol=1e-12, abs_tol=1e-12):
            return low
        return float(optimize.brentq(lambda x: float(self.below(x)) - q, low, high))

    def draws(self, count: int, seed: int) -> np.ndarray:
        """Independent draws, in the unit of the quantity."""
        chance = np.random.default_rng(seed)
        who = chance.choice(len(self.beliefs), size=count, p=self.weights)
        uniform = chance.random(count)
        found = np.empty(count)
        for number, one in enumerate(self.beliefs):
            found[who == number] = one.distribution.ppf(uniform[who == number])
        return found


@dataclass(frozen=True)
class Conflict:
    """How unusual a published value is to those who were asked."""

    published: float
    standard_error: float
    tail: float
    """probability, two-sided, of a value as far out or farther, by the pool"""
    tails: tuple[float, ...]
    """the same by each person"""

    @property
    def conflicts(self) -> bool:
        """Whether the pool finds it surprising."""
        return self.tail < CONFLICT


def pooled(answers: Answers) -> Pooled:
    """Everybody's belief, and the pool."""
    return Pooled(answers, tuple(believed(answers, person) for person in answers.people))


def conflict(found: Pooled, published: float, standard_error: float) -> Conflict:
    """The prior predictive tail of a published value (Box 1980).

    2 min(P, 1 - P), P = P(quantity + N(0, standard_error^2) <= published)
    """
    tails = tuple(_tail([one], [1.0], published, standard_error) for one in found.beliefs)
    all = _tail(found.beliefs, found.weights.tolist(), published, standard_error)
    return Conflict(published, standard_error, all, tails)


def _tail(
    beliefs: Sequence[Belief], weights: Sequence[float], published: float, error: float
) -> float:
    z, w = NODES
    chance = w / math.sqrt(2.0 * math.pi)
    below = sum(
        share * float(chance @ one.distribution.cdf(published - error * z))
        for one, share in zip(beliefs, weights, strict=True)
    )
    return float(2.0 * min(below, 1.0 - below))


__all__ = ["CONFLICT", "LEVELS", "Conflict", "Pooled", "conflict", "pooled"]
