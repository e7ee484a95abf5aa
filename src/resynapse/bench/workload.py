"""What is simulated, the same for every engine?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import numpy as np

from resynapse.bench import kinetics_dynamics, recurrent_lapses
from resynapse.engine.dynamics.grid import CLOSE, Band, Infusion, timetable
from resynapse.engine.dynamics.rule import CLASSIC, FIFTH, Rule
from resynapse.engine.dynamics.system import Timetable
from resynapse.engine.native.columnwise import columnwise, uniforms

SEED = 1
MOST_EVENTS = 256
"""for which thresholds are made beforehand, for engines that cannot draw them"""


class Segment(NamedTuple):
    """A time without an edge in it, and the rows of the observations made in it."""

    begin: float
    end: float
    inflow: float
    instants: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Workload:
    """Equations, doses and instants of observation; ``unit`` says what a rate counts."""

    name: str
    title: str
    unit: str
    system: Any
    infusions: tuple[Infusion, ...]
    instants: np.ndarray
    bands: tuple[Band, ...]
    rule: Rule
    lanes: int
    vector: int
    units_each: float = 1.0
    """how much one person counts: a patient, or years"""

    def table(self) -> Timetable:
        """The grid of our own engines."""
        return timetable(self.system, self.infusions, self.instants, self.bands, self.rule)

    def segments(self) -> list[Segment]:
        """Pieces for engines that choose their own steps, which start again at every edge."""
        last = float(self.instants.max())
        ends = [t for i in self.infusions for t in (i.start, i.start + i.length)]
        stops = np.unique(np.round([0.0, last, *(t for t in ends if t < last)], 12))
        return [self._segment(a, b) for a, b in pairwise(stops)]

    def _segment(self, begin: float, end: float) -> Segment:
        inflow = sum(
            i.rate for i in self.infusions if i.start - CLOSE <= begin < i.start + i.length - CLOSE
        )
        inside = (self.instants > begin + CLOSE) & (self.instants <= end + CLOSE)
        at = np.minimum(self.instants[inside], end)
        return Segment(float(begin), float(end), float(inflow), at, np.flatnonzero(inside))

    def persons(self, first: int, count: int) -> np.ndarray:
        """Parameters: [people, parameters]."""
        keys = np.arange(first, first + count, dtype=np.uint32)
        made = columnwise(_person, (self.system, np.uint32(SEED)), (keys,))
        return np.stack(jax.tree.leaves(made), 1)

    def thresholds(self, first: int, count: int) -> np.ndarray:
        """Of integrated hazard: [people, events]."""
        people = np.repeat(np.arange(first, first + count), MOST_EVENTS)
        events = np.tile(np.arange(MOST_EVENTS), count)
        drawn = uniforms(SEED, self.system.purpose, people, events)
        return -np.log(drawn).reshape(count, MOST_EVENTS)


def _person(system: Any, seed: Any, key: Any) -> Any:
    return system.person(seed, key)


def w1(days: int = 28, doses: int = 6) -> Workload:
    """Kinetics and dynamics of a drug, given ``doses`` times in ``days``."""
    given = _first_doses(kinetics_dynamics.DOSE_DAYS, doses)
    return Workload(
        "W1", "Population kinetics and dynamics", "patients/s",
        kinetics_dynamics.KineticsDynamics(), kinetics_dynamics.infusions(given),
        kinetics_dynamics.instants(days, given), kinetics_dynamics.BANDS, CLASSIC, lanes=128,
        vector=8,
    )  # fmt: skip


def w2(days: int = 365, doses: int = 6) -> Workload:
    """Recurrent lapses over ``days`` after ``doses`` doses."""
    given = _first_doses(recurrent_lapses.DOSE_DAYS, doses)
    return Workload(
        "W2", "Recurrent lapses that change the state", "patient-years/s",
        recurrent_lapses.RecurrentLapses(dose_days=given), recurrent_lapses.doses(given),
        recurrent_lapses.instants(days), recurrent_lapses.BANDS, FIFTH, lanes=256,
        vector=8,
        units_each=days / 365.0,
    )  # fmt: skip


def _first_doses(days: tuple[float, ...], doses: int) -> tuple[float, ...]:
    """So many of the plan's doses; more of them come a day apart after the last."""
    more = max(0, doses - len(days))
    return (*days[:doses], *(days[-1] + 1.0 + n for n in range(more)))


WORKLOADS: dict[str, Callable[..., Workload]] = {"W1": w1, "W2": w2}
