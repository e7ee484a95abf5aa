"""What does a request ask to be simulated?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from resynapse.protocol import Protocol, from_data, parse
from resynapse.report.concentration import NAMES
from resynapse.trial.simulate import VARIANTS
from resynapse.web.bounds import ensure_quick
from resynapse.web.refusal import Refused

WHERE = "The programme"
DEFAULT_PATIENTS = 200
KNOWN = ("protocol", "text", "patients", "seed", "worlds", "parts", "figure", "width", "unit",
         "singles")  # fmt: skip
MOST_NAMES = 40
MOST_SINGLES = 24


class RequestError(Refused):
    """A request that cannot be read."""


@dataclass(frozen=True)
class Scenario:
    """A programme, its number of people and seed, and which of its results are wanted."""

    protocol: Protocol
    patients: int = DEFAULT_PATIENTS
    seed: int = 1
    worlds: tuple[str, ...] = tuple(VARIANTS)
    parts: tuple[str, ...] = ()
    figure: str = ""
    narrow: bool = False
    """for a small screen"""
    unit: str = NAMES[0]
    """of concentrations"""
    singles: int = 0
    """people of each arm who are drawn one by one"""


def read(body: bytes) -> Scenario:
    """The scenario in the body of a request; refused in a sentence where it is none."""
    given = data(body)
    unknown = [name for name in given if name not in KNOWN]
    if unknown:
        raise RequestError(
            f"{unknown[0][:60]!r} is no part of a request. Known: {', '.join(KNOWN)}."
        )
    protocol = protocol_in(given)
    patients, seed = given.get("patients", DEFAULT_PATIENTS), given.get("seed", 1)
    ensure_quick(protocol, patients, seed)
    worlds = _names(given, "worlds", tuple(VARIANTS))
    strange = [name for name in worlds if name not in VARIANTS]
    if strange or "default" not in worlds:
        raise RequestError(f"worlds: name {', '.join(VARIANTS)}; the first always.")
    figure = given.get("figure", "")
    if not isinstance(figure, str):
        raise RequestError("figure: give the name of a figure.")
    narrow = given.get("width") == "narrow"
    parts = _names(given, "parts", ())
    unit, singles = _looks(given)
    return Scenario(protocol, patients, seed, worlds, parts, figure[:60], narrow, unit, singles)


def _looks(given: dict[str, Any]) -> tuple[str, int]:
    """Unit of concentrations, and how many people are drawn one by one."""
    unit, singles = given.get("unit", NAMES[0]), given.get("singles", 0)
    if unit not in NAMES:
        raise RequestError(f"unit: give {' or '.join(NAMES)}.", ("unit",))
    if (
        not isinstance(singles, int)
        or isinstance(singles, bool)
        or not 0 <= singles <= MOST_SINGLES
    ):
        raise RequestError(f"singles: give a whole number from 0 to {MOST_SINGLES}.", ("singles",))
    return unit, singles


def data(body: bytes) -> dict[str, Any]:
    """A mapping from JSON in which every number is a number."""
    try:
        given = json.loads(body, parse_constant=_no_number)
    except RecursionError:
        raise RequestError("The request is nested too deeply for a programme.") from None
    except ValueError as error:
        raise RequestError(f"The request is not JSON: {_short(error)}.") from None
    if not isinstance(given, dict):
        raise RequestError("The request must be a JSON object.")
    return given


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _short(error: ValueError) -> str:
    return " ".join(str(error).split())[:120].rstrip(".")


def protocol_in(given: dict[str, Any]) -> Protocol:
    """The programme of a request, as data or as the text of a file."""
    if "text" in given:
        if not isinstance(given["text"], str):
            raise RequestError("text: give the YAML of a protocol as text.")
        return parse(given["text"], WHERE)
    return from_data(given.get("protocol"), WHERE)


def _names(given: dict[str, Any], field: str, default: tuple[str, ...]) -> tuple[str, ...]:
    names = given.get(field, default)
    listed = isinstance(names, list | tuple) and len(names) <= MOST_NAMES
    if not listed or not all(isinstance(name, str) for name in names):
        raise RequestError(f"{field}: give a list of names.")
    return tuple(names)
