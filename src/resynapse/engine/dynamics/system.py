"""What does the engine ask of plain differential equations, with or without events?

Beside the chain, whose states relax: equations as pharmacometrics writes them. Linear kinetics are
stepped exactly, the rest by a Runge-Kutta rule on one time grid for all people.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from resynapse.parameter import Scalar


class Dynamics(Protocol):
    """Functions of one patient at one instant; trees of scalars, no batch axis.

    dA/dt = M A + b u          amounts, linear; u is the inflow of the step
    s     = signal(t0, t)      the same for everybody; t0, where the step begins, says which doses
                               have been given, so that a step ends with the limit from its inside
    x     = drive(A, s)        all that the states see of amounts and signals
    dy/dt = rate(y, x)         states
    dH/dt = hazard(y)          integrated hazard; an event where it meets its threshold
    """

    purpose: int
    """of the thresholds of the point process in random keys; negative where there is none"""

    def signal(self, begin: Scalar, time: Scalar) -> tuple[Scalar, ...]: ...
    def person(self, seed: Scalar, key: Scalar) -> Any: ...
    def no_amounts(self) -> Any: ...
    def begin(self, person: Any) -> Any: ...
    def amount_rate(self, person: Any, amounts: Any, inflow: Scalar) -> Any: ...
    def drive(self, person: Any, amounts: Any, signal: Any) -> tuple[Scalar, ...]: ...
    def rate(self, person: Any, state: Any, drive: tuple[Scalar, ...]) -> Any: ...
    def hazard(self, person: Any, state: Any) -> Scalar: ...
    def jump(self, person: Any, state: Any) -> Any: ...
    def observe(self, person: Any, amounts: Any, state: Any) -> tuple[Scalar, ...]: ...


class Timetable(NamedTuple):
    """A grid, and what is the same for everybody on it; time in the unit of the equations."""

    time: np.ndarray
    """[steps], where each begins"""
    step: np.ndarray
    """[steps], lengths"""
    inflow: np.ndarray
    """[steps], constant during each"""
    signal: np.ndarray
    """[steps, nodes, signals]: at the nodes of the rule"""
    record: np.ndarray
    """[steps], row of the observation made where the step ends, or -1"""

    @property
    def records(self) -> int:
        """How many observations are made."""
        return int(self.record.max()) + 1


class Seen(NamedTuple):
    """What a run leaves behind."""

    records: tuple[np.ndarray, ...]
    """of one group of people after another: [records, quantities, people]"""
    first: np.ndarray
    """[people], time of the first event; NEVER where there was none"""
    count: np.ndarray
    """[people], events"""

    def by_person(self) -> np.ndarray:
        """[people, records, quantities]"""
        return np.concatenate([np.moveaxis(part, 2, 0) for part in self.records])


NEVER = 1.0e9
"""a time that does not come"""
