"""Which kernels does a model need, and where do their values stand?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from resynapse.engine.native import traced
from resynapse.engine.native.emit import Kernel, Places, boundary
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.lowering import lower
from resynapse.engine.plan import Course
from resynapse.engine.stepper import HURRIED, Ends

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
    driven_lane: np.ndarray
    """rows of the lane that hold driven states"""
    driven: range
    """where driven states begin a piece of their own"""
    way: range
    """driven states halfway through a piece of everything, and at its end"""
    tried: range
    """the same of a piece of their own"""
    until: int
    """share of the step at which their pieces end"""
    left: int
    """days until then"""
    taken: int
    """days of the next of their pieces"""


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
        self.first = lower(graph, traced.begin, self.system, self.arm, self.person, self.seed)
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
        known = self.system, self.person, self.arm, self.lane, self.step
        found = [int(node) for node in lower(self.graph, traced.driven, *known)]
        nodes = map(int, jax.tree.leaves(self.lane))
        standing = dict(zip(nodes, lane, strict=True))
        many = len(found)
        self.driven, self.way, self.tried = take(many), take(2 * many), take(2 * many)
        whole = self._advance(True, (True,) * (len(self.blocks) + 1))
        old, new = jax.tree.leaves(self.lane), jax.tree.leaves(whole.lane)
        changed = [r for r, (a, b) in enumerate(zip(old, new, strict=True)) if int(a) != int(b)]
        seen = lower(
            self.graph, traced.observe, self.system, self.person, self.arm, self.lane,
            self._amounts("before"),
        )  # fmt: skip
        self.seen = [int(x) for x in seen]
        goal, forced, share, which, begin, length, now, used, until, left, taken = take(11)
        self.layout = Layout(
            lane=lane, before=self.before, after=self.after, changed=np.array(changed), goal=goal,
            forced=forced, share=share, which=which, begin=begin, length=length, now=now, used=used,
            inflow=take(len(self.blocks)), seen=take(len(self.seen)), driven=self.driven,
            way=self.way, tried=self.tried, until=until, left=left, taken=taken,
            driven_lane=np.array([standing[node] for node in found], np.int64),
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
                    "driven": lambda p: self.driven[p], "way": lambda p: self.way[p],
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

    def _row_of(self, name: str) -> list[np.ndarray]:
        """Inputs that stand in the rows of this name."""
        rows = range(len(getattr(self, name)))
        return [np.array(self.graph.input((name, k), Level.LANE)) for k in rows]

    def _known(self, flags: Flags) -> tuple:
        """What a step is taken with."""
        amounts = self._amounts("before", flags), self._amounts("after", flags)
        absent, infusion = self.graph.constant(0.0), self.step["infusion"].copy()
        infusion[~np.array(flags[:-1])] = absent
        ends = Ends(*amounts, infusion, self.step["infusion_rule"])
        return self.system, self.person, self.arm, self.lane, ends, self.step

    def _advance(self, whole: bool, flags: Flags) -> Any:
        known = self._known(flags)
        if whole:
            function = traced.whole_driven if self._drives(flags) else traced.whole
            return lower(self.graph, function, *known)
        part = self._single("begin"), self._single("length")
        if not self._drives(flags):
            return lower(self.graph, traced.advance, *known, part)
        return lower(self.graph, traced.advance_beside, *known, part, self._row_of("way"))

    def _drives(self, flags: Flags) -> bool:
        """Whether any state goes by the rule of driven states."""
        return flags[-1] and len(self.driven) > 0

    def _make(self) -> None:
        graph, layout = self.graph, self.layout
        everything = self.system, self.person, self.arm
        known = self.system, self.person, self.lane, self.step
        self._change("knot", lower(graph, traced.over_knot, *known, self.seed))
        inflow = lower(graph, traced.inflow, *known)
        self._add("inflow", dict(zip(layout.inflow, map(int, inflow), strict=True)))
        which, now = self._single("which"), self._single("now")
        fired = lower(
            graph, traced.fire, self.system, self.seed, self.person, self.lane, which, now
        )
        self._change("fire", fired, NARROW)
        goal = lower(graph, traced.goal, self.lane, self.step, self._single("begin"))
        self._add("goal", {layout.goal: int(goal)}, NARROW)
        amounts = self._amounts("before")
        node = lower(graph, traced.happen, *everything, self.seed, self.lane, amounts, self.nodes)
        self._change("node", node[0], amounts=node[1])
        known = self.system, self.person, self.lane, amounts
        self._change("peaks", lower(graph, traced.peaks, *known))
        self._add("seen", dict(zip(layout.seen, self.seen, strict=True)))
        used, opened = lower(graph, traced.day, self.system, self.lane)
        self._change("day", opened, also={layout.used: int(used)})

    def step_kernels(self, flags: Flags) -> tuple[str, ...]:
        """Names of the kernels for a whole step and for a part of one, with these drugs about.

        With states that drugs drive, a third takes these alone over a piece of their own, and a
        fourth the others over a whole step beside them.
        """
        code = "".join(str(int(f)) for f in flags)
        names: tuple[str, ...] = (f"whole_{code}", f"part_{code}")
        for name, whole in zip(names, (True, False), strict=True):
            if name not in self.kernels:
                made = self._advance(whole, flags)
                outputs = self._arrived(made, whole)
                outputs[self.layout.share] = int(made.share)
                outputs[self.layout.which] = int(made.which)
                self._add(name, outputs, STRIDE if whole else NARROW, self.single)
        if self._drives(flags):
            names = (*names, f"driven_{code}", f"beside_{code}")
            self._add_driven(names[2], flags)
            self._add_beside(names[3], flags)
        return names

    def _add_driven(self, name: str, flags: Flags) -> None:
        """In 64 bits always: days left must come to nothing at the end."""
        singles = self._single("until"), self._single("left")
        known = *self._known(flags), self._row_of("driven"), singles
        made = lower(self.graph, traced.driven_piece, *known)
        outputs = dict(zip(self.tried, map(int, made[0]), strict=True))
        self._add(name, outputs | {self.layout.taken: int(made[1])}, NARROW)

    def _add_beside(self, name: str, flags: Flags) -> None:
        made = lower(self.graph, traced.whole_beside, *self._known(flags), self._row_of("way"))
        share, which = {self.layout.share: int(made.share)}, {self.layout.which: int(made.which)}
        self._add(name, self._arrived(made, True) | share | which, NARROW, self.single)

    def _arrived(self, made: Any, whole: bool) -> dict[int, int]:
        """What a step came to, in its place; who met an event stays where it began.

        A piece that is forced to end at an event goes there.
        """
        graph, outputs = self.graph, {}
        met = graph.apply("le", (int(made.share), graph.constant(HURRIED)), "b")
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
