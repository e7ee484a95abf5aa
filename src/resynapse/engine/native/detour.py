"""How do a few patients get through a step that all could not take together?

Side by side in a narrow arena: piece by piece to their events, and driven states in pieces of
their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from resynapse.engine.driven_path import ARRIVED, AT_ONCE, FIRST_HALF
from resynapse.engine.native.calling import call, copy, fill, inner, pointer_to

NO_EVENT = 2.0
"""share of a step at which an event falls, where none does"""


class Seats(NamedTuple):
    """Patients on their way through events, a column of the narrow arena each."""

    who: np.ndarray
    """the patient, or -1"""
    begin: np.ndarray
    """how far, as a share of the step"""
    until: np.ndarray
    which: np.ndarray
    """process whose event a forced piece goes to"""
    phase: np.ndarray
    """what driven states are to go through: AT_ONCE, FIRST_HALF, SECOND_HALF; or ARRIVED"""


@inner
def hurry(kernels, places, steps, k, run, arena, narrow, seats, late, lanes):
    """Those whose driven states need pieces take the step once more beside these."""
    found = 0
    for p in range(lanes):
        if 1.0 < arena[places.share, p] < NO_EVENT:
            late[found] = p
            found += 1
    if not found:
        return
    place, constants, now = pointer_to(narrow), pointer_to(run), pointer_to(steps.table[k])
    many, kind = len(seats.who), steps.kind[k]
    for first in range(0, found, many):
        fill(seats.who, many, -1)
        _sit_down(places.gathered, arena, narrow, seats, late[first:found], 0)
        fill(seats.until, many, 1.0)
        fill(narrow[places.length], many, steps.step[k])
        _march(kernels.alone[kind], places, narrow, constants, now, seats)
        call(kernels.beside[kind], place, constants, now, many)
        for c in range(many):
            if seats.who[c] >= 0:
                arena[places.share, seats.who[c]] = narrow[places.share, c]
                for r in places.changed:
                    arena[r, seats.who[c]] = narrow[r, c]


@inner
def through_events(kernels, places, steps, k, run, arena, narrow, seats, late):
    """Some patients to the end of the step, piece by piece, or to an event within a piece.

    A piece in which an event falls is taken again, as far as the event. Who is at the end of the
    step leaves a seat to the next. ``begin`` and ``until`` are shares of the step.
    """
    alone = kernels.alone[steps.kind[k]]
    place, constants, now = pointer_to(narrow), pointer_to(run), pointer_to(steps.table[k])
    time, step, part = steps.time[k], steps.step[k], kernels.part[steps.kind[k]]
    many = len(seats.who)
    fill(seats.who, many, -1)
    fill(seats.begin, many, 1.0)
    fill(narrow[places.forced], many, 0.0)
    fill(narrow[places.which], many, -1.0)
    seated = _sit_down(places.gathered, arena, narrow, seats, late, 0)
    going = seated
    while going:
        copy(seats.begin, narrow[places.begin], many)
        call(kernels.goal, place, constants, now, many)
        _lengths(places, narrow, seats, step)
        if alone != 0:
            _march(alone, places, narrow, constants, now, seats)
        call(part, place, constants, now, many)
        if _after_pieces(places, narrow, seats, time, step):
            call(kernels.fire, place, constants, now, many)
        going -= _return(places, arena, narrow, seats)
        if seated < len(late):
            more = _sit_down(places.gathered, arena, narrow, seats, late, seated)
            seated, going = seated + more, going + more


@inner
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


@inner
def _lengths(places, narrow, seats, step):
    """How far the next pieces go: to an event, or as far as they may."""
    begin, until = seats.begin, seats.until
    for c in range(len(begin)):
        if narrow[places.forced, c] == 0.0:
            until[c] = narrow[places.goal, c]
        narrow[places.length, c] = (until[c] - begin[c]) * step


@inner
def _march(alone, places, narrow, constants, now, seats):
    """Driven states halfway through the next pieces and at their ends: at once, or by halves."""
    place, many = pointer_to(narrow), len(seats.who)
    for c in range(many):
        for d, r in enumerate(places.driven_lane):
            narrow[places.driven + d, c] = narrow[r, c]
        seats.phase[c] = AT_ONCE
        narrow[places.until, c] = seats.until[c]
        narrow[places.left, c] = narrow[places.length, c]
    going = True
    while going:
        call(alone, place, constants, now, many)
        going = False
        for c in range(many):
            if seats.phase[c] != ARRIVED:
                _marched(places, narrow, seats, c)
                going = going or seats.phase[c] != ARRIVED


@inner
def _marched(places, narrow, seats, c):
    """What comes after a piece that driven states of one patient took."""
    many, phase = len(places.driven_lane), seats.phase[c]
    driven, way, tried = places.driven, places.way, places.tried
    left = narrow[places.left, c] - narrow[places.taken, c]
    middle = seats.begin[c] + 0.5 * (seats.until[c] - seats.begin[c])
    if phase == AT_ONCE:
        for d in range(2 * many):
            narrow[way + d, c] = narrow[tried + d, c]
        seats.phase[c] = FIRST_HALF if left > 0.0 and seats.who[c] >= 0 else ARRIVED
        narrow[places.until, c], narrow[places.left, c] = middle, 0.5 * narrow[places.length, c]
        return
    narrow[places.left, c] = left
    for d in range(many):
        narrow[driven + d, c] = narrow[tried + many + d, c]
    if not left > 0.0:
        for d in range(many):
            narrow[way + (phase - FIRST_HALF) * many + d, c] = narrow[driven + d, c]
        seats.phase[c] = phase + 1
        narrow[places.until, c], narrow[places.left, c] = (
            seats.until[c],
            0.5 * narrow[places.length, c],
        )


@inner
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


@inner
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
