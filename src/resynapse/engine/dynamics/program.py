"""Which kernels do plain differential equations need, and where do their values stand?"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import equinox as eqx
import jax
import numpy as np

from resynapse.engine import random
from resynapse.engine.dynamics import event
from resynapse.engine.dynamics.rule import Joint, Rule, stepped
from resynapse.engine.dynamics.system import NEVER, Timetable
from resynapse.engine.native.emit import Kernel, Places, boundary
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.kinetics import Block, Pattern
from resynapse.engine.native.lowering import lower
from resynapse.engine.native.program import NARROW, Rows, named
from resynapse.input_error import InputError

SINGLES = ("begin", "share", "met", "opening", "closing", "along", "time")
"""rows of the way through an event"""


class Program:
    """The kernels of some equations on one kind of timetable.

    ``free`` and ``infused`` take everybody over a step, ``seen`` makes an observation; ``part``,
    ``locate`` and ``fire`` take a few through an event; ``setup`` draws people and begins.
    """

    def __init__(self, system: Any, rule: Rule, table: Timetable, stride: int, vector: int) -> None:
        self.rule, self.stride, self.vector = rule, stride, vector
        self.graph = graph = Graph()
        self.system = named(graph, system, "system", Level.RUN)
        self.seed = np.array(graph.input("seed", Level.RUN, "u"))
        self.key = np.array(graph.input("key", Level.PATIENT, "u"))
        self.person = lower(graph, _person, self.system, self.seed, self.key)
        steps = per_step(table)
        self.length, self.inflow, signal = (
            named(graph, steps[name], name, Level.STEP, 1) for name in ("step", "inflow", "signal")
        )
        self.signals = [tuple(np.array(n) for n in row) for row in signal]
        self.zero = jax.tree.map(lambda _: np.array(graph.constant(0.0)), system.no_amounts())
        self.events = system.purpose >= 0
        if self.events and table.inflow.any():
            raise InputError("Events and infusions in one system: use the engine of the chain.")
        self.pattern, self.matrix = self._linear(bool(table.inflow.any()))
        self.rows, self.places, self.at = Rows(), Places({}), dict[str, range]()
        self._inputs()
        self.kernels: dict[str, Kernel] = {}
        self._make()

    def _linear(self, infused: bool) -> tuple[Pattern | None, list[int]]:
        """What of the linear block can differ from zero, and its matrix in that order."""
        zero = self.system.no_amounts()
        block = Block(
            self.graph, 0, zero, _OneBlock(self.system), np.array(self.graph.constant(0.0)),
            self.person,
        )  # fmt: skip
        self.size = block.size
        pattern = block.pattern(set(), infused) if infused else None
        if pattern is None:
            return None, []
        inside = pattern.row < block.size
        nodes = np.full(len(pattern.row), self.graph.constant(0.0))
        nodes[inside] = block.nodes[pattern.row[inside], pattern.column[inside]]
        return pattern, [int(n) for n in nodes]

    def _inputs(self) -> None:
        """Rows for everything that differs between patients at every step."""
        self.places.rows[int(self.key)] = self._take("key", 1)[0]
        self.begun = lower(self.graph, _begin, self.system, self.person, self.seed, self.key)
        drive = self._drive(self.zero, 0)
        self.joint, self.risk = (
            self._read(n, t) for n, t in zip(("joint", "risk"), self.begun, strict=True)
        )
        self.amounts, self.drive = self._read("amounts", self.zero), self._read("drive", drive)
        self.begun = {"joint": self.begun[0], "risk": self.begun[1], "drive": drive}
        self.tried = self._read("tried", self.joint)
        self.single = {name: self._read(name, self.zero_scalar()) for name in SINGLES}
        self.gaps = sorted({round(b - a, 12) for a, b in pairwise(self.rule.nodes)})
        entries = 0 if self.pattern is None else int((self.pattern.row < self.size).sum())
        self.exact = [self._read(f"exact{g}", [0.0] * entries) for g in range(len(self.gaps))]
        self._take("matrix", len(self.matrix))

    def zero_scalar(self) -> np.ndarray:
        return np.array(self.graph.constant(0.0))

    def _take(self, name: str, many: int) -> range:
        self.at[name] = self.rows.take(many)
        return self.at[name]

    def _read(self, name: str, like: Any) -> Any:
        """A tree of values that stand in rows of the arena."""
        leaves, structure = jax.tree.flatten(like)
        rows = self._take(name, len(leaves))
        nodes = [self.graph.input((name, r), Level.LANE) for r in rows]
        self.places.rows |= dict(zip(nodes, rows, strict=True))
        return jax.tree.unflatten(structure, [np.array(n) for n in nodes])

    def _make(self) -> None:
        self._add("free", self._whole(self.zero_scalar()))
        if self.pattern is not None:
            self._add("infused", self._whole(self.inflow))
        seen = lower(self.graph, _observe, self.system, self.person, self.amounts, self.joint.state)
        self._add("seen", dict(zip(self._take("seen", len(seen)), map(int, seen), strict=True)))
        if self.events:
            self._add("part", self._part(), NARROW)
            self._add("locate", self._locate(), NARROW)
            self._add("fire", self._fire(), NARROW)

    def _whole(self, inflow: np.ndarray) -> dict[int, int]:
        """A whole step; who met an event stays where it began."""
        amounts, drives = self.amounts, [self.drive if self._kept() else self._drive(self.zero, 0)]
        for k, (left, right) in enumerate(pairwise(self.rule.nodes)):
            amounts = self._propagated(amounts, self.gaps.index(round(right - left, 12)), inflow)
            drives.append(self._drive(amounts, k + 1))

        def whole(system, person, drives, joint, length):
            return stepped(system, self.rule, person, drives, joint, length)[0]

        after = lower(self.graph, whole, self.system, self.person, drives, self.joint, self.length)
        outputs = self._into("amounts", amounts) | self._into("joint", after)
        if self._kept():
            outputs |= self._into("drive", drives[-1])
        return self._held(outputs, after) if self.events else outputs

    def _held(self, outputs: dict[int, int], after: Joint) -> dict[int, int]:
        graph, threshold = self.graph, int(self.risk.threshold)
        met = graph.apply("ge", (int(after.hazard), threshold), "b")
        before = dict(zip(self.at["joint"], map(int, jax.tree.leaves(self.joint)), strict=True))
        held = {
            row: graph.apply("select", (met, before[row], new), "f") for row, new in outputs.items()
        }
        return held | {self.at["met"][0]: met}

    def _kept(self) -> bool:
        """Whether the drive at the end of a step is that at the beginning of the next."""
        return not self.signals[0]

    def _propagated(self, amounts: Any, gap: int, inflow: np.ndarray) -> Any:
        """Amounts after a part of the step, exactly."""
        graph, pattern = self.graph, self.pattern
        if pattern is None:
            return amounts
        leaves = [int(n) for n in jax.tree.leaves(amounts)] + [int(inflow)]
        after = [graph.constant(0.0)] * self.size
        inside = pattern.row < self.size
        pairs = zip(pattern.row[inside], pattern.column[inside], self.exact[gap], strict=True)
        for row, column, entry in pairs:
            term = graph.apply("mul", (int(entry), leaves[column]), "f")
            after[row] = graph.apply("add", (after[row], term), "f")
        return jax.tree.unflatten(jax.tree.structure(amounts), [np.array(n) for n in after])

    def _drive(self, amounts: Any, node: int) -> tuple:
        return lower(self.graph, _drive, self.system, self.person, amounts, self.signals[node])

    def _part(self) -> dict[int, int]:
        drives = [self._drive(self.zero, k) for k in range(len(self.rule.nodes))]

        def part(system, person, drives, joint, begin, share, length):
            return event.tried(system, self.rule, person, drives, joint, begin, share, length)

        made = lower(
            self.graph, part, self.system, self.person, drives, self.joint, self.single["begin"],
            self.single["share"], self.length,
        )  # fmt: skip
        threshold = int(self.risk.threshold)
        met = self.graph.apply("ge", (int(made.joint.hazard), threshold), "b")
        ends = {"met": met, "opening": int(made.first), "closing": int(made.last)}
        singles = {self.at[name][0]: node for name, node in ends.items()}
        return self._into("tried", made.joint) | singles

    def _locate(self) -> dict[int, int]:
        made = event.Tried(self.tried, self.single["opening"], self.single["closing"])
        along = lower(
            self.graph, _locate, self.risk.threshold, self.joint.hazard, made,
            self.single["share"], self.length,
        )  # fmt: skip
        return self._into("along", along)

    def _fire(self) -> dict[int, int]:
        joint, risk = lower(
            self.graph, event.fired, self.system, self.seed, self.person, self.key, self.tried,
            self.risk, self.single["time"],
        )  # fmt: skip
        return self._into("joint", joint) | self._into("risk", risk)

    def _into(self, name: str, tree: Any) -> dict[int, int]:
        """The rows of this name get these values, where they are others than stand there."""
        pairs = zip(self.at[name], map(int, jax.tree.leaves(tree)), strict=True)
        return {row: node for row, node in pairs if self.places.rows.get(node) != row}

    def _add(self, name: str, outputs: dict[int, int], columns: int = 0) -> None:
        vector = NARROW if columns else self.vector
        kernel = self.kernels[name] = Kernel(name, outputs, columns or self.stride, vector)
        for number in boundary(self.graph, kernel):
            if self.graph[number].level == Level.PATIENT and number not in self.places.rows:
                self.places.rows[number] = self.rows.take(1)[0]

    def setup(self) -> tuple[Graph, Kernel, Places]:
        """The kernel that fills all rows that are known once a person is."""
        wanted = {row: n for n, row in self.places.rows.items() if self._of_person(n)}
        for name, tree in self.begun.items():
            wanted |= dict(zip(self.at[name], map(int, jax.tree.leaves(tree)), strict=True))
        wanted |= dict(zip(self.at["matrix"], self.matrix, strict=True))
        graph, new = lifted(self.graph, wanted.values())
        places = Places({new[int(self.key)]: self.at["key"][0]})
        outputs = {row: new[n] for row, n in wanted.items()}
        return graph, Kernel("setup", outputs, self.stride, NARROW), places

    def _of_person(self, number: int) -> bool:
        return self.graph[number].level == Level.PATIENT and number != int(self.key)


def lifted(graph: Graph, wanted: Any) -> tuple[Graph, dict[int, int]]:
    """A graph in which a kernel does what otherwise is done before: and old node -> new node."""
    made, new = Graph(), dict[int, int]()
    for number in graph.needed(wanted):
        node = graph[number]
        if node.operation == "input":
            level = Level.LANE if node.level == Level.PATIENT else node.level
            new[number] = made.input(node.arguments[0], level, node.kind)
        elif node.operation == "constant":
            new[number] = made.constant(node.arguments[0], node.kind)
        else:
            arguments = tuple(new[a] for a in node.arguments)
            new[number] = made.apply(node.operation, arguments, node.kind)
    return made, new


def per_step(table: Timetable) -> dict[str, np.ndarray]:
    """What kernels may read of a step."""
    return {"step": table.step, "inflow": table.inflow, "signal": table.signal}


class _OneBlock(eqx.Module):
    """All amounts as the one linear block that kinetics.Block asks for."""

    system: Any

    def amount_rate(self, block, arm, person, amounts, inflow):
        return self.system.amount_rate(person, amounts, inflow)


def _person(system, seed, key):
    return system.person(seed, key)


def _begin(system, person, seed, key):
    """States at the beginning, and the point process before it fired."""
    threshold = NEVER
    if system.purpose >= 0:
        threshold = random.exponential(seed, system.purpose, key, np.uint32(0))
    return Joint(system.begin(person), 0.0), event.Risk(threshold, 0.0, NEVER)


def _drive(system, person, amounts, signal):
    return system.drive(person, amounts, signal)


def _observe(system, person, amounts, state):
    return system.observe(person, amounts, state)


def _locate(threshold, before, made, share, step):
    return share * event.located(threshold, before, made, share * step)
