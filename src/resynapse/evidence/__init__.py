"""Publications and what they measured."""

from resynapse.evidence.exposure import Exposure, Regimen
from resynapse.evidence.observed import Observation, observed
from resynapse.evidence.source import Source, Status, assumption, derivation
from resynapse.evidence.study import (
    Concentrations,
    EvidenceError,
    Number,
    Published,
    Study,
    StudyArm,
    UnknownStudy,
    bibtex,
    published,
    studies,
    study,
)

__all__ = [
    "Concentrations",
    "EvidenceError",
    "Exposure",
    "Number",
    "Observation",
    "Published",
    "Regimen",
    "Source",
    "Status",
    "Study",
    "StudyArm",
    "UnknownStudy",
    "assumption",
    "bibtex",
    "derivation",
    "observed",
    "published",
    "studies",
    "study",
]
