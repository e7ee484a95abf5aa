"""How are linear kinetics stepped exactly for many patients, without multiplying zeros?

dA/dt = M A + b u, with u held over a step: (A, u)(t + h) = exp(J h) (A, u)(t), J = [[M, b], [0, 0]].
Most entries of J are zero in every patient, and so are those of exp(J h) that no chain of flows
leads to. Only the others are kept, as lists; a matrix is a row of numbers, a column a patient.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numba
import numpy as np

from resynapse.engine.native.evaluate import evaluate
from resynapse.engine.native.graph import Graph
from resynapse.engine.native.lowering import lower

SQUARINGS, ORDER = 14, 9
"""as engine/linear.py has them: exact to about 1e-12 for rates up to 10000 a step"""


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
        structure, size = jax.tree.structure(zero), jax.tree.structure(zero).num_leaves
        self.size = size

        def flows(system, arm, person):
            """Rates of change with one unit in one place, a column a place."""
            columns = []
            for place in range(size + 1):
                unit = [1.0 if k == place else 0.0 for k in range(size + 1)]
                amounts = structure.unflatten(unit[:size])
                found = system.amount_rate(number, arm, person, amounts, unit[size])
                columns.append([jnp.asarray(rate) for rate in jax.tree.leaves(found)])
            return columns

        columns = lower(graph, flows, system, arm, person)
        self.nodes = np.array(columns, np.int64).T
        self.graph = graph
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

    def matrices(self, pattern: Pattern, inputs: dict[Any, Any], lanes: int) -> np.ndarray:
        """J of every patient in this pattern: [entries, lanes], per day."""
        inside = pattern.row < self.size
        rows, columns = pattern.row[inside], pattern.column[inside]
        wanted = [int(n) for n in self.nodes[rows, columns]]
        values = evaluate(self.graph, wanted, inputs)
        made = np.zeros((len(pattern.row), lanes))
        for entry, number in zip(np.flatnonzero(inside), wanted, strict=True):
            made[entry] = values[number]
        return made


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


@numba.njit(nogil=True, cache=True, fastmath={"contract"}, error_model="numpy")
def exponentials(J, days, first, left, right, diagonal, out):
    """exp(J h) for every step h of ``days``: out[steps, entries, lanes]."""
    entries, lanes = J.shape
    small, power, spare = np.empty_like(J), np.empty_like(J), np.empty_like(J)
    for s in range(len(days)):
        scale = days[s] / 2.0**SQUARINGS
        for e in range(entries):
            for p in range(lanes):
                small[e, p] = J[e, p] * scale
                power[e, p] = 0.0
        for e in diagonal:
            power[e, :] = 1.0
        for term in range(ORDER, 0, -1):
            _product(small, power, first, left, right, 1.0 / term, spare)
            for e in diagonal:
                for p in range(lanes):
                    spare[e, p] += 1.0
            power, spare = spare, power
        for _ in range(SQUARINGS):
            _product(power, power, first, left, right, 1.0, spare)
            power, spare = spare, power
        out[s] = power


@numba.njit(nogil=True, cache=True, fastmath={"contract"}, error_model="numpy")
def _product(a, b, first, left, right, factor, out):
    """factor a b, entry by entry of the pattern."""
    lanes = a.shape[1]
    for e in range(len(first) - 1):
        target = out[e]
        for p in range(lanes):
            target[p] = 0.0
        for term in range(first[e], first[e + 1]):
            x, y = a[left[term]], b[right[term]]
            for p in range(lanes):
                target[p] += x[p] * y[p]
        if factor != 1.0:
            for p in range(lanes):
                target[p] *= factor
