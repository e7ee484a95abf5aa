"""What does a request ask to be simulated?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resynapse.protocol import Protocol, from_data, parse
from resynapse.protocol.without_use import ensure_use
from resynapse.report.concentration import NAMES
from resynapse.trial.simulate import VARIANTS
from resynapse.web.bounds import ensure_quick
from resynapse.web.request import (
    DEFAULT_PATIENTS,
    DEFAULT_SEED,
    PATIENTS,
    PROGRAMME,
    RequestError,
    data,
    fields,
    holding,
)

WHERE = "The programme"
MOST_SINGLES = 24
LONGEST_NAME = 60
SCENARIO = holding(
    **PROGRAMME,
    patients=PATIENTS,
    worlds={"type": "array", "items": {"enum": list(VARIANTS)}, "default": list(VARIANTS)},
    parts={"type": "array", "items": {"type": "string"}, "default": []},
    figure={"type": "string", "maxLength": LONGEST_NAME, "default": "abstinence"},
    width={"enum": ["wide", "narrow"], "default": "wide"},
    unit={"enum": list(NAMES), "default": NAMES[0], "description": "of concentrations"},
    log={"type": "boolean", "default": False, "description": "axis of concentrations"},
    enantiomers={"type": "boolean", "default": False, "description": "S and R apart"},
    singles={"type": "integer", "minimum": 0, "maximum": MOST_SINGLES, "default": 0},
)  # fmt: skip


TAKEN = ("patients", "seed", "figure", "unit", "singles", "enantiomers", "log")
"""fields of a request that a scenario has as they are"""


@dataclass(frozen=True)
class Scenario:
    """A programme, its number of people and seed, and which of its results are wanted."""

    protocol: Protocol
    patients: int = DEFAULT_PATIENTS
    seed: int = DEFAULT_SEED
    worlds: tuple[str, ...] = tuple(VARIANTS)
    parts: tuple[str, ...] = ()
    figure: str = "abstinence"
    narrow: bool = False
    """for a small screen"""
    unit: str = NAMES[0]
    """of concentrations"""
    singles: int = 0
    """people of each arm who are drawn one by one"""
    enantiomers: bool = False
    """whether S and R are shown apart"""
    log: bool = False
    """whether axes of concentrations are logarithmic"""


def read(body: bytes) -> Scenario:
    """The scenario in the body of a request; refused in a sentence where it is none."""
    return scenario_in(fields(data(body), SCENARIO, "a request"))


def scenario_in(given: dict[str, Any]) -> Scenario:
    """The scenario in the fields of a request that were read."""
    protocol = protocol_in(given)
    ensure_quick(protocol, given["patients"])
    if "default" not in given["worlds"]:
        raise RequestError(f"worlds: name {', '.join(VARIANTS)}; the first always.", ("worlds",))
    return Scenario(
        protocol,
        narrow=given["width"] == "narrow",
        worlds=tuple(given["worlds"]),
        parts=tuple(given["parts"]),
        **{name: given[name] for name in TAKEN},
    )


def protocol_in(given: dict[str, Any]) -> Protocol:
    """The programme of a request, as data or as the text of a file."""
    told = "text" in given
    found = parse(given["text"], WHERE) if told else from_data(given.get("protocol"), WHERE)
    return ensure_use(found, "The page")
