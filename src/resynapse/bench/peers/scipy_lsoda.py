"""SciPy: LSODA in Python's hands, started again at every edge and after every event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from resynapse.bench.engines import Through
from resynapse.bench.peers.vector import Vector
from resynapse.bench.workload import Segment, Workload
from resynapse.engine.dynamics.system import NEVER, Seen

USUAL, TIGHT = (1.0e-6, 1.0e-9), (1.0e-12, 1.0e-14)
"""relative and absolute tolerance, as measured and as reference"""


class Solver:
    """One person after another; ``compiler`` may compile the equations."""

    def __init__(
        self, workload: Workload, tolerance: tuple[float, float] = USUAL,
        compiler: Callable | None = None,
    ) -> None:  # fmt: skip
        self.workload, self.vector = workload, Vector(workload)
        self.relative, self.absolute = tolerance
        self.held: Any = np.asarray if compiler else np.ndarray.tolist
        """how equations get their numbers: compiled ones as arrays, Python's own as lists"""
        self.segments = workload.segments()
        wrap = compiler or (lambda f: f)
        self.slopes = self.vector.function("slopes", wrap)
        self.seen = self.vector.function("seen", wrap)
        if self.vector.events:
            self.jumped = self.vector.function("jumped", wrap)
        self.quantities = len(self.vector.formulas("seen").wanted)

    def through(self, first: int, count: int) -> Seen:
        """People of these numbers."""
        people = self.workload.persons(first, count)
        limits = [None] * count
        if self.vector.events:
            limits = list(self.workload.thresholds(first, count))
        done = [self.one(self.held(p), limit) for p, limit in zip(people, limits, strict=True)]
        records, when, happened = zip(*done, strict=True)
        return Seen((np.stack(records, axis=-1),), np.array(when), np.array(happened))

    def one(self, person: Any, limits: np.ndarray | None) -> tuple[np.ndarray, float, int]:
        """One person's observations, first event and number of events."""
        seen = np.empty((len(self.workload.instants), self.quantities))
        y, first, count = self.vector.begun.copy(), NEVER, 0
        for segment in self.segments:
            time = segment.begin
            while time < segment.end:
                limit = None if limits is None else limits[count]
                made = self._solved(person, y, segment, time, limit)
                self._observe(person, segment, made, seen)
                if made.status == 1:
                    time, y = made.t_events[0][-1], self._after(person, made.y_events[0][-1])
                    first, count = min(first, time), count + 1
                else:
                    time, y = made.t[-1], made.y[:, -1]
        return seen, first, count

    def _solved(self, person: Any, y: np.ndarray, segment: Segment, time: float, limit: Any) -> Any:
        from scipy.integrate import solve_ivp

        held, slopes = self.held, self.slopes

        def rate(t: float, y: np.ndarray) -> Any:
            out = held(np.empty_like(y))
            slopes(person, held(y), (segment.inflow, segment.begin, t), out)
            return out

        event = None if limit is None else _crossing(limit)
        ahead = segment.instants[segment.instants > time]
        if not len(ahead) or ahead[-1] < segment.end:
            ahead = np.append(ahead, segment.end)
        return solve_ivp(
            rate, (time, segment.end), y, method="LSODA", t_eval=ahead, events=event,
            rtol=self.relative, atol=self.absolute,
        )  # fmt: skip

    def _after(self, person: Any, y: np.ndarray) -> np.ndarray:
        out = self.held(np.empty_like(y))
        self.jumped(person, self.held(y), out)
        return np.asarray(out)

    def _observe(self, person: Any, segment: Segment, made: Any, seen: np.ndarray) -> None:
        known = dict(zip(segment.instants.tolist(), segment.rows, strict=True))
        for time, y in zip(list(made.t), np.asarray(made.y).T, strict=True):
            if time in known:
                row = self.held(np.empty(self.quantities))
                self.seen(person, self.held(y), row)
                seen[known[time]] = row


def _crossing(limit: float) -> Callable:
    """The event that ends a piece: the integrated hazard, the last number, meets its limit."""

    def event(t: float, y: np.ndarray) -> float:
        return y[-1] - limit

    event.terminal, event.direction = True, 1.0  # type: ignore[attr-defined]
    return event


def prepared(workload: Workload, cores: int) -> Through:
    """As a user writes it: equations in plain Python."""
    return Solver(workload).through


def compiled(workload: Workload, cores: int) -> Through:
    """With equations compiled by numba."""
    import numba

    return Solver(workload, compiler=numba.njit).through


def tight(workload: Workload) -> Through:
    """The reference that errors are measured against."""
    import numba

    return Solver(workload, TIGHT, numba.njit).through
