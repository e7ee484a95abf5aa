"""What do courses over time look like under one draw of the parameters?

Of one draw the middle person is kept at each time, and people at the middle of each sixteenth of
them, so that all draws together tell how people and parameters spread at once.
"""

from __future__ import annotations

import numpy as np

from resynapse.patient import Patient
from resynapse.patient.observe import NAMES
from resynapse.protocol import Protocol
from resynapse.trial.arm_run import ArmRun
from resynapse.trial.dataset import ACUTE, CHRONIC, SHARES
from resynapse.trial.kaplan_meier import kaplan_meier
from resynapse.trial.knowledge import drawn_arms, named
from resynapse.trial.over_draws import FOLLOWED, LEVELS
from resynapse.trial.parameter_set import ParameterSet


def one_draw_over_time(
    protocol: Protocol, patient: Patient, seed: int, number: int, fixed: dict[str, float],
    fitted: ParameterSet | None = None,
) -> dict[str, np.ndarray]:  # fmt: skip
    """What ``one_draw`` leaves behind, and the courses of every arm."""
    arms = drawn_arms(protocol, patient, seed, number, fixed, fitted)
    found = named(protocol, {id: run.result for id, run in arms.items()})
    for id, run in arms.items():
        found[f"minutes/{id}"] = _levels(run.minutes, ACUTE)
        found[f"days/{id}"] = _levels(run.days, CHRONIC)
        found[f"events/{id}"] = _events(run, protocol.follow_up_days)
    return found


def _levels(records: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """[middle and LEVELS, quantities, times] from [times, quantities, people]; shares are means."""
    chosen = records[:, [NAMES.index(name) for name in names], :]
    found = np.quantile(chosen, [0.5, *LEVELS], axis=2).swapaxes(1, 2)
    for name in set(names) & set(SHARES):
        found[:, names.index(name)] = chosen[:, names.index(name)].mean(axis=1)
    return found.astype(np.float32)


def _events(run: ArmRun, follow_up: float) -> np.ndarray:
    """[FOLLOWED, share without and its standard error, days from the origin]."""
    days, found = np.arange(np.floor(follow_up) + 1.0), []
    for event in FOLLOWED:
        seen = run.result.held_times(event)
        curve = kaplan_meier(seen.time, seen.event)
        found.append([curve.at(days), curve.error(days)])
    return np.array(found, np.float32)
