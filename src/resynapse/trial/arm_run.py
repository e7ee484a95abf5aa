"""What came out of one arm under one hypothesis?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.input_error import InputError
from resynapse.patient.observe import NAMES, QUANTITIES
from resynapse.protocol import Arm, Protocol, describe
from resynapse.trial.conduct import Chunk, Conduct
from resynapse.trial.endpoint import estimates
from resynapse.trial.endpoint_name import endpoints_for
from resynapse.trial.estimate import Estimate, mean, proportion, rate
from resynapse.trial.plan import ArmPlan, kept_days
from resynapse.trial.result import ArmResult
from resynapse.trial.table import patients_table

SAMPLED = 2048
"""people from whom percentiles over time are taken; memory does not grow with more"""
STATES = ("craving", "mood", "withdrawal", "recovery", "drug_memory", "control", "window")
HIGH_PRESSURE = 40.0
"""mmHg, a rise that the label of nasal esketamine counts"""
STRONG_DISSOCIATION = 40.0
"""CADSS, half of the scale"""
UNRESPONSIVE = 0.5


class DivergenceError(InputError):
    """Parameters with which the model cannot be computed."""


@dataclass(frozen=True)
class ArmRun:
    """An arm's result, and the records from which percentiles are taken."""

    result: ArmResult
    minutes: np.ndarray
    """[minutes, quantities, people]"""
    days: np.ndarray
    """[days, quantities, people]"""


def run_arm(
    conduct: Conduct, arm: Arm, felt: ArmsFelt, count: int, done: Callable[[int], None]
) -> ArmRun:
    """Send ``count`` people through an arm; ``done`` hears how many have arrived."""
    protocol, patient = conduct.protocol, conduct.patient
    plan = conduct.plan(arm)
    tables, use_days, minutes, days, sampled = [], [], [], [], 0
    for chunk in conduct.chunks(arm, felt, count):
        ensure_finite(chunk, plan, arm)
        tables.append(patients_table(protocol, arm, patient, plan, chunk, conduct.seed))
        use_days.append(chunk.use_days)
        if sampled < SAMPLED:
            minutes.append(chunk.records[plan.minutes])
            days.append(chunk.records[plan.chronic])
            sampled += chunk.count
        done(chunk.count)
    table = pd.concat(tables, ignore_index=True)
    used = np.concatenate(use_days)
    by_day = np.concatenate(days, axis=2)
    names = endpoints_for(protocol.endpoints, protocol.follow_up_days, protocol.origin_day(arm))
    sentences = dict(zip((a.id for a in protocol.arms), describe(protocol), strict=True))
    result = ArmResult(
        id=arm.id,
        label=arm.label,
        sentence=sentences[arm.id],
        patients=table,
        use_days=used,
        endpoints=estimates(names, table, used),
        states=_states(protocol, by_day),
        safety=_safety(table),
    )
    return ArmRun(result, np.concatenate(minutes, axis=2), by_day)


def ensure_finite(chunk: Chunk, plan: ArmPlan, arm: Arm) -> None:
    """Refuse a result in which a state is not a number: no endpoint of it would mean anything."""
    wrong = np.argwhere(~np.isfinite(chunk.records))
    if len(wrong):
        record, quantity, _ = wrong[0]
        raise DivergenceError(
            f"Arm {arm.id}: {NAMES[quantity]} is not a finite number on day "
            f"{plan.record_days[record]:.3g}, so the model cannot be computed with these "
            "parameters. Choose values nearer to their priors; resynapse parameters lists them."
        )


def _states(protocol: Protocol, by_day: np.ndarray) -> dict[str, dict]:
    """Means over people at the visits, or at all kept days where there are no visits."""
    kept = kept_days(protocol)
    wanted = [d for d in (protocol.visits or kept) if d <= protocol.follow_up_days]
    rows = [kept.index(day) for day in wanted]
    units = {quantity.name: quantity.unit for quantity in QUANTITIES}
    found = {}
    for name in STATES:
        values = by_day[rows, NAMES.index(name), :].mean(axis=1)
        found[name] = {
            "days": [float(day) for day in wanted],
            "values": [float(value) for value in values],
            "unit": units[name],
        }
    return found


def _safety(table: pd.DataFrame) -> dict[str, Estimate]:
    """What the model carries of harm; the report names what it does not carry."""
    years = table["days_in_community"].to_numpy(float) / 36525.0
    column = {name: table[name].to_numpy(float) for name in table.columns if name != "committed"}
    return {
        "overdose_deaths": rate(
            column["overdose_deaths_expected"], years, "expected deaths per 100 person-years"
        ),
        "dissociation_peak": mean(column["cadss_peak"], "CADSS 0-84"),
        "dissociation_above_40": proportion(column["cadss_peak"] > STRONG_DISSOCIATION),
        "pressure_peak_rise": mean(column["pressure_peak_rise_mmHg"], "mmHg"),
        "pressure_rise_above_40": proportion(column["pressure_peak_rise_mmHg"] > HIGH_PRESSURE),
        "unresponsive": proportion(column["unresponsive_probability"] > UNRESPONSIVE),
        "nausea": mean(column["nausea_probability"], "proportion", bounds=(0.0, 1.0)),
    }
