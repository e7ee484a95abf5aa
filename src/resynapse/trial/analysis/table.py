"""Which rows of a person's table does an analysis use, and what is wrong with them?

Every check names the column, the first line of the file where it fails, and the remedy.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean

ADAM: Final = {
    "person": "USUBJID",
    "arm": "TRTP",
    "time": "AVAL",
    "event": "CNSR",
    "visit": "AVISIT",
    "value": "AVAL",
}
"""Columns of a CDISC ADaM export (ADTTE, BDS), used where PARAMCD and AVAL are in the table"""
LARGEST: Final = 1e100
"""Size of a number beyond which squares overflow"""
HEADER: Final = 2
"""Line of the first row: lines count from 1, and the first holds the names"""


def read_table(path: Path | str) -> pd.DataFrame:
    """The rows of a CSV file with a header."""
    try:
        table = _parsed(Path(path))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file. Name a CSV file.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text. Save it as CSV in UTF-8.") from None
    except csv.Error as error:
        raise InputError(f"{path} is not a CSV table ({error}). Save it as CSV.") from None
    except pd.errors.EmptyDataError:
        raise InputError(f"{path} is empty. The first line names the columns.") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        said = str(error).removeprefix("Error tokenizing data. C error: ").strip()
        raise InputError(
            f"{path} is not a CSV table ({said}). Give each row as many cells."
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}). Name a CSV file.") from None
    if table.empty:
        raise InputError(f"{path} has no rows under its header.")
    return table


def _parsed(path: Path) -> pd.DataFrame:
    """The table; two columns of one name are refused, and so are rows longer than the header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
    if len(header) < 2 and set(";\t") & set("".join(header)):
        raise InputError(
            f"{path} is separated by semicolons or tabs; save it with commas, and decimals with a "
            "point."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(f"{path} has two columns named {twice[0]!r}; give each its own name.")
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table = pd.read_csv(path, encoding="utf-8-sig", skipinitialspace=True, index_col=False)
    return _without_spaces(table)


def _without_spaces(table: pd.DataFrame) -> pd.DataFrame:
    """The table without spaces around its names and words; a cell of spaces is empty."""
    table = table.rename(columns=lambda name: str(name).strip())
    for name in table.columns[[not pd.api.types.is_numeric_dtype(one) for one in table.dtypes]]:
        bare = table[name].map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
        table[name] = bare.mask(bare == "")
    return table


def is_adam(table: pd.DataFrame) -> bool:
    """Whether the table is an ADaM export, so that its standard names are understood."""
    return {"PARAMCD", "AVAL"} <= set(table.columns)


def with_parameter(table: pd.DataFrame, parameter: str | None) -> pd.DataFrame:
    """The rows of one PARAMCD."""
    if parameter is None:
        codes = table["PARAMCD"].unique() if "PARAMCD" in table else []
        if len(codes) > 1:
            raise InputError(
                f"The table holds {len(codes)} parameters (PARAMCD {', '.join(map(str, codes))}); "
                "say which with `parameter`."
            )
        return table
    rows = table[column(table, "PARAMCD") == parameter]
    if rows.empty:
        known = [str(code) for code in table["PARAMCD"].unique()]
        raise InputError(
            f"No row has PARAMCD {parameter!r}.{did_you_mean(parameter, known)} "
            f"There are: {', '.join(known)}."
        )
    return rows


def column(table: pd.DataFrame, name: str) -> pd.Series:
    """A column by name; the nearest name is offered where there is none."""
    if name not in table.columns:
        known = [str(one) for one in table.columns]
        raise InputError(
            f"The table has no column {name!r}.{did_you_mean(name, known)} "
            f"Columns: {', '.join(known)}."
        )
    return table[name]


def numbers(table: pd.DataFrame, name: str, *, missing: bool = False) -> np.ndarray:
    """A column of finite numbers; NaN for empty cells where they are allowed."""
    cells = column(table, name)
    read = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
    blank = cells.isna().to_numpy()
    refuse_rows(table, ~np.isfinite(read) & ~blank, name, "is no finite number", "Write numbers.")
    refuse_rows(table, np.abs(read) > LARGEST, name, "is too large to compute with", "Change unit.")
    if not missing:
        refuse_rows(table, blank, name, "is empty", _FILL)
    return read


def categories(table: pd.DataFrame, name: str) -> np.ndarray:
    """A column of words; whole numbers are written without a point."""
    cells = column(table, name)
    refuse_rows(table, cells.isna().to_numpy(), name, "is empty", _FILL)
    if pd.api.types.is_float_dtype(cells) and (cells == cells.round()).all():
        cells = cells.astype(np.int64)
    return cells.astype(str).to_numpy(dtype=object)


def groups(table: pd.DataFrame, name: str) -> np.ndarray:
    """``categories`` that name arms, strata or visits.

    Refused where two differ by capitals or spaces only, or a cell is `.`, the code for not known.
    """
    words = categories(table, name)
    refuse_rows(table, words == ".", name, "is a code for not known", _FILL)
    spelled: dict[str, str] = {}
    for word in dict.fromkeys(words):
        plain = " ".join(word.split()).casefold()
        if spelled.setdefault(plain, word) != word:
            raise InputError(
                f"Column {name!r} holds {spelled[plain]!r} and {word!r}, which differ by capitals "
                "or spaces only. Write one word for one group, and for two groups words that differ"
                " otherwise."
            )
    return words


ROUNDING: Final = 1.0e-9
"""share of a time by which two times may differ and be the same"""
_FILL: Final = "Fill the cell (NA, NaN, None and NULL are read as empty too) or leave the row out."
_COMMA: Final = r"[+-]?\d+,\d+"
_DAY: Final = r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2})"
_DATE: Final = f"(?:{_DAY})(?:[ T].*)?"


