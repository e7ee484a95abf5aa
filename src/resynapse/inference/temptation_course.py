"""What do people bring to every moment before their first use?

Until the first use nothing that happens to a person depends on the hazard of a use. So one run in
which nobody uses gives the states of all moments; the hazard at other parameters of ``LapseHazard``
follows from them without another run, exactly and smoothly (``first_use``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import equinox as eqx
import numpy as np

from resynapse.behaviour.lapse import Temptation
from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.cache import keep_compiled
from resynapse.engine.plan import Course
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.patient.chain import ArmSetting
from resynapse.patient.model import Model
from resynapse.protocol import Protocol
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine, unknown_arms
from resynapse.trial.conduct import Conduct

NOBODY_USES = {"lapse.baseline": 1.0e-30, "lapse.uncommitted": 1.0e-30}
SEED = 4
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


class Tempted(eqx.Module):
    """The chain as the engine sees it, recording what enters the hazard of a first use."""

    model: Model

    def __getattr__(self, name: str) -> Any:
        if name == "model":
            raise AttributeError(name)
        return getattr(self.model, name)

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
    kept, begin = [], 0.0
    for step, until in SPACING:
        kept.append(np.arange(begin, min(until, end), step))
        begin = until
    return np.concatenate([*kept, [end]])


def temptation_course(
    protocol: Protocol, patient: Patient, people: int, until: float, backend: str = DEFAULT
) -> TemptationCourse:
    """So many people of the protocol's first arm, ``until`` days after the substance can be had."""
    keep_compiled()
    home, days = protocol.setting.community_day, days_until(until)
    visits = tuple(float(home + day) for day in days)
    longer = protocol.model_copy(
        update={"visits": visits, "follow_up": visits[-1], "endpoints": ()}
    )
    arm = longer.arms[0]
    conduct = Conduct(longer, replace(patient, NOBODY_USES), SEED, backend=backend)
    plan = conduct.plan(arm)
    course = Course(plan.plan, plan.segments, plan.count, plan.lengths, plan.days + 1,
                    len(plan.record_days) + 1)  # fmt: skip
    model = Model(as_arrays(conduct.patient), as_arrays(benzodiazepine(conduct.patient, arm)))
    setting = arm_setting(longer, arm, conduct.patient, unknown_arms(longer, arm))
    through = back_end(backend).prepared(Tempted(model), setting, course, SEED)
    at = np.searchsorted(plan.record_days, np.array(visits) - 1e-7)
    parts = [
        np.asarray(through(party).records)[at, :, : np.size(party.key)]
        for party in conduct.parties(0, people, back_end(backend).ROOM)
    ]
    return TemptationCourse(days, _fields(np.concatenate(parts, axis=2)))


def _fields(records: np.ndarray) -> Temptation:
    """[days, fields, people] -> fields [people, days]."""
    columns: list[Any] = [records[:, k, :].T.astype(float) for k in range(7)]
    return Temptation(*columns)
