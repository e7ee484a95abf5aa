"""Where are the exact steps of the same people kept, so that a new length costs only itself?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

ROOM = 64
"""lengths of step of every block; where more come, it begins anew"""
Fill = Callable[[np.ndarray, int, np.ndarray], None]
"""(rows to fill, block, lengths in days): [entries of all these lengths, lanes]"""


class Found(NamedTuple):
    """Propagators of some people."""

    exact: np.ndarray
    """[entries of many propagators, lanes]"""
    start: list[np.ndarray]
    """for each block, where the propagator of each length asked for begins"""


class Propagators:
    """Exact steps of the linear blocks of the same people, whatever the lengths of their steps.

    Rows that were written stay as they are, so several threads may read while another adds.
    """

    def __init__(self, entries: Sequence[int], lanes: int) -> None:
        self.entries, self.lanes = entries, lanes
        """of one propagator, for each block; people"""
        self._lock = threading.Lock()
        self._used = 0
        self._emptied(ROOM)

    @property
    def nbytes(self) -> int:
        """Bytes that were written."""
        return self._used * self.lanes * 8

    def of(self, days: Sequence[np.ndarray], fill: Fill) -> Found:
        """Propagators for these lengths, an array for each block; ``fill`` makes those missing."""
        with self._lock:
            if self._used + self._needed(days) > len(self._exact):
                self._emptied(max(ROOM, 2 * max(map(len, days))))
            for block, lengths in enumerate(days):
                self._add(block, [day for day in lengths if (block, day) not in self._start], fill)
            start = [
                np.array([self._start[block, day] for day in lengths], np.int64)
                for block, lengths in enumerate(days)
            ]
            return Found(self._exact, start)

    def _needed(self, days: Sequence[np.ndarray]) -> int:
        """Rows for lengths that are not there yet."""
        return sum(
            (block, day) not in self._start and self.entries[block]
            for block, lengths in enumerate(days)
            for day in lengths
        )

    def _add(self, block: int, lengths: list[float], fill: Fill) -> None:
        if not lengths:
            return
        each, end = self.entries[block], self._used + len(lengths) * self.entries[block]
        fill(self._exact[self._used : end], block, np.array(lengths))
        for k, day in enumerate(lengths):
            self._start[block, day] = self._used + k * each
        self._used = end

    def _emptied(self, room: int) -> None:
        self._exact = np.empty((room * sum(self.entries), self.lanes))
        self._start: dict[tuple[int, float], int] = {}
        self._used = 0
