"""How often do many trials, each looked at after information of its own, cross their bounds?

The recursion of ``joint_density``, a row a trial. Paths are followed where nothing has an effect;
under a drift each path weighs more by its likelihood ratio, so that one recursion serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.optimize import elementwise

from resynapse.trial.design.boundary import HIGHEST
from resynapse.trial.design.joint_density import FEWEST, FINENESS, REACH, nodes

SURE = {"xatol": 1e-10, "xrtol": 1e-12, "fatol": 0.0, "frtol": 0.0}
AT_ONCE = 4_000_000
"""Pairs of nodes in memory at once"""


@dataclass(frozen=True)
class Paths:
    """Z of each trial at a look, on the paths on which it goes on."""

    information: np.ndarray
    """[trials] As a fraction of what was planned in all; more than 1 where more was seen"""
    z: np.ndarray
    """[trials, nodes]"""
    weight: np.ndarray
    """[trials, nodes] Their probabilities, without any effect"""

    def above(
        self, bound: np.ndarray, information: np.ndarray, drift: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Probability of going on now, and of Z at or above the bound at the next look; [rows].

        S      = z sqrt(I_k-1)
        weight = weight_0 exp(drift S - drift^2 I_k-1 / 2)
        step   = I_k - I_k-1
        sum of weight Phi((S + drift step - bound sqrt(I_k)) / sqrt(step))          1
        """
        past, drift = self.information[rows][:, None], np.asarray(drift)[:, None]
        S = self.z[rows] * np.sqrt(past)
        weight = self.weight[rows] * np.exp(drift * S - drift**2 * past / 2)
        step = information[:, None] - past
        standard = (S + drift * step - (bound * np.sqrt(information))[:, None]) / np.sqrt(step)
        return np.sum(weight * special.ndtr(standard), axis=1)

    def upper_bound(self, information: np.ndarray, share: np.ndarray) -> np.ndarray:
        """[trials] Z above which ``share`` of all paths lies at the next look; inf for none."""
        none = np.zeros(len(share))

        def excess(z: np.ndarray, rows: np.ndarray) -> np.ndarray:
            return self.above(z, information[rows], none[rows], rows) - share[rows]

        return _root(excess, share > 0.0, np.inf)

    def lower_bound(self, information: np.ndarray, share: np.ndarray, drift: float) -> np.ndarray:
        """[trials] Z below which ``share`` lies at the next look, at this drift; -inf for none."""
        every = np.arange(len(share))
        at = np.full(len(share), drift)
        there = self.above(np.full(len(share), -HIGHEST), information, at, every)

        def missing(z: np.ndarray, rows: np.ndarray) -> np.ndarray:
            above = self.above(z, information[rows], at[rows], rows)
            return above - (there[rows] - share[rows])

        return _root(missing, share > 0.0, -np.inf)

    def go_on(
        self, lower: np.ndarray, upper: np.ndarray, information: np.ndarray, moved: np.ndarray,
        finest: float,
    ) -> Paths:  # fmt: skip
        """The next look between the bounds; trials that did not move stay where they are.

        scale  = sqrt(I_k) / sqrt(I_k - I_k-1)                                      1
        g_k(z) = sum of weight_k-1(y) scale phi(standard(z, y))                     1
        """
        x, width = nodes(-1.0, 1.0, finest / REACH)
        high = np.clip(upper, -REACH, REACH)
        half = (high - np.clip(lower, -REACH, high)) / 2
        z = (high - half)[:, None] + half[:, None] * x
        step = np.where(moved, information - self.information, 1.0)
        now, before = np.sqrt(information), self.z * np.sqrt(self.information)[:, None]
        standard = (z * now[:, None])[:, :, None] - before[:, None, :]
        standard /= np.sqrt(step)[:, None, None]
        density = np.exp(-0.5 * standard**2) / np.sqrt(2 * np.pi)
        g = (now / np.sqrt(step))[:, None] * np.einsum("tij,tj->ti", density, self.weight)
        one, other = Paths(information, z, g * half[:, None] * width), self._as_wide(len(x))
        return Paths(
            np.where(moved, one.information, other.information),
            np.where(moved[:, None], one.z, other.z),
            np.where(moved[:, None], one.weight, other.weight),
        )

    def _as_wide(self, width: int) -> Paths:
        """The same with so many nodes, those that are new without weight."""
        more = ((0, 0), (0, width - self.z.shape[1]))
        return Paths(self.information, np.pad(self.z, more), np.pad(self.weight, more))


def begin(trials: int) -> Paths:
    """Before the first look nothing is known and every path goes on."""
    return Paths(np.zeros(trials), np.zeros((trials, 1)), np.ones((trials, 1)))


def node_count(finest: np.ndarray) -> np.ndarray:
    """Nodes that a recursion needs whose smallest step is so many standard deviations of Z."""
    return np.maximum(FEWEST, np.ceil(FINENESS * 2 * REACH / finest)).astype(int)


def _root(f, wanted: np.ndarray, otherwise: float) -> np.ndarray:  # type: ignore[no-untyped-def]
    """[trials] Where a falling function of Z and row is zero; ``otherwise`` where none is wanted.

    Where it is below 0 everywhere nothing is left to spend: minus infinite.
    """
    found = np.full(len(wanted), otherwise)
    rows = np.flatnonzero(wanted)
    low = np.full(len(rows), -HIGHEST)
    some = f(low, rows) > 0.0
    found[rows[~some]] = -np.inf
    rows, low = rows[some], low[some]
    if len(rows):
        found[rows] = elementwise.find_root(f, (low, -low), args=(rows,), tolerances=SURE).x
    return found
