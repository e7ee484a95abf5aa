"""In which order do the kernels take patients through a course?

The same order as the other back ends: at the beginning of a segment peaks are kept, a day closes,
what is planned happens, and the observation is made; then come its steps. Those whose step held an
event are gathered, taken to it, changed by it, and sent on, until all have arrived.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")


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


class Places(NamedTuple):
    """Rows of the arenas."""

    before: int
    after: int
    changed: np.ndarray
    """rows of the lane that a step changes; what it makes of them stands from ``new`` on"""
    fired: np.ndarray
    """rows of the lane that events change"""
    gathered: np.ndarray
    """rows that the way through an event needs"""
    new: int
    goal: int
    share: int
    which: int
    begin: int
    length: int
    now: int
    inflow: int
    seen: int
    seen_many: int
    used: int


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


@intrinsic
def call(context, address, arena, run, step, count):
    """Call machine code at this address."""
    pointer = types.CPointer(types.float64)

    def code(context, builder, signature, arguments):
        number = ir.DoubleType().as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [number] * 3 + [ir.IntType(64)])
        function = builder.inttoptr(arguments[0], kind.as_pointer())
        builder.call(function, arguments[1:])
        return context.get_dummy_value()

    return types.void(types.int64, pointer, pointer, pointer, types.int64), code


@intrinsic
def pointer_to(context, array):
    """Where the numbers of an array begin."""

    def code(context, builder, signature, arguments):
        from numba.core import cgutils

        made = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0])
        return made.data

    return types.CPointer(types.float64)(array), code


@compiled
def drive(
    kernels, places, steps, segments, kinetics, count, run, arena, narrow, use_days,
    records,
):  # fmt: skip
    """A chunk through the first ``count`` segments; ``arena`` is left as it ends."""
    lanes = use_days.shape[1]
    wide = pointer_to(arena)
    constants = pointer_to(run)
    no_step = constants
    for n in range(count):
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
            _arrive(kernels, places, steps, k, run, arena, narrow, lanes)
            _keep_amounts(kinetics, places, k, arena)
    call(kernels.peaks, wide, constants, no_step, lanes)


@compiled
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
                target[:lanes] = 0.0
                last = kinetics.row[e]
            if start < 0 or (kinetics.inflow[e] and not steps.infused[k]):
                continue
            source, factor = arena[kinetics.column[e]], kinetics.exact[start + e - first]
            for p in range(lanes):
                target[p] += factor[p] * source[p]


@compiled
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
                arena[row, :lanes] = arena[row + offset, :lanes]
            last = row


@compiled
def _arrive(kernels, places, steps, k, run, arena, narrow, lanes):
    """Those whose step held no event have arrived; the others go by way of their events."""
    many, found = narrow.shape[1], 0
    late = np.empty(many, np.int64)
    for p in range(lanes):
        if arena[places.share, p] <= 1.0:
            late[found] = p
            found += 1
            if found == many:
                _through_events(kernels, places, steps, k, run, arena, narrow, late, found)
                found = 0
    if found:
        _through_events(kernels, places, steps, k, run, arena, narrow, late, found)


@compiled
def _through_events(kernels, places, steps, k, run, arena, narrow, late, found):
    """Some patients to the end of the step, piece by piece, or to an event within a piece.

    ``begin`` and ``until`` are shares of the step.
    """
    many = narrow.shape[1]
    place, constants, now = pointer_to(narrow), pointer_to(run), pointer_to(steps.table[k])
    for r in places.gathered:
        for c in range(many):
            narrow[r, c] = arena[r, late[min(c, found - 1)]]
    begin, until, which = np.zeros(many), np.ones(many), np.full(many, -1.0)
    going = np.arange(many) < found
    while going.any():
        narrow[places.begin] = begin
        call(kernels.goal, place, constants, now, many)
        until[:] = narrow[places.goal]
        narrow[places.length] = (until - begin) * steps.step[k]
        call(kernels.part[steps.kind[k]], place, constants, now, many)
        if _met(places, steps.step[k], narrow, going, begin, until, which):
            call(kernels.part[steps.kind[k]], place, constants, now, many)
        for c in range(many):
            narrow[places.now, c] = steps.time[k] + until[c] * steps.step[k]
            narrow[places.which, c] = which[c]
            if going[c]:
                for i in range(len(places.changed)):
                    narrow[places.changed[i], c] = narrow[places.new + i, c]
        if which.max() >= 0.0:
            call(kernels.fire, place, constants, now, many)
        for c in range(found):
            if going[c] and until[c] >= 1.0 and which[c] < 0.0:
                going[c] = False
                _return(places, arena, narrow, late[c], c)
        begin[:] = until


@compiled
def _met(places, length, narrow, going, begin, until, which):
    """Whether anyone met an event; those go only as far as that."""
    for c in range(len(begin)):
        share = narrow[places.share, c]
        which[c] = -1.0
        if going[c] and share <= 1.0:
            which[c] = narrow[places.which, c]
            until[c] = begin[c] + share * (until[c] - begin[c])
            narrow[places.length, c] = (until[c] - begin[c]) * length
    return which.max() >= 0.0


@compiled
def _return(places, arena, narrow, p, c):
    """One patient back among the others, with all that changed on the way."""
    for r in places.fired:
        arena[r, p] = narrow[r, c]
    for r in places.changed:
        arena[r, p] = narrow[r, c]
