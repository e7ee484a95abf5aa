"""numbalsoda: the LSODA of C++ called from a compiled loop over people, on all cores.

It stands for what tools with a compiled solver and threads do, rxode2 among them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from resynapse.bench.engines import Through
from resynapse.bench.peers.scipy_lsoda import USUAL
from resynapse.bench.peers.vector import Vector
from resynapse.bench.workload import Segment, Workload
from resynapse.engine.dynamics.system import NEVER, Seen


def prepared(workload: Workload, cores: int) -> Through:
    """All people in one call."""
    import numba

    numba.set_num_threads(cores)
    vector = Vector(workload)
    (loop, rate), seen = _loop(vector), all_seen(vector)
    segments = _arrays(workload.segments())
    quantities = len(vector.formulas("seen").wanted)

    def through(first: int, count: int) -> Seen:
        people = workload.persons(first, count)
        raw = np.empty((count, len(workload.instants), len(vector.begun)))
        loop(people, vector.begun, *segments, raw, *USUAL)
        assert rate.address
        records = np.empty((count, len(workload.instants), quantities))
        seen(people, raw, records)
        return Seen((np.moveaxis(records, 0, -1),), np.full(count, NEVER), np.zeros(count))

    return through


def _arrays(segments: list[Segment]) -> tuple[np.ndarray, ...]:
    """Instants at which each piece is asked for, how many, rows of observations, inflow, begin."""
    most = max(len(s.instants) for s in segments) + 2
    times, rows = np.zeros((len(segments), most)), np.full((len(segments), most), -1)
    many = np.zeros(len(segments), np.int64)
    for k, segment in enumerate(segments):
        wanted = [segment.begin, *segment.instants]
        rows[k, 1 : len(wanted)] = segment.rows
        wanted += [segment.end] if wanted[-1] < segment.end else []
        many[k] = len(wanted)
        times[k, : len(wanted)] = wanted
    held = np.array([(s.inflow, s.begin) for s in segments])
    return times, many, rows, held


def _rate(vector: Vector) -> Any:
    """The equations as a C function of t, y, dy and data: parameters, inflow, begin."""
    import numba
    from numbalsoda import lsoda_sig

    slopes = vector.function("slopes", numba.njit)
    parameters, size = vector.parameters, len(vector.begun)

    @numba.cfunc(lsoda_sig)
    def rate(t, y, dy, data):
        given = numba.carray(data, (parameters + 2,))
        c = (given[parameters], given[parameters + 1], t)
        slopes(given, numba.carray(y, (size,)), c, numba.carray(dy, (size,)))

    return rate


def _loop(vector: Vector) -> tuple[Callable, Any]:
    """The loop over people, and what must live as long as it."""
    import numba
    from numbalsoda import lsoda

    rate = _rate(vector)
    address = rate.address

    @numba.njit(parallel=True)
    def loop(people, begun, times, many, rows, held, raw, relative, absolute):
        for i in numba.prange(len(people)):
            y, data = begun.copy(), np.empty(people.shape[1] + 2)
            data[:-2] = people[i]
            for k in range(len(times)):
                data[-2:] = held[k]
                found, _ = lsoda(address, y, times[k, : many[k]], data, relative, absolute)
                for j in range(1, many[k]):
                    if rows[k, j] >= 0:
                        raw[i, rows[k, j]] = found[j]
                y = found[many[k] - 1].copy()

    return loop, rate


def all_seen(vector: Vector) -> Callable:
    """What is observed of everybody, from their states."""
    import numba

    seen = vector.function("seen", numba.njit)

    @numba.njit(parallel=True)
    def each(people, raw, records):
        for i in numba.prange(len(people)):
            for k in range(raw.shape[1]):
                seen(people[i], raw[i, k], records[i, k])

    return each
