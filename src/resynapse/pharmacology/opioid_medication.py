"""How much of the mu-opioid receptor does a medication for opioid dependence hold?"""

from __future__ import annotations

from dataclasses import fields, replace

import equinox as eqx
import jax.numpy as jnp

from resynapse.parameter import Scalar
from resynapse.pharmacology.agonist_medication import (
    Buprenorphine,
    BuprenorphineMonthly,
    BuprenorphineSublingual,
    Methadone,
)
from resynapse.pharmacology.naltrexone import (
    Naltrexone,
    NaltrexoneImplant,
    NaltrexoneMonthly,
    NaltrexoneOral,
)

NANOGRAMS_PER_ML = 1000.0
"""1 mg/L is 1000 ng/mL"""


class MedicationAmount(eqx.Module):
    """A medication in the body, mg."""

    depot: Scalar
    """A_d, not absorbed yet"""
    central: Scalar
    """A"""


class MedicationDeviation(eqx.Module):
    """How far one person is from the typical one, standard normals."""

    clearance: Scalar
    """z_CL"""
    absorption: Scalar
    """z_ka"""


class OpioidMedication(eqx.Module):
    """First-order absorption and elimination, and occupancy that saturates.

    time   = V / CL                                                       h
    to     = time F A_d / absorption_time                                 mg
    dA/dt  = (to - A) / time                                              mg/h
    dA_d/dt = -A_d / absorption_time                                      mg/h
    C      = 1000 A / V                                                   ng/mL
    o      = o_max C / (C + C50)                                          1
    """

    absorption_time: Scalar
    """h"""
    bioavailability: Scalar
    """F"""
    clearance: Scalar
    """CL, L/h"""
    volume: Scalar
    """V, L"""
    half_occupancy: Scalar
    """C50, ng/mL"""
    max_occupancy: Scalar
    """o_max"""
    efficacy: Scalar
    """what an occupied receptor does, 0 to 1"""
    antagonist: Scalar
    """1 for an antagonist"""
    clearance_spread: Scalar
    """log sd of clearance between people"""
    absorption_spread: Scalar
    """log sd of absorption time between people"""

    def individual(self, own: MedicationDeviation) -> OpioidMedication:
        """The medication in one person.

        CL              = CL exp(sd_CL z_CL)                              L/h
        absorption_time = absorption_time exp(sd_ka z_ka)                 h

        Volume and receptor are the same in everybody, so that an amount holds the same share.
        """
        return replace(
            self,
            clearance=self.clearance * jnp.exp(self.clearance_spread * own.clearance),
            absorption_time=self.absorption_time * jnp.exp(self.absorption_spread * own.absorption),
        )

    def dosed(self, amount: MedicationAmount, mg: Scalar) -> MedicationAmount:
        """After a dose into the depot."""
        return MedicationAmount(depot=amount.depot + mg, central=amount.central)

    def relaxation(self, amount: MedicationAmount) -> tuple[MedicationAmount, MedicationAmount]:
        """What the amounts move towards, mg, and their time constants, h."""
        time = self.volume / self.clearance
        to = time * self.bioavailability * amount.depot / self.absorption_time
        return (
            MedicationAmount(depot=0.0 * amount.depot, central=to),
            MedicationAmount(depot=self.absorption_time, central=time),
        )

    def plasma(self, amount: MedicationAmount) -> Scalar:
        """C, ng/mL."""
        return NANOGRAMS_PER_ML * amount.central / self.volume

    def occupancy(self, amount: MedicationAmount) -> Scalar:
        """o, 0 to 1."""
        C = self.plasma(amount)
        return self.max_occupancy * C / (C + self.half_occupancy)

    def steady_occupancy(self, mg: Scalar, every_days: Scalar) -> Scalar:
        """o at the mean level of regular doses, 0 to 1."""
        C = NANOGRAMS_PER_ML * self.bioavailability * mg / (24.0 * every_days * self.clearance)
        return self.max_occupancy * C / (C + self.half_occupancy)


def zero() -> MedicationAmount:
    """No drug anywhere."""
    return MedicationAmount(0.0, 0.0)


def typical() -> MedicationDeviation:
    """The typical person."""
    return MedicationDeviation(0.0, 0.0)


def no_medication() -> OpioidMedication:
    """Holds no receptor, whatever is given."""
    return OpioidMedication(1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _assembled(*parts: eqx.Module) -> OpioidMedication:
    values = {field.name: getattr(part, field.name) for part in parts for field in fields(part)}
    return OpioidMedication(**values)


def methadone(drug: Methadone | None = None) -> OpioidMedication:
    return _assembled(drug or Methadone())


def buprenorphine_sublingual(
    drug: Buprenorphine | None = None, form: BuprenorphineSublingual | None = None
) -> OpioidMedication:
    return _assembled(drug or Buprenorphine(), form or BuprenorphineSublingual())


def buprenorphine_monthly(
    drug: Buprenorphine | None = None, form: BuprenorphineMonthly | None = None
) -> OpioidMedication:
    return _assembled(drug or Buprenorphine(), form or BuprenorphineMonthly())


def naltrexone_oral(
    drug: Naltrexone | None = None, form: NaltrexoneOral | None = None
) -> OpioidMedication:
    return _assembled(drug or Naltrexone(), form or NaltrexoneOral())


def naltrexone_monthly(
    drug: Naltrexone | None = None, form: NaltrexoneMonthly | None = None
) -> OpioidMedication:
    return _assembled(drug or Naltrexone(), form or NaltrexoneMonthly())


def naltrexone_implant(
    drug: Naltrexone | None = None, form: NaltrexoneImplant | None = None
) -> OpioidMedication:
    return _assembled(drug or Naltrexone(), form or NaltrexoneImplant())
