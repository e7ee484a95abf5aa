"""Who sits on which receptor."""

from resynapse.receptor.habenula import HabenulaBlock
from resynapse.receptor.mu_opioid import MuOpioidCompetition, Occupancy
from resynapse.receptor.nmda import Block, NmdaBlock, Potency, WithdrawalRelief

__all__ = [
    "Block",
    "HabenulaBlock",
    "MuOpioidCompetition",
    "NmdaBlock",
    "Occupancy",
    "Potency",
    "WithdrawalRelief",
]
