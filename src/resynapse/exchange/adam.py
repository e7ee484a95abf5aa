"""How are the people of a simulated trial written as a statistician's data sets?

ADSL (a row a person), ADTTE (times to events), ADQS (scales at visits) and, where a trial tests no
time, ADEFF (its primary endpoint), with the variable names of CDISC's ADaM, as CSV. Dates are study
days: 1 is the day of entry, on which people are randomised, and there is no day 0, so that day d of
a protocol is study day d + 1 whenever treatment begins. Nobody in them is real. ``resynapse
analyse`` reads all but ADSL by these names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from resynapse.trial.interruptions import COLUMNS
from resynapse.trial.time_to_event import time_to_event

if TYPE_CHECKING:
    from resynapse.trial.power.outcome import Outcome
    from resynapse.trial.power.rehearsal import ArmRows

PARAMETERS = {
    "LAPSE": ("lapse", "Time to first use (days)"),
    "RELAPSE": ("relapse", "Time to relapse, use on 7 days in a row (days)"),
    "DROPOUT": ("dropout", "Time to drop-out (days)"),
}
"""PARAMCD -> event, PARAM"""
PRIMARY = "PRIMARY"
OTHERS = {
    "rescue_medication": ("RESCUE", "Time to rescue medication (days)", "RESC"),
    "incarceration": ("INCARC", "Time to incarceration (days)", "INC"),
    "death": ("DEATH", "Time to death from overdose (days)", "DTH"),
}
"""Intercurrent event -> PARAMCD, PARAM, and the stem of its flag (FL) and day (DY) in ADSL; each
stands where it can happen"""
ENTERED = {"SITEID": "site", "STRATAR": "stratum"}
"""Where a person entered and in which stratum they were randomised, in every data set, where the
protocol has a conduct"""
SCALES = {
    "craving_vas": ("CRAVVAS", "Craving, VAS 0-100"),
    "mood_madrs": ("MADRS", "MADRS 0-60"),
    "withdrawal_cows": ("COWS", "COWS 0-48"),
}
"""Column of a rating -> PARAMCD, PARAM"""


def adam(
    study: str, arms: Sequence[ArmRows], controls: str, primary: Primary | None = None
) -> dict[str, pd.DataFrame]:
    """The data sets of a trial; ``controls`` is the id of the reference arm.

    ``primary`` is what the trial tests: PRIMARY of ADTTE where that is a time, of ADEFF where not.
    """
    parts = [(arm, _subjects(study, arm, controls)) for arm in arms]
    joined = {
        "ADSL": [_adsl(arm, subject) for arm, subject in parts],
        "ADTTE": [_adtte(arm, subject) for arm, subject in parts],
        "ADQS": [_adqs(arm, subject) for arm, subject in parts],
    }
    if primary is not None:
        rows = _primary_time if primary.is_time else _primary_value
        joined.setdefault(primary.data_set, []).extend(
            rows(primary, outcome, arm, subject)
            for outcome, (arm, subject) in zip(primary.outcomes, parts, strict=True)
        )
    return {
        name: pd.concat(tables, ignore_index=True).sort_values(
            ["USUBJID"] if name == "ADSL" else ["USUBJID", "PARAMCD"], kind="stable"
        )
        for name, tables in joined.items()
    }


@dataclass(frozen=True)
class Primary:
    """The endpoint that a trial tests, in words, and each arm's outcomes in the order of arms."""

    words: str
    outcomes: Sequence[Outcome]
    is_time: bool = True

    @property
    def data_set(self) -> str:
        """Which holds it."""
        return "ADTTE" if self.is_time else "ADEFF"


