"""How do chunks become the tables of an arm?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from resynapse.engine.memory import Memory
from resynapse.engine.native.columnwise import normals
from resynapse.patient import Patient
from resynapse.patient.observe import NAMES
from resynapse.patient.state import NEVER
from resynapse.protocol import Arm, Protocol
from resynapse.protocol.opioids_alone import opioids
from resynapse.protocol.vocabulary import AGONISTS
from resynapse.purpose import Purpose
from resynapse.trial.conduct import Chunk
from resynapse.trial.endpoint_name import states_asked
from resynapse.trial.interruptions import COLUMNS, interrupted
from resynapse.trial.plan import ArmPlan, measured_days

RELAPSE_RUN = 7
"""days of use in a row that make a relapse (decisions 8)"""
SCALE_COLUMNS = {
    "craving_vas": "craving",
    "mood_madrs": "mood",
    "mood_hamd17": "mood_hamd17",
    "withdrawal_cows": "withdrawal",
    "dissociation_cadss": "dissociation",
}
"""column of a rating -> quantity it is a rating of"""


def patients_table(
    protocol: Protocol, arm: Arm, patient: Patient, plan: ArmPlan, chunk: Chunk, seed: int,
    memory: Memory | None = None,
) -> pd.DataFrame:  # fmt: skip
    """A row a person: covariates, what happened, ratings at visits.

    With a ``memory``, errors of rating are drawn once for the same people.
    """
    return pd.DataFrame(patients_columns(protocol, arm, patient, plan, chunk, seed, memory))


def patients_columns(
    protocol: Protocol, arm: Arm, patient: Patient, plan: ArmPlan, chunk: Chunk, seed: int,
    memory: Memory | None = None,
) -> dict[str, np.ndarray]:  # fmt: skip
    """The columns of that table by their names, in its order."""
    person, marks = chunk.person, chunk.marks
    stop, left = _day(marks.medication_stop), _day(marks.dropout)
    if any(one.drug in AGONISTS for one in arm.medications):
        left = np.fmin(left, stop)
    offered = np.where(marks.offered > 0.0, marks.offered, np.nan)
    first, (community, deaths) = _day(marks.first_use), _within_follow_up(protocol, chunk)
    found = {
        "patient": np.asarray(person.key).astype(np.int64),
        "weight_kg": np.asarray(person.weight_kg),
        "age_years": np.asarray(person.age_years),
        "female": np.asarray(person.female).astype(int),
        "committed": marks.committed > 0.5,
        "first_use_day": first,
        "relapse_day": _not_before(relapse_day(chunk.use_days), first),
        "dropout_day": left,
        "medication_stop_day": stop,
        "bouts": chunk.bouts.astype(int),
        "sessions_attended": marks.attended / offered,
        "belief": np.where(marks.belief < 0.0, np.nan, marks.belief),
        "cadss_peak": marks.felt_most,
        "pressure_peak_rise_mmHg": marks.pressure_most,
        "unresponsive_probability": marks.unresponsive_most,
        "nausea_probability": marks.nausea_most,
        "overdose_deaths_expected": deaths,
        "days_in_community": community,
        "origin_day": np.full(chunk.count, protocol.origin_day(arm)),
        "community_day": np.full(chunk.count, protocol.setting.community_day),
        "end_day": np.full(chunk.count, protocol.follow_up_days),
    }
    found |= interrupted(protocol, arm, found, chunk.use_days, marks.medication_since, seed)
    found |= _ratings(protocol, patient, plan, chunk, seed, memory)
    return found | _states(protocol, plan, chunk)


def _day(values: np.ndarray) -> np.ndarray:
    return np.where(values < 0.5 * NEVER, values, np.nan)


def _not_before(relapse: np.ndarray, first_use: np.ndarray) -> np.ndarray:
    """Days of relapse; where the seven begin with the first use, the instant of that use."""
    return np.where(relapse < first_use, first_use, relapse)


def _within_follow_up(protocol: Protocol, chunk: Chunk) -> tuple[np.ndarray, np.ndarray]:
    """Days in the community, and deaths expected in them, up to the end of follow-up.

    The engine's last steps end up to a day and a quarter later, so its totals are cut in
    proportion: deaths a day stay the same.
    """
    days, deaths = np.asarray(chunk.totals.days_free), np.asarray(chunk.totals.deaths)
    most = max(protocol.follow_up_days - protocol.setting.community_day, 0.0)
    within = np.minimum(days, most)
    share = np.divide(within, days, out=np.ones_like(days), where=days > 0.0)
    return within, deaths * share


def relapse_day(use_days: np.ndarray) -> np.ndarray:
    """First day of the first seven days of use in a row."""
    used = np.cumsum(use_days, axis=1, dtype=np.int32)
    before = np.concatenate([np.zeros((len(used), 1), np.int32), used], axis=1)
    if use_days.shape[1] < RELAPSE_RUN:
        return np.full(len(use_days), np.nan)
    full = (before[:, RELAPSE_RUN:] - before[:, :-RELAPSE_RUN]) == RELAPSE_RUN
    return np.where(full.any(axis=1), full.argmax(axis=1), np.nan)


def _ratings(
    protocol: Protocol, patient: Patient, plan: ArmPlan, chunk: Chunk, seed: int,
    memory: Memory | None,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Scores as written down: true score, biased by expectancy in self-reports, with error."""
    scales, found = patient.scales, {}
    errors = {
        "craving_vas": (scales.vas_error, scales.vas_range),
        "mood_madrs": (scales.madrs_error, scales.madrs_range),
        "mood_hamd17": (scales.hamd_error, scales.hamd_range),
        "withdrawal_cows": (scales.cows_error, scales.cows_range),
    }
    self_report = {"craving_vas", "mood_madrs", "mood_hamd17"}
    row = {round(float(d), 9): k for k, d in enumerate(plan.record_days)}
    expected = chunk.records[:, NAMES.index("expectancy"), :]
    bias = float(patient.expectancy.report_weight) * float(patient.mood.population_sd)
    days = measured_days(protocol)
    noise = _noise(seed, np.asarray(chunk.person.key), len(days) * len(SCALE_COLUMNS), memory)
    for number, day in enumerate(days):
        k = row[round(day, 9)]
        for code, (scale, quantity) in enumerate(SCALE_COLUMNS.items()):
            if scale == "withdrawal_cows" and not opioids(protocol):
                continue
            score = chunk.records[k, NAMES.index(quantity), :].astype(float)
            if scale in errors:
                error, top = (float(value) for value in errors[scale])
                told = bias * top * expected[k] if scale in self_report else 0.0
                own = noise[number * len(SCALE_COLUMNS) + code]
                score = np.clip(score - told + error * own, 0.0, top)
            found[f"{scale}_day_{day:g}"] = score
    return found


