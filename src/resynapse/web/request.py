"""What may a request hold? Said once, to who reads the description and to who asks wrongly."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from resynapse.web.refusal import Refused

Schema = dict[str, Any]
Path = tuple[str | int, ...]
HIGHEST_SEED = 2**32 - 1
DEFAULT_PATIENTS, MOST_PATIENTS = 200, 2000
"""in each arm"""
DEFAULT_SEED = 1
MOST_LISTED = 40
HALF_A_CHARACTER = (
    "The request holds half a character (one of a pair of surrogates without the other), which no"
    " text may hold. Leave it out."
)
LARGEST = 1e9
"""of any number in a request that is no programme"""
PROGRAMME: Schema = {
    "protocol": {"type": "object", "description": "as `resynapse schema` says"},
    "text": {"type": "string", "description": "the same as YAML"},
    "seed": {"type": "integer", "minimum": 0, "maximum": HIGHEST_SEED, "default": DEFAULT_SEED},
}
"""What every request says of its programme"""
PATIENTS: Schema = {
    "type": "integer", "minimum": 1, "maximum": MOST_PATIENTS, "default": DEFAULT_PATIENTS,
    "description": "in each arm; for more, download the programme and use resynapse run",
}  # fmt: skip
REFUSALS = {
    413: "Too many bytes",
    422: "The sentence that the command line would say, and where",
    429: "Too many requests wait, or the queue is full",
}


class RequestError(Refused):
    """A request that cannot be read."""


def holding(**properties: Schema) -> Schema:
    """The schema of a mapping of these and no other fields."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


def described(schema: Schema) -> dict[str, Any]:
    """What OpenAPI is told of a request with such a body."""
    content = {"application/json": {"schema": schema}}
    told = {str(status): {"description": words} for status, words in REFUSALS.items()}
    return {"requestBody": {"required": True, "content": content}, "responses": told}


def data(body: bytes) -> dict[str, Any]:
    """A mapping from JSON in which every number is a number, and every text can be written."""
    try:
        given = json.loads(body, parse_constant=_no_number)
        json.dumps(given, ensure_ascii=False).encode()
    except RecursionError:
        raise RequestError("The request is nested too deeply for a programme.") from None
    except UnicodeEncodeError:
        raise RequestError(HALF_A_CHARACTER) from None
    except ValueError as error:
        raise RequestError(f"The request is not JSON: {_short(error)}.") from None
    if not isinstance(given, dict):
        raise RequestError("The request must be a JSON object.")
    return given


def fields(given: Any, schema: Schema, what: str, at: Path = ()) -> dict[str, Any]:
    """The fields of a mapping, with usual values; refused in a sentence where the schema says no.

    ``what`` names the mapping in that sentence, and ``at`` is where it stands.
    """
    known = schema["properties"]
    if not isinstance(given, dict):
        raise RequestError(f"{what}: give a mapping of {', '.join(known)}.", at)
    strange = [name for name in given if name not in known]
    if strange:
        said = f"{strange[0][:60]!r} is no part of {what}. Known: {', '.join(known)}."
        raise RequestError(said, at)
    missing = [name for name in schema.get("required", ()) if name not in given]
    if missing:
        held = known[missing[0]].get("properties")
        asked = f"a mapping of {', '.join(held)}" if held else "one"
        raise RequestError(f"{missing[0]} is missing from {what}: give {asked}.", at)
    usual = {name: one["default"] for name, one in known.items() if "default" in one}
    told = {name: _value(given[name], known[name], (*at, name)) for name in given}
    return usual | told


def _value(given: Any, schema: Schema, at: Path) -> Any:
    kind = "enum" if "enum" in schema else schema["type"]
    return READERS[kind](given, schema, at)


def _refuse(at: Path, given: Any, said: str) -> NoReturn:
    name = next(step for step in reversed(at) if isinstance(step, str))
    shown = f" {given}"[:40] if isinstance(given, str | int | float) else ""
    raise RequestError(f"{name}{shown}: {said}.", at)


def _one_of(given: Any, schema: Schema, at: Path) -> Any:
    names = schema["enum"]
    if not isinstance(given, str) or given not in names:
        _refuse(at, given, f"give {', '.join(names[:-1])} or {names[-1]}")
    return given


def _whole(given: Any, schema: Schema, at: Path) -> int:
    low, high = schema["minimum"], schema["maximum"]
    if not isinstance(given, int) or isinstance(given, bool) or not low <= given <= high:
        why = f" ({schema['description']})" if "description" in schema else ""
        _refuse(at, given, f"give a whole number from {low} to {high}{why}")
    return given


def _yes_or_no(given: Any, schema: Schema, at: Path) -> bool:
    if not isinstance(given, bool):
        _refuse(at, given, "give true or false")
    return given


def _number(given: Any, schema: Schema, at: Path) -> float:
    if not isinstance(given, int | float) or isinstance(given, bool) or not abs(given) <= LARGEST:
        _refuse(at, given, "give a number")
    return float(given)


def _text(given: Any, schema: Schema, at: Path) -> str:
    longest = schema.get("maxLength", math.inf)
    if not isinstance(given, str):
        _refuse(at, given, "give it as text")
    if len(given) > longest:
        _refuse(at, given, f"give at most {longest} characters")
    return given


def _list(given: Any, schema: Schema, at: Path) -> list[Any]:
    most = schema.get("maxItems", MOST_LISTED)
    if not isinstance(given, list) or len(given) > most:
        _refuse(at, given, f"give a list of up to {most}")
    return [_value(one, schema["items"], (*at, place)) for place, one in enumerate(given)]


def _mapping(given: Any, schema: Schema, at: Path) -> Any:
    if "properties" not in schema:
        return given
    name = next(step for step in reversed(at) if isinstance(step, str))
    return fields(given, schema, name, at)


READERS: dict[str, Callable[[Any, Schema, Path], Any]] = {
    "enum": _one_of,
    "integer": _whole,
    "boolean": _yes_or_no,
    "number": _number,
    "string": _text,
    "array": _list,
    "object": _mapping,
}


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _short(error: ValueError) -> str:
    return " ".join(str(error).split())[:120].rstrip(".")
