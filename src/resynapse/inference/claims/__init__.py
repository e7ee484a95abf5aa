"""What is said of ketamine for addiction, made executable."""

from resynapse.inference.claims.claim import (
    UNSHOWN,
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
    Finding,
    find,
    parameters_hash,
    record,
    stored,
)
from resynapse.inference.claims.worlds import PARAMETERS

__all__ = [
    "PARAMETERS",
    "UNSHOWN",
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
