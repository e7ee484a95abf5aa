"""How are linear kinetics stepped exactly for many patients, without multiplying zeros?

dA/dt = M A + b u, u held over a step: (A, u)(t + h) = exp(J h) (A, u)(t), J = [[M, b], [0, 0]].
Most entries of J are zero in every patient, and so are those of exp(J h) that no chain of flows
leads to. Only the others are kept, as lists; a matrix is a row of numbers, a column a patient.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine import linear
from resynapse.engine.linear import ORDER, SQUARINGS
from resynapse.engine.native import calling
from resynapse.engine.native.calling import call, compiled, fill, made_of, pointer_to
from resynapse.engine.native.emit import Kernel, Places
from resynapse.engine.native.evaluate import digest_of, side_by_side
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.lowering import lower

TILE = 32
"""patients side by side: their matrices stay in the nearest cache"""


class Pattern(NamedTuple):
    """Entries of exp(J h) that may differ from zero, row by row, and how two of them multiply."""

    row: np.ndarray
    column: np.ndarray
    """the last one is the inflow"""
    first: np.ndarray
    """where the terms of each entry of a product begin; one more than entries"""
    left: np.ndarray
    right: np.ndarray
    diagonal: np.ndarray
    """entries on the diagonal, the inflow's own included"""


class Block:
    """One linear block of a model: its matrix as nodes of a graph."""

    def __init__(self, graph: Graph, number: int, zero: Any, system: Any, arm: Any, person: Any):
        self.number = number
        structure, size = jax.tree.structure(zero), len(jax.tree.leaves(zero))
        self.size = size

        def flows(system, arm, person):
            """Rates of change with one unit in one place, a column a place."""

            @jax.jit
            def rate(amounts, inflow):
                return system.amount_rate(number, arm, person, amounts, inflow)

            columns = []
            for place in range(size + 1):
                unit = [1.0 if k == place else 0.0 for k in range(size + 1)]
                amounts = jax.tree.unflatten(structure, unit[:size])
                found = rate(amounts, unit[size])
                columns.append([jnp.asarray(rate) for rate in jax.tree.leaves(found)])
            return columns

        columns = lower(graph, flows, system, arm, person)
        self.nodes = np.array(columns, np.int64).T
        self.flows = np.array(
            [[graph.value(int(n)) != 0.0 for n in row] for row in self.nodes], bool
        )

    def pattern(self, given: set[int], infused: bool) -> Pattern | None:
        """What can be reached from where drug is given; None if nothing is."""
        size = self.size
        alive = np.zeros(size + 1, bool)
        alive[list(given)] = True
        alive[size] = infused
        square = np.vstack([self.flows, np.zeros(size + 1, bool)])
        for _ in range(size + 1):
            alive |= square[:, alive].any(axis=1)
        if not alive.any():
            return None
        reach = (square | np.eye(size + 1, dtype=bool)) & np.outer(alive, alive)
        for _ in range(size.bit_length() + 1):
            reach = (reach.astype(int) @ reach.astype(int)) > 0
        return _pattern(reach)

    def matrices(
        self, graph: Graph, pattern: Pattern, inputs: dict[Any, Any], lanes: int
    ) -> np.ndarray:
        """J of every patient in this pattern: [entries, lanes], per day."""
        made = np.zeros((len(pattern.row), lanes))
        wanted = self.wanted(pattern)
        made[pattern.row < self.size] = side_by_side(graph, wanted, inputs, lanes)
        return made

    def wanted(self, pattern: Pattern) -> list[int]:
        """Nodes of the entries of J in this pattern, but for the inflow's own row."""
        inside = pattern.row < self.size
        return [int(n) for n in self.nodes[pattern.row[inside], pattern.column[inside]]]

    def made_of(self, graph: Graph, pattern: Pattern, inputs: dict[Any, Any]) -> bytes:
        """A digest of all that decides J in this pattern."""
        return digest_of(graph, self.wanted(pattern), inputs)


