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
from resynapse.inference.claims.finding import (
    PARAMETERS,
    Finding,
    find,
    parameters_hash,
    record,
    stored,
)

__all__ = [
    "PARAMETERS",
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
    "parameters_hash",
    "record",
    "stored",
]
