"""How do tests send people through one programme of treatment, with chance, in the engine?"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, NamedTuple

import jax
import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.cache import keep_compiled
from resynapse.patient import Patient, configured
from resynapse.patient.observe import NAMES
from resynapse.patient.state import NEVER
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Chunk, Conduct
from resynapse.trial.plan import ArmPlan, arm_plan

PEOPLE = 256
FOLLOW_UP = 100.0
SEED = 5
INFUSION = {"drug": "ketamine", "dose": "0.5 mg/kg iv over 40 min", "days": [1]}
SALINE = {"drug": "saline", "dose": "iv over 40 min", "days": [1]}
BASE = {
    "name": "claim", "title": "A claim", "disorder": "heroin", "blinding": "masked",
    "setting": {"detoxification_days": 10, "use_days_before": 20},
    "population": {"weight_kg": 70, "age_years": 40, "female": 0.0},
    "follow_up_days": FOLLOW_UP,
}  # fmt: skip
NO_EXPECTANCY = {"expectancy.present": 0.0}
ALL_STAY = {"dropout.baseline": 0.0}
TOLD_APART = ArmsFelt(2.0, 0.8, 0.5, 0.8, 0.5, 1.0, 1.0)
"""an active and a control arm that feel different, one to one"""


class Seen(NamedTuple):
    """What became of people, and when it was recorded."""

    chunk: Chunk
    plan: ArmPlan

    def of(self, name: str, day: float) -> np.ndarray:
        """A quantity of every person, at the record nearest to this day."""
        row = int(np.argmin(np.abs(self.plan.record_days - day)))
        assert abs(self.plan.record_days[row] - day) < 1.0e-6, f"nothing is kept at day {day}"
        return self.chunk.records[row, NAMES.index(name)].astype(float)

    def mean(self, name: str, day: float) -> float:
        """Its mean over people."""
        return float(self.of(name, day).mean())

    def minutes(self, name: str) -> np.ndarray:
        """A quantity at the minutes after the first dose: [minutes, people]."""
        return self.chunk.records[self.plan.minutes, NAMES.index(name)].astype(float)

    def day_of(self, mark: str) -> np.ndarray:
        """Day of an event of every person; infinite where it did not come."""
        day = np.asarray(getattr(self.chunk.marks, mark))
        return np.where(day < 0.5 * NEVER, day, np.inf)


def programme(
    *doses: dict[str, Any], arm: dict[str, Any] | None = None, **changed: Any
) -> Protocol:
    """A programme of one arm; saline on day 1 where no dose is named, to keep the grid."""
    one = {"id": "arm", "label": "Arm", "doses": list(doses) or [SALINE]}
    return Protocol(**BASE | changed, arms=[one | (arm or {})])


def seen(
    protocol: Protocol, until: float | None = None, felt: ArmsFelt | None = None,
    values: dict[str, float] | None = None, switches: dict[str, bool] | None = None,
) -> Seen:  # fmt: skip
    """The people of a programme, with some parameters and switches changed."""
    fixed = tuple(sorted((values or {}).items())), tuple(sorted((switches or {}).items()))
    return _seen(protocol.model_dump_json(), until, felt, *fixed)


@cache
def _seen(text: str, until: float | None, felt: ArmsFelt | None, values: tuple, switches: tuple):
    keep_compiled()
    protocol = Protocol.model_validate_json(text)
    patient = configured(apply(Patient(), protocol.disorder), dict(switches), dict(values))
    arm = protocol.arms[0]
    plan = arm_plan(protocol, arm, patient)
    conduct = Conduct(protocol, patient, SEED)
    chunks = list(conduct.chunks(arm, felt or unknown_arms(protocol, arm), PEOPLE, until))
    return Seen(_joined(chunks), plan)


def _joined(chunks: list[Chunk]) -> Chunk:
    """All people in order; they are the last axis of records and the first of all else."""

    def one(name: str) -> Any:
        parts = [getattr(chunk, name) for chunk in chunks]
        axis = -1 if name == "records" else 0
        return jax.tree.map(lambda *x: np.concatenate(x, axis=axis), *parts)

    joined = {field.name: one(field.name) for field in fields(Chunk) if field.name != "count"}
    return Chunk(count=PEOPLE, **joined)
