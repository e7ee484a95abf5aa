"""How do amounts of drug get through each step of a plan, for a chunk of patients?"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np

from resynapse.engine.native import driver
from resynapse.engine.native.blueprint import Flow, Running
from resynapse.engine.native.kinetics import TILE, exponentials
from resynapse.engine.native.propagators import Found, Propagators
from resynapse.engine.plan import Course

_ALIGN = 64
"""bytes, so that a vector never lies across two lines of the cache"""


class Propagation(NamedTuple):
    """A linear block and the steps on which its drug may be there."""

    flow: Flow
    lengths: np.ndarray
    """which lengths of step its propagators are for"""
    which: np.ndarray
    """[steps]: which of them a step uses, or -1"""

    @property
    def inside(self) -> np.ndarray:
        """Entries of its propagators that lead to an amount."""
        return np.flatnonzero(self.flow.pattern.row < self.flow.block.size)

    @property
    def many(self) -> int:
        """How many these are."""
        return len(self.inside)


def propagations(running: Running, course: Course, drug: np.ndarray) -> list[Propagation]:
    """Every block of which somebody may be given drug; ``drug`` is [steps, blocks]."""
    found = []
    used = np.asarray(course.plan.length)[: len(drug)]
    for flow in running.blueprint.flows:
        about = drug[:, flow.number]
        lengths, which = np.unique(used[about], return_inverse=True)
        of_step = np.full(len(drug), -1)
        of_step[about] = which
        found.append(Propagation(flow, lengths, of_step))
    return found


class Kinetics:
    """Propagators of an arm, made for the people who come."""

    def __init__(self, running: Running, course: Course, drug: np.ndarray) -> None:
        self.running, self.course, self.steps = running, course, len(drug)
        self.parts = propagations(running, course, drug)
        self.memory: Any = course.again.memory if course.again else None
        self._free: deque[np.ndarray] = deque()
        self.row, self.column, self.inflow, self.first = self._entries()
        begun = np.cumsum([0, *(part.many * len(part.lengths) for part in self.parts)])
        self.start = self._starts(
            [at + part.many * np.arange(len(part.lengths))
             for at, part in zip(begun, self.parts, strict=False)]
        )  # fmt: skip

    def _entries(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Rows that entries of propagators add to, rows they multiply, and which are inflows."""
        layout = self.running.blueprint.layout
        row, column, inflow, first = [], [], [], [0]
        for part in self.parts:
            flow, pattern = part.flow, part.flow.pattern
            begin = layout.before.start + flow.place
            inside = pattern.row < flow.block.size
            flows = pattern.column[inside] == flow.block.size
            own = begin + pattern.column[inside]
            row.append(begin + pattern.row[inside])
            column.append(np.where(flows, layout.inflow[flow.number], own))
            inflow.append(flows)
            first.append(first[-1] + int(inside.sum()))
        made = _joined(row, int), _joined(column, int), _joined(inflow, bool)
        return *made, np.array(first)

    def _starts(self, of_lengths: list[np.ndarray]) -> np.ndarray:
        """[steps, blocks]: where the propagator of each step begins, or -1 without drug."""
        columns = [
            np.append(begin, -1)[part.which]
            for part, begin in zip(self.parts, of_lengths, strict=True)
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((self.steps, 0), np.int64)

    def of(self, inputs: dict, lanes: int) -> driver.Kinetics:
        """Propagators of these people; where there is a memory, they may stand in any order."""
        entries = self.row, self.column, self.inflow, self.first
        if not self.parts:
            return driver.Kinetics(*entries, self.start, np.zeros((0, lanes)))
        if self.memory is None:
            return driver.Kinetics(*entries, self.start, self._all(inputs, lanes))
        exact, start = self._remembered(inputs, lanes)
        return driver.Kinetics(*entries, self._starts(start), exact)

    def _remembered(self, inputs: dict, lanes: int) -> Found:
        """Those of the same people before, and what is missing of them."""
        whose = tuple(self._whose(part, inputs, lanes) for part in self.parts)
        kept = self.memory.there(whose) or Propagators([part.many for part in self.parts], lanes)

        def fill(made: np.ndarray, block: int, days: np.ndarray) -> None:
            self._into(made, self.parts[block], days, inputs)

        found = kept.of([self._days(part) for part in self.parts], fill)
        self.memory.keep(whose, kept)
        return found

    def _all(self, inputs: dict, lanes: int) -> np.ndarray:
        """Written where the chunk before had them, if there is such a place."""
        shape = sum(len(part.lengths) * part.many for part in self.parts), lanes
        try:
            exact = self._free.pop()
        except IndexError:
            exact = np.empty(shape)
        if exact.shape != shape:
            exact = np.empty(shape)
        begun = 0
        for part in self.parts:
            end = begun + len(part.lengths) * part.many
            self._into(exact[begun:end], part, self._days(part), inputs)
            begun = end
        return exact

    def done(self, used: driver.Kinetics) -> None:
        """Nobody looks at these propagators any more."""
        if self.memory is None and self.parts:
            self._free.append(used.exact)

    def _whose(self, part: Propagation, inputs: dict, lanes: int) -> tuple:
        """The block, and all that decides its matrices."""
        flow, graph = part.flow, self.running.blueprint.graph
        made_of = flow.block.made_of(graph, flow.pattern, inputs)
        return self.running.key, flow.number, lanes, made_of

    def _days(self, part: Propagation) -> np.ndarray:
        return np.asarray(self.course.lengths[part.lengths], float)

    def _into(self, made: np.ndarray, part: Propagation, days: np.ndarray, inputs: dict) -> None:
        """Fill ``made``, [entries of all lengths, lanes]."""
        flow, pattern, lanes = part.flow, part.flow.pattern, made.shape[1]
        J = flow.block.matrices(self.running.blueprint.graph, pattern, inputs, lanes)
        at, name = self.running.loaded.address, str(flow.number)
        taylor, last, square = (
            np.array([at(f"{kind}_{name}"), at(f"{kind}_back_{name}")], np.int64)
            for kind in ("taylor", "last", "square")
        )
        arena = aligned(3 * len(pattern.row), TILE)
        exponentials(
            taylor, last, square, J, days, pattern.diagonal, part.inside, arena,
            made.reshape(len(days), part.many, lanes),
        )  # fmt: skip


def aligned(rows: int, lanes: int) -> np.ndarray:
    """Zeros that begin at the start of a line of the cache."""
    raw = np.zeros(rows * lanes * 8 + _ALIGN, np.uint8)
    skip = -raw.ctypes.data % _ALIGN
    return raw[skip : skip + rows * lanes * 8].view(np.float64).reshape(rows, lanes)


def _joined(parts: list[Any], kind: type) -> np.ndarray:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)
