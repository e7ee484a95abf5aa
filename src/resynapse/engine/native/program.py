"""Which kernels does a model need, and where do their values stand?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import numpy as np

from resynapse.engine import noise as chance
from resynapse.engine import random
from resynapse.engine.native.emit import Kernel, Places, boundary
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.lowering import lower
from resynapse.engine.plan import Course
from resynapse.engine.stepper import Ends, Moment, advance, fire, piece_end, whole_step

NARROW = 8
"""patients taken through an event side by side: one register of 512 bits"""
WIDE = 16
"""patients of one turn of a loop: two registers, so that one waits less for the other"""
WIDER = 32
"""the same in numbers of 32 bits"""
ROOM = 512
"""most patients of a chunk: enough that events fill a register, few enough for a near cache"""
STRIDE = ROOM + 8
"""columns of an arena; no power of two, or its rows would fight for one place in the cache"""

SEGMENT_KERNELS = ("node", "peaks", "seen", "day")

Flags = tuple[bool, ...]
"""for each linear block, whether its drug may be present; last, whether drugs drive states fast"""


class Rows:
    """Rows of an arena, given out in order."""

    def __init__(self) -> None:
        self.count = 0

    def take(self, many: int) -> range:
        """The next rows."""
        self.count += many
        return range(self.count - many, self.count)


@dataclass(frozen=True)
class Layout:
    """Rows of both arenas; the narrow one has the same rows."""

    lane: range
    before: range
    after: range
    changed: np.ndarray
    """rows of the lane that a step changes"""
    goal: int
    forced: int
    """whether a piece of a step ends at an event, which it leaves alone"""
    share: int
    which: int
    begin: int
    length: int
    now: int
    inflow: range
    seen: range
    used: int


def named(graph: Graph, tree: Any, name: str, level: Level, batch: int = 0) -> Any:
    """A tree of inputs like ``tree``, whose arrays have ``batch`` axes of no meaning here.

    What changes from step to step and is 0 at all of them is known to be 0.
    """
    leaves, structure = jax.tree.flatten(tree)
    absent = never(tree, batch) if level == Level.STEP else None
    made = []
    for k, leaf in enumerate(map(np.asarray, leaves)):
        shape, kind = leaf.shape[batch:], leaf.dtype.kind
        numbers = [
            graph.constant(0.0)
            if absent is not None and absent[k][e]
            else graph.input((name, k, e), level, kind)
            for e in range(int(np.prod(shape)))
        ]
        made.append(np.array(numbers, np.int64).reshape(shape))
    return jax.tree.unflatten(structure, made)


def never(tree: Any, batch: int) -> tuple[tuple[bool, ...], ...]:
    """For each real number of each array: whether it is 0 at all places of the first axes."""
    found = []
    for leaf in map(np.asarray, jax.tree.leaves(tree)):
        zero = ~leaf.any(axis=tuple(range(batch))).ravel()
        found.append(tuple(bool(z) and leaf.dtype.kind == "f" for z in zero))
    return tuple(found)


def columns(tree: Any, name: str, batch: int = 0) -> dict[tuple, np.ndarray]:
    """The values of such inputs: name -> array over the batch axes."""
    found = {}
    for k, leaf in enumerate(jax.tree.leaves(tree)):
        leaf = np.asarray(leaf)
        flat = leaf.reshape(*leaf.shape[:batch], -1)
        for e in range(flat.shape[-1]):
            found[name, k, e] = flat[..., e]
    return found


class Program:
    """The kernels of a system for one kind of arm."""

    def __init__(
        self, system: Any, arm: Any, person: Any, course: Course, single: bool = False
    ) -> None:
        self.single = single
        self.graph = graph = Graph()
        self.system = named(graph, system, "system", Level.RUN)
        self.arm = named(graph, arm, "arm", Level.RUN)
        self.seed = np.array(graph.input("seed", Level.RUN, "u"))
        self.person = named(graph, person, "person", Level.PATIENT, 1)
        step = {name: getattr(course.plan, name) for name in STEP_FIELDS}
        self.step = named(graph, step, "step", Level.STEP, 1)
        self.nodes = named(graph, course.segments.nodes, "node", Level.STEP, 1)
        self.first = lower(graph, _begin, self.system, self.arm, self.person, self.seed)
        self.amounts = jax.eval_shape(lambda s: s.no_amounts(), system)
        self.blocks = [len(jax.tree.leaves(b)) for b in vars(self.amounts).values()]
        self.structure = jax.tree.structure(self.first)
        self._rows(system)
        rows, run = self.inputs_by_row(), dict[int, int]()
        self.step_places, self.segment_places = Places(rows, run), Places(rows, run)
        self.kernels: dict[str, Kernel] = {}
        self._make()

    def _rows(self, system: Any) -> None:
        self.rows = Rows()
        take, amounts = self.rows.take, sum(self.blocks)
        lane = take(len(jax.tree.leaves(self.first)))
        self.lane = jax.tree.unflatten(
            self.structure, [np.array(self.graph.input(("lane", r), Level.LANE)) for r in lane]
        )
        self.before, self.after = take(amounts), take(amounts)
        whole = self._advance(True, (True,) * (len(self.blocks) + 1))
        old, new = jax.tree.leaves(self.lane), jax.tree.leaves(whole.lane)
        changed = [r for r, (a, b) in enumerate(zip(old, new, strict=True)) if int(a) != int(b)]
        seen = lower(
            self.graph, _observe, self.system, self.person, self.arm, self.lane,
            self._amounts("before"),
        )  # fmt: skip
        self.seen = [int(x) for x in seen]
        goal, forced, share, which, begin, length, now, used = take(8)
        self.layout = Layout(
            lane=lane, before=self.before, after=self.after, changed=np.array(changed), goal=goal,
            forced=forced, share=share, which=which, begin=begin, length=length, now=now, used=used,
            inflow=take(len(self.blocks)), seen=take(len(self.seen)),
        )  # fmt: skip

    def inputs_by_row(self) -> dict[int, int]:
        """Rows of what differs between patients at every step."""
        rows = {}
        for number, node in enumerate(self.graph.nodes):
            if node.operation == "input" and node.level == Level.LANE:
                kind, place = node.arguments[0]
                at = {
                    "lane": lambda p: p, "before": lambda p: self.before[p],
                    "after": lambda p: self.after[p], "single": lambda p: getattr(self.layout, p),
                }[kind]  # fmt: skip
                rows[number] = at(place)
        return rows

    def _amounts(self, which: str, flags: Flags | None = None) -> Any:
        flags = flags or (True,) * len(self.blocks)
        numbers, place = [], 0
        for size, present in zip(self.blocks, flags, strict=False):
            for k in range(place, place + size):
                numbers.append(
                    self.graph.input((which, k), Level.LANE)
                    if present
                    else self.graph.constant(0.0)
                )
            place += size
        return jax.tree.unflatten(jax.tree.structure(self.amounts), map(np.array, numbers))

    def _single(self, name: str) -> np.ndarray:
        return np.array(self.graph.input(("single", name), Level.LANE))

    def _advance(self, whole: bool, flags: Flags) -> Any:
        amounts = self._amounts("before", flags), self._amounts("after", flags)
        absent, infusion = self.graph.constant(0.0), self.step["infusion"].copy()
        infusion[~np.array(flags[:-1])] = absent
        ends = Ends(*amounts, infusion, self.step["infusion_rule"])
        known = self.system, self.person, self.arm, self.lane, ends, self.step
        if whole:
            return lower(self.graph, _whole_driven if flags[-1] else _whole, *known)
        part = self._single("begin"), self._single("length")
        return lower(self.graph, _advance_driven if flags[-1] else _advance, *known, part)

    def _make(self) -> None:
        graph, layout = self.graph, self.layout
        everything = self.system, self.person, self.arm
        knot = lower(graph, _over_knot, self.system, self.person, self.lane, self.step, self.seed)
        self._change("knot", knot)
        inflow = lower(graph, _inflow, self.system, self.person, self.lane, self.step)
        self._add("inflow", dict(zip(layout.inflow, map(int, inflow), strict=True)))
        which, now = self._single("which"), self._single("now")
        fired = lower(graph, _fire, self.system, self.seed, self.person, self.lane, which, now)
        self._change("fire", fired, NARROW)
        goal = lower(graph, _goal, *everything, self.lane, self.step, self._single("begin"))
        self._add("goal", {layout.goal: int(goal)}, NARROW)
        amounts = self._amounts("before")
        node = lower(graph, _happen, *everything, self.seed, self.lane, amounts, self.nodes)
        self._change("node", node[0], amounts=node[1])
        self._change("peaks", lower(graph, _peaks, self.system, self.person, self.lane, amounts))
        self._add("seen", dict(zip(layout.seen, self.seen, strict=True)))
        used, opened = lower(graph, _day, self.system, self.lane)
        self._change("day", opened, also={layout.used: int(used)})

    def step_kernels(self, flags: Flags) -> tuple[str, str]:
        """Names of the kernels for a whole step and for a part of one, with these drugs about."""
        code = "".join(str(int(f)) for f in flags)
        names = f"whole_{code}", f"part_{code}"
        for name, whole in zip(names, (True, False), strict=True):
            if name not in self.kernels:
                made = self._advance(whole, flags)
                outputs = self._arrived(made, whole)
                outputs[self.layout.share] = int(made.share)
                outputs[self.layout.which] = int(made.which)
                self._add(name, outputs, STRIDE if whole else NARROW, self.single)
        return names

    def _arrived(self, made: Any, whole: bool) -> dict[int, int]:
        """What a step came to, in its place; who met an event stays where it began.

        A piece that is forced to end at an event goes there.
        """
        graph, outputs = self.graph, {}
        met = graph.apply("le", (int(made.share), graph.constant(1.0)), "b")
        if not whole:
            free = graph.apply("eq", (int(self._single("forced")), graph.constant(0.0)), "b")
            met = graph.apply("and", (met, free), "b")
        before, after = jax.tree.leaves(self.lane), jax.tree.leaves(made.lane)
        for row in map(int, self.layout.changed):
            pair = int(before[row]), int(after[row])
            outputs[row] = graph.apply("select", (met, *pair), "f")
        return outputs

    def _change(
        self, name: str, lane: Any, columns: int = STRIDE, amounts: Any = None,
        also: dict[int, int] | None = None,
    ) -> None:  # fmt: skip
        """A kernel that changes the lane, and perhaps the amounts, where they stand."""
        pairs = [
            *zip(jax.tree.leaves(self.lane), jax.tree.leaves(lane), self.layout.lane, strict=True)
        ]
        if amounts is not None:
            old = jax.tree.leaves(self._amounts("before"))
            pairs += list(zip(old, jax.tree.leaves(amounts), self.before, strict=True))
        outputs = {row: int(new) for old, new, row in pairs if int(old) != int(new)}
        self._add(name, outputs | (also or {}), columns)

    def _add(
        self, name: str, outputs: dict[int, int], columns: int = STRIDE, single: bool = False
    ) -> None:
        vector = (WIDER if single else WIDE) if columns == STRIDE else NARROW
        kernel = Kernel(name, outputs, columns, vector, single=single)
        self.kernels[name] = kernel
        rows = self.step_places.rows
        rows |= self.inputs_by_row()
        for number in boundary(self.graph, kernel):
            if self.graph[number].level == Level.PATIENT and number not in rows:
                rows[number] = self.rows.take(1)[0]

    def places(self, name: str) -> Places:
        """Where the kernel of this name finds its values."""
        return self.segment_places if name in SEGMENT_KERNELS else self.step_places

    def patient_rows(self) -> dict[int, int]:
        """Nodes that differ between patients only, and their rows."""
        rows = self.step_places.rows
        return {n: r for n, r in rows.items() if self.graph[n].level == Level.PATIENT}

    def read_rows(self, *names: str) -> np.ndarray:
        """Rows that these kernels read."""
        found = set()
        for name in names:
            for number in boundary(self.graph, self.kernels[name]):
                row = self.step_places.rows.get(number)
                found |= set() if row is None else {row}
        return np.array(sorted(found))


STEP_FIELDS = ("time", "step", "knot", "last_knot", "infusion", "infusion_rule", "around")


def _begin(system, arm, person, seed):
    return system.begin(arm, person, seed)


def _observe(system, person, arm, lane, amounts):
    return system.observe(person, arm, lane, amounts)


def _advance(system, person, arm, lane, ends, step, part):
    return advance(system, person, arm, lane, ends, _moment(step), *part)


def _advance_driven(system, person, arm, lane, ends, step, part):
    return advance(system, person, arm, lane, ends, _moment(step), *part, driven=True)


def _whole(system, person, arm, lane, ends, step):
    return whole_step(system, person, arm, lane, ends, _moment(step))


def _whole_driven(system, person, arm, lane, ends, step):
    return whole_step(system, person, arm, lane, ends, _moment(step), driven=True)


def _goal(system, person, arm, lane, step, begin):
    return piece_end(system, person, arm, lane, _moment(step), begin)


def _moment(step):
    return Moment(step["time"], step["step"], step["last_knot"], step["around"])


def _over_knot(system, person, lane, step, seed):
    noise = chance.next_knot(
        lane.noise, system.noise_law(), seed, random.word(person.key), system.noise_purposes,
        random.word(step["knot"]), step["time"],
    )  # fmt: skip
    return eqx.tree_at(lambda x: x.noise, lane, noise)


def _inflow(system, person, lane, step):
    return tuple(
        system.inflow(b, person, lane, step["infusion"][b], step["infusion_rule"])
        for b in range(step["infusion"].shape[0])
    )


def _fire(system, seed, person, lane, which, now):
    return fire(system, seed, person, lane, which, now)


def _happen(system, person, arm, seed, lane, amounts, node):
    return system.happen(person, arm, seed, lane, amounts, node)


def _peaks(system, person, lane, amounts):
    return system.peaks(person, lane, amounts)


def _day(system, lane):
    return system.day(lane)
