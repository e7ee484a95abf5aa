"""How are the people of an arm sent through it, chunk by chunk?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.plan import LANES, Course, Kept
from resynapse.patient import Patient
from resynapse.patient.model import Model
from resynapse.patient.state import Marks, Person, Totals
from resynapse.population import people
from resynapse.protocol import Arm, Protocol
from resynapse.trial import recruitment
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine
from resynapse.trial.plan import ArmPlan, arm_plan

THREADS = 2
DAYS_BUCKET = 128
RECORDS_BUCKET = 64


@dataclass(frozen=True)
class Chunk:
    """What became of up to LANES people."""

    count: int
    person: Person
    marks: Marks
    totals: Totals
    bouts: np.ndarray
    use_days: np.ndarray
    """[people, days]"""
    records: np.ndarray
    """[records, quantities, people]"""


@dataclass
class Conduct:
    """One protocol with one set of parameters; exact kinetics are kept between variants."""

    protocol: Protocol
    patient: Patient
    seed: int
    first_key: int = 0
    backend: str = DEFAULT

    def chunks(
        self, arm: Arm, felt: ArmsFelt, count: int, until: float | None = None
    ) -> Iterator[Chunk]:
        """The arm's people in order; ``until`` ends the run early, at that day."""
        plan = arm_plan(self.protocol, arm, self.patient)
        segments = plan.count if until is None else plan.segments_until(until)
        starts = range(0, count, LANES)

        def one(start: int) -> Chunk:
            return self.chunk(arm, felt, plan, start, min(LANES, count - start), segments)

        with ThreadPoolExecutor(THREADS) as pool:
            yield from pool.map(one, starts)

    def chunk(
        self, arm: Arm, felt: ArmsFelt, plan: ArmPlan, start: int, count: int, segments: int
    ) -> Chunk:
        """One chunk; always LANES people are run, so that a person's path depends on no other."""
        with jax.enable_x64(True):
            person = self.persons(start)
            patient = as_arrays(self.patient)
            model = Model(patient, as_arrays(benzodiazepine(self.patient, arm)))
            setting = arm_setting(self.protocol, arm, self.patient, felt)
            course = Course(
                plan.plan,
                plan.segments,
                segments,
                plan.lengths,
                _bucket(plan.days + 1, DAYS_BUCKET),
                _bucket(len(plan.record_days) + 1, RECORDS_BUCKET),
            )
            kept = back_end(self.backend)(model, setting, person, course, self.seed)
            return _chunk(kept, person, plan, count)

    def persons(self, start: int) -> Person:
        """LANES people from this number on."""
        numbers = recruitment.keys(self.first_key + start, LANES)
        known = recruitment.given(self.protocol, self.patient, numbers, self.seed)
        with jax.enable_x64(True):
            return people.people(as_arrays(self.patient), as_arrays(known), jnp.uint32(self.seed))


def _bucket(count: int, size: int) -> int:
    return size * -(-count // size)


def _chunk(kept: Kept, person: Person, plan: ArmPlan, count: int) -> Chunk:
    def cut(tree: Any) -> Any:
        return jax.tree.map(lambda x: np.asarray(x)[:count], tree)

    return Chunk(
        count=count,
        person=cut(person),
        marks=cut(kept.lane.marks),
        totals=cut(kept.lane.totals),
        bouts=np.asarray(kept.lane.marks.bouts)[:count],
        use_days=np.asarray(kept.use_days)[: plan.days, :count].T.copy(),
        records=np.asarray(kept.records)[: len(plan.record_days), :, :count],
    )


Progress = Callable[[float, str], None]
"""share done, 0 to 1, and what is being done"""
