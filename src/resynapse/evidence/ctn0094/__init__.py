"""Figures derived from the patient-level records of CTN-0027 and CTN-0030 (CTN-0094)."""

from resynapse.evidence.ctn0094.build import build, checksums, shipped
from resynapse.evidence.ctn0094.records import DataError

__all__ = ["DataError", "build", "checksums", "shipped"]
