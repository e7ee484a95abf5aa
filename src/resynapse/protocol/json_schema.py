"""Which fields and values may a protocol have, in the form that editors understand?"""

from __future__ import annotations

from typing import Any, Final

from resynapse.protocol.trial_protocol import Protocol

_DOSE_TEXT: Final = {
    "type": "string",
    "description": "amount, route and time in one line",
    "examples": ["0.5 mg/kg iv over 40 min", "2 mg/kg im", "16 mg sublingual"],
}
_AMOUNT_TEXT: Final = {"type": "string", "examples": ["0.5 mg/kg", "16 mg", "0.5 mg/kg/h"]}


def schema() -> dict[str, Any]:
    """The JSON Schema of a protocol as people write it, with the short names they may use."""
    made = Protocol.model_json_schema()
    parts = made["$defs"]
    _also_short(made, "follow_up", "follow_up_days")
    _also_short(parts["Medication"], "every", "every_days")
    _also_short(parts["Medication"], "dose", "amount")
    dose = parts["Dose"]
    dose["properties"] = {"dose": _DOSE_TEXT, **dose["properties"]}
    dose["required"] = ["drug", "days"]
    dose["anyOf"] = [
        {"required": ["dose"]},
        {"required": ["amount"]},
        {"properties": {"drug": {"const": "saline"}}},
    ]
    parts["Amount"] = {"anyOf": [_AMOUNT_TEXT, parts["Amount"]]}
    parts["Distribution"] = {"anyOf": [{"type": "number"}, _SAME, parts["Distribution"]]}
    made["required"] = [name for name in made["required"] if name != "reference"]
    _explain(parts["Switches"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_in_words_of_schema(made)}


def _explain(switches: dict[str, Any]) -> None:
    """What each contested mechanism asks, and what speaks for its default, as the model says it."""
    from resynapse.patient import SWITCHES

    for name, shown in switches["properties"].items():
        one = SWITCHES[name]
        usual = "On" if one.default else "Off"
        shown["default"] = one.default
        shown["description"] = f"{one.question} {usual} by default: {one.reason}."


_LIMITS: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}
"""What pydantic leaves as it is where a number is read before its limits are looked at."""


def _in_words_of_schema(part: Any) -> Any:
    """The same, with every limit under the name that editors know."""
    if isinstance(part, dict):
        return {_LIMITS.get(name, name): _in_words_of_schema(one) for name, one in part.items()}
    return [_in_words_of_schema(one) for one in part] if isinstance(part, list) else part


_SAME: Final = {
    "type": "object",
    "properties": {"value": {"type": "number"}},
    "required": ["value"],
    "additionalProperties": False,
}


def _also_short(record: dict[str, Any], short: str, full: str) -> None:
    shown = record["properties"]
    record["properties"] = {short: shown[full], **shown}
    if full in record.get("required", []):
        record["required"] = [name for name in record["required"] if name != full]
        record["anyOf"] = [{"required": [short]}, {"required": [full]}]
