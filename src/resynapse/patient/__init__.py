"""The patient: the chain from dose to use, wired in one place."""

from resynapse.patient.chain import ArmSetting, Patient
from resynapse.patient.hypotheses import SWITCHES, Switch, settings
from resynapse.patient.registry import configured, parameters
from resynapse.patient.state import Person

__all__ = [
    "SWITCHES",
    "ArmSetting",
    "Patient",
    "Person",
    "Switch",
    "configured",
    "parameters",
    "settings",
]
