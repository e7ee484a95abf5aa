"""What else is wrong with a protocol of which some parts cannot be read?

Fields are checked one by one, and together only when each is right. So that a person learns of as
much as can be told at once, what is wrong is mended as far as needed to look behind it: a
misspelt field is put under the name it is near to, and what cannot be read is left out or has
something in its place that no rule objects to. Then the rest is checked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final

from pydantic import ValidationError

from resynapse.protocol.document import Document
from resynapse.protocol.errors import Inconsistent, Path, Problem, WrongField
from resynapse.protocol.explain import errors_of, explained, meant, raised_by
from resynapse.protocol.trial_protocol import LONGEST_FOLLOW_UP_DAYS, Protocol

_ALIKE: Final = 0.7
"""Names less alike are not taken for one another, so that nothing is said of a wrong guess"""
_MOST_ROUNDS: Final = 8
"""What stands behind something wrong may itself be wrong, a few times over"""
_ITEMS: Final[dict[str, dict[str, Any]]] = {
    "doses": {"drug": "saline", "route": "oral", "days": [0]},
    "medications": {"drug": "antidepressant", "amount": "1 mg"},
    "therapies": {"type": "education", "days": [0], "hours": 1},
}
"""Parts of an arm -> an entry that stands where one cannot be read"""
_FOLLOWS: Final = {"historical_comparator": "medications"}
"""Field of an arm -> the part of the arm that it is judged by"""
_DOSE: Final[dict[str, Any]] = {"amount": "0 mg", "route": "oral"}
_REQUIRED: Final[dict[str, Any]] = {
    "name": "unnamed", "title": "Untitled", "disorder": "cocaine", "blinding": "open",
    "follow_up_days": LONGEST_FOLLOW_UP_DAYS, "beyond_evidence": True,
}  # fmt: skip
"""Field of a protocol -> a value with which no rule between fields finds more wrong"""
_OPTIONAL: Final = (
    "source", "study", "state", "population", "severity", "setting", "visits", "endpoints",
    "origin", "rules", "switches", "conduct", "estimands",
)  # fmt: skip
_OF_ARM: Final = (
    "n", "allocation", "control", "active", "historical_comparator", *_ITEMS
)  # fmt: skip


def what_can_be_checked(error: ValidationError, document: Document) -> list[Problem]:
    """Problems behind and between those found first; none where too much is wrong to tell."""
    mended = _Mended(deepcopy(document.data))
    found: list[Problem] = []
    for _ in range(_MOST_ROUNDS):
        wrong = errors_of(error)
        if any(isinstance(raised_by(one), Inconsistent) for one in wrong):
            break
        if not all(mended.mend(one) for one in wrong):
            break
        try:
            Protocol.model_validate(mended.data)
            break
        except ValidationError as next_error:
            error = next_error
            found += explained(error, document, mended.written, mended.judged_by_a_stand_in)
    return found


@dataclass
class _Mended:
    """The data, with what was wrong mended so far."""

    data: Any
    stand_ins: set[Path] = field(default_factory=set)
    """where something stands that nobody wrote, or nothing"""
    renamed: dict[Path, str] = field(default_factory=dict)
    """a field under the name it was probably meant to have -> the name that was written"""

    def mend(self, wrong: Any) -> bool:
        """Whether what is wrong could be mended."""
        path: Path = tuple(wrong["loc"])
        if isinstance(raised := raised_by(wrong), WrongField):
            path = (*path, raised.field)
        if wrong["type"] == "extra_forbidden":
            return self._moved(path)
        if path[:1] == ("arms",):
            return self._in_arm(path)
        return self._at_top(path)

    def _moved(self, path: Path) -> bool:
        """A field that is not known goes to the name that it is near to, or away."""
        holder, name = self._at(path[:-1]), path[-1]
        if not isinstance(holder, dict) or name not in holder:
            return False
        value, near = holder.pop(name), meant(path)
        alike = SequenceMatcher(None, str(name), near or "").ratio() >= _ALIKE
        if near is not None and near not in holder and alike:
            holder[near] = value
            self.renamed[(*path[:-1], near)] = str(name)
        return True

    def _in_arm(self, path: Path) -> bool:
        arm = self._at(path[:2])
        if not isinstance(arm, dict) or len(path) < 3:
            return False
        name = str(path[2])
        if name in ("id", "label"):
            arm[name] = f"arm-{path[1]}"
            self.stand_ins.add(path[:3])
        elif name in _ITEMS and len(path) > 3 and isinstance(path[3], int):
            self._item(path, arm[name])
        elif name in _OF_ARM and name in arm:
            del arm[name]
            self.stand_ins.add(path[:3])
        else:
            return False
        return True

    def _item(self, path: Path, items: Any) -> None:
        """Of a dose whose text cannot be read the rest is looked at; other entries go."""
        place, item = path[:4], items[path[3]]
        if path[4:] == ("dose",) and isinstance(item, dict) and "dose" in item:
            rest = {name: value for name, value in item.items() if name != "dose"}
            items[path[3]] = _DOSE | {k: v for k, v in rest.items() if k not in (*_DOSE, "minutes")}
            self.stand_ins |= {(*place, name) for name in (*_DOSE, "minutes")}
        else:
            items[path[3]] = dict(_ITEMS[str(path[2])])
            self.stand_ins.add(place)

    def _at_top(self, path: Path) -> bool:
        name = str(path[0]) if path else ""
        part = self.data.get(name)
        if isinstance(part, dict) and len(path) > 1 and name in _OPTIONAL and path[1] in part:
            del part[path[1]]
            self.stand_ins.add(path[:2])
            return True
        if name == "reference":
            self.data[name] = self._first_arm()
        elif name in _REQUIRED:
            self.data.pop(name.removesuffix("_days"), None)
            self.data[name] = _REQUIRED[name]
        elif name in _OPTIONAL and name in self.data:
            del self.data[name]
        else:
            return False
        self.stand_ins.add(path[:1])
        return True

    def _first_arm(self) -> Any:
        first = self._at(("arms", 0))
        return first.get("id") if isinstance(first, dict) else None

    def _at(self, path: Path) -> Any:
        here = self.data
        for step in path:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                return None
        return here

    def written(self, path: Path) -> Path:
        """The path under the names that were written."""
        return tuple(self.renamed.get(path[: k + 1], step) for k, step in enumerate(path))

    def judged_by_a_stand_in(self, path: Path) -> bool:
        """Whether a rule found something wrong that may be so only for what stands in."""
        if any(path[: len(one)] == one for one in self.stand_ins):
            return True
        return any(self._seen_by(path))

    def _seen_by(self, path: Path) -> Iterator[bool]:
        """Of each rule that looks at other fields too, whether one of those is a stand-in."""
        ids = any(one[:1] == ("arms",) and one[2:] == ("id",) for one in self.stand_ins)
        yield path == ("reference",) and ids
        yield path[-1:] == ("if_rule",) and ("rules",) in self.stand_ins
        seen = _FOLLOWS.get(str(path[-1])) if path else None
        yield any(one[:3] == (*path[:-1], seen) for one in self.stand_ins)
