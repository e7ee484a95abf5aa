"""How are the people of an arm sent through it, chunk by chunk?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.back_end import DEFAULT, Through, back_end
from resynapse.engine.memory import Again, Memory
from resynapse.engine.plan import Course, Kept
from resynapse.patient import ArmSetting, Patient
from resynapse.patient.model import Model
from resynapse.patient.state import Marks, Person, Totals
from resynapse.population import people
from resynapse.protocol import Arm, Protocol
from resynapse.trial import recruitment
from resynapse.trial.arm_setting import (
    arm_setting,
    as_arrays,
    benzodiazepine,
    felt_otherwise,
    unknown_arms,
)
from resynapse.trial.plan import ArmPlan, arm_plan
from resynapse.trial.site_numbers import at_site
from resynapse.trial.timeline import treatment_ends

THREADS = 2
DRAWN = 4096
"""people drawn at once"""
DAYS_BUCKET = 128
RECORDS_BUCKET = 64


@dataclass(frozen=True)
class Chunk:
    """What became of some people."""

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
    """One protocol with one set of parameters, a seed and a back end."""

    protocol: Protocol
    patient: Patient
    """With the numbers that the protocol's site has for itself, whatever was given"""
    seed: int
    first_key: int = 0
    backend: str = DEFAULT
    threads: int = THREADS
    draw: Callable[[int, int], Person] | None = None
    """Where people come from, the first of them and how many; drawn anew by default"""
    room: int | None = None
    """Most people that go together; as many as the back end takes by default"""
    memory: Memory | None = None
    """What is kept for runs that are the same for a while; nothing by default"""
    ends: float | None = None
    """Day on which treatment ends; found in the protocol by default"""
    cut: int = 1
    """In how many equal steps every step of the grid's rule is taken"""
    between: Callable[[], object] | None = None
    """Called between parts of a run; what it raises ends the run"""
    planned: Callable[[Arm, Callable[[], ArmPlan]], ArmPlan] | None = None
    """Where plans come from, given what makes one; made anew by default"""
    _plans: dict[str, ArmPlan] = field(default_factory=dict, repr=False)
    _drawn: dict[tuple[int, int], Person] = field(default_factory=dict, init=False, repr=False)
    """The people who were drawn last, ``DRAWN`` at most: the next arm has the same"""

    def __post_init__(self) -> None:
        self.patient = at_site(self.protocol, self.patient)

    def plan(self, arm: Arm) -> ArmPlan:
        """The plan of an arm of this protocol, made once."""
        if arm.id not in self._plans:
            if self.ends is None:
                self.ends = treatment_ends(self.protocol, self.patient)
            new = partial(arm_plan, self.protocol, arm, self.patient, self.ends, self.cut)
            self._plans[arm.id] = self.planned(arm, new) if self.planned else new()
        return self._plans[arm.id]

    def chunks(
        self, arm: Arm, felt: ArmsFelt, count: int, until: float | None = None
    ) -> Iterator[Chunk]:
        """The arm's people in order; ``until`` ends the run early, at that day."""
        plan = self.plan(arm)
        yield from self.sent(self.prepared(arm, felt, plan, until), plan, 0, count)

    def sent(self, through: Through, plan: ArmPlan, first: int, count: int) -> Iterator[Chunk]:
        """So many people in order, from this number on, through an arm made ready for them."""
        room = self.room or back_end(self.backend).room()

        def one(person: Person) -> Chunk:
            return _chunk(through(person), person, plan, len(person.key))

        if count <= room:
            yield from map(one, self.parties(first, count, room))
            return
        with ThreadPoolExecutor(self.threads) as pool:
            yield from pool.map(one, self.parties(first, count, room))

    def prepared(
        self, arm: Arm, felt: ArmsFelt, plan: ArmPlan, until: float | None = None,
        observer: Callable[[Model], Any] = lambda model: model,
    ) -> Through:  # fmt: skip
        """What takes a chunk of people through this arm; ``observer`` records something else."""
        segments = plan.count if until is None else plan.segments_until(until)
        course = Course(
            plan.plan,
            plan.segments,
            segments,
            plan.lengths,
            _bucket(plan.days + 1, DAYS_BUCKET),
            _bucket(len(plan.record_days) + 1, RECORDS_BUCKET),
        )
        setting = arm_setting(self.protocol, arm, self.patient, felt)
        if self.memory is not None:
            course = course._replace(again=self._again(arm, plan, setting))
        course = course._replace(between=self.between)
        model = Model(as_arrays(self.patient), as_arrays(benzodiazepine(self.patient, arm)))
        return back_end(self.backend).prepared(observer(model), setting, course, self.seed)

    def _again(self, arm: Arm, plan: ArmPlan, setting: ArmSetting) -> Again:
        """How arms feel is asked at the first guess, and by nothing before."""
        early = felt_otherwise(setting, unknown_arms(self.protocol, arm))
        guesses = np.flatnonzero(plan.segments.nodes.guess[: plan.count] > 0.0)
        return Again(self.memory, early, int(guesses[0]) if len(guesses) else plan.count)

    def parties(self, first: int, count: int, room: int) -> Iterator[Person]:
        """People in order, up to ``room`` at a time; drawn many at once, which costs less."""
        for start in range(0, count, DRAWN):
            drawn = (self.draw or self._once)(first + start, min(DRAWN, count - start))
            for low in range(0, len(drawn.key), room):
                yield jax.tree.map(lambda x, low=low: x[low : low + room], drawn)

    def _once(self, start: int, count: int) -> Person:
        """So many people from this number on, drawn now or for the arm before."""
        if (start, count) not in self._drawn:
            while self._drawn and count + sum(many for _, many in self._drawn) > DRAWN:
                del self._drawn[next(iter(self._drawn))]
            self._drawn[start, count] = self.persons(start, count)
        return self._drawn[start, count]

    def persons(self, start: int, count: int) -> Person:
        """So many people from this number on."""
        numbers = recruitment.keys(self.first_key + start, count)
        known = recruitment.given(self.protocol, self.patient, numbers, self.seed)
        return people.people(self.patient, known, self.seed)


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
