"""What is the effect, when the trial stopped because of what it saw?

Outcomes are ordered by stage: stopping earlier at the upper bound is more extreme, and at one look
a larger Z is (Fairbanks and Madsen 1982; Tsiatis, Rosner and Mehta 1984).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from resynapse.input_error import InputError
from resynapse.trial.design.boundary import no_lower
from resynapse.trial.design.joint_density import finest_step, start
from resynapse.trial.design.sequential import SHAPES, Looks

FARTHEST = 40.0
"""Drifts that are searched, to either side of the naive one"""


@dataclass(frozen=True)
class Stopped:
    """A trial that stopped, or ended, at look ``look`` (1 is the first) with Z there."""

    looks: Looks
    look: int
    z: float

    def __post_init__(self) -> None:
        last = len(self.looks.information)
        if not 1 <= self.look <= last:
            raise InputError(f"Look {self.look} was given; this trial has looks 1 to {last}.")
        if not np.isfinite(self.z):
            raise InputError("Z at the look is not a number.")

    @property
    def naive(self) -> float:
        """Drift at which the estimate stands if nobody had looked before."""
        return self.z / np.sqrt(self.looks.information[self.look - 1])

    def as_extreme(self, drift: float) -> float:
        """Probability of an outcome as extreme as this one or more, at this drift.

        sum over j < k of P(cross above at j) + P(go on to k, Z_k >= z)            1
        """
        t = self.looks.information[: self.look]
        finest, now, found = finest_step(t), start(), 0.0
        upper, lower = self.looks.critical_values, self._lower()
        for k, rate in enumerate(t):
            last = k == self.look - 1
            found += now.above(self.z if last else upper[k], rate, drift * np.sqrt(rate))
            if not last:
                now = now.go_on(lower[k], upper[k], rate, drift * np.sqrt(rate), finest)
        return found

    def _lower(self) -> np.ndarray:
        """Bounds below that end a trial for certain: those of the other side, or that bind."""
        if self.looks.sided == 2:
            return -self.looks.critical_values
        futility = self.looks.futility_bounds
        if futility is None or not self.looks.futility.binding:
            return no_lower(self.looks.information)
        return np.append(futility, self.looks.critical_values[-1])

    @property
    def p_value(self) -> float:
        """Stage-wise; of both sides where there are two."""
        above = self.as_extreme(0.0)
        return above if self.looks.sided == 1 else min(1.0, 2 * min(above, 1 - above))

    def drift_at(self, probability: float) -> float:
        """The drift at which an outcome as extreme as this one has this probability."""
        low, high = self.naive - FARTHEST, self.naive + FARTHEST
        if self.as_extreme(high) <= probability:
            return np.inf
        if self.as_extreme(low) >= probability:
            return -np.inf
        return optimize.brentq(lambda d: self.as_extreme(d) - probability, low, high, xtol=1e-11)

    @property
    def median_unbiased(self) -> float:
        """The drift that is as often below as above the true one."""
        return self.drift_at(0.5)

    @property
    def interval(self) -> tuple[float, float]:
        """Limits of the drift, alpha of one side beyond each."""
        return self.drift_at(self.looks.side), self.drift_at(1 - self.looks.side)

    @property
    def repeated_interval(self) -> tuple[float, float]:
        """Limits that hold at every look, whether or not the bounds are obeyed."""
        critical, t = self.looks.critical_values[self.look - 1], self._t
        return (self.z - critical) / np.sqrt(t), (self.z + critical) / np.sqrt(t)

    @property
    def _t(self) -> float:
        return float(self.looks.information[self.look - 1])

    @property
    def repeated_p_value(self) -> float:
        """The smallest alpha at which this Z crosses at this look, with the same bounds."""
        if self.looks.spending == "user" or self.looks.futility.binding:
            raise InputError(
                "A repeated p needs bounds for every alpha; user spending and binding futility "
                "have them for one."
            )

        def short(alpha: float) -> float:
            bounds = replace(
                self.looks, alpha=alpha, power=max(self.looks.power, alpha + 1e-9)
            ).efficacy(None)
            return bounds[self.look - 1] - abs(self.z)

        low, high = 1e-12, 0.999 if self.looks.sided == 2 else 0.499
        if self.looks.spending in SHAPES and self.looks.spending == "haybittle-peto":
            raise InputError("Bounds of Haybittle and Peto do not move with alpha: no repeated p.")
        if short(high) > 0:
            return high
        return optimize.brentq(short, low, high, xtol=1e-12)
