"""What did each person say: how many chips in each bin, and how much does a voice weigh?"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from resynapse.protocol.document import read, text_of
from resynapse.protocol.errors import Problem, ProtocolError
from resynapse.protocol.explain import errors_of

LARGEST: Final = 100_000
"""bytes of a file"""
FEWEST_BINS: Final = 3
"""with chips; two numbers of a distribution follow from no fewer"""
HINT: Final = "Write `quantity:`, `edges:` and `people:`; see docs/elicitation.md."

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Record(BaseModel):
    """A part of the file; fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Record):
    """Chips of one person, a number a bin: the roulette of Gore (1987), as in SHELF."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    chips: tuple[Annotated[int, Field(ge=0, le=10_000)], ...]
    weight: Annotated[float, Field(gt=0.0, le=1000.0)] = 1.0


class Answers(Record):
    """A quantity, the bins that people were shown, and where they put their chips."""

    quantity: Annotated[str, Field(min_length=1, max_length=300)]
    unit: Annotated[str, Field(min_length=1, max_length=40)] = "1"
    edges: Annotated[tuple[Finite, ...], Field(min_length=FEWEST_BINS + 1, max_length=101)]
    lower: Finite | None = None
    """what the quantity cannot fall below, as 0 for a rate"""
    upper: Finite | None = None
    people: Annotated[tuple[Person, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for problem in (self._edges(), *map(self._chips, self.people), self._names()):
            if problem:
                raise ValueError(problem)
        return self

    def _edges(self) -> str:
        if any(low >= high for low, high in pairwise(self.edges)):
            return "edges must rise from each to the next."
        if self.lower is not None and self.lower > self.edges[0]:
            return f"lower {self.lower:g} lies above the first edge {self.edges[0]:g}."
        if self.upper is not None and self.upper < self.edges[-1]:
            return f"upper {self.upper:g} lies below the last edge {self.edges[-1]:g}."
        return ""

    def _chips(self, person: Person) -> str:
        bins = len(self.edges) - 1
        if len(person.chips) != bins:
            return (
                f"{person.name}: {len(person.chips)} bins have chips, but edges make {bins} bins."
            )
        used = sum(chips > 0 for chips in person.chips)
        if used < FEWEST_BINS:
            return (
                f"{person.name}: chips lie in {used} of {bins} bins, too few to tell how sure the"
                f" person is. Ask again with bins so narrow that {FEWEST_BINS} are used."
            )
        return ""

    def _names(self) -> str:
        names = [person.name for person in self.people]
        twice = sorted({name for name in names if names.count(name) > 1})
        return f"{', '.join(twice)}: a name stands twice." if twice else ""


def read_answers(path: Path) -> Answers:
    """The answers in a YAML file; what is wrong is said all at once, with lines."""
    return parse(text_of(path, LARGEST, "file of answers"), str(path))


def parse(text: str, where: str) -> Answers:
    """The answers in a text; ``where`` names it in messages."""
    document = read(text, where, "file of answers", HINT)
    problems = list(document.problems)
    try:
        found = Answers.model_validate(document.data)
    except ValidationError as error:
        problems += [
            Problem(
                ".".join(map(str, one["loc"])), _message(one), document.line(one["loc"]), one["loc"]
            )
            for one in errors_of(error)
        ]
    if problems:
        raise ProtocolError(where, tuple(sorted(problems, key=lambda one: one.line or 0)))
    return found


def _message(found: Any) -> str:
    if found["type"] == "missing":
        return f"it is needed. {HINT}"
    if found["type"] == "extra_forbidden":
        return f"no field has this name. {HINT}"
    said = found["msg"].removeprefix("Value error, ")
    return said if found["type"] == "value_error" else f"{found['input']!r} was given; {said}."
