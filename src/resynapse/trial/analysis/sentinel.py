"""Does a column hold numbers that look like codes for not known?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from resynapse.trial.analysis import data as of
from resynapse.trial.analysis.plan import AnyAnalysis, Plan
from resynapse.trial.analysis.table import line

BELOW: Final = (-9.0, -99.0, -999.0, -9999.0)
"""Codes where all other numbers of a column are 0 or more"""
BEYOND: Final = (999.0, 9999.0)
"""Codes where they are, and none is more than a fifth of the code"""
FARTHER: Final = 5.0
COLUMNS: Final = ("value", "time", "exposure", "trials")
LISTS: Final = ("covariates", "covariates_by_visit")


def codes_told(table: pd.DataFrame, plan: Plan, wish: AnyAnalysis) -> tuple[str, ...]:
    """A sentence for each column of an analysis that holds what looks like such a code."""
    rows, names = of.rows_of(table, plan, wish)
    told = (_told(rows, name) for name in dict.fromkeys(_columns(wish, names)))
    return tuple(sentence for sentence in told if sentence)


def _columns(wish: AnyAnalysis, names: of.Columns) -> Iterator[str]:
    fields = type(wish).model_fields
    yield from (names(word) for word in COLUMNS[:2] if word in fields)
    yield from (getattr(wish, word) for word in COLUMNS[2:] if getattr(wish, word, None))
    for word in LISTS:
        yield from getattr(wish, word, ())
    yield from (one.value for one in getattr(wish, "outcomes", ()))


def _told(rows: pd.DataFrame, name: str) -> str:
    if name not in rows.columns:
        return ""
    read = pd.to_numeric(rows[name], errors="coerce").to_numpy(dtype=float)
    known = read[np.isfinite(read)]
    found = [code for code in (*BELOW, *BEYOND) if code in known]
    others = known[~np.isin(known, found)]
    if len(others) == 0 or others.min() < 0.0:
        return ""
    codes = [code for code in found if code < 0 or others.max() * FARTHER <= code]
    return _sentence(rows, name, read, codes) if codes else ""


def _sentence(rows: pd.DataFrame, name: str, read: np.ndarray, codes: list[float]) -> str:
    """All codes of a column, each with its first line."""
    places: list[str] = []
    for code in codes:
        many, first = int(np.sum(read == code)), int(np.argmax(read == code))
        also = "" if many == 1 else f" and {many - 1} more"
        column = "" if places else f" in column {name!r}"
        places.append(f"{code:g}{column}, line {line(rows, first)}{also}")
    if len(codes) == 1:
        return (
            f"{places[0]}, is taken as a number and looks like a code for not known: no other "
            "number there is negative or near it; if it is a code, leave such rows out"
        )
    return (
        f"{'; '.join(places)}, are taken as numbers and look like codes for not known: no other "
        "number there is negative or near them; if they are codes, leave such rows out"
    )
