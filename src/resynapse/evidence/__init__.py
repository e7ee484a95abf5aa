"""Publications and what they measured."""

from resynapse.evidence.exposure import Exposure, Regimen
from resynapse.evidence.likelihood import (
    NotFitted,
    may_be_fitted,
    set_aside,
    usable,
    usable_concentrations,
    usable_exposures,
    why_set_aside,
)
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
    study_text,
)
from resynapse.evidence.study_file import StudyFileError, check_study, read_study

__all__ = [
    "Concentrations",
    "EvidenceError",
    "Exposure",
    "NotFitted",
    "Number",
    "Observation",
    "Published",
    "Regimen",
    "Source",
    "Status",
    "Study",
    "StudyArm",
    "StudyFileError",
    "UnknownStudy",
    "assumption",
    "bibtex",
    "check_study",
    "derivation",
    "may_be_fitted",
    "observed",
    "published",
    "read_study",
    "set_aside",
    "studies",
    "study",
    "study_text",
    "usable",
    "usable_concentrations",
    "usable_exposures",
    "why_set_aside",
]
