"""What may stand in a field of a protocol: which numbers, days, spans and names?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import WithJsonSchema as Shown

from resynapse.protocol import quantity
from resynapse.protocol.errors import WrongField


class AbstractRecord(BaseModel):
    """A part of a protocol: it cannot be changed, and knows no field that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _rising(days: tuple[float, ...]) -> tuple[float, ...]:
    for earlier, later in pairwise(days):
        if later <= earlier:
            raise ValueError(
                f"day {later:g} stands after day {earlier:g}."
                " Days are counted from entry; list each once, in rising order."
            )
    return days


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError(
            "this text is blank, or has a line break or a control character in it."
            " Write it on one line."
        )
    return text


def _written(unit: str, example: str, **limits: float) -> Shown:
    text = {"type": "string", "examples": [example]}
    return Shown({"anyOf": [{"type": "number", **limits}, text], "description": f"{unit}"})


_DAYS_SHOWN: Final = {
    "anyOf": [
        {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "string"}]}},
        {"type": "number"},
        {
            "type": "string",
            "examples": ["day 2", "days 1 to 6", "every 7 days from day 7 to day 35"],
        },
    ],
    "description": "days from entry: [0, 7, 14], `day 2`, `days 1 to 6`,"
    " `every 7 days from day 7 to day 35`",
}

Number = Annotated[float, BeforeValidator(quantity.number)]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0)]
Share = Annotated[Number, Field(ge=0, le=1)]

_in_days = BeforeValidator(partial(quantity.time_in, "d"))
_in_hours = BeforeValidator(partial(quantity.time_in, "h"))
_in_minutes = BeforeValidator(partial(quantity.time_in, "min"))

Day = Annotated[
    float, _in_days, Field(ge=0), _written("days from entry, or text", "day 7 + 30 min", minimum=0)
]
"""A day counted from entry, day 0."""
SpanInDays = Annotated[
    float, _in_days, Field(ge=0), _written("days, or text with a unit", "24 months", minimum=0)
]
SpanInHours = Annotated[
    float,
    _in_hours,
    Field(gt=0, le=24),
    _written("hours, or text with a unit", "1.5 h", exclusiveMinimum=0, maximum=24),
]
LONGEST_INFUSION_MINUTES: Final = 96.0 * 60.0
"""96 h, the longest ketamine infusion in the evidence (Lenze 2016)."""
SpanInMinutes = Annotated[
    float,
    _in_minutes,
    Field(ge=0, le=LONGEST_INFUSION_MINUTES),
    _written("minutes, or text with a unit", "40 min", minimum=0, maximum=LONGEST_INFUSION_MINUTES),
]
Days = Annotated[
    tuple[Annotated[float, _in_days, Field(ge=0)], ...],
    BeforeValidator(quantity.days_listed),
    AfterValidator(_rising),
    Field(max_length=1000),
    Shown(_DAYS_SHOWN),
]
"""Days counted from entry, rising."""
SomeDays = Annotated[Days, Field(min_length=1)]

Identifier = Annotated[
    str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9_.-]*$", strict=True)
]
"""Small letters, digits, dots, hyphens and underscores: safe in file names and tables."""
Text = Annotated[str, Field(min_length=1, max_length=400, strict=True), AfterValidator(_one_line)]
Whole = Annotated[int, Field(strict=True)]
Fact = Annotated[bool, Field(strict=True)]


def renamed(data: Any, names: Mapping[str, str]) -> Any:
    """The fields with a shorter name as people write it put under their full name."""
    if not isinstance(data, Mapping):
        return data
    moved = dict(data)
    for short, full in names.items():
        if short in moved and full in moved:
            raise WrongField(short, f"{short} and {full} say the same. Keep one of them.")
        if short in moved:
            moved[full] = moved.pop(short)
    return moved
