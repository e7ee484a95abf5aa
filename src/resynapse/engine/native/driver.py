"""In which order do the kernels take patients through a course?

The same order as the other back ends: at the beginning of a segment peaks are kept, a day closes,
what is planned happens, and the observation is made; then come its steps. Those whose step held an
event are gathered, taken to it, changed by it, and sent on, until all have arrived.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from resynapse.engine import driven_path
from resynapse.engine.native import calling, detour
from resynapse.engine.native.calling import (
    call,
    compiled,
    copy,
    fill,
    inner,
    made_of,
    pointer_to,
)
from resynapse.engine.native.detour import Seats, hurry, through_events


class Kernels(NamedTuple):
    """Addresses of machine code."""

    knot: int
    inflow: int
    fire: int
    goal: int
    node: int
    peaks: int
    seen: int
    day: int
    whole: np.ndarray
    """for each kind of step"""
    part: np.ndarray
    alone: np.ndarray
    """driven states over a piece of their own; 0 where there are none"""
    beside: np.ndarray
    """the others over a whole step, where driven states went by pieces; 0 where there are none"""


class Places(NamedTuple):
    """Rows of the arenas."""

    before: int
    after: int
    changed: np.ndarray
    """rows of the lane that a step changes"""
    fired: np.ndarray
    """rows of the lane that events change"""
    gathered: np.ndarray
    """rows that the way through an event needs"""
    goal: int
    forced: int
    share: int
    which: int
    begin: int
    length: int
    now: int
    inflow: int
    seen: int
    seen_many: int
    used: int
    driven_lane: np.ndarray
    """rows of the lane that hold driven states"""
    driven: int
    way: int
    tried: int
    until: int
    left: int
    taken: int


class Steps(NamedTuple):
    """A row a step."""

    time: np.ndarray
    step: np.ndarray
    knot: np.ndarray
    """whether noise goes over a knot here"""
    kind: np.ndarray
    """which kernel"""
    infused: np.ndarray
    """whether anything flows in"""
    table: np.ndarray
    """what the kernels read: [steps, entries]"""


class Segments(NamedTuple):
    """A row a segment."""

    first: np.ndarray
    day: np.ndarray
    closes: np.ndarray
    record: np.ndarray
    has_node: np.ndarray
    table: np.ndarray


class Kinetics(NamedTuple):
    """Exact steps of the linear blocks, one after another."""

    row: np.ndarray
    """row of the arena, in ``before``, that an entry adds to; entries run row by row"""
    column: np.ndarray
    """the row that it multiplies"""
    inflow: np.ndarray
    """whether that is an inflow"""
    first: np.ndarray
    """first entry of each block, and the number of entries"""
    start: np.ndarray
    """[steps, blocks]: where the block's propagator begins in ``exact``, or -1 without drug"""
    exact: np.ndarray
    """[entries of all propagators, lanes]"""


@made_of(calling, detour, driven_path)
@compiled
def drive(
    kernels, places, steps, segments, kinetics, first, count, last, run, arena, narrow, use_days,
    records,
):  # fmt: skip
    """A chunk through segments ``first`` to ``count``, which are the ``last`` or not.

    ``arena`` is left as they end.
    """
    lanes, many = use_days.shape[1], narrow.shape[1]
    late = np.empty(lanes, np.int64)
    seats = Seats(
        np.empty(many, np.int64), np.empty(many), np.empty(many), np.empty(many),
        np.empty(many, np.int64),
    )  # fmt: skip
    wide = pointer_to(arena)
    constants = pointer_to(run)
    no_step = constants
    for n in range(first, count):
        here = pointer_to(segments.table[n])
        call(kernels.peaks, wide, constants, here, lanes)
        if segments.closes[n]:
            call(kernels.day, wide, constants, here, lanes)
            if segments.day[n] >= 0:
                for p in range(lanes):
                    use_days[segments.day[n], p] = np.uint8(arena[places.used, p])
        if segments.has_node[n]:
            call(kernels.node, wide, constants, here, lanes)
        if segments.record[n] >= 0:
            call(kernels.seen, wide, constants, here, lanes)
            for q in range(places.seen_many):
                for p in range(lanes):
                    records[segments.record[n], q, p] = np.float32(arena[places.seen + q, p])
        for k in range(segments.first[n], segments.first[n + 1]):
            now = pointer_to(steps.table[k])
            if steps.knot[k]:
                call(kernels.knot, wide, constants, now, lanes)
            if steps.infused[k]:
                call(kernels.inflow, wide, constants, now, lanes)
            _amounts(kinetics, places, steps, k, arena)
            call(kernels.whole[steps.kind[k]], wide, constants, now, lanes)
            _arrive(kernels, places, steps, k, run, arena, narrow, seats, late, lanes)
            _keep_amounts(kinetics, places, k, arena)
    if last:
        call(kernels.peaks, wide, constants, no_step, lanes)


@inner
def _amounts(kinetics, places, steps, k, arena):
    """Amounts at the end of the step; none where the plan says that none is left."""
    lanes, offset = kinetics.exact.shape[1], places.after - places.before
    for b in range(len(kinetics.first) - 1):
        start, first, last = kinetics.start[k, b], kinetics.first[b], -1
        if start < 0 and (k == 0 or kinetics.start[k - 1, b] < 0):
            continue
        for e in range(first, kinetics.first[b + 1]):
            target = arena[kinetics.row[e] + offset]
            if kinetics.row[e] != last:
                fill(target, lanes, 0.0)
                last = kinetics.row[e]
            if start < 0 or (kinetics.inflow[e] and not steps.infused[k]):
                continue
            source, factor = arena[kinetics.column[e]], kinetics.exact[start + e - first]
            for p in range(lanes):
                target[p] += factor[p] * source[p]


@inner
def _keep_amounts(kinetics, places, k, arena):
    """What was the end of a step is the beginning of the next."""
    lanes, offset = kinetics.exact.shape[1], places.after - places.before
    for b in range(len(kinetics.first) - 1):
        last = -1
        if kinetics.start[k, b] < 0 and (k == 0 or kinetics.start[k - 1, b] < 0):
            continue
        for e in range(kinetics.first[b], kinetics.first[b + 1]):
            row = kinetics.row[e]
            if row != last:
                copy(arena[row + offset], arena[row], lanes)
            last = row


@inner
def _arrive(kernels, places, steps, k, run, arena, narrow, seats, late, lanes):
    """Those whose step held no event have arrived; the others go by way of their events."""
    found = 0
    if kernels.alone[steps.kind[k]] != 0:
        hurry(kernels, places, steps, k, run, arena, narrow, seats, late, lanes)
    for p in range(lanes):
        if arena[places.share, p] <= 1.0:
            late[found] = p
            found += 1
    if found:
        through_events(kernels, places, steps, k, run, arena, narrow, seats, late[:found])
