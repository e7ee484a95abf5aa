"""Where on the drawing does a value stand?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Axis:
    """A range, the values that are marked on it, and what it measures."""

    low: float
    high: float
    ticks: tuple[float, ...]
    title: str
    log: bool = False
    """whether equal distances are equal ratios; what lies below ``low`` is not on the axis"""


@dataclass(frozen=True)
class Frame:
    """The rectangle inside the margins, px, and the two ranges that it shows."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x: Axis
    y: Axis

    @property
    def base(self) -> float:
        """The height of the lower edge."""
        return self.height - self.bottom

    @property
    def end(self) -> float:
        """The right edge."""
        return self.width - self.right

    def across(self, value: np.ndarray | float) -> np.ndarray:
        """Distance from the left of the drawing, px."""
        span = self.end - self.left
        share = (np.asarray(value, dtype=float) - self.x.low) / (self.x.high - self.x.low)
        return self.left + np.clip(share, 0.0, 1.0) * span

    def down(self, value: np.ndarray | float) -> np.ndarray:
        """Distance from the top of the drawing, px."""
        span, y = self.base - self.top, self.y
        if y.log:
            ratio = np.maximum(np.asarray(value, dtype=float), y.low) / y.low
            share = np.log(ratio) / np.log(y.high / y.low)
        else:
            share = (np.asarray(value, dtype=float) - y.low) / (y.high - y.low)
        return self.base - np.clip(share, 0.0, 1.0) * span
