"""How does a chunk of patients run through the kernels of a model?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from resynapse.engine.loading import loading
from resynapse.engine.native import driver
from resynapse.engine.native.blueprint import running
from resynapse.engine.native.evaluate import evaluate, remembered
from resynapse.engine.native.halts import Halt, digest, halts, rows_done, told
from resynapse.engine.native.program import (
    NARROW,
    ROOM,
    STEP_FIELDS,
    STRIDE,
    WIDE,
    WIDER,
    columns,
)
from resynapse.engine.native.propagation import Kinetics, aligned
from resynapse.engine.plan import Course, Kept, filled
from resynapse.input_error import InputError

__all__ = ["ROOM", "NotANumberError", "prepared", "room"]


class NotANumberError(InputError):
    """A patient's state is no number any more."""


class Prepared:
    """One arm's tables, the same for all chunks."""

    def __init__(
        self, system: Any, arm: Any, person: Any, course: Course, seed: int, single: bool = False
    ) -> None:
        self.course, self.turn = course, WIDER if single else WIDE
        steps = int(course.segments.first[course.count])
        drug, driven = np.asarray(course.plan.drug), np.asarray(course.plan.driven)
        about = drug | np.vstack([np.zeros_like(drug[:1]), drug[:-1]])
        flags = np.column_stack([about, driven])
        kinds, kind = _distinct(flags)
        self.kind = kind[:steps]
        self.ready = running(system, arm, person, course, kinds, single)
        self.blueprint = self.ready.blueprint
        self.structure = jax.tree.structure(self.blueprint.begin)
        self.memory: Any = course.again.memory if course.again else None
        of_system = columns(system, "system")
        self.shared = of_system | columns(arm, "arm") | {"seed": np.uint32(seed)}
        self.kinetics = Kinetics(self.ready, course, drug[:steps])
        self._tables(steps)
        self.kernels, self.places = self._kernels(), self._places()
        known = f"{self.ready.key} {seed}".encode() + told(of_system)
        self.halts = halts(course, arm, known)

    def _kernels(self) -> driver.Kernels:
        at, kinds = self.ready.loaded.address, self.blueprint.kinds
        of_kind = {
            name: np.array([at(kind[k]) if k < len(kind) else 0 for kind in kinds], np.int64)
            for k, name in enumerate(("whole", "part", "alone", "beside"))
        }
        names = ("knot", "inflow", "fire", "goal", "node", "peaks", "seen", "day")
        return driver.Kernels(**{n: at(n) for n in names}, **of_kind)

    def _tables(self, steps: int) -> None:
        """Everything that is the same for all patients."""
        made, course = self.blueprint, self.course
        plan, run = course.plan, made.run
        values = evaluate(made.graph, run, self.shared)
        self.run = np.array([float(values[n]) for n in run] or [0.0])
        cut = {name: _first(getattr(plan, name), steps) for name in STEP_FIELDS}
        table = self._table("step", made.step, self.shared | columns(cut, "step", 1), steps)
        infused = (np.asarray(cut["infusion"]) != 0.0).any(axis=(1, 2))
        self.steps = driver.Steps(
            time=np.ascontiguousarray(cut["time"]), step=np.ascontiguousarray(cut["step"]),
            knot=np.asarray(cut["knot"]) >= 0, kind=self.kind,
            infused=infused, table=table,
        )  # fmt: skip
        segments, count = course.segments, course.count
        nodes = _first(segments.nodes, count)
        planned = self.shared | columns(nodes, "node", 1)
        self.segments = driver.Segments(
            *(np.asarray(getattr(segments, name)) for name in _SEGMENT_FIELDS),
            table=self._table("segment", made.segment, planned, count),
        )

    def _table(self, which: str, entries: list[int], inputs: dict, rows: int) -> np.ndarray:
        """Values of these nodes at every step or segment: [rows, entries]."""
        made = self._values(which, entries, inputs, rows)
        return np.ascontiguousarray(made.T) if entries else np.zeros((rows, 1))

    def _values(self, which: str, wanted: list[int], inputs: dict, many: int) -> np.ndarray:
        """[wanted, many]"""
        whose, graph = (self.ready.key, which), self.blueprint.graph
        return remembered(self.memory, whose, graph, wanted, inputs, many)

    def _places(self) -> driver.Places:
        layout, made = self.blueprint.layout, self.blueprint
        return driver.Places(
            before=layout.before.start, after=layout.after.start,
            changed=layout.changed.astype(np.int64), fired=made.fired, gathered=made.gathered,
            goal=layout.goal, forced=layout.forced, share=layout.share, which=layout.which,
            begin=layout.begin, length=layout.length, now=layout.now,
            inflow=layout.inflow.start, seen=layout.seen.start, seen_many=len(layout.seen),
            used=layout.used, driven_lane=layout.driven_lane, driven=layout.driven.start,
            way=layout.way.start, tried=layout.tried.start, until=layout.until,
            left=layout.left, taken=layout.taken,
        )  # fmt: skip

    def through(self, person: Any) -> Kept:
        """Up to ROOM people from beginning to end, and some who fill up the last turn."""
        made, course = self.blueprint, self.course
        person = filled(person, self.turn)
        lanes = len(jax.tree.leaves(person)[0])
        inputs = self.shared | columns(person, "person", 1)
        arena, narrow = aligned(made.rows, STRIDE), aligned(made.rows, NARROW)
        of_patient = self._values("patient", [*made.patient], inputs, lanes)
        arena[[*made.patient.values()], :lanes] = of_patient
        use_days = np.zeros((course.days, lanes), np.uint8)
        records = np.zeros((course.records, len(made.layout.seen), lanes), np.float32)
        self._drive(person, inputs, arena, narrow, use_days, records)
        lane = jax.tree.unflatten(
            self.structure, [arena[row, :lanes].copy() for row in made.layout.lane]
        )
        _check(arena[made.layout.lane.start : made.layout.lane.stop, :lanes], person)
        return Kept(use_days, records, lane)

    def _drive(
        self, person: Any, inputs: dict, arena: np.ndarray, narrow: np.ndarray,
        use_days: np.ndarray, records: np.ndarray,
    ) -> None:  # fmt: skip
        """From the last halt that is remembered, or the beginning, by way of the others."""
        count, segments = self.course.count, self.course.segments
        whose = digest(person) if self.halts else b""
        kinetics = self.kinetics.of(inputs, use_days.shape[1])
        begin, later = self._taken_up(whose, arena, use_days, records)
        if begin == 0:
            wanted = jax.tree.leaves(self.blueprint.begin)
            first = self._values("first", wanted, inputs, use_days.shape[1])
            arena[[*self.blueprint.layout.lane], : use_days.shape[1]] = first
        for end, key in [*later, (count, b"")]:
            if self.course.between is not None:
                self.course.between()
            driver.drive(
                self.kernels, self.places, self.steps, self.segments, kinetics, begin, end,
                end == count, self.run, arena, narrow, use_days, records,
            )  # fmt: skip
            begin = end
            if end < count:
                rows = arena[self._halting(), : use_days.shape[1]].copy()
                days, seen = rows_done(segments.day[:end]), rows_done(segments.record[:end])
                halt = Halt(end, rows, use_days, days, records, seen)
                self.memory.keep((key, whose), halt)
        self.kinetics.done(kinetics)

    def _taken_up(
        self, whose: bytes, arena: np.ndarray, use_days: np.ndarray, records: np.ndarray
    ) -> tuple[int, list[tuple[int, bytes]]]:
        """The segment from which people go on, and the halts that lie before them."""
        for place, (segment, key) in reversed([*enumerate(self.halts)]):
            halt = self.memory.there((key, whose))
            if halt is not None:
                arena[self._halting(), : use_days.shape[1]] = halt.rows
                halt.copied_into(use_days, records)
                return segment, self.halts[place + 1 :]
        return 0, self.halts

    def _halting(self) -> np.ndarray:
        """Rows of all that people take with them from one segment to the next."""
        layout = self.blueprint.layout
        return np.array([*layout.lane, *layout.before])


