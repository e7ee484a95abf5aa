"""How may a trial change its size after a look, and still keep alpha?

The statistics of the stages, each from its own people, are combined with weights that were fixed
before the trial (Lehmacher and Wassmer 1999; Cui, Hung and Wang 1999), so that the size of a later
stage may depend on the data of an earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.input_error import InputError
from resynapse.trial.design.joint_density import nodes
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.validity import open_unit, positive


def weights(information: np.ndarray) -> np.ndarray:
    """sqrt(t_k - t_k-1), whose squares add up to 1."""
    return np.sqrt(np.diff(information, prepend=0.0))


def combined(stage_z: Sequence[float], information: np.ndarray) -> np.ndarray:
    """The inverse-normal statistic after each stage, from the Z of each stage alone.

    Z*_k = sum of w_j z_j / sqrt(sum of w_j^2), j up to k                   1

    A p of a stage enters as z = Phi^-1(1 - p).
    """
    w = weights(information)[: len(stage_z)]
    return np.cumsum(w * np.asarray(stage_z)) / np.sqrt(np.cumsum(w**2))


@dataclass(frozen=True)
class Reestimation:
    """Two stages; the second is made larger or smaller after the first.

    Sizes are information: 1 / variance of the estimate, n r / ((1 + r) sd)^2 for two means. The
    second stage is what gives the conditional power ``target`` at the effect ``assumed``, or at
    the estimate of the first stage where that is None, within ``least`` and ``most``.
    """

    looks: Looks
    first: float
    """Information of the first stage"""
    target: float
    least: float
    most: float
    """Information of the second stage, smallest and largest"""
    assumed: float | None = None
    zone: tuple[float, float] = (0.0, 1.0)
    """Conditional power with the smallest second stage within which it is changed at all; between
    0.3 and the target, a promising zone (Mehta and Pocock 2011)"""

    def __post_init__(self) -> None:
        if len(self.looks.information) != 2 or self.looks.sided != 1:
            raise InputError("Re-estimation is of two stages and one side: give two looks.")
        open_unit("target", self.target)
        positive("information of the first stage", self.first)
        positive("smallest second stage", self.least)
        if not 0 <= self.zone[0] <= self.zone[1] <= 1:
            raise InputError(
                f"The zone of conditional power, {self.zone[0]:g} to {self.zone[1]:g}, "
                "does not lie within 0 to 1."
            )
        if not self.most >= self.least:
            raise InputError(
                f"The largest second stage, {self.most:g}, is below the smallest, {self.least:g}."
            )

    def conditional_power(self, z_1: np.ndarray, second: np.ndarray, effect: float) -> np.ndarray:
        """P(w_1 z_1 + w_2 z_2 >= c_2), z_2 normal with mean effect sqrt(second)."""
        return special.ndtr(effect * np.sqrt(second) - self._needed(z_1))

    def _needed(self, z_1: np.ndarray) -> np.ndarray:
        """z_2 that just wins: (c_2 - w_1 z_1) / w_2."""
        w_1, w_2 = weights(self.looks.information)
        return (self.looks.critical_values[1] - w_1 * np.asarray(z_1)) / w_2

    def second(self, z_1: np.ndarray | float) -> np.ndarray:
        """Information of the second stage, given Z of the first.

        I_2 = ((z_2 needed + z_target) / effect)^2, within least and most; least outside the zone.
        """
        z_1 = np.atleast_1d(np.asarray(z_1, dtype=float))
        own = z_1 / np.sqrt(self.first)
        effect = own if self.assumed is None else np.full_like(z_1, self.assumed)
        with np.errstate(divide="ignore"):
            wanted = (self._needed(z_1) + special.ndtri(self.target)) / np.maximum(effect, 1e-12)
        size = np.clip(np.maximum(wanted, 0.0) ** 2, self.least, self.most)
        power = self.conditional_power(z_1, np.full_like(z_1, self.least), effect)
        inside = (power >= self.zone[0]) & (power <= self.zone[1])
        return np.where(inside, size, self.least)

    def power(self, effect: float) -> float:
        """Probability of claiming efficacy at either stage; alpha where the effect is 0.

        P(z_1 >= c_1) + integral over a_1 <= z_1 < c_1 of phi(z_1 - effect sqrt(I_1))
        conditional_power(z_1, I_2(z_1)) dz_1                                          1
        """
        z_1, width, density = self._going_on(effect)
        later = self.conditional_power(z_1, self.second(z_1), effect)
        mean = effect * np.sqrt(self.first)
        return float(special.ndtr(mean - self.looks.critical_values[0]) + (density * later) @ width)

    def expected(self, effect: float) -> float:
        """Information when the trial stops, on average."""
        z_1, width, density = self._going_on(effect)
        return self.first + float((density * self.second(z_1)) @ width)

    def _going_on(self, effect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """z_1 on the way to the second stage, widths of the rule, and the density there."""
        futility = self.looks.futility_bounds
        mean = effect * np.sqrt(self.first)
        low = mean - 9.0 if futility is None else max(futility[0], mean - 9.0)
        high = min(self.looks.critical_values[0], mean + 9.0)
        z_1, width = nodes(low, high, 0.02)
        return z_1, width, np.exp(-0.5 * (z_1 - mean) ** 2) / np.sqrt(2 * np.pi)
