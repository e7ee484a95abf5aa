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


class Seats(NamedTuple):
    """Patients on their way through events, a column of the narrow arena each."""

    who: np.ndarray
    """the patient, or -1"""
    begin: np.ndarray
    """how far, as a share of the step"""
    until: np.ndarray
    which: np.ndarray
    """process whose event a forced piece goes to"""


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
    kernels, places, steps, segments, kinetics, first, count, last, run, arena, narrow, use_days,
    records,
):  # fmt: skip
    """A chunk through segments ``first`` to ``count``, which are the ``last`` or not.

    ``arena`` is left as they end.
    """
    lanes, many = use_days.shape[1], narrow.shape[1]
    late = np.empty(lanes, np.int64)
    seats = Seats(np.empty(many, np.int64), np.empty(many), np.empty(many), np.empty(many))
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
def _arrive(kernels, places, steps, k, run, arena, narrow, seats, late, lanes):
    """Those whose step held no event have arrived; the others go by way of their events."""
    found = 0
    for p in range(lanes):
        if arena[places.share, p] <= 1.0:
            late[found] = p
            found += 1
    if found:
        _through_events(kernels, places, steps, k, run, arena, narrow, seats, late[:found])


@compiled
def _through_events(kernels, places, steps, k, run, arena, narrow, seats, late):
    """Some patients to the end of the step, piece by piece, or to an event within a piece.

    A piece in which an event falls is taken again, as far as the event. Who is at the end of the
    step leaves a seat to the next. ``begin`` and ``until`` are shares of the step.
    """
    place, constants, now = pointer_to(narrow), pointer_to(run), pointer_to(steps.table[k])
    time, step, part = steps.time[k], steps.step[k], kernels.part[steps.kind[k]]
    many = len(seats.who)
    seats.who[:] = -1
    seats.begin[:] = 1.0
    narrow[places.forced] = 0.0
    narrow[places.which] = -1.0
    seated = _sit_down(places.gathered, arena, narrow, seats, late, 0)
    going = seated
    while going:
        narrow[places.begin] = seats.begin
        call(kernels.goal, place, constants, now, many)
        _lengths(places, narrow, seats, step)
        call(part, place, constants, now, many)
        if _after_pieces(places, narrow, seats, time, step):
            call(kernels.fire, place, constants, now, many)
        going -= _return(places, arena, narrow, seats)
        if seated < len(late):
            more = _sit_down(places.gathered, arena, narrow, seats, late, seated)
            seated, going = seated + more, going + more


@compiled
def _sit_down(rows, arena, narrow, seats, late, seated):
    """Patients whose step held an event take the free seats; how many more of them."""
    who, begin, more = seats.who, seats.begin, 0
    for c in range(len(who)):
        if who[c] < 0 and seated + more < len(late):
            p = late[seated + more]
            for r in rows:
                narrow[r, c] = arena[r, p]
            who[c], begin[c] = p, 0.0
            more += 1
    return more


@compiled
def _lengths(places, narrow, seats, step):
    """How far the next pieces go: to an event, or as far as they may."""
    begin, until = seats.begin, seats.until
    for c in range(len(begin)):
        if narrow[places.forced, c] == 0.0:
            until[c] = narrow[places.goal, c]
        narrow[places.length, c] = (until[c] - begin[c]) * step


@compiled
def _after_pieces(places, narrow, seats, time, step):
    """What comes after these pieces; whether for anyone that is an event."""
    who, begin, until, process, fired = seats.who, seats.begin, seats.until, seats.which, False
    for c in range(len(who)):
        share, found = narrow[places.share, c], narrow[places.which, c]
        narrow[places.which, c] = -1.0
        if narrow[places.forced, c] != 0.0:
            narrow[places.forced, c] = 0.0
            narrow[places.which, c] = process[c]
            narrow[places.now, c] = time + until[c] * step
            begin[c] = until[c]
            fired = True
        elif share <= 1.0 and who[c] >= 0:
            narrow[places.forced, c] = 1.0
            process[c] = found
            until[c] = begin[c] + share * (until[c] - begin[c])
        else:
            begin[c] = until[c]
    return fired


@compiled
def _return(places, arena, narrow, seats):
    """Who is at the end, and no event waits, goes back with all that changed; how many do."""
    who, begin, gone = seats.who, seats.begin, 0
    for c in range(len(who)):
        waits = narrow[places.forced, c] != 0.0 or narrow[places.which, c] >= 0.0
        if who[c] >= 0 and begin[c] >= 1.0 and not waits:
            for r in places.fired:
                arena[r, who[c]] = narrow[r, c]
            for r in places.changed:
                arena[r, who[c]] = narrow[r, c]
            who[c] = -1
            gone += 1
    return gone
