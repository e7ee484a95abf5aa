"""How does a chunk of patients run through the kernels of a model?"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np

from resynapse.engine.native import driver
from resynapse.engine.native.build import Loaded, machine_code
from resynapse.engine.native.emit import emit
from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.kinetics import Block, Pattern, exponentials
from resynapse.engine.native.program import NARROW, ROOM, STRIDE, WIDE, Program, columns
from resynapse.engine.plan import Course, Kept

_ALIGN = 64
"""bytes, so that a vector never lies across two lines of the cache"""


class NotANumberError(FloatingPointError):
    """A patient's state is no number any more."""


class Propagation(NamedTuple):
    """A linear block and the steps on which its drug may be there."""

    block: Block
    pattern: Pattern
    lengths: np.ndarray
    """which lengths of step its propagators are for"""
    which: np.ndarray
    """[steps]: which of them a step uses, or -1"""


class Prepared:
    """One arm's kernels and tables, the same for all chunks."""

    def __init__(self, system: Any, arm: Any, person: Any, course: Course, seed: int) -> None:
        self.course = course
        self.program = program = Program(system, arm, person, course)
        steps = int(course.segments.first[course.count])
        self.shared = columns(system, "system") | columns(arm, "arm") | {"seed": np.uint32(seed)}
        drug = np.asarray(course.plan.drug)[:steps]
        before = np.vstack([np.zeros_like(drug[:1]), drug[:-1]])
        kinds, self.kind = np.unique(drug | before, axis=0, return_inverse=True)
        names = [program.step_kernels(tuple(map(bool, flags))) for flags in kinds]
        self.propagations = self._propagations(drug, steps)
        self._load(names)
        self._tables(steps)
        self.places = self._places(names)

    def _propagations(self, drug: np.ndarray, steps: int) -> list[tuple[int, Propagation]]:
        program, found, place = self.program, [], 0
        kernel = program.kernels["node"].outputs
        for b, zero in enumerate(vars(program.amounts).values()):
            size = program.blocks[b]
            given = {k for k in range(size) if program.before[place + k] in kernel}
            inflow = program.kernels["inflow"].outputs[program.layout.inflow[b]]
            infused = program.graph.value(inflow) is None
            if (given or infused) and drug[:, b].any():
                block = Block(program.graph, b, zero, program.system, program.arm, program.person)
                pattern = block.pattern(given, infused)
                used = np.asarray(self.course.plan.length)[:steps]
                lengths, which = np.unique(used[drug[:, b]], return_inverse=True)
                of_step = np.full(steps, -1)
                of_step[drug[:, b]] = which
                found.append((place, Propagation(block, pattern, lengths, of_step)))
            place += size
        return found

    def _load(self, names: list[tuple[str, str]]) -> None:
        program, objects = self.program, {}
        for name, kernel in program.kernels.items():
            objects[name] = machine_code(emit(program.graph, kernel, program.places(name)))
        self.loaded = Loaded(objects)
        at = self.loaded.address
        whole, part = (np.array([at(pair[k]) for pair in names], np.int64) for k in (0, 1))
        plain = {n: at(n) for n in ("knot", "inflow", "fire", "node", "peaks", "seen", "day")}
        self.kernels = driver.Kernels(**plain, whole=whole, part=part)

    def _tables(self, steps: int) -> None:
        """Everything that is the same for all patients."""
        program, course = self.program, self.course
        graph, plan = program.graph, course.plan
        run = program.step_places.run
        values = evaluate(graph, run, self.shared)
        self.run = np.array([float(values[n]) for n in run] or [0.0])
        cut = {name: _first(getattr(plan, name), steps) for name in _STEP_FIELDS}
        table = _table(
            graph, program.step_places.step, self.shared | columns(cut, "step", 1), steps
        )
        infused = (np.asarray(cut["infusion"]) != 0.0).any(axis=(1, 2))
        self.steps = driver.Steps(
            time=np.ascontiguousarray(cut["time"]), step=np.ascontiguousarray(cut["step"]),
            knot=np.asarray(cut["knot"]) >= 0, kind=self.kind.ravel().astype(np.int64),
            infused=infused, table=table,
        )  # fmt: skip
        segments, count = course.segments, course.count
        nodes = _first(segments.nodes, count)
        planned = self.shared | columns(nodes, "node", 1)
        self.segments = driver.Segments(
            *(np.asarray(getattr(segments, name)) for name in _SEGMENT_FIELDS),
            table=_table(graph, program.segment_places.step, planned, count),
        )

    def _places(self, names: list[tuple[str, str]]) -> driver.Places:
        program, layout = self.program, self.program.layout
        fired = np.array(sorted(program.kernels["fire"].outputs), np.int64)
        read = program.read_rows("fire", *(name for pair in names for name in pair))
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
        """Up to ROOM people from beginning to end; every array that is left is a multiple of WIDE."""
        program, course = self.program, self.course
        person = _padded(person)
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
        lane = program.structure.unflatten([arena[row, :lanes].copy() for row in program.layout.lane])
        _check(arena[program.layout.lane.start : program.layout.lane.stop, :lanes], person)
        return Kept(use_days, records, lane)

    def _kinetics(self, inputs: dict, lanes: int) -> driver.Kinetics:
        """Propagators of these people, one block after another."""
        steps = len(self.steps.time)
        row, column, inflow, first, exact = [], [], [], [0], []
        start = np.full((steps, len(self.propagations)), -1)
        begun = 0
        for b, (place, one) in enumerate(self.propagations):
            pattern, days = one.pattern, self.course.lengths[one.lengths]
            inside = pattern.row < one.block.size
            J = one.block.matrices(pattern, inputs, lanes)
            made = np.empty((len(days), len(pattern.row), lanes))
            exponentials(
                J, np.asarray(days, float), pattern.first, pattern.left, pattern.right,
                pattern.diagonal, made,
            )  # fmt: skip
            flows = pattern.column[inside] == one.block.size
            own = self.program.before.start + place + pattern.column[inside]
            row.append(self.program.before.start + place + pattern.row[inside])
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


_STEP_FIELDS = ("time", "step", "knot", "last_knot", "infusion", "infusion_rule", "around")
_SEGMENT_FIELDS = ("first", "day", "closes", "record", "has_node")


def _padded(person: Any) -> Any:
    """The last person stands in for those missing in the last turn of a loop."""
    many = len(jax.tree.leaves(person)[0])
    if many > ROOM:
        raise ValueError(f"{many} people are more than the {ROOM} of a chunk.")
    missing = -many % WIDE

    def one(x: Any) -> np.ndarray:
        x = np.asarray(x)
        return np.concatenate([x, np.repeat(x[-1:], missing, axis=0)])

    return jax.tree.map(one, person)


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


def through(system: Any, arm: Any, person: Any, course: Course, seed: int) -> Kept:
    """A chunk of patients through a course, with kernels made for it."""
    return Prepared(system, arm, person, course, seed).through(person)
