"""How does a chunk of patients run through the kernels of a model?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from resynapse.engine.native import driver
from resynapse.engine.native.blueprint import Flow, running
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.kinetics import TILE, exponentials
from resynapse.engine.native.program import (
    NARROW,
    ROOM,
    STEP_FIELDS,
    STRIDE,
    WIDER,
    columns,
)
from resynapse.engine.plan import Course, Kept, filled
from resynapse.input_error import InputError

__all__ = ["ROOM", "NotANumberError", "prepared"]

_ALIGN = 64
"""bytes, so that a vector never lies across two lines of the cache"""


class NotANumberError(InputError):
    """A patient's state is no number any more."""


class Propagation(NamedTuple):
    """A linear block and the steps on which its drug may be there."""

    flow: Flow
    lengths: np.ndarray
    """which lengths of step its propagators are for"""
    which: np.ndarray
    """[steps]: which of them a step uses, or -1"""


class Prepared:
    """One arm's tables, the same for all chunks."""

    def __init__(
        self, system: Any, arm: Any, person: Any, course: Course, seed: int, single: bool = False
    ) -> None:
        self.course = course
        steps = int(course.segments.first[course.count])
        drug = np.asarray(course.plan.drug)
        about = drug | np.vstack([np.zeros_like(drug[:1]), drug[:-1]])
        kinds, kind = np.unique(about, axis=0, return_inverse=True)
        self.kind = kind.ravel()[:steps].astype(np.int64)
        self.ready = running(system, arm, person, course, kinds, single)
        self.blueprint = self.ready.blueprint
        self.structure = self.ready.structure
        self.shared = columns(system, "system") | columns(arm, "arm") | {"seed": np.uint32(seed)}
        self.propagations = self._propagations(drug[:steps])
        self._tables(steps)
        self.kernels, self.places = self._kernels(), self._places()

    def _kernels(self) -> driver.Kernels:
        at, kinds = self.ready.loaded.address, self.blueprint.kinds
        whole, part = (np.array([at(pair[k]) for pair in kinds], np.int64) for k in (0, 1))
        names = ("knot", "inflow", "fire", "goal", "node", "peaks", "seen", "day")
        return driver.Kernels(**{n: at(n) for n in names}, whole=whole, part=part)

    def _propagations(self, drug: np.ndarray) -> list[Propagation]:
        found = []
        used = np.asarray(self.course.plan.length)[: len(drug)]
        for flow in self.blueprint.flows:
            about = drug[:, flow.number]
            lengths, which = np.unique(used[about], return_inverse=True)
            of_step = np.full(len(drug), -1)
            of_step[about] = which
            found.append(Propagation(flow, lengths, of_step))
        return found

    def _tables(self, steps: int) -> None:
        """Everything that is the same for all patients."""
        made, course = self.blueprint, self.course
        graph, plan, run = made.graph, course.plan, made.run
        values = evaluate(graph, run, self.shared)
        self.run = np.array([float(values[n]) for n in run] or [0.0])
        cut = {name: _first(getattr(plan, name), steps) for name in STEP_FIELDS}
        table = _table(graph, made.step, self.shared | columns(cut, "step", 1), steps)
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
            table=_table(graph, made.segment, planned, count),
        )

    def _places(self) -> driver.Places:
        layout, made = self.blueprint.layout, self.blueprint
        return driver.Places(
            before=layout.before.start, after=layout.after.start,
            changed=layout.changed.astype(np.int64), fired=made.fired, gathered=made.gathered,
            new=layout.new.start, goal=layout.goal, share=layout.share, which=layout.which,
            begin=layout.begin, length=layout.length, now=layout.now,
            inflow=layout.inflow.start, seen=layout.seen.start, seen_many=len(layout.seen),
            used=layout.used,
        )  # fmt: skip

    def through(self, person: Any) -> Kept:
        """Up to ROOM people from beginning to end, and some who fill up the last turn."""
        made, course = self.blueprint, self.course
        person = filled(person, WIDER)
        lanes = len(jax.tree.leaves(person)[0])
        inputs = self.shared | columns(person, "person", 1)
        arena = _aligned(made.rows, STRIDE)
        narrow = _aligned(made.rows, NARROW)
        values = evaluate(made.graph, [*made.first, *made.patient], inputs)
        for row, number in zip(made.layout.lane, made.first, strict=True):
            arena[row, :lanes] = values[number]
        for number, row in made.patient.items():
            arena[row, :lanes] = values[number]
        use_days = np.zeros((course.days, lanes), np.uint8)
        records = np.zeros((course.records, len(made.layout.seen), lanes), np.float32)
        driver.drive(
            self.kernels, self.places, self.steps, self.segments, self._kinetics(inputs, lanes),
            course.count, self.run, arena, narrow, use_days, records,
        )  # fmt: skip
        lane = jax.tree.unflatten(
            self.structure, [arena[row, :lanes].copy() for row in made.layout.lane]
        )
        _check(arena[made.layout.lane.start : made.layout.lane.stop, :lanes], person)
        return Kept(use_days, records, lane)

    def _kinetics(self, inputs: dict, lanes: int) -> driver.Kinetics:
        """Propagators of these people, one block after another."""
        steps = len(self.steps.time)
        row, column, inflow, first, exact = [], [], [], [0], []
        start = np.full((steps, len(self.propagations)), -1)
        begun = 0
        for b, one in enumerate(self.propagations):
            flow, days = one.flow, self.course.lengths[one.lengths]
            pattern, begin = flow.pattern, self.blueprint.layout.before.start + flow.place
            inside = pattern.row < flow.block.size
            J = flow.block.matrices(pattern, inputs, lanes)
            made = np.empty((len(days), len(pattern.row), lanes))
            at, name = self.ready.loaded.address, str(flow.number)
            taylor, last, square = (
                np.array([at(f"{kind}_{name}"), at(f"{kind}_back_{name}")], np.int64)
                for kind in ("taylor", "last", "square")
            )
            arena = _aligned(3 * len(pattern.row), TILE)
            exponentials(
                taylor, last, square, J, np.asarray(days, float), pattern.diagonal, arena, made
            )
            flows = pattern.column[inside] == flow.block.size
            own = begin + pattern.column[inside]
            row.append(begin + pattern.row[inside])
            column.append(np.where(flows, self.blueprint.layout.inflow[flow.number], own))
            inflow.append(flows)
            kept = int(inside.sum())
            first.append(first[-1] + kept)
            start[:, b] = np.where(one.which >= 0, begun + one.which * kept, -1)
            begun += len(days) * kept
            exact.append(made[:, inside].reshape(-1, lanes))
        return driver.Kinetics(
            row=_joined(row, int), column=_joined(column, int), inflow=_joined(inflow, bool),
            first=np.array(first), start=start,
            exact=np.concatenate(exact) if exact else np.zeros((0, lanes)),
        )  # fmt: skip


