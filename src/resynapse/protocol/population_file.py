"""Is the table of people that a protocol names complete, and every value in it plausible?"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from resynapse.protocol.vocabulary import nearest

COLUMNS: Final = {
    "weight_kg": (30.0, 250.0, "30 to 250 kg"),
    "age_years": (18.0, 90.0, "18 to 90 years"),
    "female": (0.0, 1.0, "0 or 1"),
}
"""Columns that must stand in the table, with the values they may hold."""
OPTIONAL: Final = ("id",)
MOST_BYTES: Final = 50_000_000
_MOST_SHOWN: Final = 10


def problems(name: str, folder: Path | None) -> Iterator[str]:
    """What is wrong with the table of this name beside the protocol."""
    if folder is None:
        yield (
            f"{name}: a table of people is read only beside a protocol file."
            " Save both in one folder and run the file."
        )
        return
    try:
        found = list(_in_table(_text(folder / name)))
    except ValueError as error:
        yield f"{name} {error}"
        return
    yield from (f"{name}, {message}" for message in found[:_MOST_SHOWN])
    if len(found) > _MOST_SHOWN:
        yield f"{name}: and {len(found) - _MOST_SHOWN} more."


def _text(path: Path) -> str:
    """The text of the table; ValueError says why it cannot be read."""
    if not path.exists():
        raise ValueError("does not exist beside the protocol. Correct the name.")
    if not path.is_file():
        raise ValueError("is not a file. Name a table with columns weight_kg, age_years, female.")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"is larger than {MOST_BYTES // 1_000_000} MB. Leave people out.")
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror}). Check who may read it.") from None
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text. Save it as CSV in UTF-8.") from None
    if text.startswith("\ufeff"):
        raise ValueError("starts with a byte-order mark. Save it as CSV in plain UTF-8.")
    if not text.strip():
        raise ValueError("is empty. Write columns weight_kg, age_years, female.")
    return text


def _in_table(text: str) -> Iterator[str]:
    rows = csv.reader(io.StringIO(text, newline=""))
    header = next(rows, [])
    wrong = list(_in_header(header))
    if wrong:
        yield from wrong
        return
    people = 0
    for row in rows:
        if not row:
            continue
        people += 1
        if len(row) != len(header):
            yield f"line {rows.line_num}: {len(row)} values for {len(header)} columns."
            continue
        yield from _in_row(dict(zip(header, row, strict=True)), rows.line_num)
    if people == 0:
        yield "line 2: no person stands in the table. Add a line for each."


def _in_header(header: list[str]) -> Iterator[str]:
    allowed = (*COLUMNS, *OPTIONAL)
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        yield "line 1: columns are not separated by commas. Save the table with commas."
        return
    for column in COLUMNS:
        if column not in header:
            near = nearest(column, [given for given in header if given not in allowed])
            meant = f" Rename {near}." if near else " Add it."
            yield f"line 1: column {column} is missing ({COLUMNS[column][2]}).{meant}"
    for index, column in enumerate(header):
        if column in header[:index]:
            yield f"line 1: column {column} stands twice. Keep one."
        elif column not in allowed:
            yield f"line 1: column {column} is not known. Allowed: {', '.join(allowed)}."


def _in_row(row: dict[str, str], line: int) -> Iterator[str]:
    for column, (low, high, words) in COLUMNS.items():
        text = row[column].strip()
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        whole = column != "female" or value in (0.0, 1.0)
        if not (low <= value <= high and whole):
            yield f'line {line}, column {column}: "{text[:30]}" is not {words}.'
