"""What else is wrong with a protocol of which some parts cannot be read?

Fields are checked one by one, and together only when each is right. So that a person learns of
everything at once, the parts that are wrong are left out and the rest is checked together.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Final

from pydantic import ValidationError

from resynapse.protocol.document import Document
from resynapse.protocol.errors import Inconsistent, Path, Problem
from resynapse.protocol.explain import errors_of, problem, raised_by
from resynapse.protocol.trial_protocol import Protocol

_ITEMS: Final = ("doses", "medications", "therapies")
_FOLLOWS: Final = {"historical_comparator": "medications"}
"""Field of an arm -> the part of the arm that it is judged by"""
_OPTIONAL: Final = (
    "source", "study", "state", "population", "severity", "setting", "visits", "endpoints", "origin"
)  # fmt: skip


def what_can_be_checked(error: ValidationError, document: Document) -> list[Problem]:
    """Problems between the parts that are right; none where too much is wrong to tell."""
    wrong = errors_of(error)
    if any(isinstance(raised_by(found), Inconsistent) for found in wrong):
        return []
    left_out = [_part_to_leave_out(tuple(found["loc"]), found["type"]) for found in wrong]
    if any(part is None for part in left_out):
        return []
    parts = [part for part in left_out if part is not None]
    data, kept = _without(document.data, parts)
    try:
        Protocol.model_validate(data)
    except ValidationError as second:
        return [
            problem(_original(path, kept), message, document)
            for found in errors_of(second)
            if isinstance(raised := raised_by(found), Inconsistent)
            for path, message in raised.found
            if not _judged_by_what_is_left_out(path, parts)
        ]
    return []


def _judged_by_what_is_left_out(path: Path, parts: Iterable[Path]) -> bool:
    """Whether a rule looked at a part of an arm whose wrong entries it did not see."""
    seen = _FOLLOWS.get(str(path[-1])) if path else None
    return seen is not None and any(part[:-1] == (*path[:-1], seen) for part in parts)


def _part_to_leave_out(path: Path, kind: str) -> Path | None:
    if kind == "extra_forbidden":
        return path
    if len(path) >= 4 and path[0] == "arms" and path[2] in _ITEMS and isinstance(path[3], int):
        return path[:4]
    return path[:1] if path and path[0] in _OPTIONAL else None


def _without(data: Any, parts: Iterable[Path]) -> tuple[Any, dict[Path, list[int]]]:
    """The data without these parts, and the original places of the items that stay in a list."""
    rest = deepcopy(data)
    gone = set(parts)
    kept: dict[Path, list[int]] = {}
    for part in sorted(gone, key=lambda path: [str(step) for step in path], reverse=True):
        holder = rest
        for step in part[:-1]:
            holder = holder[step]
        if isinstance(part[-1], int):
            places = kept.setdefault(part[:-1], list(range(len(holder))))
            index = places.index(part[-1])
            del places[index], holder[index]
        else:
            holder.pop(part[-1], None)
    return rest, kept


def _original(path: Path, kept: dict[Path, list[int]]) -> Path:
    steps = list(path)
    for position, step in enumerate(path):
        places = kept.get(path[:position])
        if places is not None and isinstance(step, int):
            steps[position] = places[step]
    return tuple(steps)
