"""What is felt, seen and rated."""

from resynapse.symptoms.blood_pressure import BloodPressure
from resynapse.symptoms.control import Control, SelfEfficacy
from resynapse.symptoms.craving import Craving
from resynapse.symptoms.dependence import DependenceState, OpponentProcess
from resynapse.symptoms.dissociation import Dissociation
from resynapse.symptoms.mood import Burden, Lift, NegativeMood
from resynapse.symptoms.nausea import Nausea
from resynapse.symptoms.scales import RatingScales
from resynapse.symptoms.sedation import Sedation
from resynapse.symptoms.withdrawal import Withdrawal

__all__ = [
    "BloodPressure",
    "Burden",
    "Control",
    "Craving",
    "DependenceState",
    "Dissociation",
    "Lift",
    "Nausea",
    "NegativeMood",
    "OpponentProcess",
    "RatingScales",
    "Sedation",
    "SelfEfficacy",
    "Withdrawal",
]
