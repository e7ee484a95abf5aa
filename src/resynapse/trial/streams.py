"""Which random numbers does a trial draw, and for what?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np


class Draw(IntEnum):
    """What a random stream of a trial is for; append, never renumber."""

    PEOPLE = 1
    ACCRUAL = 2
    ALLOCATION = 3
    VISITS = 4
    URINE = 5
    FOLLOW_BACK = 6
    DEATH = 7
    INCARCERATION = 8
    IMPUTATION = 9


@dataclass(frozen=True)
class Streams:
    """The streams of one trial: each purpose has its own, so that none moves another."""

    seed: int
    replicate: int

    def of(self, purpose: Draw) -> np.random.Generator:
        """The stream of a purpose, from its start."""
        return np.random.default_rng([self.seed, self.replicate, int(purpose)])
