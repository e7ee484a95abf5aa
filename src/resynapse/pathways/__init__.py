"""The old pathway, the new one, and what teaches them."""

from resynapse.pathways.drug_memory import DrugMemory
from resynapse.pathways.extinction import Extinction
from resynapse.pathways.recovery import RecoveryPathway
from resynapse.pathways.session import SessionTrace, TherapyContent

__all__ = [
    "DrugMemory",
    "Extinction",
    "RecoveryPathway",
    "SessionTrace",
    "TherapyContent",
]
