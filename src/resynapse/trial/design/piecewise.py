"""What is a rate that changes at known times?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.input_error import InputError


@dataclass(frozen=True)
class Piecewise:
    """Constant between changes; the last value goes on for ever."""

    values: tuple[float, ...]
    changes: tuple[float, ...] = ()
    """Times at which the next value begins, ascending; one fewer than values"""

    def __post_init__(self) -> None:
        starts = (0.0, *self.changes)
        if len(starts) != len(self.values) or any(np.diff(starts) <= 0):
            raise InputError(
                f"A rate with {len(self.values)} values needs {len(self.values) - 1} times of "
                "change, increasing from above 0."
            )

    def at(self, t: np.ndarray | float) -> np.ndarray:
        """The value just after t."""
        return np.asarray(self.values)[np.searchsorted(self.changes, t, side="right")]

    def total(self, t: np.ndarray | float) -> np.ndarray:
        """The integral from 0 to t."""
        t = np.maximum(np.asarray(t, dtype=float), 0.0)
        edges = (0.0, *self.changes, np.inf)
        pieces = zip(self.values, edges, edges[1:], strict=False)
        return sum(value * (np.clip(t, low, high) - low) for value, low, high in pieces)


def by_durations(values: Sequence[float], durations: Sequence[float]) -> Piecewise:
    """From values and how long each but the last lasts."""
    return Piecewise(tuple(values), tuple(np.cumsum(durations[: len(values) - 1]).tolist()))