def _pattern(reach: np.ndarray) -> Pattern:
    row, column = np.nonzero(reach)
    place = {pair: entry for entry, pair in enumerate(zip(row, column, strict=True))}
    first, left, right = [0], [], []
    for i, j in zip(row, column, strict=True):
        for k in np.flatnonzero(reach[i] & reach[:, j]):
            left.append(place[i, k])
            right.append(place[k, j])
        first.append(len(left))
    diagonal = [entry for entry, (i, j) in enumerate(place) if i == j]
    made = (np.array(x, np.int64) for x in (row, column, first, left, right, diagonal))
    return Pattern(*made)


def product_kernels(pattern: Pattern, name: str) -> list[tuple[Graph, Kernel, Places]]:
    """Code for the products of two matrices of this pattern, one after another.

    An arena holds three matrices: S in its first rows, X and Y below. ``taylor`` makes
    Y = f S X + 1, ``last`` Y = S X and ``square`` Y = 2 X + X X; ``back`` ones do the same from
    Y to X.
    """
    many, made = len(pattern.row), []
    for kind in ("taylor", "last", "square"):
        for back in (False, True):
            graph = Graph()
            x, y = (2 * many, many) if back else (many, 2 * many)
            left = x if kind == "square" else 0
            numbers = {r: graph.input(r, Level.LANE) for r in range(3 * many)}
            factor = graph.input("factor", Level.STEP) if kind == "taylor" else graph.constant(1.0)
            outputs = {}
            for e in range(many):
                total = graph.constant(0.0)
                if kind == "square":
                    two = graph.constant(2.0)
                    total = graph.apply("mul", (two, numbers[x + e]), "f")
                for term in range(pattern.first[e], pattern.first[e + 1]):
                    pair = numbers[left + pattern.left[term]], numbers[x + pattern.right[term]]
                    product = graph.apply("mul", pair, "f")
                    total = graph.apply("add", (total, product), "f")
                total = graph.apply("mul", (factor, total), "f")
                if kind == "taylor" and e in pattern.diagonal:
                    total = graph.apply("add", (total, graph.constant(1.0)), "f")
                outputs[y + e] = total
            called = f"{kind}_{'back_' if back else ''}{name}"
            places = Places({number: r for r, number in numbers.items()})
            made.append((graph, Kernel(called, outputs, TILE, 8, apart=True), places))
    return made


@made_of(calling, linear)
@compiled
def exponentials(taylor, last, square, J, days, diagonal, wanted, arena, out):
    """Entries ``wanted`` of exp(J h) for every step h of ``days``: out[steps, wanted, lanes].

    TILE lanes at a time.

    ``taylor``, ``last`` and ``square`` are addresses of product kernels, forth and back. What is
    squared is exp - 1, as engine/linear.py says.
    """
    entries, lanes = J.shape
    factor = np.empty(1)
    place, given = pointer_to(arena), pointer_to(factor)
    for begin in range(0, lanes, TILE):
        end = min(begin + TILE, lanes)
        for s in range(len(days)):
            scale = days[s] / 2.0**SQUARINGS
            for e in range(entries):
                for p in range(begin, end):
                    arena[e, p - begin] = J[e, p] * scale
            for row in range(entries, len(arena)):
                fill(arena[row], TILE, 0.0)
            for e in diagonal:
                fill(arena[entries + e], TILE, 1.0)
            turn = 0
            for term in range(ORDER, 1, -1):
                factor[0] = 1.0 / term
                call(taylor[turn % 2], place, given, given, TILE)
                turn += 1
            call(last[turn % 2], place, given, given, TILE)
            turn += 1
            for _ in range(SQUARINGS):
                call(square[turn % 2], place, given, given, TILE)
                turn += 1
            found = entries * (1 + turn % 2)
            for e in diagonal:
                for p in range(TILE):
                    arena[found + e, p] += 1.0
            for k, e in enumerate(wanted):
                for p in range(begin, end):
                    out[s, k, p] = arena[found + e, p - begin]
