"""How far are modelled concentrations from those that were published?"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

import numpy as np

from resynapse.evidence import Concentrations, Exposure, Regimen, Study, studies, why_set_aside
from resynapse.evidence.exposure import IN_UNIT
from resynapse.inference.kinetics.course import MINUTES_PER_HOUR, Course, course
from resynapse.patient import Patient
from resynapse.trial.knowledge import drawn

DRAWS = 40
INTERVAL = (5.0, 95.0)
UNRELIABLE = 15.0
"""min; earlier points of a digitised curve are not judged"""


@dataclass(frozen=True)
class Row:
    """One published value beside the model's, both in ``unit``."""

    study: str
    source: str
    role: str
    dose: str
    """the arm in the study's words"""
    route: str
    analyte: str
    site: str
    quantity: str
    minute: float | None
    unit: str
    published: float
    modelled: float
    """typical person, median parameters"""
    low: float | None
    """5 % over draws of the parameters from their priors, typical person"""
    high: float | None
    informed: str | None
    reported_only: str | None
    set_aside: str | None
    """why no fit may use it"""

    @property
    def ratio(self) -> float:
        """Modelled over published."""
        return self.modelled / self.published

    @property
    def tests(self) -> bool:
        """Whether the value was held out, informed nothing in the model, and is judged."""
        return self.role == "held-out" and not self.informed and not self.reported_only


def comparison(draws: int = DRAWS, seed: int = 1) -> tuple[Row, ...]:
    """Every published concentration and exposure whose regimen is known, in order of study."""
    return compared([Patient()] + [drawn(Patient(), seed, number, {}) for number in range(draws)])


def compared(patients: list[Patient], only: Container[str] | None = None) -> tuple[Row, ...]:
    """The same of the first patient, with the band over the rest; ``only`` of these studies."""
    rows: list[Row] = []
    for study in studies():
        if only is not None and study.id not in only:
            continue
        courses = _courses(study, patients)
        for concentrations in study.concentrations:
            if concentrations.arm:
                rows += _points(study, concentrations, courses[concentrations.arm])
        rows += [_summary(study, one, courses) for one in study.exposures]
    return tuple(rows)


def _courses(study: Study, patients: list[Patient]) -> dict[str, list[Course]]:
    return {one.arm: [course(p, one) for p in patients] for one in study.regimens}


def _points(study: Study, found: Concentrations, courses: list[Course]) -> Iterator[Row]:
    levels = [one.levels(found.analyte, found.site) for one in courses]
    mass = _mass(courses[0], found) if found.unit == "umol/L" else 1.0
    for minute, value, *_ in found.points:
        if value is None or minute is None:
            continue
        unreliable = "before 15 min" if found.seen == "figure" and minute < UNRELIABLE else None
        values = [level[round(minute)] for level in levels]
        yield _row(
            study, study.regimen(found.arm or ""), found, value * mass, values,
            ("concentration", minute, "ng/mL"), unreliable,
        )  # fmt: skip


def _mass(one: Course, found: Concentrations) -> float:
    substance = found.analyte.partition("-")[2] or found.analyte
    return float(getattr(one.patient.molar_mass, substance))


def _summary(study: Study, found: Exposure, courses: dict[str, list[Course]]) -> Row:
    values = [
        _QUANTITIES[found.quantity](found, *pair)
        for pair in zip(courses[found.arm], courses[found.reference or found.arm], strict=True)
    ]
    regimen = study.regimen(found.arm)
    if found.unit.endswith("/kg"):
        values = [value / regimen.weight_kg for value in values]
    unit = {"cmax": "ng/mL", "tmax": "min", "auc": "ng h/mL"}.get(found.quantity, "1")
    if found.quantity == "clearance":
        unit = "L/h/kg" if found.unit.endswith("/kg") else "L/h"
    published = found.value * IN_UNIT[found.unit]
    named = (found.quantity, None, unit)
    return _row(study, regimen, found, published, values, named, found.reported_only)


def _row(
    study: Study, regimen: Regimen, found: Concentrations | Exposure, published: float,
    values: list[float], named: tuple[str, float | None, str], reported_only: str | None,
) -> Row:  # fmt: skip
    quantity, minute, unit = named
    low, high = np.percentile(values[1:], INTERVAL) if len(values) > 1 else (None, None)
    return Row(
        study=study.id, source=f"{study.short_citation}, {found.place}",
        role=getattr(found, "role", None) or study.role, dose=study.arm(regimen.arm).label,
        route=regimen.route,
        analyte=found.analyte, site=found.site, quantity=quantity, minute=minute, unit=unit,
        published=float(published), modelled=float(values[0]),
        low=None if low is None else float(low), high=None if high is None else float(high),
        informed=getattr(found, "informed", None), reported_only=reported_only,
        set_aside=why_set_aside(found),
    )  # fmt: skip


def _cmax(found: Exposure, one: Course, reference: Course) -> float:
    return float(np.max(one.levels(found.analyte, found.site)))


def _tmax(found: Exposure, one: Course, reference: Course) -> float:
    return float(np.argmax(one.levels(found.analyte, found.site)))


def _auc(found: Exposure, one: Course, reference: Course) -> float:
    levels = one.levels(found.analyte, found.site)
    if found.hours is None:
        return _area(levels) + one.area_after(found.analyte, found.site)
    return _area(levels[: round(found.hours * MINUTES_PER_HOUR) + 1])


def _area(levels: np.ndarray) -> float:
    """Trapezoids of a minute, ng h/mL."""
    return float(np.trapezoid(levels)) / MINUTES_PER_HOUR


def _clearance(found: Exposure, one: Course, reference: Course) -> float:
    """Dose over area, L/h."""
    return 1000.0 * one.dose(found.analyte) / _auc(found, one, one)


def _auc_ratio(found: Exposure, one: Course, reference: Course) -> float:
    return _auc(found, one, one) / _auc(found, reference, reference)


def _bioavailability(found: Exposure, one: Course, reference: Course) -> float:
    return (
        _auc_ratio(found, one, reference) * reference.dose(found.analyte) / one.dose(found.analyte)
    )


_QUANTITIES: dict[str, Callable[[Exposure, Course, Course], float]] = {
    "cmax": _cmax, "tmax": _tmax, "auc": _auc, "clearance": _clearance,
    "auc_ratio": _auc_ratio, "bioavailability": _bioavailability,
}  # fmt: skip
