"""Is a study file that somebody wrote fit to be used, and if not, what is wrong in which line?

Two rules. What cannot be true is *refused*: the file is not used until it is mended. What may be
true but carries no weight in a fit (a number without n, a recalled one) is *set aside*: it is
kept, shown, and never enters a likelihood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from resynapse.evidence import field_rules
from resynapse.evidence.exposure import Exposure, Regimen
from resynapse.evidence.likelihood import why_set_aside
from resynapse.evidence.study import (
    Concentrations,
    EvidenceError,
    InNoFit,
    Number,
    Role,
    Study,
    StudyArm,
    record,
)
from resynapse.input_error import InputError

RECORDS: dict[str, type] = {
    "arms": StudyArm, "numbers": Number, "concentrations": Concentrations,
    "regimens": Regimen, "exposures": Exposure, "in_no_fit": InNoFit,
}  # fmt: skip
"""The lists of a study file and what each row of them is"""

_LARGEST = 1_000_000
"""Characters of a study file; the largest of the package has a fiftieth of it"""


class StudyFileError(EvidenceError, InputError):
    """A study file that is refused; the message names every line."""


@dataclass(frozen=True)
class Finding:
    """Something about a line of a study file; ``rule`` says what becomes of it."""

    line: int
    where: str
    message: str
    rule: Literal["refused", "set aside"]

    def __str__(self) -> str:
        return f"line {self.line}, {self.where}: {self.message} ({self.rule})"


def read_study(path: Path) -> Study:
    """The study in a file; StudyFileError if anything in it is refused."""
    content = _content(path)
    refused = [one for one in _findings(content) if one.rule == "refused"]
    if refused:
        listed = "\n".join(f"  {one}" for one in refused)
        raise StudyFileError(f"{path} cannot be used:\n{listed}")
    return record(_plain(content), path.name)


def holds_study(path: Path) -> bool:
    """Whether a file is a study's and not a protocol's."""
    content = _content(path)
    return "authors" in content or "numbers" in content


def lines(path: Path, key: str) -> list[int]:
    """The line of every row of a list of a study file, ``numbers`` for one."""
    rows = _content(path).get(key) or []
    return [_line(rows, place) for place in range(len(rows))]


def check_study(path: Path) -> list[Finding]:
    """Everything that is refused or set aside in a file, by line."""
    return sorted(_findings(_content(path)), key=lambda one: one.line)


def _content(path: Path) -> Any:
    """The mapping in a YAML file, which remembers its lines."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text(encoding="utf-8")
        if len(text) > _LARGEST:
            raise StudyFileError(f"{path} has {len(text)} characters; {_LARGEST} are accepted.")
        content = YAML(typ="rt", pure=True).load(text)
    except OSError as error:
        raise StudyFileError(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, RecursionError):
        raise StudyFileError(f"{path} is not a study file: it is no YAML in UTF-8.") from None
    except YAMLError as error:
        raise StudyFileError(f"{path} is not valid YAML: {_where_yaml_broke(error)}") from None
    if not isinstance(content, dict):
        raise StudyFileError(
            f"{path} is not a mapping of fields. Start from `resynapse evidence show NAME --yaml`."
        )
    return content


def _where_yaml_broke(error: Any) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f"line {mark.line + 1}, " if mark is not None else ""
    said = " ".join(str(getattr(error, "problem", "") or "it cannot be read").split())
    return f"{line}{said}. Indent with spaces, close quotes and brackets."


