"""What must hold for a field of a study file, and what is said where it does not?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from resynapse.evidence.exposure import Exposure, Quantity, Regimen, Sample
from resynapse.evidence.measure import MEASURES, unit_fault, value_fault
from resynapse.evidence.study import Concentrations, Number, Seen, StudyArm

CONCENTRATION_UNITS = ("ng/mL", "mg/L", "ug/L", "ug/mL", "nmol/L", "umol/L")
"""Units of a concentration"""

QUANTITY_UNITS: dict[Quantity, tuple[str, ...]] = {
    "cmax": ("ng/mL",),
    "tmax": ("min",),
    "auc": ("ng h/mL", "ug h/L", "ng min/mL"),
    "clearance": ("L/h", "mL/min", "mL/min/kg"),
    "bioavailability": ("1",),
    "auc_ratio": ("1",),
}
"""Units of a summary of concentrations"""

_WORDS: dict[str, tuple[str, ...]] = {
    "Seen": get_args(Seen), "Quantity": get_args(Quantity), "Sample": get_args(Sample),
}  # fmt: skip

DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
"""ISO 26324: a registrant's code, which may have parts, and a suffix of its own"""

_ROUNDING = 0.0051
"""A share given to two decimals may lie this far from its count"""


@dataclass(frozen=True)
class Fault:
    """What is wrong, and with which field."""

    field: str
    message: str


def frozen(value: Any) -> Any:
    """Lists as tuples."""
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value


def kind_fault(annotation: str, value: Any) -> str | None:
    """What is wrong with the kind of a value, given the annotation of its field."""
    if value is None:
        return None if "None" in annotation else "it is empty; give it a value"
    base = annotation.replace(" | None", "")
    if base == "float":
        return None if _is_number(value) else f"{value!r} is no finite number"
    if base == "int":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole else f"{value!r} is no whole number"
    if base == "bool":
        return None if isinstance(value, bool) else f"{value!r} is neither true nor false"
    if base in _WORDS:
        known = ", ".join(_WORDS[base])
        return None if value in _WORDS[base] else f"{value!r} is unknown here; use {known}"
    if base in ("str", "Role"):
        return None if isinstance(value, str) and value.strip() else f"{value!r} is no text"
    return None if isinstance(value, list) else "a list belongs here"


