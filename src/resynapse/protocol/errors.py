"""How is a person told what is wrong with a protocol, all at once?"""

from __future__ import annotations

from dataclasses import dataclass

from resynapse.input_error import InputError

Path = tuple[str | int, ...]
"""Where in a protocol: ("arms", 0, "doses", 1, "route")."""

MOST_PROBLEMS_SHOWN = 30


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it stands, and what to do about it."""

    field: str
    message: str
    line: int | None = None
    path: Path = ()

    def __str__(self) -> str:
        place = [f"line {self.line}"] if self.line is not None else []
        place += [self.field] if self.field else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class ProtocolError(InputError):
    """A protocol that cannot be run; ``message`` names file, line, field, limit and remedy."""

    def __init__(self, where: str, problems: tuple[Problem, ...]) -> None:
        self.where = where
        self.problems = problems
        super().__init__(_one_message(where, problems))


def refusal(where: str, message: str, line: int | None = None) -> ProtocolError:
    """The error for a file that cannot be read as a protocol at all."""
    return ProtocolError(where, (Problem("", message, line),))


class WrongField(ValueError):
    """Raised in a validator to say which field of the record is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Inconsistent(ValueError):
    """Raised where fields are right one by one, but not together."""

    def __init__(self, found: tuple[tuple[Path, str], ...]) -> None:
        super().__init__("; ".join(message for _, message in found))
        self.found = found


def _one_message(where: str, problems: tuple[Problem, ...]) -> str:
    if len(problems) == 1:
        text = str(problems[0])
        return f"{where}, {text}" if problems[0].line or problems[0].field else f"{where}: {text}"
    shown = [f"  {problem}" for problem in problems[:MOST_PROBLEMS_SHOWN]]
    if len(problems) > MOST_PROBLEMS_SHOWN:
        shown.append(f"  and {len(problems) - MOST_PROBLEMS_SHOWN} more.")
    return "\n".join([f"{where} has {len(problems)} problems:", *shown])
