"""Who is at risk at each moment at which something happens?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RiskSets:
    """Rows (people, or intervals of people) and the moments of events, stratum by stratum.

    Row i is at risk at the moments first[i] <= j < last[i], those in (start, stop] of its stratum.
    """

    time: np.ndarray
    """Of each moment, ascending in each stratum"""
    stratum: np.ndarray
    """Of each moment"""
    first: np.ndarray
    last: np.ndarray
    event: np.ndarray
    """Whether the row ends with the event; then its moment is last - 1"""

    @property
    def moment(self) -> np.ndarray:
        """The moment of every row with the event."""
        return self.last[self.event] - 1

    @property
    def tied(self) -> np.ndarray:
        """Number of events at each moment."""
        return np.bincount(self.moment, minlength=len(self.time))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum over the rows at risk at each moment: values [rows, ...] to [moments, ...]."""
        flat = values.reshape(len(values), -1)
        size = len(self.time) + 1
        change = [
            np.bincount(self.first, column, size) - np.bincount(self.last, column, size)
            for column in flat.T
        ]
        return np.cumsum(change, axis=1).T[:-1].reshape(-1, *values.shape[1:])

    def event_sums(self, values: np.ndarray) -> np.ndarray:
        """Sum over the rows with the event at each moment."""
        flat = values.reshape(len(values), -1)[self.event]
        found = [np.bincount(self.moment, column, len(self.time)) for column in flat.T]
        return np.stack(found, axis=1).reshape(-1, *values.shape[1:])

    def over(self, moments: np.ndarray) -> np.ndarray:
        """Sum over the moments at which each row is at risk: [moments, ...] to [rows, ...]."""
        nothing = np.zeros((1, *moments.shape[1:]), moments.dtype)
        total = np.concatenate([nothing, np.cumsum(moments, axis=0)])
        return total[self.last] - total[self.first]


def risk_sets(
    stop: np.ndarray,
    event: np.ndarray,
    start: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
) -> RiskSets:
    """Rows at risk from just after ``start`` (by default before everything) to ``stop``."""
    stop, event = np.asarray(stop, dtype=float), np.asarray(event, dtype=bool)
    label = np.zeros(len(stop), dtype=int)
    if stratum is not None:
        label = np.unique(stratum, return_inverse=True)[1]
    first, last = np.zeros(len(stop), dtype=int), np.zeros(len(stop), dtype=int)
    times: list[np.ndarray] = []
    offset = 0
    for number in range(label.max(initial=0) + 1):
        rows = label == number
        moments = np.unique(stop[rows & event])
        last[rows] = offset + np.searchsorted(moments, stop[rows], side="right")
        first[rows] = offset
        if start is not None:
            first[rows] += np.searchsorted(moments, np.asarray(start)[rows], side="right")
        times.append(moments)
        offset += len(moments)
    sizes = [len(moments) for moments in times]
    return RiskSets(
        np.concatenate(times), np.repeat(np.arange(len(times)), sizes), first, last, event
    )
