"""Which fields and values may a study file have, in the form that editors understand?"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, Final, get_args

from resynapse.evidence.exposure import IN_UNIT, Exposure, Quantity, Regimen, Sample
from resynapse.evidence.field_rules import CONCENTRATION_UNITS
from resynapse.evidence.measure import MEASURES
from resynapse.evidence.study import Concentrations, InNoFit, Number, Role, Seen, Study, StudyArm

_PARTS: Final = {
    "arms": StudyArm, "numbers": Number, "concentrations": Concentrations,
    "regimens": Regimen, "exposures": Exposure, "in_no_fit": InNoFit,
}  # fmt: skip
_KINDS: Final[dict[str, dict[str, Any]]] = {
    "str": {"type": "string", "minLength": 1},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "Role": {"enum": list(get_args(Role))},
    "Seen": {"enum": list(get_args(Seen))},
    "Quantity": {"enum": list(get_args(Quantity))},
    "Sample": {"enum": list(get_args(Sample))},
    "tuple[str, ...]": {"type": "array", "items": {"type": "string", "minLength": 1}},
    "tuple[tuple[float, float, float], ...]": {
        "type": "array",
        "items": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 3},
    },
    "tuple[tuple[float, ...], ...]": {
        "type": "array",
        "items": {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2},
    },
}
_SAID: Final = {
    ("Study", "id"): "short name, also the BibTeX key",
    ("Study", "authors"): "surname and initials; `others` stands for et al.",
    ("Study", "role_reason"): "why it has this role; written before anything is fitted",
    ("Study", "origin"): "what day 0 of its numbers is",
    ("Study", "not_fitted"): "why no fit uses it, though it is marked calibration",
    ("Study", "in_no_fit"): "numbers of a fitted study that no fit uses, and why",
    ("InNoFit", "endpoints"): "as its numbers name them",
    ("InNoFit", "arms"): "of these arms alone; of all if left out",
    ("InNoFit", "measures"): "of these measures alone; of all if left out",
    ("Study", "protocol"): "name in the library, or file beside this one, of what it followed",
    ("StudyArm", "n"): "people in the arm",
    ("StudyArm", "pools"): "ids of the arms that this one puts together",
    ("Number", "endpoint"): "a name that a simulated trial computes, or plain words",
    ("Number", "arm"): "id of an arm",
    ("Number", "reference"): "id of the arm that it is compared with",
    ("Number", "seen"): "how the number reached you; a recalled one never enters a likelihood",
    ("Number", "place"): 'where it stands: "Table 2", Abstract',
    ("Number", "comparable"): "a simulated trial yields the same quantity",
    ("Number", "interval"): 'what low and high are: "95 % confidence, reported"',
    ("Number", "n"): "people behind the number; without it, it enters no likelihood",
    ("Number", "count"): "how many of n, for a share that is a plain count",
    ("Number", "day"): "days from the origin of the study",
    ("Regimen", "doses"): "rows of start (min), amount (mg or mg/kg), duration (min, 0 for none)",
    ("Exposure", "informed"): "the part of the model that was set with this value in view",
    ("Exposure", "reported_only"): "why the value is shown and not judged",
    ("Concentrations", "points"): "rows of minute, value[, low, high]",
}


def study_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a study file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Study",
        "description": "One published or pending study and the numbers that it gives.",
        **_record(Study),
    }


def _record(kind: type) -> dict[str, Any]:
    known = fields(kind)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in known if field.default is MISSING],
        "properties": {field.name: _field(kind, field) for field in known},
    }


def _field(kind: type, field: Field[Any]) -> dict[str, Any]:
    if field.name in _PARTS and kind is Study:
        items = {"type": "array", "items": _record(_PARTS[field.name])}
        said = _SAID.get((kind.__name__, field.name))
        return {**items, "description": said} if said else items
    shown = dict(_KINDS[str(field.type).replace(" | None", "")])
    if field.name == "measure":
        shown = {"enum": list(MEASURES)}
    if field.name == "n":
        shown["minimum"] = 1
    if kind is Concentrations and field.name == "unit":
        shown = {"enum": list(CONCENTRATION_UNITS)}
    if kind is Exposure and field.name == "unit":
        shown = {"enum": list(IN_UNIT)}
    said = _SAID.get((kind.__name__, field.name))
    return {**shown, "description": said} if said else shown
