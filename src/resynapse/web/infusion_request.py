"""What does a request ask of an infusion?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from resynapse.protocol import Protocol
from resynapse.trial.infusion import Hold, InfusionPlan, Part
from resynapse.trial.infusion.plan import Believed, Mode
from resynapse.web.bounds import ensure_quick
from resynapse.web.request import PROGRAMME, Schema, data, fields, holding
from resynapse.web.scenario import LONGEST_NAME, protocol_in

MOST_PEOPLE = 500
USUAL = InfusionPlan("rate")


def _number(default: float | None = None, description: str = "") -> Schema:
    usual = {} if default is None else {"default": default}
    return {"type": "number", "description": description} | usual


def _steps(amount: str, description: str) -> Schema:
    one = holding(**{amount: _number(description=description), "minutes": _number()})
    required = {"required": [amount, "minutes"]}
    return {"type": "array", "items": one | required, "maxItems": 12, "default": []}


PLAN = holding(
    mode={"enum": list(get_args(Mode)), "default": USUAL.mode},
    believed={"enum": list(get_args(Believed)), "default": USUAL.believed},
    highest_rate=_number(USUAL.highest_rate, "mg/min"),
    watched=_number(USUAL.watched, "min"),
    parts=_steps("mg_per_kg", "mg/kg"),
    holds=_steps("target", "ng/mL"),
)
INFUSION = holding(
    **PROGRAMME,
    people={"type": "integer", "minimum": 1, "maximum": MOST_PEOPLE, "default": 200},
    plan=PLAN,
    width={"enum": ["wide", "narrow"], "default": "wide"},
    figure={"type": "string", "maxLength": LONGEST_NAME, "default": "arterial"},
) | {"required": ["plan"]}


@dataclass(frozen=True)
class InfusionAsked:
    """An infusion, and the programme whose people have it."""

    plan: InfusionPlan
    protocol: Protocol
    people: int
    seed: int
    narrow: bool
    figure: str


def read(body: bytes) -> InfusionAsked:
    """The infusion in the body of a request; refused in a sentence where it is none."""
    given = fields(data(body), INFUSION, "a request")
    protocol = protocol_in(given)
    ensure_quick(protocol, given["people"])
    narrow = given["width"] == "narrow"
    asked = {name: given[name] for name in ("people", "seed", "figure")}
    return InfusionAsked(_plan(given["plan"]), protocol, narrow=narrow, **asked)


def _plan(given: dict[str, Any]) -> InfusionPlan:
    steps = {
        "parts": tuple(Part(**one) for one in given["parts"]),
        "holds": tuple(Hold(**one) for one in given["holds"]),
    }
    return InfusionPlan(**given | steps)
