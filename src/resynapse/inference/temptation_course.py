"""What do people bring to every moment before their first use?

Until the first use nothing that happens to a person depends on the hazard of a use. So one run in
which nobody uses gives the states of all moments; the hazard at other parameters of ``LapseHazard``
follows from them without another run, exactly and smoothly (``first_use``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.behaviour.lapse import Temptation
from resynapse.engine.back_end import DEFAULT
from resynapse.inference.recorded_course import recorded, spaced_days
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.patient.chain import ArmSetting
from resynapse.protocol import Protocol
from resynapse.trial.observer import Observed

NOBODY_USES = {"lapse.baseline": 1.0e-30, "lapse.uncommitted": 1.0e-30}
SPACING = (
    (0.25, 4.0),
    (0.5, 8.0),
    (1.0, 16.0),
    (2.0, 28.0),
    (4.0, 60.0),
    (20.0, 180.0),
    (60.0, 4000.0),
)
"""(days between moments that are kept, until which day)"""


@dataclass(frozen=True)
class TemptationCourse:
    """States of people who have not used yet, from the day on which they can."""

    day: np.ndarray
    """days since the substance can be had, [days]"""
    tempted: Temptation
    """leaves [people, days]"""

    @property
    def people(self) -> int:
        """How many people were followed."""
        return int(np.shape(self.tempted.craving)[0])


class Tempted(Observed):
    """Records what enters the hazard of a first use."""

    def observe(self, person: Any, arm: ArmSetting, lane: Any, amounts: Any) -> tuple[Any, ...]:
        """The fields of ``Temptation``, in order."""
        patient, state = self.model.patient, lane.state
        mu = patient.receptors(state, amounts, arm)
        relief = patient.acute(amounts).relief
        return (
            state.craving,
            patient.withdrawal.expressed(state.withdrawal, relief),
            state.history.priming,
            patient.controls(state),
            mu.reward_left,
            state.history.stability,
            state.expectancy,
        )


def days_until(end: float) -> np.ndarray:
    """The days that are kept, from 0 to ``end``."""
    return spaced_days(SPACING, end)


def temptation_course(
    protocol: Protocol, patient: Patient, people: int, until: float, backend: str = DEFAULT
) -> TemptationCourse:
    """So many people of the protocol's first arm, ``until`` days after the substance can be had."""
    home, days = protocol.setting.community_day, days_until(until)
    visits = tuple(float(home + day) for day in days)
    longer = protocol.model_copy(
        update={"visits": visits, "follow_up": visits[-1], "endpoints": ()}
    )
    found = recorded(longer, replace(patient, NOBODY_USES), Tempted, people, backend)
    return TemptationCourse(days, _fields(found))


def _fields(records: np.ndarray) -> Temptation:
    """[days, fields, people] -> fields [people, days]."""
    columns: list[Any] = [records[:, k, :].T.astype(float) for k in range(7)]
    return Temptation(*columns)
