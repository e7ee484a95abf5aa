"""On which day was each person given rescue medication, put in prison, or dead from overdose?

The three intercurrent events beside drop-out. Rescue medication is what a decision rule gives for
opioid dependence, and is in the model's course. Death and incarceration are drawn where the
protocol's conduct asks for them, by seed and person, and move nobody's course.
"""

from __future__ import annotations

import numpy as np

from resynapse.engine.native.columnwise import uniforms
from resynapse.protocol import Arm, Protocol
from resynapse.protocol.conduct import Interruptions
from resynapse.protocol.vocabulary import OPIOID_MEDICATIONS
from resynapse.purpose import Purpose
from resynapse.trial.time_to_event import Columns

YEAR_DAYS = 365.25
NEAR = 1.0e-3
"""Days within which a start is the planned one"""
COLUMNS = {
    "rescue_medication": "rescue_medication_day",
    "incarceration": "incarceration_day",
    "death": "death_day",
}
"""Event -> column of its day, d from entry; the column is there where the event can happen"""


def by_rule(arm: Arm) -> tuple[float, ...]:
    """Days on which a decision rule may start a medication for opioid dependence in this arm."""
    lasting = [one for one in arm.medications if one.drug in OPIOID_MEDICATIONS]
    planned = {one.start_day for one in lasting if one.if_rule is None}
    return tuple(sorted({one.start_day for one in lasting if one.if_rule} - planned))


def has_rescue(protocol: Protocol) -> bool:
    """Whether any arm has rescue medication."""
    return any(by_rule(arm) for arm in protocol.arms)


def interrupted(
    protocol: Protocol, arm: Arm, patients: Columns, use_days: np.ndarray,
    medication_since: np.ndarray, seed: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Columns of days, d from entry, NaN without the event; none where it cannot happen."""
    found: dict[str, np.ndarray] = {}
    if has_rescue(protocol):
        since = np.asarray(medication_since, dtype=float)
        started = [np.abs(since - day) < NEAR for day in by_rule(arm)]
        found["rescue_medication_day"] = np.where(np.any(started, axis=0), since, np.nan)
    if protocol.conduct is None:
        return found
    how = protocol.conduct.interruptions
    if how.incarcerations_per_year > 0.0:
        found["incarceration_day"] = _incarceration(patients, how, seed)
    if how.deaths:
        found["death_day"] = _death(patients, use_days, seed)
    return found


def _incarceration(patients: Columns, how: Interruptions, seed: int) -> np.ndarray:
    """The first, at a constant rate from the day in the community on.

    wait = -ln(1 - u) / rate                                         d
    """
    u = _uniform(patients, Purpose.INCARCERATION, seed)
    wait = -np.log1p(-u) * YEAR_DAYS / how.incarcerations_per_year
    day = np.asarray(patients["community_day"], dtype=float) + wait
    return np.where(day <= np.asarray(patients["end_day"]), day, np.nan)


def _death(patients: Columns, use_days: np.ndarray, seed: int) -> np.ndarray:
    """From overdose, on a day of use, with the expected deaths of the model.

    Pr(dies) = 1 - exp(-expected deaths)                             1
    """
    expected = np.asarray(patients["overdose_deaths_expected"], dtype=float)
    dies = _uniform(patients, Purpose.DEATH, seed) < -np.expm1(-expected)
    return death_days(dies, _uniform(patients, Purpose.DEATH_DAY, seed), use_days)


def death_days(dies: np.ndarray, when: np.ndarray, use_days: np.ndarray) -> np.ndarray:
    """Noon of one of the days of use of those who die; ``when``, 0 to 1, says which."""
    day = np.full(len(dies), np.nan)
    for row in np.flatnonzero(dies):
        used = np.flatnonzero(use_days[row])
        if len(used):
            day[row] = used[int(when[row] * len(used))] + 0.5
    return day


def _uniform(patients: Columns, purpose: Purpose, seed: int) -> np.ndarray:
    return np.asarray(uniforms(seed, int(purpose), np.asarray(patients["patient"]), np.zeros(1)))
