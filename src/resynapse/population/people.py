"""Who takes part? People drawn from what is known of them, each by the own number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine import random
from resynapse.engine.native.columnwise import columnwise
from resynapse.parameter import Scalar
from resynapse.patient import Patient, Person
from resynapse.pharmacology.covariates import Deviation, individual
from resynapse.pharmacology.enantiomer import RKetamine, SKetamine
from resynapse.pharmacology.ketamine import KetamineDisposition
from resynapse.pharmacology.opioid_medication import MedicationDeviation
from resynapse.purpose import Purpose


class Given(eqx.Module):
    """What is known of people from outside, an entry a person."""

    key: Scalar
    weight_kg: Scalar
    age_years: Scalar
    female: Scalar
    craving_severity: Scalar
    withdrawal_severity: Scalar
    clearance: Scalar
    """factor on intrinsic clearance: genotype, liver disease, inhibitors"""
    gut_wall: Scalar
    """factor on what passes the gut wall"""


def people(patient: Patient, covariates: Given, seed: int) -> Person:
    """All persons, leaves [people]."""
    return columnwise(_person, (patient, np.uint32(seed)), (covariates,))


def _person(patient: Patient, seed: Scalar, known: Given) -> Person:
    return person(patient, known, seed)


def person(patient: Patient, known: Given, seed: Scalar) -> Person:
    """One person, with all that differs between people and is not in the protocol."""
    law, word = patient.people, random.word(known.key)

    def z(purpose: Purpose, event: int = 0) -> Scalar:
        return random.normal(seed, int(purpose), word, event)

    def spread(sd: Scalar, purpose: Purpose) -> Scalar:
        """Log-normal factor with mean 1."""
        return jnp.exp(sd * z(purpose) - 0.5 * sd * sd)

    frailty, tie = z(Purpose.FRAILTY), patient.attendance.reliability_frailty
    reliability = tie * frailty + jnp.sqrt(1.0 - tie * tie) * z(Purpose.RELIABILITY)
    start = jax.scipy.special.logit(law.recovery_at_entry) + law.recovery_sd * z(Purpose.RECOVERY)
    persistent = random.uniform(seed, int(Purpose.PERSISTENCE), word)
    s_ketamine, r_ketamine = _kinetics(patient, known, z)
    return Person(
        key=known.key,
        weight_kg=known.weight_kg,
        ideal_weight_kg=law.ideal_weight(known.female, z(Purpose.HEIGHT)),
        age_years=known.age_years,
        female=known.female,
        s_ketamine=s_ketamine,
        r_ketamine=r_ketamine,
        mood_trait=law.mood_sd * z(Purpose.MOOD),
        log_frailty=patient.lapse.frailty_sd * frailty,
        reliability=patient.attendance.reliability_sd * reliability,
        commitment_draw=random.uniform(seed, int(Purpose.COMMITMENT), word),
        persistent=jnp.where(persistent < patient.stop.persistent_share, 1.0, 0.0),
        recovery_at_entry=jax.nn.sigmoid(start),
        craving_severity=known.craving_severity * spread(law.severity_sd, Purpose.CRAVING_SEVERITY),
        withdrawal_severity=known.withdrawal_severity
        * spread(law.severity_sd, Purpose.WITHDRAWAL_SEVERITY),
        dissociation_factor=spread(law.dissociation_sd, Purpose.DISSOCIATION),
        pressure_factor=spread(law.pressure_sd, Purpose.PRESSURE),
        guess_noise=z(Purpose.GUESS),
        induction_draw=random.uniform(seed, int(Purpose.INDUCTION), word),
        medication=MedicationDeviation(z(Purpose.MEDICATION, 0), z(Purpose.MEDICATION, 1)),
        benzodiazepine=z(Purpose.BENZODIAZEPINE),
    )


def _kinetics(
    patient: Patient, known: Given, z: Callable[..., Scalar]
) -> tuple[KetamineDisposition, KetamineDisposition]:
    """Where S- and R-ketamine go in this person; both enantiomers share the person's body."""
    spread = patient.variability
    names = [field.name for field in fields(Deviation)]
    own = Deviation(
        **{
            name: jnp.exp(getattr(spread, name) * z(Purpose.KINETICS, number))
            for number, name in enumerate(names)
        }
    )

    def made(enantiomer: SKetamine | RKetamine) -> KetamineDisposition:
        return individual(
            KetamineDisposition(patient.body, enantiomer),
            weight_kg=known.weight_kg,
            age_years=known.age_years,
            female=known.female,
            clint_factor=known.clearance,
            gut_factor=known.gut_wall,
            deviation=own,
            effects=patient.covariates,
        )

    return made(patient.s_enantiomer), made(patient.r_enantiomer)
