"""How does a chunk of patients run through the kernels of a model?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np

from resynapse.engine.native import driver
from resynapse.engine.native.build import Loaded, machine_code
from resynapse.engine.native.emit import emit
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.kinetics import Block, Pattern, exponentials
from resynapse.engine.native.program import (
    NARROW,
    ROOM,
    STEP_FIELDS,
    STRIDE,
    WIDE,
    Program,
    columns,
    never,
)
from resynapse.engine.plan import Course, Kept, filled

__all__ = ["ROOM", "NotANumberError", "prepared"]

_ALIGN = 64
"""bytes, so that a vector never lies across two lines of the cache"""


class NotANumberError(FloatingPointError):
    """A patient's state is no number any more."""


class Made(NamedTuple):
    """A program and its machine code, the same for all arms that look alike."""

    program: Program
    loaded: Loaded
    kernels: driver.Kernels
    steps: list[tuple[str, str]]
    """for each kind of step, the kernels for a whole one and for a part"""
    blocks: dict[int, tuple[int, Block, Pattern]]
    """number of a linear block -> its first row, its matrix, what of it is needed"""


class Propagation(NamedTuple):
    """A linear block and the steps on which its drug may be there."""

    place: int
    block: Block
    pattern: Pattern
    lengths: np.ndarray
    """which lengths of step its propagators are for"""
    which: np.ndarray
    """[steps]: which of them a step uses, or -1"""


_made: dict[tuple, Made] = {}
_making = threading.Lock()


def made(system: Any, arm: Any, person: Any, course: Course, kinds: np.ndarray) -> Made:
    """The program for such an arm, from before or made now."""
    step = {name: getattr(course.plan, name) for name in STEP_FIELDS}
    planned = never(step, 1) + never(course.segments.nodes, 1)
    key = jax.tree.structure((system, arm, person)), planned, kinds.tobytes(), kinds.shape
    with _making:
        if key not in _made:
            _made[key] = _make(system, arm, person, course, kinds)
        return _made[key]


def _make(system: Any, arm: Any, person: Any, course: Course, kinds: np.ndarray) -> Made:
    program = Program(system, arm, person, course)
    names = [program.step_kernels(tuple(map(bool, flags))) for flags in kinds]
    objects = {
        name: machine_code(emit(program.graph, kernel, program.places(name)))
        for name, kernel in program.kernels.items()
    }
    loaded = Loaded(objects)
    at = loaded.address
    whole, part = (np.array([at(pair[k]) for pair in names], np.int64) for k in (0, 1))
    plain = {n: at(n) for n in ("knot", "inflow", "fire", "node", "peaks", "seen", "day")}
    kernels = driver.Kernels(**plain, whole=whole, part=part)
    return Made(program, loaded, kernels, names, _blocks(program, kinds.any(axis=0)))


def _blocks(program: Program, present: np.ndarray) -> dict[int, tuple[int, Block, Pattern]]:
    found, place = {}, 0
    planned = program.kernels["node"].outputs
    for b, zero in enumerate(vars(program.amounts).values()):
        size = program.blocks[b]
        given = {k for k in range(size) if program.before[place + k] in planned}
        inflow = program.kernels["inflow"].outputs[program.layout.inflow[b]]
        infused = program.graph.value(inflow) is None
        if (given or infused) and present[b]:
            block = Block(program.graph, b, zero, program.system, program.arm, program.person)
            found[b] = place, block, block.pattern(given, infused)
        place += size
    return found


