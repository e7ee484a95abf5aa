"""People whose outcomes follow a formula, so that the power of their trials is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from resynapse.trial.power.batch import CONTROL, TREATED
from resynapse.trial.power.outcome import Outcome


@dataclass(frozen=True)
class Formula:
    """Treated and control people from one draw of chance each; no effect: all as controls."""

    def worlds(self, first, count, draw):
        chance = np.random.default_rng([9, first])
        parts = {name: self.arm(name == TREATED, count, chance) for name in (TREATED, CONTROL)}
        same = self.arm(False, count, np.random.default_rng([10, first]))
        return {"as asked": parts, "no effect": {TREATED: same, CONTROL: same}}


@dataclass(frozen=True)
class Survival(Formula):
    """Piecewise constant hazards; people leave at a constant rate; all end at a horizon."""

    median: float
    hazard_ratios: tuple[float, ...]
    changes: tuple[float, ...] = ()
    leaving: float = 1e-9
    end: float = math.inf

    def arm(self, treated, count, chance):
        edges = np.array([0.0, *self.changes, 1e4])
        ratios = np.array(self.hazard_ratios if treated else [1.0] * len(self.hazard_ratios))
        total = np.concatenate(
            [[0.0], np.cumsum(np.log(2) / self.median * ratios * np.diff(edges))]
        )
        event = np.interp(chance.exponential(size=count), total, edges)
        left = np.minimum(chance.exponential(1 / self.leaving, size=count), self.end)
        whole = np.minimum(event, self.end)
        return Outcome(np.minimum(event, left), event <= left, whole, event <= self.end)


@dataclass(frozen=True)
class Means(Formula):
    """Normal values."""

    effect: float
    sd: float

    def arm(self, treated, count, chance):
        return known(treated * self.effect + self.sd * chance.normal(size=count))


@dataclass(frozen=True)
class Rates(Formula):
    """Yes or no."""

    p1: float
    p2: float

    def arm(self, treated, count, chance):
        return known((chance.random(count) < (self.p1 if treated else self.p2)) * 1.0)


def known(value):
    """Values that nobody lacks."""
    there = np.ones(len(value), dtype=bool)
    return Outcome(value, there, value, there)
