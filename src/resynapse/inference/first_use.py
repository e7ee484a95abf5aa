"""Which share of people has not used by a day, and how likely are the counts that were published?

    lambda_i(t)   hazard of person i at the own states, LapseHazard                  1/d
    S_c(t) = mean over i of exp(-integral of lambda_committed,i)
    S_u(t) = mean over i of exp(-integral of lambda_uncommitted,i)
    S(t)   = (1 - q) S_c(t) + q S_u(t)                                               1
    ln L   = sum over intervals of d ln(1 - S_j / S_j-1) + (n - d) ln(S_j / S_j-1)

q is the share uncommitted; n people enter an interval without use, d of them use in it. Integrals
are by trapezium over the days of the course. Log frailty is independent of all states before the
first use, so people get evenly spaced quantiles of it, in an order that is shuffled once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import norm

from resynapse.behaviour.lapse import LapseHazard
from resynapse.inference.recorded_course import SEED
from resynapse.inference.temptation_course import TemptationCourse

LEAST = 1.0e-9
"""of a share, so that no logarithm is of zero"""


@dataclass(frozen=True)
class LifeTable:
    """Who had a first use in which interval, of one curve."""

    label: str
    day: np.ndarray
    """ends of intervals, d since the substance can be had; the first begins at 0"""
    entered: np.ndarray
    """people without use at the beginning of each, half of those lost in it taken off"""
    used: np.ndarray
    """first uses in each interval"""
    bands: tuple[tuple[float, float], ...]
    """95 % of the share with a first use by the end of each interval"""

    @property
    def survival(self) -> np.ndarray:
        """Share without use at the end of each interval."""
        return np.cumprod(1.0 - self.used / self.entered)


@dataclass(frozen=True)
class Site:
    """Where people live: how easily they use, and how many do not mean to abstain."""

    log_hazard: Any
    uncommitted: Any
    """q, 0 to 1"""


class FirstUse:
    """Survival without use as a function of the hazard's parameters; smooth in all of them."""

    def __init__(self, course: TemptationCourse) -> None:
        self.day = course.day
        self.tempted = jax.tree.map(jnp.asarray, course.tempted)
        quantiles = norm.ppf((np.arange(course.people) + 0.5) / course.people)
        self.frailty = np.random.default_rng(SEED).permutation(quantiles)[:, None]

    def survival(self, lapse: LapseHazard, site: Site) -> Any:
        """S at every day of the course, [days]."""
        log_frailty: Any = lapse.frailty_sd * self.frailty
        meaning_to = lapse.committed_hazard(self.tempted, site.log_hazard, log_frailty)
        not_meaning_to = lapse.uncommitted_hazard(self.tempted)
        committed, other = (self._without(one) for one in (meaning_to, not_meaning_to))
        return (1.0 - site.uncommitted) * committed + site.uncommitted * other

    def _without(self, hazard: Any) -> Any:
        """Mean over people of exp(-integral), [days]."""
        areas = 0.5 * (hazard[:, 1:] + hazard[:, :-1]) * np.diff(self.day)
        total = jnp.concatenate([0.0 * areas[:, :1], jnp.cumsum(areas, axis=1)], axis=1)
        return jnp.exp(-total).mean(axis=0)

    def at(self, days: Sequence[float] | np.ndarray, lapse: LapseHazard, site: Site) -> Any:
        """S at these days, linear in ln S between days of the course."""
        log = jnp.log(jnp.clip(self.survival(lapse, site), LEAST))
        return jnp.exp(jnp.interp(jnp.asarray(days), self.day, log))

    def log_likelihood(self, table: LifeTable, lapse: LapseHazard, site: Site) -> Any:
        """ln L of a life table."""
        S = self.at(table.day, lapse, site)
        stay = S / jnp.concatenate([jnp.ones(1), S[:-1]])
        stay = jnp.clip(stay, LEAST, 1.0 - LEAST)
        return jnp.sum(table.used * jnp.log1p(-stay) + (table.entered - table.used) * jnp.log(stay))
