"""Which cohorts without ketamine is the model held to, and how are they simulated?

Sites, shares uncommitted and courses are those of chain prototype 2, section 3: site and share are
one problem that only patient-level data can take apart, so they are hand-fitted or assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import keep_compiled
from resynapse.patient import Patient, configured
from resynapse.protocol import Arm, Protocol
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.plan import arm_plan
from resynapse.trial.table import patients_table

WEEKS = "every 7 days from day 7 to day 168"
COUNSELLING = [{"type": "counselling", "days": WEEKS, "hours": "1 h"}]
DAILY = {"every": "1 day", "start_day": 0}
SMYTH = {"uncommitted": 0.46, "log_hazard": 0.0}
CTN_0030 = {"uncommitted": 0.05, "log_hazard": 0.85}
START = {"uncommitted": 0.05, "log_hazard": 2.4}
COMPARATORS = {"uncommitted": 0.15, "log_hazard": 0.475}
MEDICATIONS: dict[str, dict[str, Any]] = {
    "methadone": {"drug": "methadone", "amount": "75 mg", **DAILY},
    "buprenorphine": {"drug": "buprenorphine", "amount": "16 mg", **DAILY},
    "monthly naltrexone": {
        "drug": "naltrexone-monthly", "amount": "380 mg", "every": "28 days", "start_day": 0,
    },
    "oral naltrexone": {"drug": "naltrexone", "amount": "50 mg", **DAILY},
}  # fmt: skip


@dataclass(frozen=True)
class Cohort:
    """What became of the people of one arm."""

    table: pd.DataFrame
    use_days: np.ndarray
    """[people, days], 1 for a day with any use"""

    def used_by(self, day: float) -> float:
        """Share with a first use by this day from the origin, whether or not they were lost."""
        first = self.table["first_use_day"].fillna(np.inf) - self.table["origin_day"]
        return float((first <= day).mean())

    def relapsed_by(self, day: float) -> float:
        """Share with seven days of use in a row that began by this day."""
        relapse = np.floor(self.table["relapse_day"].fillna(np.inf)) - self.table["origin_day"]
        return float((relapse <= day).mean())

    def on_medication_at(self, day: float) -> float:
        """Share still on medication."""
        stop = self.table["medication_stop_day"].fillna(np.inf)
        return float((stop > day).mean())


def protocol(site: dict[str, float], setting: dict[str, Any], days: float, **arm: Any) -> Protocol:
    """One arm of people who use heroin, without ketamine."""
    return _protocol(site, setting, days, [{"id": "only", "label": "Only arm", **arm}])


def _protocol(
    site: dict[str, float], setting: dict[str, Any], days: float, arms: list[dict[str, Any]]
) -> Protocol:
    return Protocol.model_validate(
        {
            "name": "cohort",
            "title": "A cohort without ketamine",
            "disorder": "heroin",
            "blinding": "open",
            "setting": {**setting, "site": site},
            "arms": arms,
            "reference": arms[0]["id"],
            "follow_up": f"day {days:g}",
        }
    )


def detoxified(days: float) -> Protocol:
    """Smyth 2010: ten days without use, then home."""
    return protocol(SMYTH, {"detoxification_days": 10}, days)


def after_taper(stable_days: float, taper_days: float, days: float) -> Protocol:
    """CTN-0030: nobody uses on buprenorphine 16 mg and its taper; home when it ends."""
    end = stable_days + taper_days
    stages = [{**MEDICATIONS["buprenorphine"], "stop_day": stable_days, "may_stop": False}]
    for k, mg in enumerate((12, 8, 4, 2)):
        begin = stable_days + k * taper_days / 4
        stage = {"drug": "buprenorphine", "amount": f"{mg} mg", "every": "1 day"}
        until = stable_days + (k + 1) * taper_days / 4
        stages.append({**stage, "start_day": begin, "stop_day": until, "may_stop": False})
    setting = {"detoxification_days": 1, "community_day": end}
    return protocol(CTN_0030, setting, end + days, medications=stages)


def started_while_using(medication: str, days: float) -> Protocol:
    """CTN-0027: outpatients start medication while they use, with weekly counselling."""
    arm = {"medications": [MEDICATIONS[medication]], "therapies": COUNSELLING}
    return protocol(START, {"detoxification_days": 0}, days, **arm)


def comparators(days: float = 175) -> Protocol:
    """Detoxified people, without treatment, with counselling, and on each medication with it."""
    arms: list[dict[str, Any]] = [
        {"id": "none", "label": "None"},
        {"id": "counselling", "label": "Counselling", "therapies": COUNSELLING},
    ]
    for name, medication in MEDICATIONS.items():
        arm = {"id": name.replace(" ", "-"), "label": name, "medications": [medication]}
        arms.append({**arm, "therapies": COUNSELLING})
    return _protocol(COMPARATORS, {"detoxification_days": 10}, days, arms)


def simulated(
    one: Protocol, people: int = 256, seed: int = 1, patient: Patient | None = None,
    backend: str = DEFAULT, id: str | None = None, **values: float,
) -> Cohort:  # fmt: skip
    """One arm, by default the first; ``values`` replace parameters, ``__`` for each dot."""
    keep_compiled()
    changed = {name.replace("__", "."): value for name, value in values.items()}
    patient = configured(patient or Patient(), None, changed)
    arm: Arm = one.arm(id) if id else one.arms[0]
    conduct = Conduct(one, patient, seed, backend=backend)
    plan = arm_plan(one, arm, patient)
    chunks = list(conduct.chunks(arm, unknown_arms(one, arm), people))
    tables = [patients_table(one, arm, patient, plan, chunk, seed) for chunk in chunks]
    return Cohort(
        pd.concat(tables, ignore_index=True), np.concatenate([c.use_days for c in chunks])
    )
