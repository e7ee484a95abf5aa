"""What does one simulated quantity do over time, in the middle and for most people?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from resynapse.trial.courses import Courses

if TYPE_CHECKING:
    import xarray as xr

LOW, MIDDLE, HIGH = 10, 50, 90
"""The percentiles that are kept; between the outer ones lie 80 % of people"""


@dataclass(frozen=True)
class Curve:
    """Times, the median, and the range of the middle 80 %."""

    x: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray

    def until(self, end: float) -> Curve:
        """The part up to a time."""
        inside = self.x <= end + 1e-9
        parts = (self.x, self.low, self.middle, self.high)
        return Curve(*(values[inside] for values in parts))

    def scaled(self, x: float = 1.0, y: float = 1.0) -> Curve:
        """In other units."""
        return Curve(self.x / x, self.low * y, self.middle * y, self.high * y)

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Median, lower and upper end, between the kept times on straight lines."""
        parts = (self.middle, self.low, self.high)
        return tuple(np.interp(times, self.x, values) for values in parts)

    @property
    def known(self) -> bool:
        """Whether there is anything to draw."""
        return bool(np.isfinite(self.middle).any())


def curve(dataset: xr.Dataset | Courses, name: str, arm: str | None = None) -> Curve:
    """A variable of one arm; of a dataset without arms where none is named."""
    if isinstance(dataset, Courses):
        shares = (dataset.course(name, arm, share).astype(float) for share in (LOW, MIDDLE, HIGH))
        return Curve(dataset.times.astype(float), *shares)
    values = dataset[name] if arm is None else dataset[name].sel(arm=arm)
    time = "minute" if "minute" in values.dims else "day"
    parts = (values.sel(percentile=share).values.astype(float) for share in (LOW, MIDDLE, HIGH))
    return Curve(values[time].values.astype(float), *parts)
