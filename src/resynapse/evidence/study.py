"""What did each published study do and find, and may a simulation be held against it?

Every study is one file in ``studies/``. Its role was marked before anything was fitted to it:
calibration; retrospective (it informed the structure of the model, or was read while the model was
made); held-out; held-out-site (fitted with some sites left out, judged on those);
leave-one-study-out (fitted, judged by a fit that leaves it out); forecast.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from resynapse.evidence.exposure import Exposure, Regimen
from resynapse.input_error import InputError

Role = Literal[
    "calibration",
    "retrospective",
    "held-out",
    "held-out-site",
    "leave-one-study-out",
    "forecast",
]
Seen = Literal[
    "table", "abstract", "excerpt", "figure", "press", "secondary", "recalled", "computed"
]

FEW = 4
"""quantities that are named one by one where they are told together"""

_FOLDER = Path(__file__).with_name("studies")


class EvidenceError(Exception):
    """A study that is unknown or whose file is wrong; ``message`` says what to do."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class UnknownStudy(EvidenceError, InputError):
    """No file of that name."""


@dataclass(frozen=True)
class StudyArm:
    """An arm as published; ``pools`` names the arms that it puts together."""

    id: str
    label: str
    n: int | None = None
    pools: tuple[str, ...] = ()


@dataclass(frozen=True)
class Number:
    """One published value.

    ``comparable``: a simulated trial can yield the same quantity; what may still differ stands
    in ``note``. ``day`` counts from the origin of the study. ``interval`` says what ``low`` and
    ``high`` are. ``count`` of ``n`` people had the outcome, where the share is a plain count.
    """

    endpoint: str
    arm: str
    measure: str
    value: float
    unit: str
    seen: Seen
    place: str
    comparable: bool
    reference: str | None = None
    low: float | None = None
    high: float | None = None
    interval: str | None = None
    sd: float | None = None
    n: int | None = None
    count: int | None = None
    day: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class Concentrations:
    """Levels of one substance after one regimen: points are minute, value[, low, high]."""

    regimen: str
    analyte: str
    site: str
    unit: str
    seen: Seen
    place: str
    comparable: bool
    points: tuple[tuple[float | None, ...], ...]
    interval: str | None = None
    n: int | None = None
    note: str | None = None
    arm: str | None = None
    """whose regimen gave it, where the study states one"""


@dataclass(frozen=True)
class InNoFit:
    """Numbers that a fit might use and that none does, and why; all arms and measures if none."""

    endpoints: tuple[str, ...]
    reason: str
    arms: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        """The numbers in words."""
        if len(self.endpoints) > FEW:
            return f"{len(self.endpoints)} quantities marked below"
        measures = [one.replace("_", " ") for one in self.measures]
        parts = (self.endpoints, self.arms, measures)
        return "; ".join(", ".join(part) for part in parts if part)

    def holds(self, number: Number) -> bool:
        """Whether this number is among them."""
        return (
            number.endpoint in self.endpoints
            and number.arm in (self.arms or (number.arm,))
            and number.measure in (self.measures or (number.measure,))
        )


