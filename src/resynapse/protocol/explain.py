"""What is wrong with a protocol, in words, with the line where it stands?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from resynapse.protocol.document import Document
from resynapse.protocol.errors import Inconsistent, Path, Problem, WrongField
from resynapse.protocol.trial_protocol import Protocol
from resynapse.protocol.vocabulary import did_you_mean, nearest

SHORT_NAMES: Final = {
    "follow_up_days": ("follow_up",),
    "every_days": ("every",),
    "amount": ("dose",),
    "minutes": ("dose",),
    "route": ("dose",),
}
"""How people may have written a field whose full name appears in an error."""

_ONE_OF: Final = {
    "arms": "arm",
    "doses": "dose",
    "medications": "medication",
    "therapies": "therapy",
    "rules": "rule",
    "endpoints": "endpoint",
    "visits": "visit",
    "days": "day",
}
_ARTICLE: Final = {"Arm": "an arm", "Amount": "an amount", "Switches": "the switches"}
_CUT_OFF: Final = re.compile(r"\d.*")
"""What is left of a number with a comma where commas part fields."""
_TYPES: Final = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "tuple_type": "must be a list: each entry on its own line after `- `",
    "model_type": "must be a mapping of fields",
    "model_attributes_type": "must be a mapping of fields",
    "string_pattern_mismatch": "may hold small letters, digits, dots, hyphens and underscores,"
    " and starts with a letter or digit",
}
_BOUNDS: Final = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def explained(
    error: ValidationError, document: Document, written: Callable[[Path], Path] = tuple,
    unsure: Callable[[Path], bool] = lambda _: False,
) -> Iterator[Problem]:  # fmt: skip
    """Each thing that pydantic found, as a problem a person can act on.

    ``written`` gives a path under the names in the document; what is wrong between fields is left
    out where ``unsure``.
    """
    for found in errors_of(error):
        path: Path = tuple(found["loc"])
        raised = raised_by(found)
        if isinstance(raised, Inconsistent):
            for inner, message in raised.found:
                if not unsure((*path, *inner)):
                    yield problem(written((*path, *inner)), message, document)
            continue
        if isinstance(raised, WrongField):
            path = (*path, raised.field)
        yield problem(written(path), _message(found, path, document), document)


def errors_of(error: ValidationError) -> list[Any]:
    """What pydantic found, without lists called too short because their entries are wrong."""
    found = error.errors(include_url=False)
    places = [tuple(one["loc"]) for one in found]

    def has_wrong_entries(path: Path) -> bool:
        return any(len(place) > len(path) and place[: len(path)] == path for place in places)

    return [
        one
        for one, path in zip(found, places, strict=True)
        if one["type"] != "too_short" or not has_wrong_entries(path)
    ]


def raised_by(found: Any) -> Exception | None:
    """The error that a validator of ours raised; None where pydantic itself found it."""
    raised = found.get("ctx", {}).get("error")
    return raised if isinstance(raised, Exception) else None


def problem(path: Path, message: str, document: Document) -> Problem:
    """A problem at a path, under the name and in the line in which the person wrote it."""
    written = _as_written(path, document)
    return Problem(spoken(written, document.data), message, document.line(written), written)


def spoken(path: Path, data: Any) -> str:
    """Where a path points, in words: "arm high, dose 1, route"."""
    words: list[str] = []
    here = data
    for step in path:
        here = _inside(here, step)
        if isinstance(step, int):
            named = here.get("id") or here.get("name") if isinstance(here, dict) else None
            words[-1] = f"{_ONE_OF.get(words[-1], words[-1])} {named or step + 1}"
        else:
            words.append(step)
    return ", ".join(words)


def record_at(path: Path) -> type[BaseModel] | None:
    """The record whose field the last step of a path names."""
    record: Any = Protocol
    for step in path[:-1]:
        if isinstance(step, int):
            continue
        field = record.model_fields.get(step) if _is_record(record) else None
        record = _record_in(field.annotation) if field else None
    return record if _is_record(record) else None


def _message(found: Any, path: Path, document: Document) -> str:
    kind, given = found["type"], found.get("input")
    if kind == "value_error":
        return str(found["msg"]).removeprefix("Value error, ")
    if kind == "missing":
        return _missing(path)
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "literal_error":
        return _not_a_choice(path, given)
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{_shown(given)} is given; it must be {words} {found['ctx'][key]:g}."
    if kind in ("too_long", "too_short", "string_too_long", "string_too_short"):
        return _wrong_length(found["ctx"], path, kind, given)
    return f"{_shown(given)} is given; it {_TYPES.get(kind, 'is not allowed: ' + found['msg'])}."


def _missing(path: Path) -> str:
    record = record_at(path)
    name = str(path[-1])
    field = record.model_fields.get(name) if record else None
    choices = _choices(field.annotation) if field else ()
    says = f" Allowed: {', '.join(choices)}." if choices else ""
    meaning = f" ({field.description})" if field and field.description else ""
    shorter = name if name in ("route", "minutes") else SHORT_NAMES.get(name, (name,))[0]
    return f"this field{meaning} is missing.{says} Add a line `{shorter}: ...`."


def meant(path: Path) -> str | None:
    """The field that a misspelt one was probably meant to be; None where nothing is near."""
    record = record_at(path)
    return nearest(path[-1], _names_of(record)) if record else None


def _unknown(path: Path) -> str:
    record = record_at(path)
    if record is None:
        return "this field is not known. Remove it."
    names = _names_of(record)
    guess = meant(path)
    hint = f" Did you mean {guess}?" if guess else " Remove it."
    if _CUT_OFF.fullmatch(str(path[-1])):
        hint = " If it is the rest of a number, write that with a point: 0.5, not 0,5."
    kind = _ARTICLE.get(record.__name__, f"a {record.__name__.lower()}")
    return f"this is not a field of {kind}. Fields: {', '.join(names)}.{hint}"


def _names_of(record: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name in record.model_fields:
        short = SHORT_NAMES.get(name, ())
        names += [*(word for word in short if word not in names), name]
    return (
        names
        if record.__name__ in ("Dose", "Medication", "Protocol")
        else list(record.model_fields)
    )


def _not_a_choice(path: Path, given: Any) -> str:
    record = record_at(path)
    field = record.model_fields.get(str(path[-1])) if record else None
    choices = _choices(field.annotation) if field else ()
    guess = did_you_mean(given, choices) if isinstance(given, str) else ""
    return f"{_shown(given)} is not allowed. Allowed: {', '.join(choices)}.{guess}"


def _wrong_length(context: Any, path: Path, kind: str, given: Any) -> str:
    if path == ("arms",) and kind == "too_long":
        return (
            f"{len(given)} arms are given; page and report tell at most {context['max_length']}"
            " apart, by colour, dash and name. Leave arms out, or compare them in two protocols."
        )
    things = "characters" if kind.startswith("string") else "entries"
    if "max_length" in context:
        return f"{len(given)} {things} are given; at most {context['max_length']} are allowed."
    return f"nothing is given; at least {context['min_length']} of its {things} is needed."


def _as_written(path: Path, document: Document) -> Path:
    """The path as far as it is written, step by step, each under the name that stands there."""
    written: Path = ()
    for step in path:
        names = (step, *SHORT_NAMES.get(str(step), ()))
        found = [name for name in names if (*written, name) in document.lines]
        written = (*written, found[0] if found else step)
        if found and found[0] != step:
            return written
    return written


def _inside(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _parts(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin in (Union, UnionType, tuple):
        for part in get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation


def _record_in(annotation: Any) -> Any:
    return next((part for part in _parts(annotation) if _is_record(part)), None)


def _choices(annotation: Any) -> tuple[str, ...]:
    return tuple(
        choice
        for part in _parts(annotation)
        if get_origin(part) is Literal
        for choice in get_args(part)
    )


def _is_record(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _shown(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, dict | list | tuple):
        return "a mapping" if isinstance(given, dict) else "a list"
    if isinstance(given, float):
        return f"{given:g}"
    text = str(given).lower() if isinstance(given, bool) else str(given)
    return f'"{text[:60]}"' if isinstance(given, str) else text[:60]
