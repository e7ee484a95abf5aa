"""What is said of ketamine for addiction, made executable."""

from resynapse.inference.claims.claim import (
    Asked,
    Bearing,
    Claim,
    ClaimError,
    Verdict,
    allowed,
    claim,
    claims,
)
from resynapse.inference.claims.finding import Finding, find, record, stored

__all__ = [
    "Asked",
    "Bearing",
    "Claim",
    "ClaimError",
    "Finding",
    "Verdict",
    "allowed",
    "claim",
    "claims",
    "find",
    "record",
    "stored",
]
