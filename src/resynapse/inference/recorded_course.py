"""What does everyone show at chosen moments, recorded by an observer of our own?"""

from __future__ import annotations

import numpy as np

from resynapse.engine.back_end import back_end
from resynapse.engine.cache import keep_compiled
from resynapse.engine.plan import Course
from resynapse.patient import Patient
from resynapse.patient.model import Model
from resynapse.protocol import Protocol
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine, unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.observer import Observed

SEED = 4


def spaced_days(spacing: tuple[tuple[float, float], ...], end: float) -> np.ndarray:
    """Days from 0 to ``end``; ``spacing``: (days between moments, until which day)."""
    kept, begin = [], 0.0
    for step, until in spacing:
        kept.append(np.arange(begin, min(until, end), step))
        begin = until
    return np.concatenate([*kept, [end]])


def recorded(
    protocol: Protocol, patient: Patient, observer: type[Observed], people: int, backend: str
) -> np.ndarray:
    """What the observer sees in the first arm at the visits: [visits, quantities, people]."""
    keep_compiled()
    arm = protocol.arms[0]
    conduct = Conduct(protocol, patient, SEED, backend=backend)
    plan = conduct.plan(arm)
    course = Course(plan.plan, plan.segments, plan.count, plan.lengths, plan.days + 1,
                    len(plan.record_days) + 1)  # fmt: skip
    model = Model(as_arrays(conduct.patient), as_arrays(benzodiazepine(conduct.patient, arm)))
    setting = arm_setting(protocol, arm, conduct.patient, unknown_arms(protocol, arm))
    through = back_end(backend).prepared(observer(model), setting, course, SEED)
    at = np.searchsorted(plan.record_days, np.array(protocol.visits) - 1e-7)
    parts = [
        np.asarray(through(party).records)[at, :, : np.size(party.key)]
        for party in conduct.parties(0, people, back_end(backend).room())
    ]
    return np.concatenate(parts, axis=2)
