"""What do the public tables of CTN-0094 say about each person who was randomised?

Days count from randomisation to the phase in question. Use of opioids is a day on which heroin,
an opioid or methadone that was not the study's was reported in the time-line follow-back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resynapse.input_error import InputError

OPIOIDS = ("Heroin", "Opioid", "Methadone")
ARMS = {
    "Methadone": "methadone",
    "Outpatient BUP": "buprenorphine",
    "Outpatient BUP + SMM": "standard",
    "Outpatient BUP + EMM": "enhanced",
}
"""Arm in the data, and here; the last two are the intensities of counselling in CTN-0030"""

START, POATS = ("methadone", "buprenorphine"), ("standard", "enhanced")
"""Arms of CTN-0027 and of CTN-0030"""

_COLUMNS = {
    "randomization": ("who", "treatment", "which", "when"),
    "tlfb": ("who", "what", "when"),
    "uds": ("who", "what", "when"),
    "treatment": ("who", "amount", "when"),
    "withdrawal": ("who", "withdrawal", "when"),
    "site_masked": ("who", "site_masked"),
    "derived_weeklyOpioidPattern": ("who", "Phase_1", "Phase_2"),
}
"""The tables that are read and the columns that are taken from them"""


class DataError(InputError):
    """A folder that does not hold the tables of CTN-0094."""


@dataclass
class Person:
    """One person who was randomised; the days of this record count from consent."""

    arm: str
    randomised: dict[int, int]
    """Phase to day"""
    site: int = 0
    uses: set[int] = field(default_factory=set)
    last_record: int = -1000
    """Last day with a report of use or a positive urine"""
    doses: dict[int, int] = field(default_factory=dict)
    """Day to mg, where any was taken"""
    withdrawal: list[tuple[int, int]] = field(default_factory=list)
    """Day and severity, 0 to 3"""
    urine_weeks: str = ""
    """A letter a week from the first randomisation: - negative, + positive, * mixed, o missing"""


def read(folder: Path) -> tuple[Person, ...]:
    """Everybody who was randomised, by the number that stands for them."""
    tables = {name: _rows(folder, name, columns) for name, columns in _COLUMNS.items()}
    people: dict[int, Person] = {}
    for who, treatment, which, when in tables["randomization"]:
        person = people.setdefault(who, Person(ARMS[treatment], {}))
        if person.arm in POATS or which == 1:
            person.randomised[which] = when
    for who, site in tables["site_masked"]:
        if who in people:
            people[who].site = site
    _add_use(people, tables)
    _add_course(people, tables)
    return tuple(person for _, person in sorted(people.items()))


def _add_use(people: dict[int, Person], tables: dict[str, list[tuple[Any, ...]]]) -> None:
    last: dict[int, int] = defaultdict(lambda: -1000)
    for name in ("tlfb", "uds"):
        for who, what, when in tables[name]:
            last[who] = max(last[who], when)
            if name == "tlfb" and what in OPIOIDS and who in people:
                people[who].uses.add(when)
    for who, person in people.items():
        person.last_record = last[who]


def _add_course(people: dict[int, Person], tables: dict[str, list[tuple[Any, ...]]]) -> None:
    for who, amount, when in tables["treatment"]:
        if who in people and amount and amount > 0 and when is not None:
            days = people[who].doses
            days[when] = max(amount, days.get(when, 0))
    for who, severity, when in tables["withdrawal"]:
        if who in people and severity is not None and when is not None:
            people[who].withdrawal.append((int(when), int(severity)))
    for who, first, second in tables["derived_weeklyOpioidPattern"]:
        if who in people:
            people[who].urine_weeks = (first or "") + (second or "")


def _rows(folder: Path, name: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    import duckdb

    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise DataError(
            f"{folder} holds no {path.name}. Give the folder with the tables of the R packages "
            "public.ctn0094data and public.ctn0094extra, written as Parquet (docs/ctn0094.md)."
        )
    listed = ", ".join(f'"{column}"' for column in columns)
    try:
        with duckdb.connect() as connection:
            reading = f"SELECT {listed} FROM read_parquet(?) ORDER BY ALL"
            return connection.execute(reading, [str(path)]).fetchall()
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise DataError(f"{path} is not the table {name} of CTN-0094: {said}") from None
