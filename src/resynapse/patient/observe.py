"""What could be measured or shown of a patient at an instant?"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp

from resynapse.parameter import Scalar
from resynapse.patient.chain import ArmSetting, Patient
from resynapse.patient.state import Amounts, Marks, Person, State
from resynapse.pharmacology.benzodiazepine import BenzodiazepineDisposition


class Quantity(NamedTuple):
    """A name, its unit and words for a reader."""

    name: str
    unit: str
    words: str


QUANTITIES = (
    Quantity("arterial_ketamine", "ng/mL", "Ketamine in arterial plasma, S and R together"),
    Quantity("venous_ketamine", "ng/mL", "Ketamine in venous plasma, S and R together"),
    Quantity("venous_norketamine", "ng/mL", "Norketamine in venous plasma"),
    Quantity("venous_hydroxynorketamine", "ng/mL", "Hydroxynorketamine in plasma"),
    Quantity("block_interneuron", "1", "NMDA current blocked in interneurons"),
    Quantity("block_pyramidal", "1", "NMDA current blocked in pyramidal cells"),
    Quantity("block_resting", "1", "NMDA current blocked at rest"),
    Quantity("surge", "1", "Glutamate surge above the resting rate"),
    Quantity("dissociation", "CADSS", "Dissociation"),
    Quantity("pressure_rise", "mmHg", "Rise of systolic pressure"),
    Quantity("sedation", "1", "Sedation"),
    Quantity("window", "1", "Plasticity window"),
    Quantity("sustained", "1", "Sustained state"),
    Quantity("habenula_block", "1", "Habenula held by trapped ketamine"),
    Quantity("drug_memory", "1", "Old pathway, drug memory"),
    Quantity("extinction", "1", "Extinction"),
    Quantity("recovery", "1", "New pathway, recovery"),
    Quantity("control", "1", "Control over use"),
    Quantity("withdrawal", "COWS", "Withdrawal"),
    Quantity("craving", "VAS", "Craving"),
    Quantity("mood", "MADRS", "Negative mood"),
    Quantity("mood_hamd17", "HAM-D17", "Negative mood, Hamilton scale"),
    Quantity("opioid_effect", "1", "Effect at the mu-opioid receptor"),
    Quantity("using", "1", "In a bout of use"),
    Quantity("enrolled", "1", "Still in the study"),
    Quantity("on_medication", "1", "On medication for opioid dependence"),
    Quantity("expectancy", "1", "Expectancy, in units of a full shift of belief"),
)
"""in the order of ``observe``"""

NAMES = tuple(quantity.name for quantity in QUANTITIES)


class Feelings(NamedTuple):
    """Acute effects at an instant."""

    dissociation: Scalar
    """CADSS, 0 to 84"""
    pressure_rise: Scalar
    """mmHg"""
    sedation: Scalar
    """0 to 1"""
    unresponsive: Scalar
    """probability"""
    nausea: Scalar
    """probability"""


def feelings(
    patient: Patient, person: Person, drug: BenzodiazepineDisposition, amounts: Amounts
) -> Feelings:
    """What the drugs in blood do at this instant."""
    S, R = amounts.s_ketamine, amounts.r_ketamine
    both = person.s_ketamine.arterial(S) + person.r_ketamine.arterial(R)
    plasma = both * patient.molar_mass.ketamine
    calming = patient.sedation.benzodiazepine(drug.equivalent(amounts.benzodiazepine))
    return Feelings(
        dissociation=patient.dissociation.cadss(S.effect_site, person.dissociation_factor),
        pressure_rise=patient.pressure.rise(S.effect_site, R.effect_site, person.pressure_factor),
        sedation=patient.sedation.sedation(plasma, calming),
        unresponsive=patient.sedation.unresponsive(plasma, calming),
        nausea=patient.nausea.probability(plasma),
    )


def observe(
    patient: Patient, person: Person, arm: ArmSetting, drug: BenzodiazepineDisposition,
    state: State, marks: Marks, amounts: Amounts,
) -> tuple[Scalar, ...]:  # fmt: skip
    """All QUANTITIES at an instant."""
    S, R = amounts.s_ketamine, amounts.r_ketamine
    s, r, mass = person.s_ketamine, person.r_ketamine, patient.molar_mass
    acute = patient.acute(amounts)
    now = feelings(patient, person, drug, amounts)
    felt_withdrawal = patient.withdrawal.expressed(state.withdrawal, acute.relief)
    return (
        (s.arterial(S) + r.arterial(R)) * mass.ketamine,
        (s.venous(S) + r.venous(R)) * mass.ketamine,
        (s.venous_norketamine(S) + r.venous_norketamine(R)) * mass.norketamine,
        (s.hydroxynorketamine(S) + r.hydroxynorketamine(R)) * mass.hydroxynorketamine,
        acute.block.interneuron,
        acute.block.pyramidal,
        acute.block.resting,
        acute.surge,
        now.dissociation,
        now.pressure_rise,
        now.sedation,
        state.window.window,
        state.window.sustained,
        state.habenula,
        state.memory,
        state.extinction,
        state.recovery,
        patient.controls(state),
        patient.scales.cows(felt_withdrawal),
        patient.scales.vas(state.craving),
        patient.scales.madrs(state.mood),
        patient.scales.hamd(state.mood),
        patient.receptors(state, amounts, arm).effect,
        jnp.asarray(marks.using),
        jnp.asarray(marks.enrolled),
        jnp.asarray(marks.on_medication),
        state.expectancy,
    )
