"""In which order do the visits of a table follow each other?

Structures by distance (autoregressive, Toeplitz) and imputation after leaving hang on the order,
so it is never guessed: numbers say it, or AVISITN, or the number within the words, or the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.trial.analysis import table as tables

MOST: Final = 60
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
SIGNED: Final = re.compile(r"[-\N{MINUS SIGN}]\d")
"""a minus, or a hyphen: such words go by rows"""
ADAM_WORDS: Final = "AVISIT"
ADAM_NUMBERS: Final = "AVISITN"


@dataclass(frozen=True)
class Visits:
    """The visits in their order."""

    labels: list[str]
    when: np.ndarray
    """Number of each row's visit, 0 the first"""
    notes: tuple[str, ...] = ()


def visits_of(rows: pd.DataFrame, name: str, person: np.ndarray) -> Visits:
    """The visits that column ``name`` holds; ``person`` is the number of each row's person.

    Raises InputError for fewer than two visits, more than 60, or words whose order no one tells.
    """
    words = tables.groups(rows, name)
    first = list(dict.fromkeys(words))
    if len(first) < 2:
        raise InputError(f"Column {name!r} holds one visit only; repeated measures need two.")
    if len(first) > MOST:
        raise InputError(
            f"Column {name!r} holds {len(first)} different visits; {MOST} is the most."
        )
    numbers, notes = _numbers(rows, name, words), ()
    if numbers is None:
        order = _by_rows(name, first, words, person)
        notes = (
            f"visits are taken in the order of each person's rows: {', '.join(order)}; "
            "number them if they follow each other otherwise",
        )
    else:
        order = sorted(first, key=numbers.__getitem__)
    place = {word: k for k, word in enumerate(order)}
    return Visits(order, np.array([place[word] for word in words]), notes)


def _numbers(rows: pd.DataFrame, name: str, words: np.ndarray) -> dict[str, float] | None:
    """The number of each visit: its own, AVISITN's, or the one number within alike words."""
    if pd.api.types.is_numeric_dtype(rows[name]):
        return dict(zip(words, rows[name].astype(float), strict=True))
    if name == ADAM_WORDS and ADAM_NUMBERS in rows and rows[ADAM_NUMBERS].notna().any():
        return _of_adam(rows, words)
    found = {word: _numbered(word) for word in set(words)}
    numbers = {word: one[1] for word, one in found.items() if one is not None}
    alike = None not in found.values() and len({one[0] for one in found.values() if one}) == 1
    return numbers if alike and len(set(numbers.values())) == len(numbers) else None


def _numbered(word: str) -> tuple[str, float] | None:
    """The word without its one number, and that number; None where it has none, more, or a sign."""
    found = NUMBER.findall(word)
    if len(found) != 1 or SIGNED.search(word):
        return None
    return NUMBER.sub("#", word), float(found[0])


def _of_adam(rows: pd.DataFrame, words: np.ndarray) -> dict[str, float]:
    numbers = tables.numbers(rows, ADAM_NUMBERS)
    found = dict(zip(words, numbers, strict=True))
    wrong = np.array([found[word] for word in words]) != numbers
    remedy = "Give each AVISIT one AVISITN."
    tables.refuse_rows(rows, wrong, ADAM_NUMBERS, "is not that of the same visit elsewhere", remedy)
    if len(set(found.values())) < len(found):
        raise InputError(f"Two visits have the same {ADAM_NUMBERS}. {remedy}")
    return found


def _by_rows(name: str, first: list[str], words: np.ndarray, person: np.ndarray) -> list[str]:
    """The order that every person's rows agree upon; refused where rows disagree."""
    before: dict[str, set[str]] = {word: set() for word in first}
    for one in np.unique(person):
        own = list(dict.fromkeys(words[person == one]))
        for k, word in enumerate(own):
            before[word].update(own[:k])
    order: list[str] = []
    while len(order) < len(first):
        ready = [word for word in first if word not in order and before[word] <= set(order)]
        if not ready:
            raise InputError(
                f"Column {name!r} names visits by words, and the rows give them in several orders."
                " Write the day or week of each visit as a number."
            )
        order.append(_earliest(ready))
    _refuse_falling(name, order)
    return order


def _earliest(ready: list[str]) -> str:
    """The first of these words, or one alike with a smaller number: no row has them in order."""
    kind = _numbered(ready[0])
    alike = [word for word in ready if kind and (one := _numbered(word)) and one[0] == kind[0]]
    return min(alike, key=lambda word: float(NUMBER.findall(word)[0]), default=ready[0])


def _refuse_falling(name: str, order: list[str]) -> None:
    """Refuse rows that put "week 10" before "week 2": a file that was sorted by words."""
    last: dict[str, tuple[float, str]] = {}
    for word in order:
        one = _numbered(word)
        if one is None:
            continue
        kind, number = one
        before, words = last.get(kind, (number, word))
        if number < before:
            raise InputError(
                f"Column {name!r}: the rows have {words!r} before {word!r}, and only rows tell the"
                " order of the other visits. Sort each person's rows by time, or number the visits."
            )
        last[kind] = number, word