def doi_fault(given: Any) -> str | None:
    """What is wrong with the form of a DOI; whether it leads anywhere is not asked."""
    if not isinstance(given, str) or DOI.fullmatch(given):
        return None
    return (
        f"{given!r} has not the form of a DOI: 10., a registrant of four to nine digits, a slash,"
        " a suffix (10.1001/jama.2020.1), without https://doi.org/. Mend it, or leave doi out and"
        " give url"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _known_measure(number: Number) -> Fault | None:
    if number.measure in MEASURES:
        return None
    near = get_close_matches(number.measure, MEASURES, n=1)
    hint = f"did you mean {near[0]}" if near else f"known are {', '.join(MEASURES)}"
    return Fault("measure", f"{number.measure!r} is no measure; {hint}?")


def _unit_fits(number: Number) -> Fault | None:
    if number.measure not in MEASURES:
        return None
    said = unit_fault(number.endpoint, number.measure, number.unit)
    return Fault("unit", said) if said else None


def _value_can_be(number: Number) -> Fault | None:
    if number.measure not in MEASURES:
        return None
    for field in ("value", "low", "high"):
        given = getattr(number, field)
        said = None if given is None else value_fault(number.measure, number.unit, given)
        if said:
            return Fault(field, said)
    return None


def _people(row: Number | StudyArm | Concentrations | Exposure) -> Fault | None:
    if row.n is not None and row.n < 1:
        return Fault("n", f"n = {row.n}; at least one person must stand behind a number")
    return None


def _count(number: Number) -> Fault | None:
    """A count that no n people can give, or that is not the share beside it."""
    if number.count is None:
        return None
    if number.n is None:
        return Fault("count", f"{number.count} of how many people? Add n beside count")
    if not 0 <= number.count <= number.n:
        return Fault("count", f"{number.count} of {number.n} is impossible")
    share = number.value / (100.0 if number.unit == "percent" else 1.0)
    if number.measure == "proportion" and abs(number.count / number.n - share) > _ROUNDING:
        exact = number.count / number.n
        return Fault("count", f"{number.count} of {number.n} is {exact:.3f}, not {share:g}")
    return None


def _interval(number: Number | Exposure) -> Fault | None:
    low, high = number.low, number.high
    if (low is None) != (high is None):
        return Fault("high" if low is None else "low", "an interval needs both low and high")
    if low is None or high is None:
        return None
    if low > high:
        return Fault("low", f"the interval ends ({high:g}) below where it begins ({low:g})")
    if not low <= number.value <= high:
        return Fault("value", f"{number.value:g} lies outside its interval, {low:g} to {high:g}")
    if number.interval is None:
        return Fault("low", 'say what the interval is: interval: "95 % confidence, reported"')
    return None


def _spread(number: Number | Exposure) -> Fault | None:
    if number.sd is not None and number.sd < 0.0:
        return Fault("sd", f"a standard deviation of {number.sd:g} is impossible")
    return None


def _reading(number: Number) -> Fault | None:
    if number.seen == "recalled" and number.comparable:
        return Fault("comparable", "a recalled number may be compared with nothing: set it false")
    return None


def _points(curve: Concentrations) -> Fault | None:
    if curve.unit not in CONCENTRATION_UNITS:
        known = ", ".join(CONCENTRATION_UNITS)
        return Fault("unit", f"{curve.unit!r} is no unit of a concentration; use {known}")
    for point in curve.points:
        if len(point) not in (2, 4) or not _is_number(point[0]):
            return Fault("points", f"{list(point)} is not [minute, value] with or without limits")
        levels = [level for level in point[1:] if level is not None]
        if not levels or any(not _is_number(level) or level < 0.0 for level in levels):
            return Fault("points", f"{list(point)} holds a level that cannot be")
        if sorted(levels) != [level for level in _by_size(point) if level is not None]:
            return Fault("points", f"the level lies outside its interval in {list(point)}")
    return None


def _exposure_unit(exposure: Exposure) -> Fault | None:
    allowed = QUANTITY_UNITS[exposure.quantity]
    if exposure.unit in allowed:
        return None
    said = f"{exposure.unit!r} is no unit of a {exposure.quantity}; use {', '.join(allowed)}"
    return Fault("unit", said)


def _recalled(exposure: Exposure) -> Fault | None:
    if exposure.seen == "recalled" and not exposure.reported_only:
        return Fault("seen", "a recalled value is shown and not judged: say why in reported_only")
    return None


def _compared(exposure: Exposure) -> Fault | None:
    if exposure.quantity in ("bioavailability", "auc_ratio") and exposure.reference is None:
        return Fault("quantity", f"a {exposure.quantity} compares two arms: add reference")
    return None


def _doses(regimen: Regimen) -> Fault | None:
    for row in regimen.doses:
        if len(row) != 3 or not all(_is_number(x) and x >= 0.0 for x in row):
            return Fault("doses", f"{list(row)} is not [start, amount, duration], none negative")
    return None


def _by_size(point: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """Low, value, high, as a point lists them: minute, value, low, high."""
    return (point[2], point[1], point[3]) if len(point) == 4 else point[1:]


def _identifier(arm: StudyArm) -> Fault | None:
    if re.fullmatch(r"[A-Za-z0-9][\w.-]*", arm.id):
        return None
    return Fault("id", f"{arm.id!r} is no id: letters, digits, dots, - and _ only")


RULES: dict[type, tuple[Callable[..., Fault | None], ...]] = {
    StudyArm: (_identifier, _people),
    Number: (
        *(_known_measure, _unit_fits, _value_can_be, _people),
        *(_count, _interval, _spread, _reading),
    ),
    Concentrations: (_people, _points),
    Regimen: (_doses,),
    Exposure: (_exposure_unit, _people, _interval, _spread, _recalled, _compared),
}
"""Every rule for the rows of a study file"""
