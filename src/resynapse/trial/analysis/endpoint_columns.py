"""Which columns does a plan's endpoint add to a table: from words, days, drinks, scores, events?"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, Final, get_args

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.plan import EndpointPlan, Plan
from resynapse.trial.definitions import Definition, definition
from resynapse.trial.definitions.days import Timed

SOURCES: Final = {
    "word": ("word",),
    "days": ("days",),
    "drinks": ("drinks", "sex"),
    "drinks and baseline drinks": ("baseline_drinks", "drinks", "sex"),
    "visits": ("visits",),
    "criteria": ("before", "after"),
    "adverse outcomes": ("outcomes", "followed"),
}
"""What a definition needs -> fields of the plan that say where it stands, in the order of use"""


def with_endpoints(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """The table with the columns of every endpoint of the plan.

    Raises InputError, which names the endpoint, for a column that is there already or is missing,
    an option that the definition does not have, or a row that cannot be read.
    """
    for wish in plan.endpoints:
        try:
            table = table.assign(**_columns(table, wish))
        except InputError as error:
            raise InputError(f"Endpoint {wish.name!r}: {error.message}") from None
    return table


def _columns(table: pd.DataFrame, wish: EndpointPlan) -> dict[str, np.ndarray]:
    found = definition(wish.definition)
    options = _options(wish, found)
    values = [
        _one(found, row, options, table, k) for k, row in enumerate(_rows(table, wish, found))
    ]
    names = (wish.name,)
    if found.gives == "time":
        names = (f"{wish.name}_time", f"{wish.name}_event")
    taken = next((name for name in names if name in table), None)
    if taken:
        raise InputError(f"the table has a column {taken!r} already; give another name.")
    if found.gives == "time":
        times = [one for one in values if isinstance(one, Timed)]
        columns = [one.time for one in times], [int(one.event) for one in times]
        return {name: np.array(one) for name, one in zip(names, columns, strict=True)}
    return {wish.name: np.array([np.nan if one is None else float(one) for one in values])}


def _one(
    found: Definition, row: tuple[Any, ...], options: dict[str, Any], table: pd.DataFrame, k: int
) -> Any:
    try:
        return found.function(*row, **options)
    except InputError as error:
        line = int(table.index[k]) + tables.HEADER
        raise InputError(f"line {line}: {error.message}") from None


def _options(wish: EndpointPlan, found: Definition) -> dict[str, Any]:
    """The options; refused where the definition has no such option, or not such a value."""
    for name, value in wish.options.items():
        if name not in found.options:
            known = ", ".join(found.options) or "none"
            raise InputError(
                f"{found.name} has no option {name!r}.{did_you_mean(name, found.options)} "
                f"Options: {known}."
            )
        allowed = _allowed(found.function, name)
        if allowed and value not in allowed:
            raise InputError(f"{name} is {value!r}; allowed are {', '.join(map(str, allowed))}.")
        if not allowed and (isinstance(value, str) or value < 0):
            raise InputError(f"{name} is {value!r}; write a number of 0 or more.")
    return dict(wish.options)


def _allowed(function: Callable[..., Any], name: str) -> tuple[Any, ...]:
    """The words that an option may be, from the function's own annotation."""
    if name != "missing":
        return ()
    words = inspect.signature(function, eval_str=True).parameters[name].annotation
    literal = next((one for one in get_args(words) if get_args(one)), words)
    return get_args(literal) or ("positive", "negative", "skipped")


def _rows(table: pd.DataFrame, wish: EndpointPlan, found: Definition) -> list[tuple[Any, ...]]:
    """What the definition's function takes, a tuple a row."""
    fields = SOURCES[found.needs]
    absent = [field for field in fields if getattr(wish, field) is None]
    if absent:
        raise InputError(
            f"{found.name} needs {' and '.join(fields)}; say with `{absent[0]}:` which columns "
            "hold it."
        )
    parts = [_READ[field](table, getattr(wish, field)) for field in fields]
    if found.needs == "visits":
        days, scores = parts[0]
        return [(days, row) for row in scores]
    return list(zip(*parts, strict=True))


def _matrix(table: pd.DataFrame, prefix: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers in the names of the columns that begin so, rising, and their values."""
    pattern = re.compile(re.escape(prefix) + r"(\d+(?:\.\d+)?)")
    matches = [match for name in table.columns if (match := pattern.fullmatch(str(name)))]
    if not matches:
        raise InputError(
            f"no column is named {prefix!r} and a number; columns: "
            f"{', '.join(map(str, table.columns[:20]))}."
        )
    ordered = sorted(matches, key=lambda one: float(one[1]))
    values = [tables.numbers(table, one[0], missing=True) for one in ordered]
    return np.array([float(one[1]) for one in ordered]), np.column_stack(values)


def _days(table: pd.DataFrame, prefix: str) -> np.ndarray:
    """Consecutive days, 1 a day; a day without a column cannot be told from one not known."""
    numbers, values = _matrix(table, prefix)
    gaps = np.flatnonzero(np.diff(numbers) != 1.0)
    if len(gaps):
        first = f"{prefix}{numbers[gaps[0]]:g}"
        raise InputError(
            f"after column {first!r} comes {prefix}{numbers[gaps[0] + 1]:g}; give every day a "
            "column, empty where nothing is known."
        )
    return values


def _words(table: pd.DataFrame, name: str) -> np.ndarray:
    return tables.categories(table, name)


def _number(table: pd.DataFrame, name: str) -> np.ndarray:
    return tables.numbers(table, name, missing=True)


def _numbers(table: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    return np.column_stack([_number(table, name) for name in names])


_READ: Final[dict[str, Callable[[pd.DataFrame, Any], Any]]] = {
    "word": _words,
    "sex": _words,
    "days": _days,
    "drinks": _days,
    "baseline_drinks": _days,
    "visits": _matrix,
    "before": _number,
    "after": _number,
    "outcomes": _numbers,
    "followed": _number,
}
