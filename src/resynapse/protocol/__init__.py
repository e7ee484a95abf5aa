"""What is done to whom, and when: the file a user writes."""

from resynapse.protocol.arm import Arm
from resynapse.protocol.description import describe
from resynapse.protocol.errors import Problem, ProtocolError
from resynapse.protocol.findings import Finding, check
from resynapse.protocol.json_schema import schema
from resynapse.protocol.loading import from_data, library, load, parse, text
from resynapse.protocol.people import Cyp2b6, Distribution, Population, Severity
from resynapse.protocol.rule import DecisionRule
from resynapse.protocol.setting import Setting, Site
from resynapse.protocol.treatment import Amount, Dose, Medication, Therapy
from resynapse.protocol.trial_protocol import Protocol
from resynapse.protocol.writing import dump

__all__ = [
    "Amount",
    "Arm",
    "Cyp2b6",
    "DecisionRule",
    "Distribution",
    "Dose",
    "Finding",
    "Medication",
    "Population",
    "Problem",
    "Protocol",
    "ProtocolError",
    "Setting",
    "Severity",
    "Site",
    "Therapy",
    "check",
    "describe",
    "dump",
    "from_data",
    "library",
    "load",
    "parse",
    "schema",
    "text",
]