class Prepared:
    """One arm's tables, the same for all chunks."""

    def __init__(self, system: Any, arm: Any, person: Any, course: Course, seed: int) -> None:
        self.course = course
        steps = int(course.segments.first[course.count])
        drug = np.asarray(course.plan.drug)
        about = drug | np.vstack([np.zeros_like(drug[:1]), drug[:-1]])
        kinds, kind = np.unique(about, axis=0, return_inverse=True)
        self.kind = kind.ravel()[:steps]
        self.made = made(system, arm, person, course, kinds)
        self.program, self.kernels = self.made.program, self.made.kernels
        self.shared = columns(system, "system") | columns(arm, "arm") | {"seed": np.uint32(seed)}
        self.propagations = self._propagations(drug[:steps])
        self._tables(steps)
        self.places = self._places()

    def _propagations(self, drug: np.ndarray) -> list[Propagation]:
        found = []
        used = np.asarray(self.course.plan.length)[: len(drug)]
        for b, (place, block, pattern) in self.made.blocks.items():
            lengths, which = np.unique(used[drug[:, b]], return_inverse=True)
            of_step = np.full(len(drug), -1)
            of_step[drug[:, b]] = which
            found.append(Propagation(place, block, pattern, lengths, of_step))
        return found

    def _tables(self, steps: int) -> None:
        """Everything that is the same for all patients."""
        program, course = self.program, self.course
        graph, plan = program.graph, course.plan
        run = program.step_places.run
        values = evaluate(graph, run, self.shared)
        self.run = np.array([float(values[n]) for n in run] or [0.0])
        cut = {name: _first(getattr(plan, name), steps) for name in STEP_FIELDS}
        table = _table(
            graph, program.step_places.step, self.shared | columns(cut, "step", 1), steps
        )
        infused = (np.asarray(cut["infusion"]) != 0.0).any(axis=(1, 2))
        self.steps = driver.Steps(
            time=np.ascontiguousarray(cut["time"]), step=np.ascontiguousarray(cut["step"]),
            knot=np.asarray(cut["knot"]) >= 0, kind=self.kind.astype(np.int64),
            infused=infused, table=table,
        )  # fmt: skip
        segments, count = course.segments, course.count
        nodes = _first(segments.nodes, count)
        planned = self.shared | columns(nodes, "node", 1)
        self.segments = driver.Segments(
            *(np.asarray(getattr(segments, name)) for name in _SEGMENT_FIELDS),
            table=_table(graph, program.segment_places.step, planned, count),
        )

    def _places(self) -> driver.Places:
        program, layout = self.program, self.program.layout
        fired = np.array(sorted(program.kernels["fire"].outputs), np.int64)
        read = program.read_rows("fire", *(name for pair in self.made.steps for name in pair))
        inner = [layout.share, layout.which, layout.begin, layout.length, layout.now]
        needed = np.union1d(np.union1d(read, fired), layout.changed)
        gathered = np.setdiff1d(needed, inner).astype(np.int64)
        return driver.Places(
            before=layout.before.start, after=layout.after.start,
            changed=layout.changed.astype(np.int64), fired=fired, gathered=gathered,
            new=layout.new.start, share=layout.share, which=layout.which, begin=layout.begin,
            length=layout.length, now=layout.now, inflow=layout.inflow.start,
            seen=layout.seen.start, seen_many=len(layout.seen), used=layout.used,
        )  # fmt: skip

    def through(self, person: Any) -> Kept:
        """Up to ROOM people from beginning to end, and some who fill up the last turn."""
        program, course = self.program, self.course
        person = filled(person, WIDE)
        lanes = len(jax.tree.leaves(person)[0])
        inputs = self.shared | columns(person, "person", 1)
        arena = _aligned(program.rows.count, STRIDE)
        narrow = _aligned(program.rows.count, NARROW)
        first = [int(n) for n in jax.tree.leaves(program.first)]
        own = program.patient_rows()
        values = evaluate(program.graph, [*first, *own], inputs)
        for row, number in zip(program.layout.lane, first, strict=True):
            arena[row, :lanes] = values[number]
        for number, row in own.items():
            arena[row, :lanes] = values[number]
        use_days = np.zeros((course.days, lanes), np.uint8)
        records = np.zeros((course.records, len(program.layout.seen), lanes), np.float32)
        driver.drive(
            self.kernels, self.places, self.steps, self.segments, self._kinetics(inputs, lanes),
            course.count, self.run, arena, narrow, use_days, records,
        )  # fmt: skip
        lane = jax.tree.unflatten(
            program.structure, [arena[row, :lanes].copy() for row in program.layout.lane]
        )
        _check(arena[program.layout.lane.start : program.layout.lane.stop, :lanes], person)
        return Kept(use_days, records, lane)

    def _kinetics(self, inputs: dict, lanes: int) -> driver.Kinetics:
        """Propagators of these people, one block after another."""
        steps = len(self.steps.time)
        row, column, inflow, first, exact = [], [], [], [0], []
        start = np.full((steps, len(self.propagations)), -1)
        begun = 0
        for b, one in enumerate(self.propagations):
            pattern, days = one.pattern, self.course.lengths[one.lengths]
            inside = pattern.row < one.block.size
            J = one.block.matrices(pattern, inputs, lanes)
            made = np.empty((len(days), len(pattern.row), lanes))
            exponentials(
                J, np.asarray(days, float), pattern.first, pattern.left, pattern.right,
                pattern.diagonal, made,
            )  # fmt: skip
            flows = pattern.column[inside] == one.block.size
            own = self.program.before.start + one.place + pattern.column[inside]
            row.append(self.program.before.start + one.place + pattern.row[inside])
            column.append(np.where(flows, self.program.layout.inflow[one.block.number], own))
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


def _table(graph: Graph, entries: dict[int, int], inputs: dict, rows: int) -> np.ndarray:
    """Values of these nodes at every step or segment: [rows, entries]."""
    values = evaluate(graph, entries, inputs)
    made = np.zeros((rows, max(1, len(entries))))
    for number, entry in entries.items():
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


def prepared(system: Any, arm: Any, course: Course, seed: int) -> Callable[[Any], Kept]:
    """A function that takes chunks of people through a course; kernels are made with the first."""
    made: list[Prepared] = []
    lock = threading.Lock()

    def through(person: Any) -> Kept:
        with lock:
            if not made:
                made.append(Prepared(system, arm, person, course, seed))
        return made[0].through(person)

    return through