def write_adam(data: dict[str, pd.DataFrame], folder: Path) -> list[Path]:
    """One CSV for each data set."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in data.items():
        place = folder / f"{name}.csv"
        table.to_csv(place, index=False, float_format="%.6g")
        written.append(place)
    return written


def _subjects(study: str, arm: ArmRows, controls: str) -> pd.DataFrame:
    """What every data set begins with."""
    number = arm.patients["patient"].astype(int)
    subject = pd.DataFrame(
        {
            "STUDYID": study,
            "USUBJID": [f"{study}-{one:06d}" for one in number],
            "TRT01P": arm.arm,
            "TRT01PN": 0 if arm.arm == controls else 1,
        }
    )
    return subject.assign(
        **{name: arm.patients[own] for name, own in ENTERED.items() if own in arm.patients}
    )


def _adsl(arm: ArmRows, subject: pd.DataFrame) -> pd.DataFrame:
    people = arm.patients
    left = people["dropout_day"] < people["end_day"]
    until = np.floor(np.where(left, people["dropout_day"], people["end_day"])).astype(int) + 1
    return subject.assign(
        ARM=arm.label,
        AGE=people["age_years"].round(0).astype(int),
        AGEU="YEARS",
        SEX=np.where(people["female"] == 1, "F", "M"),
        WEIGHTBL=people["weight_kg"].round(1),
        ITTFL="Y",
        RANDDY=1,
        TRTSDY=_treated(arm),
        EOSSTT=np.where(left, "DISCONTINUED", "COMPLETED"),
        EOSDY=until,
        **_flags(people),
    )


def _treated(arm: ArmRows) -> pd.Series:
    """Study day of the first dose; empty for people who had left before it, or got nothing."""
    left = arm.patients["dropout_day"].fillna(np.inf)
    day = pd.Series(np.floor(arm.treated_day) + 1.0, index=left.index)
    return day.where(left >= arm.treated_day).astype("Int64")


def _flags(people: pd.DataFrame) -> dict[str, np.ndarray]:
    """Whether and on which study day other intercurrent events happened to each person."""
    found = {}
    for event, (_, _, stem) in OTHERS.items():
        if COLUMNS[event] in people:
            day = _seen(people, event)
            found[f"{stem}FL"] = np.where(np.isnan(day), "N", "Y")
            found[f"{stem}DY"] = np.floor(day) + 1
    return found


def _seen(people: pd.DataFrame, event: str) -> np.ndarray:
    """Day of an event that came before the person left, and before death; else NaN."""
    day, end = people[COLUMNS[event]], people["end_day"]
    until = np.fmin(end, people["dropout_day"])
    until = np.fmin(until, people["death_day"]) if "death_day" in people else until
    return day.where(day <= until).to_numpy(dtype=float)


def _adtte(arm: ArmRows, subject: pd.DataFrame) -> pd.DataFrame:
    named = subject.rename(columns={"TRT01P": "TRTP", "TRT01PN": "TRTPN"})
    parts = []
    for code, (event, words) in PARAMETERS.items():
        found = time_to_event(event, arm.patients, arm.use_days)
        parts.append(
            named.assign(
                PARAMCD=code,
                PARAM=words,
                AVAL=found.time.round(4),
                AVALU="DAYS",
                STARTDY=arm.patients["origin_day"].to_numpy() + 1,
                CNSR=np.where(found.event, 0, 1),
                EVNTDESC=np.where(found.event, event.upper(), "CENSORED"),
            )
        )
    return pd.concat([*parts, *_other_times(arm, named)], ignore_index=True)


def _other_times(arm: ArmRows, named: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Times from the origin to the other intercurrent events; before it they are at 0."""
    people = arm.patients
    origin = people["origin_day"].to_numpy(dtype=float)
    until = np.fmin(people["end_day"], people["dropout_day"]).to_numpy(dtype=float)
    for event, (code, words, _) in OTHERS.items():
        if COLUMNS[event] not in people:
            continue
        day = _seen(people, event)
        happened = ~np.isnan(day)
        time = np.maximum(np.where(happened, day, until) - origin, 0.0)
        yield named.assign(
            PARAMCD=code, PARAM=words, AVAL=time.round(4), AVALU="DAYS", STARTDY=origin + 1,
            CNSR=np.where(happened, 0, 1), EVNTDESC=np.where(happened, code, "CENSORED"),
        )  # fmt: skip


def _primary_value(
    primary: Primary, outcome: Outcome, _: ArmRows, subject: pd.DataFrame
) -> pd.DataFrame:
    """Of the people who have a value; 1 is yes where it is yes or no."""
    named = subject.rename(columns={"TRT01P": "TRTP", "TRT01PN": "TRTPN"})
    words = f"{primary.words}, as the trial tests it"
    return named.assign(PARAMCD=PRIMARY, PARAM=words, AVAL=outcome.seen)[outcome.event]


def _primary_time(
    primary: Primary, outcome: Outcome, arm: ArmRows, subject: pd.DataFrame
) -> pd.DataFrame:
    return subject.rename(columns={"TRT01P": "TRTP", "TRT01PN": "TRTPN"}).assign(
        PARAMCD=PRIMARY,
        PARAM=f"{primary.words}, as the trial tests it (days)",
        AVAL=outcome.seen,
        AVALU="DAYS",
        STARTDY=arm.patients["origin_day"].to_numpy() + 1,
        CNSR=np.where(outcome.event, 0, 1),
        EVNTDESC=np.where(outcome.event, "EVENT", "CENSORED"),
    )


def _adqs(arm: ArmRows, subject: pd.DataFrame) -> pd.DataFrame:
    """A row a person, scale and visit that took place.

    The baseline is each person's last value on or before the day of the first dose (of entry, where
    nothing is given). Without one, ABLFL, BASE and CHG are empty; so is CHG before the baseline.
    """
    named = subject.rename(columns={"TRT01P": "TRTP", "TRT01PN": "TRTPN"})
    left = arm.patients["dropout_day"].fillna(np.inf).to_numpy()
    treated = 0.0 if np.isnan(arm.treated_day) else arm.treated_day
    parts = []
    for scale, (code, words) in SCALES.items():
        prefix = f"{scale}_day_"
        days = sorted(float(c.removeprefix(prefix)) for c in arm.patients if c.startswith(prefix))
        values = [arm.patients[f"{prefix}{day:g}"].where(left >= day).to_numpy() for day in days]
        base, base_day = _baseline(days, values, treated)
        for day, value in zip(days, values, strict=True):
            row = named.assign(
                PARAMCD=code, PARAM=words, AVISIT=f"Day {day:g}", AVISITN=day,
                ADY=int(np.floor(day)) + 1, AVAL=value, BASE=base,
                CHG=np.where(day >= base_day, value - base, np.nan),
                ABLFL=np.where(day == base_day, "Y", ""),
            )  # fmt: skip
            parts.append(row[~np.isnan(value)])
    return pd.concat(parts, ignore_index=True) if parts else named.assign(PARAMCD="").iloc[:0]


def _baseline(
    days: Sequence[float], values: Sequence[np.ndarray], treated: float
) -> tuple[np.ndarray, np.ndarray]:
    """Each person's last value up to that day, and its day; NaN where there is none."""
    base = np.full(len(values[0]) if values else 0, np.nan)
    base_day = base.copy()
    for day, value in zip(days, values, strict=True):
        if day <= treated:
            known = ~np.isnan(value)
            base, base_day = np.where(known, value, base), np.where(known, day, base_day)
    return base, base_day
