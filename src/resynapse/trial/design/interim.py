"""What will the last look say, seen from an earlier one?

A drift is E[Z] at the last look; a trial with Z_k at information t_k has, by the trend of its own
data, the drift Z_k / sqrt(t_k).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial.design.joint_density import Continuing, finest_step
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.validity import positive

NODES, WIDTHS = np.polynomial.hermite_e.hermegauss(64)
WIDTHS = WIDTHS / WIDTHS.sum()


@dataclass(frozen=True)
class Interim:
    """A trial that has reached look ``look`` (1 is the first) with Z there and goes on."""

    looks: Looks
    look: int
    z: float

    def __post_init__(self) -> None:
        last = len(self.looks.information)
        if not 1 <= self.look < last:
            raise InputError(
                f"Look {self.look} was given; a trial of {last} looks has something ahead "
                f"of it at looks 1 to {last - 1}."
            )
        if not np.isfinite(self.z):
            raise InputError("Z at the look is not a number.")

    @property
    def information(self) -> float:
        """t_k"""
        return float(self.looks.information[self.look - 1])

    @property
    def trend(self) -> float:
        """Drift by the data so far: Z_k / sqrt(t_k)."""
        return self.z / np.sqrt(self.information)

    @cached_property
    def _ahead(self) -> slice:
        return slice(self.look, None)

    def conditional_power(self, drift: float | None = None) -> float:
        """Probability of claiming efficacy at a later look, given Z_k; by default at the trend.

        B(t) = Z(t) sqrt(t) has, after t_k, independent increments with mean drift (t - t_k) and
        variance t - t_k; bounds that stop for futility count as they do in the power.
        """
        drift = self.trend if drift is None else drift
        t = self.looks.information
        finest = finest_step(t)
        now = Continuing(
            self.information, drift * np.sqrt(self.information), np.array([self.z]), np.ones(1)
        )
        won = 0.0
        lower, upper = self._bounds()
        for rate, low, high in zip(t[self._ahead], lower, upper, strict=True):
            won += now.above(high, rate, drift * np.sqrt(rate))
            now = now.go_on(low, high, rate, drift * np.sqrt(rate), finest)
        return won

    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        upper = self.looks.critical_values
        futility = self.looks.futility_bounds
        lower = np.full(len(upper), -np.inf) if futility is None else np.append(futility, upper[-1])
        lower = -upper if self.looks.sided == 2 else lower
        return lower[self._ahead], upper[self._ahead]

    def posterior(self, prior: tuple[float, float] | None = None) -> tuple[float, float]:
        """Mean and standard deviation of the drift, given Z_k and a normal prior of the drift.

        precision = t_k + 1 / sd_0^2, mean = (Z_k sqrt(t_k) + mean_0 / sd_0^2) / precision; a flat
        prior where none is given.
        """
        t_k = self.information
        if prior is None:
            return self.trend, 1 / np.sqrt(t_k)
        positive("the standard deviation of the prior", prior[1])
        precision = t_k + 1 / prior[1] ** 2
        return (self.z * np.sqrt(t_k) + prior[0] / prior[1] ** 2) / precision, precision**-0.5

    def predictive_power(self, prior: tuple[float, float] | None = None) -> float:
        """Conditional power, averaged over what the data and the prior leave open."""
        mean, sd = self.posterior(prior)
        powers = [self.conditional_power(mean + sd * x) for x in NODES]
        return float(WIDTHS @ powers)

    def conditional_error(self) -> float:
        """Probability under H0 of still claiming efficacy, given Z_k."""
        return self.conditional_power(0.0)
