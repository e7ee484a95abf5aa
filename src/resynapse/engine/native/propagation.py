"""How do amounts of drug get through each step of a plan, for a chunk of patients?"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np

from resynapse.engine.native import driver
from resynapse.engine.native.blueprint import Flow, Running
from resynapse.engine.native.kinetics import TILE, exponentials
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
        self.running, self.course = running, course
        self.parts = propagations(running, course, drug)
        self.memory: Any = course.again.memory if course.again else None
        self._free: deque[np.ndarray] = deque()
        self.row, self.column, self.inflow, self.first = self._entries()
        self.start = np.full((len(drug), len(self.parts)), -1)
        begun = 0
        for b, part in enumerate(self.parts):
            kept = self.first[b + 1] - self.first[b]
            self.start[:, b] = np.where(part.which >= 0, begun + part.which * kept, -1)
            begun += len(part.lengths) * kept

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

    def of(self, inputs: dict, lanes: int) -> driver.Kinetics:
        """Propagators of these people, one block after another."""
        exact = self._exact(inputs, lanes) if self.parts else np.zeros((0, lanes))
        return driver.Kinetics(self.row, self.column, self.inflow, self.first, self.start, exact)

    def _exact(self, inputs: dict, lanes: int) -> np.ndarray:
        """[entries of all lengths and blocks, lanes]; what is remembered is not made again."""
        if self.memory is None:
            return self._all(inputs, lanes)
        whose = [self._whose(part, inputs, lanes) for part in self.parts]
        key = (*whose, *(self._days(part).tobytes() for part in self.parts))
        exact = self.memory.there(key)
        if exact is None:
            names = zip(whose, self.parts, strict=True)
            each = (one for who, part in names for one in self._each(who, part, inputs, lanes))
            exact = np.concatenate([np.zeros((0, lanes)), *each])
            self.memory.keep(key, exact)
        return exact

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
        flow = part.flow
        return self.running.key, flow.number, lanes, flow.block.made_of(flow.pattern, inputs)

    def _each(self, whose: tuple, part: Propagation, inputs: dict, lanes: int) -> list[np.ndarray]:
        """[entries, lanes] for each length; only those of new people or lengths are made."""
        days = self._days(part)
        found = [self.memory.there((*whose, day)) for day in days]
        missing = [k for k, one in enumerate(found) if one is None]
        if not missing:
            return found
        made = self._made(part, days[missing], inputs, lanes).reshape(len(missing), -1, lanes)
        for k, rows in zip(missing, made, strict=True):
            found[k] = rows
            self.memory.keep((*whose, days[k]), rows)
        return found

    def _days(self, part: Propagation) -> np.ndarray:
        return np.asarray(self.course.lengths[part.lengths], float)

    def _made(self, part: Propagation, days: np.ndarray, inputs: dict, lanes: int) -> np.ndarray:
        """[entries of all lengths, lanes]"""
        made = np.empty((len(days) * part.many, lanes))
        self._into(made, part, days, inputs)
        return made

    def _into(self, made: np.ndarray, part: Propagation, days: np.ndarray, inputs: dict) -> None:
        """Fill ``made``, [entries of all lengths, lanes]."""
        flow, pattern, lanes = part.flow, part.flow.pattern, made.shape[1]
        J = flow.block.matrices(pattern, inputs, lanes)
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
