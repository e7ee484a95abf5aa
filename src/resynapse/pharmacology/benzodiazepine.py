"""How much midazolam or lorazepam, the active controls, is in plasma?"""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Fixed, LogNormal, Scalar, parameter

NANOGRAMS_PER_ML = 1000.0
"""1 mg/L is 1000 ng/mL"""


class BenzodiazepineAmount(eqx.Module):
    """Benzodiazepine in the body, mg."""

    central: Scalar
    """A1"""
    shallow: Scalar
    """A2"""
    deep: Scalar
    """A3"""


def zero() -> BenzodiazepineAmount:
    """No drug anywhere."""
    return BenzodiazepineAmount(0.0, 0.0, 0.0)


class AbstractBenzodiazepine(eqx.Module):
    """What a benzodiazepine must say about itself."""

    clearance: eqx.AbstractVar[Scalar]
    """CL, L/h"""
    central_volume: eqx.AbstractVar[Scalar]
    """V1, L"""
    shallow_volume: eqx.AbstractVar[Scalar]
    """V2, L"""
    deep_volume: eqx.AbstractVar[Scalar]
    """V3, L"""
    shallow_exchange: eqx.AbstractVar[Scalar]
    """Q2, L/h"""
    deep_exchange: eqx.AbstractVar[Scalar]
    """Q3, L/h"""
    potency: eqx.AbstractVar[Scalar]
    """of a level in plasma, over that of midazolam"""
    clearance_spread: eqx.AbstractVar[Scalar]
    """log sd of clearance between people"""


class Midazolam(AbstractBenzodiazepine):
    """Midazolam in an adult; not scaled by weight in its source. The log sd are chosen."""

    clearance: Scalar = parameter(LogNormal(32.1, 0.2), "L/h", sources.stanpump)
    """CL (0.535 L/min)"""
    central_volume: Scalar = parameter(LogNormal(3.3, 0.3), "L", sources.stanpump)
    """V1"""
    shallow_volume: Scalar = parameter(LogNormal(17.56, 0.3), "L", sources.stanpump)
    """V2"""
    deep_volume: Scalar = parameter(LogNormal(96.76, 0.3), "L", sources.stanpump)
    """V3"""
    shallow_exchange: Scalar = parameter(LogNormal(120.9, 0.3), "L/h", sources.stanpump)
    """Q2 (2.015 L/min)"""
    deep_exchange: Scalar = parameter(LogNormal(49.92, 0.3), "L/h", sources.stanpump)
    """Q3 (0.832 L/min)"""
    potency: Scalar = parameter(Fixed(1.0), "1", sources.midazolam_sedation)
    """the unit"""
    clearance_spread: Scalar = parameter(
        LogNormal(0.225, 0.3), "1", sources.midazolam_people, "derived"
    )
    """log sd of CL between people"""


class Lorazepam(AbstractBenzodiazepine):
    """Lorazepam at 70 kg: CL 62.2 mL/kg/h, V1 0.59 L/kg, half-lives 0.31 and 14.1 h."""

    clearance: Scalar = parameter(LogNormal(4.35, 0.15), "L/h", sources.lorazepam1983)
    """CL"""
    central_volume: Scalar = parameter(LogNormal(41.3, 0.3), "L", sources.lorazepam1983)
    """V1"""
    shallow_volume: Scalar = parameter(LogNormal(45.0, 0.2), "L", sources.lorazepam1983, "derived")
    """V2"""
    deep_volume: Scalar = parameter(Fixed(1.0), "L", sources.two_compartments)
    """V3, without meaning while Q3 = 0"""
    shallow_exchange: Scalar = parameter(
        LogNormal(46.9, 0.3), "L/h", sources.lorazepam1983, "derived"
    )
    """Q2"""
    deep_exchange: Scalar = parameter(Fixed(0.0), "L/h", sources.two_compartments)
    """Q3"""
    potency: Scalar = parameter(LogNormal(2.7, 0.5), "1", sources.lorazepam_sedation)
    """30 ng/mL sedate like 80 of midazolam"""
    clearance_spread: Scalar = parameter(LogNormal(0.25, 0.3), "1", sources.people_differ)
    """log sd of CL between people"""


class BenzodiazepineDisposition(eqx.Module):
    """Linear disposition in three compartments.

    C1     = A1 / V1                                                      mg/L
    to_2   = Q2 (C1 - A2 / V2)                                            mg/h
    to_3   = Q3 (C1 - A3 / V3)                                            mg/h
    dA1/dt = infusion - CL C1 - to_2 - to_3                               mg/h
    dA2/dt = to_2                                                         mg/h
    dA3/dt = to_3                                                         mg/h
    """

    drug: AbstractBenzodiazepine

    def rate(
        self, amount: BenzodiazepineAmount, infusion_mg_per_hour: Scalar
    ) -> BenzodiazepineAmount:
        """dA/dt, mg/h; linear in the amount and the infusion."""
        drug = self.drug
        C1 = amount.central / drug.central_volume
        to_2 = drug.shallow_exchange * (C1 - amount.shallow / drug.shallow_volume)
        to_3 = drug.deep_exchange * (C1 - amount.deep / drug.deep_volume)
        return BenzodiazepineAmount(
            central=infusion_mg_per_hour - drug.clearance * C1 - to_2 - to_3,
            shallow=to_2,
            deep=to_3,
        )

    def individual(self, z: Scalar) -> BenzodiazepineDisposition:
        """The disposition in one person, z standard deviations from the typical: CL exp(sd z)."""
        factor = jnp.exp(self.drug.clearance_spread * z)
        return BenzodiazepineDisposition(replace(self.drug, clearance=self.drug.clearance * factor))

    def plasma(self, amount: BenzodiazepineAmount) -> Scalar:
        """C1, ng/mL."""
        return NANOGRAMS_PER_ML * amount.central / self.drug.central_volume

    def equivalent(self, amount: BenzodiazepineAmount) -> Scalar:
        """Plasma level as ng/mL of midazolam that would sedate as much."""
        return self.drug.potency * self.plasma(amount)


def midazolam() -> BenzodiazepineDisposition:
    """The typical adult."""
    return BenzodiazepineDisposition(Midazolam())


def lorazepam() -> BenzodiazepineDisposition:
    """The typical adult of 70 kg."""
    return BenzodiazepineDisposition(Lorazepam())
