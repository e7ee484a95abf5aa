"""How many are recruited, are at risk and have had the event by a day of the trial?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from resynapse.input_error import InputError
from resynapse.trial.design.piecewise import Piecewise
from resynapse.trial.design.validity import positive

STEADY, NEVER = Piecewise((1.0,)), Piecewise((0.0,))
LEVELS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Of the cumulative hazard; few are left after the last"""
PARTS = 3
"""Each stretch without a change is integrated in so many parts"""
NODES, WIDTHS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True)
class Accrual:
    """Recruitment at piecewise constant rates, then none."""

    duration: float
    rate: Piecewise = STEADY
    """People per unit of time, or any multiple of it"""

    def __post_init__(self) -> None:
        positive("accrual", self.duration, "It is the time over which people are recruited.")
        if min(self.rate.values) < 0 or not float(self.rate.total(self.duration)) > 0:
            raise InputError("Accrual recruits nobody; give rates above zero.")

    def share(self, t: np.ndarray | float) -> np.ndarray:
        """Of all people, those recruited by calendar time t."""
        total = self.rate.total(self.duration)
        return self.rate.total(np.minimum(t, self.duration)) / total

    @property
    def edges(self) -> tuple[float, ...]:
        """Calendar times at which the rate changes."""
        return (0.0, *(t for t in self.rate.changes if t < self.duration), self.duration)


@dataclass(frozen=True)
class Arm:
    """Hazards of the event and of drop-out, by time since entry."""

    event: Piecewise
    dropout: Piecewise = NEVER

    @property
    def scales(self) -> list[float]:
        """Times at which a hazard changes, and over which people leave after each of them."""
        starts = [0.0, *self.event.changes, *self.dropout.changes]
        hazards = [float(self.event.at(t) + self.dropout.at(t)) for t in starts]
        times = zip(starts, hazards, strict=True)
        return starts + [t + level / h for t, h in times if h > 0 for level in LEVELS]

    def at_risk(self, t: np.ndarray) -> np.ndarray:
        """Probability of neither by time t since entry."""
        return np.exp(-self.event.total(t) - self.dropout.total(t))


@dataclass(frozen=True)
class Course:
    """Two arms, recruited alike, as a share of all people.

    At calendar time T, by time t since entry:

    Y_j(t) = share_j P(no event, no drop-out by t) A(T - t)        1
    D_j    = integral of hazard_j(t) Y_j(t) over t                 1

    A(x) is the share recruited by x.
    """

    treatment: Arm
    control: Arm
    accrual: Accrual
    ratio: float = 1.0

    @cached_property
    def shares(self) -> tuple[float, float]:
        """Of all people, treated and control."""
        return self.ratio / (1 + self.ratio), 1 / (1 + self.ratio)

    def grid(self, T: float) -> tuple[np.ndarray, np.ndarray]:
        """Times since entry, and widths, that integrate what is smooth between changes."""
        arms = (self.treatment, self.control)
        changes = [t for arm in arms for t in arm.scales]
        edges = [0.0, T, *changes, *(T - edge for edge in self.accrual.edges)]
        whole = np.unique([edge for edge in edges if 0.0 <= edge <= T])
        parts = np.unique(np.linspace(whole[:-1], whole[1:], PARTS + 1))
        half = np.diff(parts)[:, None] / 2
        return (parts[:-1, None] + half * (NODES + 1)).ravel(), (half * WIDTHS).ravel()

    def at_risk(self, T: float, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Y of the treated and of controls."""
        recruited = self.accrual.share(T - t)
        treated, control = self.shares
        return (
            treated * self.treatment.at_risk(t) * recruited,
            control * self.control.at_risk(t) * recruited,
        )

    def events(self, T: float) -> tuple[float, float]:
        """D of the treated and of controls, at calendar time T."""
        t, width = self.grid(T)
        Y_1, Y_0 = self.at_risk(T, t)
        D_1 = (self.treatment.event.at(t) * Y_1) @ width
        D_0 = (self.control.event.at(t) * Y_0) @ width
        return float(D_1), float(D_0)
