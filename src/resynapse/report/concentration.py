"""In which unit is a concentration of ketamine shown?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """A name, and how many of it 1 ng/mL of a drug is."""

    name: str
    per_ng_mL: float
    log: bool = False
    """whether its axis is logarithmic"""


NG_PER_ML = Unit("ng/mL", 1.0)
NAMES = ("ng/mL", "umol/L")


def unit(name: str, drug: str = "ketamine") -> Unit:
    """The unit of this name; umol/L through the molar mass of ketamine base or a metabolite."""
    from resynapse.pharmacology.route import MolarMass

    return (
        Unit("umol/L", 1.0 / float(getattr(MolarMass(), drug))) if name == NAMES[1] else NG_PER_ML
    )