def refuse_half_numbers(table: pd.DataFrame, name: str) -> None:
    """Refuse a column of words that were meant as numbers or dates, and so would be categories."""
    cells = column(table, name)
    words = cells.astype(str).str.strip()
    number = pd.to_numeric(cells, errors="coerce").notna().to_numpy()
    comma, date = (words.str.fullmatch(form).to_numpy() for form in (_COMMA, _DATE))
    refuse_rows(table, comma, name, "has a comma within a number", "Write decimals with a point.")
    refuse_rows(table, date, name, "is a date", "Write the days since a day of your choice.")
    if number.any():
        remedy = "Write numbers; to have categories, put a letter before each."
        wrong = ~number & ~cells.isna().to_numpy()
        refuse_rows(table, wrong, name, "is no number among numbers", remedy)


def times(table: pd.DataFrame, name: str) -> np.ndarray:
    """A column of times from the origin, none of them negative."""
    found = numbers(table, name)
    remedy = "Count from the origin, and give people without the event the time they were followed."
    refuse_rows(table, found < 0, name, "is negative", remedy)
    return found


def indicator(table: pd.DataFrame, name: str) -> np.ndarray:
    """A column of 0 and 1, false and true."""
    cells = column(table, name)
    words = cells.astype(str).str.strip().str.lower().map(_TRUTH)
    refuse_rows(
        table, words.isna().to_numpy(), name, "is neither 0 nor 1", "Write 1 where it happened."
    )
    return words.to_numpy(dtype=bool)


_TRUTH: Final = {"0": False, "1": True, "0.0": False, "1.0": True, "false": False, "true": True}


def refuse_overlaps(table: pd.DataFrame, alike: Sequence[str], start: str, stop: str) -> None:
    """Refuse a row that begins before the row before, alike in these columns, has ended.

    By more than rounding: 0.3 follows a row to 0.1 + 0.2.
    """
    who = pd.MultiIndex.from_arrays([categories(table, name) for name in alike]).factorize()[0]
    begin, end = numbers(table, start), numbers(table, stop)
    order = np.lexsort((end, begin, who))
    same = who[order][1:] == who[order][:-1]
    early = np.zeros(len(who), dtype=bool)
    ended = end[order][:-1] * (1.0 - ROUNDING)
    early[order[1:]] = same & (begin[order][1:] < ended)
    remedy = "Let a person's rows follow each other, each stretch of time in one row."
    refuse_rows(table, early, start, "is before the same person's row before has ended", remedy)


def require_once(table: pd.DataFrame, names: list[str]) -> None:
    """Refuse two rows that have the same values in these columns."""
    twice = table.duplicated(names).to_numpy()
    if twice.any():
        row = int(np.argmax(twice))
        values = ", ".join(f"{name} {table[name].iloc[row]}" for name in names)
        count = int(twice.sum())
        rows = "" if count == 1 else f"; {count} rows do so"
        raise InputError(
            f"Line {line(table, row)} repeats {values}{rows}. "
            f"Keep one row for each {' and '.join(names)}."
        )


def require_one_arm(table: pd.DataFrame, person: str, arm: str) -> None:
    """Refuse a person whose rows are in two arms."""
    who, words = categories(table, person), groups(table, arm)
    first = dict(zip(who[::-1], words[::-1], strict=True))
    wrong = np.array([first[one] != word for one, word in zip(who, words, strict=True)])
    if wrong.any():
        raise InputError(
            f"Person {who[np.argmax(wrong)]} changes arm in column {arm!r}, line "
            f"{line(table, int(np.argmax(wrong)))}; "
            "give each person the arm to which they were randomised. Crossover designs, whose "
            "people are in both arms, have no method here."
        )


def arms(table: pd.DataFrame, name: str, reference: str | None) -> tuple[np.ndarray, list[str]]:
    """Each row's arm as a number, 0 the reference, and the arms' names in that order."""
    words = groups(table, name)
    known = sorted(set(words))
    if len(known) < 2:
        raise InputError(
            f"Column {name!r} holds one arm only, {known[0]!r}; a comparison needs two."
        )
    if len(known) > 50:
        raise InputError(
            f"Column {name!r} holds {len(known)} different values; it cannot name arms."
        )
    if reference is not None and reference not in known:
        raise InputError(
            f"No row of column {name!r} is in the reference arm {reference!r}."
            f"{did_you_mean(reference, known)} Arms: {', '.join(known)}."
        )
    first = known[0] if reference is None else reference
    order = [first, *(one for one in known if one != first)]
    return np.array([order.index(word) for word in words]), order


def refuse_rows(
    table: pd.DataFrame, wrong: np.ndarray, name: str, what: str, remedy: str = ""
) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        given = table[name].iloc[row]
        shown = "" if pd.isna(given) else f" ({given})"
        raise InputError(
            f"Column {name!r}{shown} {what} in line {line(table, row)}"
            f"{_others(int(wrong.sum()))}. {remedy}"
        )


def _others(count: int) -> str:
    return "" if count == 1 else f" and in {count - 1} more"


def line(table: pd.DataFrame, row: int) -> int:
    """Of the file, of a row by its place in the table."""
    return int(table.index[row]) + HEADER