_SEGMENT_FIELDS = ("first", "day", "closes", "record", "has_node")


def _joined(parts: list, kind: type) -> np.ndarray:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)


def _first(tree: Any, many: int) -> Any:
    return jax.tree.map(lambda x: np.asarray(x)[:many], tree)


def _table(graph: Graph, entries: list[int], inputs: dict, rows: int) -> np.ndarray:
    """Values of these nodes at every step or segment: [rows, entries]."""
    values = evaluate(graph, entries, inputs)
    made = np.zeros((rows, max(1, len(entries))))
    for entry, number in enumerate(entries):
        made[:, entry] = values[number]
    return made


def _aligned(rows: int, lanes: int) -> np.ndarray:
    """Zeros that begin at the start of a line of the cache."""
    raw = np.zeros(rows * lanes * 8 + _ALIGN, np.uint8)
    skip = -raw.ctypes.data % _ALIGN
    return raw[skip : skip + rows * lanes * 8].view(np.float64).reshape(rows, lanes)


def _check(lane: np.ndarray, person: Any) -> None:
    lost = ~np.isfinite(lane).all(axis=0)
    if lost.any():
        keys = [int(key) for key in np.asarray(person.key)[lost][:5]]
        raise NotANumberError(
            f"A state of patients {keys} is no number any more. One of the parameters of this run"
            " makes a rate grow without limit; look at what was changed with --set."
        )


def prepared(
    system: Any, arm: Any, course: Course, seed: int, single: bool = False
) -> Callable[[Any], Kept]:
    """A function that takes chunks of people through a course; kernels are made with the first."""
    made: list[Prepared] = []
    lock = threading.Lock()

    def through(person: Any) -> Kept:
        with lock:
            if not made:
                made.append(Prepared(system, arm, person, course, seed, single))
        return made[0].through(person)

    return through
