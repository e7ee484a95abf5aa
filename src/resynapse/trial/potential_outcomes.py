"""What would have become of each person in each arm?

A simulated run sends the same people through every arm. Trials are drawn from such a run: whom a
trial enrols and which arm each of them is given, the trial decides; what follows is already known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.result import Result

FROM_ENTRY = (
    "patient", "weight_kg", "age_years", "female", "committed",
)  # fmt: skip
"""Columns that are the same in every arm"""


@dataclass(frozen=True)
class PotentialOutcomes:
    """The same people in every arm: row k is the same person everywhere."""

    patients: Mapping[str, pd.DataFrame]
    """Arm -> a row a person, as in ``ArmResult.patients``"""
    use_days: Mapping[str, np.ndarray]
    """Arm -> people by days, 1 for any use"""
    reference: str
    allocation: tuple[float, ...] = ()
    """Share of people of each arm, as a ratio to others; empty for equal"""

    def __post_init__(self) -> None:
        keys = [table["patient"].to_numpy() for table in self.patients.values()]
        if not all(np.array_equal(keys[0], other) for other in keys[1:]):
            raise InputError(
                "The arms do not hold the same people in the same order; take the arms of one run."
            )

    @classmethod
    def of(cls, result: Result) -> PotentialOutcomes:
        """Those of a simulated trial, of the people whose tables it holds."""
        return cls(
            {id: arm.patients for id, arm in result.arms.items()},
            {id: arm.use_days for id, arm in result.arms.items()},
            result.protocol.reference,
            tuple(result.protocol.arm(id).allocation for id in result.arms),
        )

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms in the order of the protocol."""
        return tuple(self.patients)

    @property
    def people(self) -> int:
        """How many there are."""
        return len(self.patients[self.reference])

    @property
    def baseline(self) -> pd.DataFrame:
        """What is known of people at entry, the same in every arm."""
        return self.patients[self.reference][list(FROM_ENTRY)]

    def row(self, arm: np.ndarray, person: np.ndarray) -> pd.DataFrame:
        """What happened to these people in the arms that they were given, a row each."""
        parts = [
            self.patients[name].iloc[person[arm == k]].set_axis(np.flatnonzero(arm == k))
            for k, name in enumerate(self.arms)
        ]
        return pd.concat(parts).sort_index()

    def days_of_use(self, arm: np.ndarray, person: np.ndarray) -> np.ndarray:
        """Their days of use in those arms: people by days."""
        longest = max(days.shape[1] for days in self.use_days.values())
        found = np.zeros((len(person), longest), dtype=np.uint8)
        for k, name in enumerate(self.arms):
            days = self.use_days[name]
            found[arm == k, : days.shape[1]] = days[person[arm == k]]
        return found
