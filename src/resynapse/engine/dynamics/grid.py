"""Which steps lead through a plan of infusions and observations?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from resynapse.engine.dynamics.rule import CLASSIC, Rule
from resynapse.engine.dynamics.system import Timetable
from resynapse.engine.native.columnwise import columnwise

CLOSE = 1.0e-8
"""two instants closer than this are one"""


class Infusion(NamedTuple):
    """A constant inflow from one instant on."""

    start: float
    length: float
    rate: float


class Band(NamedTuple):
    """Longest step up to so long after the last dose, or the beginning."""

    within: float
    step: float


def timetable(
    system: Any, infusions: Sequence[Infusion], instants: np.ndarray, bands: Sequence[Band],
    rule: Rule = CLASSIC,
) -> Timetable:  # fmt: skip
    """Steps that end at every edge of an infusion and at every instant of an observation.

    An infusion of no length is an instant after which steps are fine.
    """
    starts = np.array([one.start for one in infusions])
    edges = np.array([end for one in infusions for end in (one.start, one.start + one.length)])
    last = float(instants.max())
    stops = _distinct(np.concatenate([[0.0], edges[edges < last], instants]))
    time, step = [], []
    for left, right in pairwise(stops):
        since = left - starts[starts <= left + CLOSE].max(initial=0.0)
        longest = next(band.step for band in bands if since < band.within - CLOSE)
        pieces = int(np.ceil((right - left) / longest - 1.0e-9))
        step += [(right - left) / pieces] * pieces
        time += list(left + (right - left) * np.arange(pieces) / pieces)
    begin, length = np.array(time), np.round(step, 12)
    nodes = begin[:, None] + length[:, None] * np.array(rule.nodes)
    signals = _signals(system, np.broadcast_to(begin[:, None], nodes.shape), nodes)
    return Timetable(
        begin, length, _inflow(begin, infusions), signals, _rows(begin + length, instants)
    )


def _signals(system: Any, begin: np.ndarray, at: np.ndarray) -> np.ndarray:
    found = columnwise(_signal, (system,), (begin.ravel(), at.ravel()))
    return np.array(found, float).reshape(len(found), *at.shape).transpose(1, 2, 0)


def _signal(system: Any, begin: Any, time: Any) -> tuple:
    return system.signal(begin, time)


def _inflow(begin: np.ndarray, infusions: Sequence[Infusion]) -> np.ndarray:
    flows = np.zeros(len(begin))
    for one in infusions:
        here = (begin >= one.start - CLOSE) & (begin < one.start + one.length - CLOSE)
        flows[here] += one.rate
    return flows


def _rows(end: np.ndarray, instants: np.ndarray) -> np.ndarray:
    wanted = np.sort(instants)
    place = np.clip(np.searchsorted(wanted, end - CLOSE), 0, len(wanted) - 1)
    return np.where(np.abs(wanted[place] - end) < CLOSE, place, -1)


def _distinct(times: np.ndarray) -> np.ndarray:
    times = np.sort(times)
    return times[np.append(True, np.diff(times) > CLOSE)]