def _states(protocol: Protocol, plan: ArmPlan, chunk: Chunk) -> dict[str, np.ndarray]:
    """States of the model on the days of endpoints that ask for them, without error."""
    row = {round(float(d), 9): k for k, d in enumerate(plan.record_days)}
    asked = states_asked(protocol.endpoints)
    return {
        f"{name}_day_{day:g}": chunk.records[row[round(day, 9)], NAMES.index(name), :].astype(float)
        for name, day in asked
        if day <= protocol.follow_up_days
    }


def _noise(seed: int, keys: np.ndarray, events: int, memory: Memory | None) -> np.ndarray:
    """Standard normal numbers: [events, people]."""
    whose = "errors of rating", seed, keys.tobytes(), events
    known = None if memory is None else memory.there(whose)
    if known is not None:
        return known
    purpose, shape = int(Purpose.MEASUREMENT), (events, len(keys))
    drawn = normals(seed, purpose, keys[None], np.arange(events)[:, None]).reshape(shape)
    if memory is not None:
        memory.keep(whose, drawn)
    return drawn


EVENT_DAYS = {
    "first_use": "first_use_day",
    "relapse": "relapse_day",
    "dropout": "dropout_day",
    "medication_stop": "medication_stop_day",
    **COLUMNS,
}
"""event -> column of its day"""


def events_table(arm: str, table: pd.DataFrame, kinds: Iterable[str] = EVENT_DAYS) -> pd.DataFrame:
    """First use, relapse, drop-out, stop of medication and what else could happen, a row each."""
    parts = [pd.DataFrame(columns=["arm", "patient", "day", "event"])]
    for event in (one for one in kinds if EVENT_DAYS[one] in table):
        seen = table[table[EVENT_DAYS[event]].notna()]
        days = seen[EVENT_DAYS[event]]
        parts.append(
            pd.DataFrame({"arm": arm, "patient": seen["patient"], "day": days, "event": event})
        )
    return pd.concat(parts, ignore_index=True).assign(detail="")


def joined(chunks: Sequence[np.ndarray], axis: int = 0) -> np.ndarray:
    """Parts of all chunks in the order of people."""
    return np.concatenate(list(chunks), axis=axis)
