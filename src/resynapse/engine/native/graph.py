"""Which scalar operations make up a model, and how often must each be done?

Every operation is kept once. It carries the level at which it changes: never during a run, from
step to step, from patient to patient, or for every patient at every step. Only the last kind goes
into a kernel; the others are done beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntFlag
from typing import Any, NamedTuple

import numpy as np

from resynapse.engine.native.operations import OPERATIONS, typed_value


class Level(IntFlag):
    """What a value depends on; a union of both is done for every patient at every step."""

    RUN = 0
    STEP = 1
    PATIENT = 2
    LANE = 3


class Node(NamedTuple):
    """One operation on earlier ones."""

    operation: str
    """a name of OPERATIONS, or ``input`` or ``constant``"""
    arguments: tuple
    """numbers of nodes; the name of an input; the value of a constant"""
    kind: str
    """``f`` real, ``b`` truth, ``u`` 32-bit word, ``i`` whole number"""
    level: int
    """a Level; numbers alone are told apart faster, and there are many nodes"""


class Turn(NamedTuple):
    """An operation, and those whose value nobody asks for after it."""

    number: int
    over: tuple[int, ...]


_LEFT_OUT = Node("left out", (), "f", Level.RUN)
"""in the place of an operation that nothing needs any more"""


class Graph:
    """Operations in an order in which they can be done."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[tuple, int] = {}
        self._applied: dict[tuple, int] = {}
        self._orders: dict[tuple[int, ...], list[int]] = {}
        self._turns: dict[tuple[int, ...], list[Turn]] = {}

    def __getitem__(self, number: int) -> Node:
        return self.nodes[number]

    def input(self, name: object, level: Level, kind: str = "f") -> int:
        """A value that comes from outside."""
        return self._keep(Node("input", (name,), kind, int(level)))

    def constant(self, value: object, kind: str = "f") -> int:
        """A value that is known when the kernel is made."""
        return self._keep(Node("constant", (_PLAIN[kind](value),), kind, _RUN))

    def value(self, number: int) -> object | None:
        """The value of a constant; None for anything else."""
        node = self.nodes[number]
        return node.arguments[0] if node.operation == "constant" else None

    def apply(self, operation: str, arguments: tuple[int, ...], kind: str) -> int:
        """The result of an operation, simplified where that changes no finite number."""
        key = operation, arguments, kind
        found = self._applied.get(key)
        if found is None:
            found = self._applied[key] = self._made(operation, arguments, kind)
        return found

    def _made(self, operation: str, arguments: tuple[int, ...], kind: str) -> int:
        values = [self.value(number) for number in arguments]
        if all(value is not None for value in values):
            typed = [typed_value(v, self[n].kind) for v, n in zip(values, arguments, strict=True)]
            with np.errstate(all="ignore"):
                return self.constant(OPERATIONS[operation](*typed), kind)
        simple = self._simpler(operation, arguments, values)
        if simple is not None:
            return simple
        level = _RUN
        for number in arguments:
            level |= self.nodes[number].level
        return self._keep(Node(operation, self._ordered(operation, arguments), kind, level))

    def _ordered(self, operation: str, arguments: tuple[int, ...]) -> tuple[int, ...]:
        """Arguments whose order does not matter, in one order, so that equals are found."""
        return tuple(sorted(arguments)) if operation in ("add", "mul") else arguments

    def _simpler(self, operation: str, a: tuple[int, ...], values: list) -> int | None:
        if self[a[0]].kind == "u":
            return None
        if operation == "mul":
            return self._product(a, values)
        if operation in ("add", "sub"):
            return self._sum(operation, a, values)
        if operation == "div":
            return self._quotient(a, values)
        if operation == "select":
            if values[0] is not None:
                return a[1] if values[0] else a[2]
            return a[1] if a[1] == a[2] else None
        return None

    def _product(self, a: tuple[int, ...], values: list) -> int | None:
        if 0.0 in values:
            return self.constant(0.0)
        if 1.0 in values:
            return a[1 - values.index(1.0)]
        return None

    def _sum(self, operation: str, a: tuple[int, ...], values: list) -> int | None:
        if values[1] == 0.0:
            return a[0]
        if values[0] == 0.0:
            return a[1] if operation == "add" else self.apply("neg", (a[1],), "f")
        return None

    def _quotient(self, a: tuple[int, ...], values: list) -> int | None:
        """x / (1 / y) as x y, and x / y as x (1 / y): 1 / y may be at hand, or serve twice."""
        if values[0] == 0.0 or values[1] == 1.0:
            return a[0]
        below = self[a[1]]
        if below.operation == "div" and self.value(below.arguments[0]) == 1.0:
            return self.apply("mul", (a[0], below.arguments[1]), "f")
        if values[0] == 1.0:
            return None
        one = self.apply("div", (self.constant(1.0), a[1]), "f")
        return self.apply("mul", (a[0], one), "f")

    def needed(self, wanted: Iterable[int], stop: Level | None = None) -> Iterator[int]:
        """All operations that lead to those wanted, in order.

        With ``stop``, those at another level are ends: they are named, what leads to them is not.
        """
        found: set[int] = set()
        waiting = list(wanted)
        while waiting:
            number = waiting.pop()
            if number in found:
                continue
            found.add(number)
            node = self.nodes[number]
            ends = node.operation in ("input", "constant")
            if not ends and (stop is None or node.level == stop):
                waiting += node.arguments
        return iter(sorted(found))

    def only(self, wanted: Iterable[int]) -> Graph:
        """The same operations under the same numbers, without those that lead to none of these."""
        made, needed = Graph(), set(self.needed(wanted))
        made.nodes = [node if n in needed else _LEFT_OUT for n, node in enumerate(self.nodes)]
        return made

    def order(self, wanted: tuple[int, ...]) -> list[int]:
        """All operations that lead to those wanted, in order; found once."""
        found = self._orders.get(wanted)
        if found is None:
            found = self._orders[wanted] = list(self.needed(wanted))
        return found

    def turns(self, wanted: tuple[int, ...]) -> list[Turn]:
        """The same order, each with the operations whose value nobody asks for after it."""
        if wanted not in self._turns:
            asked, turns = set(wanted), list[Turn]()
            for number in reversed(self.order(wanted)):
                node = self.nodes[number]
                ends = node.operation in ("input", "constant")
                over = set() if ends else {n for n in node.arguments if n not in asked}
                asked |= over
                turns.append(Turn(number, tuple(over)))
            self._turns[wanted] = turns[::-1]
        return self._turns[wanted]

    def _keep(self, node: Node) -> int:
        number = self._known.get(node)
        if number is None:
            number = self._known[node] = len(self.nodes)
            self.nodes.append(node)
        return number


_RUN = int(Level.RUN)
_PLAIN: dict[str, Callable[[Any], object]] = {"f": float, "b": bool, "u": int, "i": int}
"""kind -> what makes a plain value of it"""
