"""Which numbers does a stage of the calibration fit, and which parameters does each one move?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from resynapse.parameter import HalfSpike, Prior
from resynapse.trial.parameter_set import ParameterSet


@dataclass(frozen=True)
class Free:
    """One number that is fitted; each parameter at ``moves`` is its factor times the number."""

    name: str
    label: str
    unit: str
    prior: Prior
    moves: Mapping[str, float]
    why: str

    @property
    def slab(self) -> Prior:
        """What is believed of the number where it is not zero."""
        return self.prior.slab if isinstance(self.prior, HalfSpike) else self.prior

    @property
    def on(self) -> float:
        """Prior probability that it is not zero."""
        return self.prior.on if isinstance(self.prior, HalfSpike) else 1.0

    def settings(self, value: float) -> dict[str, float]:
        """Parameters by path."""
        return {path: factor * value for path, factor in self.moves.items()}


def slab_points(free: Sequence[Free], points: int, seed: int) -> np.ndarray:
    """The first scrambled Sobol points of the slabs of these numbers, [points, numbers]."""
    power = max(points - 1, 0).bit_length()
    uniform = qmc.Sobol(len(free), scramble=True, seed=seed).random_base2(power)[:points]
    return np.array(
        [[one.slab.quantile(float(u)) for one, u in zip(free, row, strict=True)] for row in uniform]
    )


@dataclass(frozen=True)
class World:
    """A hypothesis as it is calibrated: what is fitted, what is drawn, what is set."""

    name: str
    free: tuple[Free, ...]
    drawn: tuple[str, ...]
    """paths, or beginnings of paths, that are drawn from their priors and not fitted"""
    fixed: Mapping[str, float]
    """parameters that the hypothesis sets"""
    words: str
    one_frailty: bool = False
    """nobody is uncommitted: all differences between people are one log-normal frailty"""
    over: tuple[ParameterSet, ...] = ()
    """fitted sets of earlier stages, of which every draw has a draw; without, priors or held"""

    def is_drawn(self, path: str) -> bool:
        """Whether a parameter varies from draw to draw without being fitted."""
        moved = {path for free in self.free for path in free.moves}
        return path not in moved | set(self.fixed) and path.startswith(self.drawn)

    def settings(self, values: np.ndarray) -> dict[str, float]:
        """Parameters by path, at these values of the free numbers."""
        found = dict(self.fixed)
        for free, value in zip(self.free, values, strict=True):
            found |= free.settings(float(value))
        return found