def _plain(content: Any) -> Any:
    """The same content in plain lists and mappings, without lines."""
    if isinstance(content, dict):
        return {str(key): _plain(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_plain(item) for item in content]
    return content


def _findings(content: Any) -> Iterator[Finding]:
    yield from _fields(Study, content, "study")
    fault = field_rules.doi_fault(content.get("doi"))
    if fault:
        yield Finding(_line(content, "doi"), "study, doi", fault, "refused")
    arms: dict[str, StudyArm | None] = {}
    for key, kind in RECORDS.items():
        rows = content.get(key) or []
        if not isinstance(rows, list):
            yield Finding(_line(content, key), key, "a list of rows belongs here", "refused")
            continue
        for place, row in enumerate(rows, 1):
            yield from _row(kind, row, f"{key} {place}", _line(rows, place - 1), arms)
    if content.get("role") not in get_args(Role):
        allowed = ", ".join(get_args(Role))
        said = f"{content.get('role')!r} is no role; allowed: {allowed}"
        yield Finding(_line(content, "role"), "role", said, "refused")


def _row(
    kind: type, row: Any, where: str, line: int, arms: dict[str, StudyArm | None]
) -> Iterator[Finding]:
    if not isinstance(row, dict):
        yield Finding(line, where, "a mapping of fields belongs here", "refused")
        return
    found = list(_fields(kind, row, where))
    yield from found
    known = None if found else record_of(kind, row)
    if kind is StudyArm:
        arms[str(row.get("id"))] = known
    if known is None:
        return
    for rule in field_rules.RULES.get(kind, ()):
        said = rule(known)
        if said is not None:
            yield Finding(_line(row, said.field), where, said.message, "refused")
    yield from _arms(row, where, arms)
    yield from _more_than_there_are(row, known, where, arms)
    reason = why_set_aside(known) if kind in (Number, Concentrations, Exposure) else None
    if reason is not None:
        yield Finding(line, where, reason, "set aside")


def record_of(kind: Callable[..., Any], row: Any) -> Any:
    """The record of a row whose fields were found to be right."""
    return kind(**{key: field_rules.frozen(value) for key, value in _plain(row).items()})


def _more_than_there_are(
    row: Any, known: Any, where: str, arms: dict[str, StudyArm | None]
) -> Iterator[Finding]:
    """More people behind a row than its arm holds, and the arm that it is compared with.

    An interaction is of all arms. Where an arm does not say how many it holds, nothing is said.
    """
    named = [row.get(key) for key in ("arm", "reference") if row.get(key) is not None]
    if isinstance(known, Number) and known.measure == "interaction":
        named = [id for id, arm in arms.items() if arm is None or not arm.pools]
    sizes = [_size(arms.get(id), arms) for id in named]
    people = sum(size for size in sizes if size is not None)
    if row.get("n") is None or not sizes or None in sizes or row["n"] <= people:
        return
    said = f"n = {row['n']}, but only {people} people are in {' and '.join(named)}"
    hint = "give the n of the row, or mend that of the arm"
    yield Finding(_line(row, "n"), where, f"{said}; {hint}", "refused")


def _size(arm: StudyArm | None, arms: dict[str, StudyArm | None]) -> int | None:
    """The people of an arm, or of those that it puts together; None where it is not said."""
    if arm is None or arm.n is not None or not arm.pools:
        return None if arm is None else arm.n
    parts = [_size(arms.get(id), {}) for id in arm.pools]
    return None if None in parts else sum(part for part in parts if part is not None)


def _arms(row: Any, where: str, arms: dict[str, StudyArm | None]) -> Iterator[Finding]:
    """Arms that are named in a row and are not arms of the study."""
    for key in ("arm", "reference"):
        if row.get(key) is not None and row[key] not in arms:
            known = f"its arms are {', '.join(sorted(arms))}" if arms else "it names no arm"
            said = f"{row[key]!r} is no arm of this study; {known}"
            yield Finding(_line(row, key), where, said, "refused")


def _fields(kind: type, row: Any, where: str) -> Iterator[Finding]:
    """Fields that are unknown, missing or of the wrong kind."""
    known = {field.name: field for field in fields(kind)}
    for key, value in row.items():
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Known are {', '.join(known)}."
            yield Finding(_line(row, key), where, f"{key!r} is no field.{hint}", "refused")
        elif key not in RECORDS:
            fault = field_rules.kind_fault(str(known[key].type), value)
            if fault:
                yield Finding(_line(row, key), f"{where}, {key}", fault, "refused")
    for name, field in known.items():
        if name not in row and field.default is MISSING:
            yield Finding(_own_line(row), where, f"{name} is missing; add it", "refused")


def _own_line(row: Any) -> int:
    return int(row.lc.line) + 1 if hasattr(row, "lc") else 1


def _line(parent: Any, key: Any) -> int:
    """The line of a key of a mapping or of an item of a list."""
    places = getattr(getattr(parent, "lc", None), "data", None) or {}
    return int(places[key][0]) + 1 if key in places else _own_line(parent)
