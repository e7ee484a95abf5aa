"""What did trials that were played out show, design by design?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from resynapse.trial.power.monte_carlo import Mean
from resynapse.trial.power.question import Asked
from resynapse.trial.power.solve import Needed
from resynapse.trial.power.summary import Row

PER_DRAW = 2
"""Batches of each draw of the parameters, so that chance within a draw can be told"""


@dataclass(frozen=True)
class Extent:
    """How much is simulated."""

    people: int
    """Of a batch"""
    batches: int
    draws: int = 0
    """Of the parameters; 0: all batches have them in the middle"""

    @property
    def units(self) -> np.ndarray:
        """To which draw, or to which unit of its own, each batch belongs."""
        number = np.arange(self.batches)
        return number // PER_DRAW if self.draws else number


@dataclass(frozen=True)
class Difference:
    """Power of one design less that of another, on the same people."""

    design: str
    other: str
    n: int
    method: str
    power: Mean
    alone: float
    """Error that the difference would have, were the designs simulated with different people"""


@dataclass(frozen=True)
class Found:
    """Everything that was found."""

    asked: Asked
    extent: Extent
    rows: list[Row]
    needed: dict[tuple[str, str], Needed]
    """By design and method"""
    differences: list[Difference]

    def as_dict(self) -> dict[str, Any]:
        """In plain types, as --json prints it."""
        looks = self.asked.looks
        return {
            "endpoint": self.asked.endpoint,
            "analyses": list(self.asked.methods),
            "n": list(self.asked.n),
            "ratio": self.asked.ratio,
            "alpha": looks.alpha,
            "sided": looks.sided,
            "power": looks.power,
            "information_rates": looks.information.tolist(),
            "critical_values": looks.critical_values.tolist(),
            "accrual_days": self.asked.accrual,
            "trials": self.asked.trials,
            "seed": self.asked.seed,
            **asdict(self.extent),
            "results": [row.as_dict() for row in self.rows],
            "needed": [
                {"design": design, "method": method, **asdict(one)}
                for (design, method), one in self.needed.items()
            ],
            "differences": [asdict(one) for one in self.differences],
        }

    def row(self, design: str, world: str, n: int, method: str) -> Row:
        """One row."""
        return next(
            row
            for row in self.rows
            if (row.design, row.world, row.n, row.method) == (design, world, n, method)
        )