_SEGMENT_FIELDS = ("first", "day", "closes", "record", "has_node")


def _first(tree: Any, many: int) -> Any:
    return jax.tree.map(lambda x: np.asarray(x)[:many], tree)


def _distinct(flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows in order, and which of them each row is; as numbers, which sort faster."""
    weights = 1 << np.arange(flags.shape[1])[::-1]
    _, first, which = np.unique(flags @ weights, return_index=True, return_inverse=True)
    return flags[first], which.astype(np.int64)


def _check(lane: np.ndarray, person: Any) -> None:
    lost = ~np.isfinite(lane).all(axis=0)
    if lost.any():
        keys = [int(key) for key in np.asarray(person.key)[lost][:5]]
        raise NotANumberError(
            f"A state of patients {keys} is no number any more. One of the parameters of this run"
            " makes a rate grow without limit; look at what was changed with --set."
        )


def room() -> int:
    """Most people of a chunk."""
    return ROOM


def prepared(
    system: Any, arm: Any, course: Course, seed: int, single: bool = False
) -> Callable[[Any], Kept]:
    """A function that takes chunks of people through a course; kernels are made with the first."""
    made: list[Prepared] = []
    lock, loaded = threading.Lock(), threading.Event()

    def taken(person: Any) -> Kept:
        with lock:
            if not made:
                made.append(Prepared(system, arm, person, course, seed, single))
        return made[0].through(person)

    def through(person: Any) -> Kept:
        if loaded.is_set():
            return taken(person)
        with loading():
            found = taken(person)
        loaded.set()
        return found

    return through