@dataclass(frozen=True)
class Study:
    """One published or pending study.

    ``judged_as``: how a study that is fitted is judged nonetheless (held-out-site or
    leave-one-study-out).
    """

    id: str
    authors: tuple[str, ...]
    year: int
    title: str
    role: Role
    role_reason: str
    design: str
    population: str
    origin: str
    arms: tuple[StudyArm, ...]
    numbers: tuple[Number, ...]
    concentrations: tuple[Concentrations, ...] = ()
    regimens: tuple[Regimen, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    findings: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    journal: str | None = None
    doi: str | None = None
    url: str | None = None
    registration: str | None = None
    judged_as: Role | None = None
    not_fitted: str | None = None
    """why no fit uses a study that is marked calibration"""
    in_no_fit: tuple[InNoFit, ...] = ()
    """of a study that is fitted in part: the numbers that are not"""
    protocol: str | None = None
    """of a study of the user's own: what it followed, in the library or in a file beside it"""

    def __repr__(self) -> str:
        """A line, for a prompt that shows studies."""
        count = len(self.numbers) + len(self.concentrations) + len(self.exposures)
        values = f"{count} published value{'' if count == 1 else 's'}"
        return f"<Study {self.id}: {self.short_citation}, {self.role}, {values}>"

    @property
    def citation(self) -> str:
        """Authors, year, title, journal."""
        names = ["et al." if name == "others" else name.strip("{}") for name in self.authors]
        parts = [f"{', '.join(names)} {self.year}", self.title]
        parts += [self.journal] if self.journal else []
        return ". ".join(parts)

    @property
    def short_citation(self) -> str:
        """First author and year."""
        first = self.authors[0].strip("{}")
        surname = first if self.authors[0].startswith("{") else first.rpartition(" ")[0]
        others = " et al." if len(self.authors) > 1 else ""
        return f"{surname}{others} {self.year}"

    def arm(self, arm: str) -> StudyArm:
        """The arm with this id."""
        for candidate in self.arms:
            if candidate.id == arm:
                return candidate
        known = ", ".join(candidate.id for candidate in self.arms)
        raise EvidenceError(f"{self.id} has no arm {arm!r}. Its arms are {known}.")

    def regimen(self, arm: str) -> Regimen:
        """What this arm was given."""
        for candidate in self.regimens:
            if candidate.arm == arm:
                return candidate
        known = ", ".join(candidate.arm for candidate in self.regimens) or "none"
        raise EvidenceError(f"{self.id} states no regimen of {arm!r}; it states: {known}.")


@dataclass(frozen=True)
class Published:
    """A published value as a report sets it beside a simulated one."""

    endpoint: str
    arm: str
    reference: str | None
    measure: str
    value: float
    unit: str
    low: float | None
    high: float | None
    n: int | None
    day: float | None
    role: str
    seen: str
    source: str
    comparable: bool = True
    interval: str | None = None
    """What ``low`` and ``high`` are, as in the file of the study"""


def study(id: str) -> Study:
    """The study with this id."""
    if not isinstance(id, str):
        raise UnknownStudy(f"{type(id).__name__} is no name of a study. Give its name as text.")
    if id not in _names():
        guess = f" Did you mean {', '.join(_near(id))}?" if _near(id) else ""
        raise UnknownStudy(
            f"No study is called {id!r}.{guess} 'resynapse evidence' lists all {len(_names())}."
        )
    return _read(_FOLDER / f"{id}.yaml")


def is_study(id: str) -> bool:
    """Whether a study of the package has this id."""
    return id in _names()


def study_text(id: str) -> str:
    """The file of the study with this id, as it ships."""
    return (_FOLDER / f"{study(id).id}.yaml").read_text(encoding="utf-8")


def studies(holding: str = "") -> tuple[Study, ...]:
    """Every study, by id; with ``holding="concentrations"`` only those that have that field."""
    known = [field.name for field in fields(Study)]
    if holding and holding not in known:
        raise UnknownStudy(f"No study holds {holding!r}; its fields are {', '.join(known)}.")
    names = _names() if not holding else [name for name in _names() if _has(name, holding)]
    return tuple(study(name) for name in names)


@cache
def _has(id: str, field: str) -> bool:
    text = (_FOLDER / f"{id}.yaml").read_text(encoding="utf-8")
    return text.startswith(f"{field}:") or f"\n{field}:" in text


def published(id: str, comparable_only: bool = True) -> tuple[Published, ...]:
    """The values of a study that a simulation of it may be held against."""
    found = study(id)
    return tuple(
        Published(
            endpoint=number.endpoint,
            arm=number.arm,
            reference=number.reference,
            measure=number.measure,
            value=number.value,
            unit=number.unit,
            low=number.low,
            high=number.high,
            n=number.n,
            day=number.day,
            role=found.role,
            seen=number.seen,
            source=f"{found.short_citation}, {number.place}",
            comparable=number.comparable,
            interval=number.interval,
        )
        for number in found.numbers
        if number.comparable or not comparable_only
    )


def bibtex(study: Study) -> str:
    """The study as a BibTeX entry, keyed by its id."""
    entry = {
        "author": " and ".join(_bibtex_name(name) for name in study.authors),
        "title": f"{{{_escaped(study.title)}}}",
        "year": str(study.year),
        **_bibtex_place(study.journal),
        "doi": study.doi or "",
        "url": study.url or "",
        "note": _escaped(study.registration or ""),
    }
    lines = [f"  {key} = {{{value}}}" for key, value in entry.items() if value]
    kind = "article" if study.journal else "misc"
    return f"@{kind}{{{study.id},\n" + ",\n".join(lines) + "\n}"


def _bibtex_place(journal: str | None) -> dict[str, str]:
    """Journal, volume, number and pages, from "Lancet 371(1):2192-2200"."""
    place = re.fullmatch(r"(.+) (\d+)(?:\((\d+)\))?:([\w-]+)", journal or "")
    if place is None:
        return {"journal": _escaped(journal or "")}
    names = ("journal", "volume", "number", "pages")
    found = zip(names, place.groups(default=""), strict=True)
    return {name: _escaped(text).replace("-", "--") for name, text in found}


def _bibtex_name(name: str) -> str:
    """Surname, initials; a body in braces and 'others' stay as they are."""
    if name == "others" or name.startswith("{"):
        return name
    surname, _, initials = name.rpartition(" ")
    return f"{surname}, {'. '.join(initials)}."


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "&%$#_" else letter for letter in text)


_MOST = 9
"""Studies that are offered where several begin as was asked"""


def _near(id: str) -> list[str]:
    """Ids that begin like the one given, then those spelled alike."""
    begin = [name for name in _names() if name.startswith(id) and id]
    alike = get_close_matches(id, _names(), n=3, cutoff=0.4)
    return begin[:_MOST] if len(begin) > 1 else list(dict.fromkeys(begin + alike))[:3]


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def _read(path: Path) -> Study:
    from ruamel.yaml import YAML

    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return record(content, path.name)


def record(content: dict[str, Any], name: str) -> Study:
    """The study in the content of a file of this name, or an EvidenceError that names a field."""
    content = dict(content)
    parts = {
        "arms": StudyArm, "numbers": Number, "concentrations": Concentrations,
        "regimens": Regimen, "exposures": Exposure, "in_no_fit": InNoFit,
    }  # fmt: skip
    for key, kind in parts.items():
        rows = content.get(key, ())
        content[key] = tuple(_record(kind, row, f"{name}, {key}") for row in rows)
    return _record(Study, content, name)


def _record(kind: type, content: dict[str, Any], where: str) -> Any:
    """The record, or an error that names the file and the field."""
    allowed = [field.name for field in fields(kind)]
    unknown = [key for key in content if key not in allowed]
    if unknown:
        raise EvidenceError(f"{where}: unknown field {unknown[0]!r}; allowed: {allowed}.")
    try:
        return kind(**{key: _frozen(value) for key, value in content.items()})
    except TypeError as error:
        raise EvidenceError(f"{where}: {error}. Add the field to the file.") from error


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
