"""Which measured concentrations of ketamine can a simulated curve be drawn beside?"""

from __future__ import annotations

from dataclasses import dataclass

from resynapse.evidence.source import Status
from resynapse.evidence.study import Concentrations, Role, Seen, Study, studies

REFERENCE_INFUSION = "ketamine 0.5 mg/kg iv over 40 min"


@dataclass(frozen=True)
class Observation:
    """One observed concentration; ``minute`` counts from the start of the dose.

    ``value`` is None where only a range was published. A recalled observation has the status
    assumed: it is drawn, marked, and enters no likelihood.
    """

    study: str
    source: str
    role: Role
    regimen: str
    analyte: str
    site: str
    minute: float
    value: float | None
    low: float | None
    high: float | None
    interval: str | None
    unit: str
    n: int | None
    seen: Seen
    status: Status
    comparable: bool
    note: str | None


def observed(
    regimen: str | None = REFERENCE_INFUSION, analyte: str | None = None
) -> tuple[Observation, ...]:
    """Observations after one regimen (all regimens if None), of one substance or of all."""
    return tuple(
        observation
        for study in studies(holding="concentrations")
        for curve in study.concentrations
        if regimen in (None, curve.regimen) and analyte in (None, curve.analyte)
        for observation in _expanded(study, curve)
    )


def _expanded(study: Study, curve: Concentrations) -> tuple[Observation, ...]:
    status: Status = "assumed" if curve.seen == "recalled" else "measured"
    return tuple(
        Observation(
            study=study.id,
            source=f"{study.short_citation}, {curve.place}",
            role=study.role,
            regimen=curve.regimen,
            analyte=curve.analyte,
            site=curve.site,
            minute=float(point[0] or 0.0),
            value=point[1],
            low=point[2] if len(point) > 2 else None,
            high=point[3] if len(point) > 3 else None,
            interval=curve.interval,
            unit=curve.unit,
            n=curve.n,
            seen=curve.seen,
            status=status,
            comparable=curve.comparable,
            note=curve.note,
        )
        for point in curve.points
    )
