"""Which figures are derived from CTN-0094, and how is anybody to rebuild them bit for bit?"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from resynapse.evidence.ctn0094 import (
    counselling,
    dose,
    first_use,
    folds,
    in_treatment,
    retention,
    sites,
    weekly,
    withdrawal,
)
from resynapse.evidence.ctn0094.records import DataError, Person, read

Rows = Callable[[Sequence[Person]], list[tuple[str, ...]]]

TABLES: dict[str, tuple[tuple[str, ...], Rows]] = {
    "first_use_after_taper": (first_use.HEADER, first_use.rows),
    "weekly_urine": (weekly.STATE_HEADER, weekly.state_rows),
    "weekly_transitions": (weekly.TRANSITION_HEADER, weekly.transition_rows),
    "retention": (retention.HEADER, retention.rows),
    "withdrawal_since_use": (withdrawal.HEADER, withdrawal.rows),
    "urine_by_dose": (dose.HEADER, dose.rows),
    "counselling": (counselling.HEADER, counselling.rows),
    "sites": (sites.HEADER, sites.rows),
    "first_use_without_fold": (folds.CURVE_HEADER, folds.curve_rows),
    "start_without_fold": (folds.COUNT_HEADER, folds.count_rows),
    "weeks_in_treatment": (in_treatment.HEADER, in_treatment.rows),
    "weeks_in_treatment_covariance": (
        in_treatment.COVARIANCE_HEADER,
        in_treatment.covariance_rows,
    ),
}
"""Name of each derived table, its columns and how its rows are made"""

_FOLDER = Path(__file__).with_name("tables")
_SUMS = "SHA256SUMS"


def build(data: Path, output: Path) -> dict[str, str]:
    """Write every table and their checksums into a folder; name of each file to its checksum."""
    people = read(data)
    made = {f"{name}.csv": _text(*table, people) for name, table in TABLES.items()}
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in made.items()}
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (output / name).write_bytes(text.encode())
        listed = "".join(f"{value}  {name}\n" for name, value in sums.items())
        (output / _SUMS).write_bytes(listed.encode())
    except OSError as error:
        raise DataError(f"{output} cannot be written to: {error.strerror}.") from None
    return sums


def checksums(folder: Path = _FOLDER) -> dict[str, str]:
    """The checksums that stand beside the tables."""
    lines = (folder / _SUMS).read_text(encoding="utf-8").splitlines()
    return {name: value for value, name in (line.split("  ") for line in lines)}


def shipped(name: str) -> list[dict[str, str]]:
    """The rows of a derived table that comes with the package; blank cells are empty text."""
    if name not in TABLES:
        raise DataError(f"No derived table is called {name!r}; there are {', '.join(TABLES)}.")
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(header: tuple[str, ...], rows: Rows, people: Sequence[Person]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows(people))
    return text.getvalue()
