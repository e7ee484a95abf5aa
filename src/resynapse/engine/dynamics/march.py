"""In which order do the kernels take people over the steps of a timetable?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from resynapse.engine import linear
from resynapse.engine.native import calling, kinetics
from resynapse.engine.native.calling import call, compiled, inner, made_of, pointer_to
from resynapse.engine.native.kinetics import exponentials


class Code(NamedTuple):
    """Addresses of kernels; 0 where there is none."""

    setup: int
    free: int
    infused: int
    seen: int
    part: int
    locate: int
    fire: int
    taylor: np.ndarray
    last: np.ndarray
    square: np.ndarray


class Rows(NamedTuple):
    """First rows of what stands in the arena, and how many."""

    key: int
    joint: int
    tried: int
    joint_many: int
    risk: int
    """threshold, count, first"""
    risk_many: int
    begin: int
    share: int
    met: int
    along: int
    time: int
    amounts: int
    amounts_many: int
    matrix: int
    exact: int
    seen: int
    seen_many: int


class Path(NamedTuple):
    """The timetable."""

    time: np.ndarray
    step: np.ndarray
    infused: np.ndarray
    record: np.ndarray
    length: np.ndarray
    """[steps], which of the different lengths each has"""
    table: np.ndarray
    """[steps, entries], what kernels read of a step"""
    days: np.ndarray
    """times over which propagators are made, all gaps of the first length, then of the next"""
    entries: np.ndarray
    """of a propagator: those that are used"""
    diagonal: np.ndarray
    gaps: int
    pattern: int
    """entries of a matrix"""


@made_of(calling, kinetics, linear)
@compiled
def through(code, rows, path, events, run, drawn, keys, arena, narrow, tile, records, ends):
    """Blocks of people one after another: keys [blocks, lanes], records [blocks, .., lanes].

    ``run`` and ``drawn`` are what kernels and ``setup`` read of the whole run.
    """
    lanes = keys.shape[1]
    constants, whole = pointer_to(run), pointer_to(arena)
    exact = np.empty((len(path.days), len(path.entries), lanes))
    for block in range(len(keys)):
        arena[rows.key, :lanes] = keys[block]
        call(code.setup, whole, pointer_to(drawn), constants, lanes)
        arena[rows.amounts : rows.amounts + rows.amounts_many] = 0.0
        if path.pattern > 0:
            J = arena[rows.matrix : rows.matrix + path.pattern, :lanes]
            exponentials(
                code.taylor, code.last, code.square, J, path.days, path.diagonal, path.entries,
                tile, exact,
            )  # fmt: skip
        _along(code, rows, path, events, run, arena, narrow, exact, records[block])
        ends[block] = arena[rows.risk + 1 : rows.risk + 3, :lanes]


@inner
def _along(code, rows, path, events, run, arena, narrow, exact, records):
    """One block over all steps."""
    lanes, now = records.shape[2], -1
    constants, whole = pointer_to(run), pointer_to(arena)
    for k in range(len(path.step)):
        here = pointer_to(path.table[k])
        if path.pattern > 0 and path.length[k] != now:
            now = path.length[k]
            _propagators(rows, path, arena, exact, now)
        call(code.infused if path.infused[k] else code.free, whole, constants, here, lanes)
        if events:
            _events(code, rows, path, k, run, arena, narrow, lanes)
        row = path.record[k]
        if row >= 0:
            call(code.seen, whole, constants, here, lanes)
            records[row] = arena[rows.seen : rows.seen + rows.seen_many, :lanes]


@inner
def _propagators(rows, path, arena, exact, length):
    """Those of this length of step, to where the kernels read them."""
    lanes, row = exact.shape[2], rows.exact
    for gap in range(path.gaps):
        for entry in range(len(path.entries)):
            arena[row, :lanes] = exact[length * path.gaps + gap, entry]
            row += 1


@inner
def _events(code, rows, path, k, run, arena, narrow, lanes):
    """Those who met an event, so many at once as fill a register."""
    many, found = narrow.shape[1], 0
    late = np.empty(many, np.int64)
    met = arena[rows.met]
    for p in range(lanes):
        if met[p] != 0.0:
            late[found] = p
            found += 1
            if found == many:
                _through_events(code, rows, path, k, run, arena, narrow, late, found)
                found = 0
    if found:
        _through_events(code, rows, path, k, run, arena, narrow, late, found)


@inner
def _through_events(code, rows, path, k, run, arena, narrow, late, found):
    """A few people to the end of the step, by way of all events in it."""
    many, step = narrow.shape[1], path.step[k]
    place, constants, here = pointer_to(narrow), pointer_to(run), pointer_to(path.table[k])
    for r in range(len(narrow)):
        for c in range(many):
            narrow[r, c] = arena[r, late[min(c, found - 1)]]
    begin, going = np.zeros(many), np.zeros(many, np.bool_)
    going[:found] = True
    while True:
        narrow[rows.begin], narrow[rows.share] = begin, 1.0 - begin
        call(code.part, place, constants, here, many)
        for c in range(found):
            if going[c] and narrow[rows.met, c] == 0.0:
                going[c] = False
                _return(rows, arena, narrow, late[c], c)
        if not going.any():
            return
        call(code.locate, place, constants, here, many)
        narrow[rows.share] = narrow[rows.along]
        call(code.part, place, constants, here, many)
        begin = begin + narrow[rows.along]
        narrow[rows.time] = path.time[k] + begin * step
        call(code.fire, place, constants, here, many)


@inner
def _return(rows, arena, narrow, p, c):
    """One person back among the others at the end of the step."""
    for r in range(rows.joint_many):
        arena[rows.joint + r, p] = narrow[rows.tried + r, c]
    for r in range(rows.risk, rows.risk + rows.risk_many):
        arena[r, p] = narrow[r, c]


@made_of(calling, kinetics, linear)
@compiled
def over_steps(free, infused, flows, table, run, arena, lanes, blocks):
    """All steps of a timetable and nothing else, for so many blocks of people."""
    whole, constants = pointer_to(arena), pointer_to(run)
    for _ in range(blocks):
        for k in range(len(table)):
            here = pointer_to(table[k])
            call(infused if flows[k] else free, whole, constants, here, lanes)
