"""What is the same for every patient of an arm?"""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
from scipy import special

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.patient import ArmSetting, Patient
from resynapse.pharmacology import opioid_medication as medications
from resynapse.pharmacology.benzodiazepine import BenzodiazepineDisposition
from resynapse.pharmacology.opioid_medication import OpioidMedication
from resynapse.protocol import Arm, Protocol
from resynapse.protocol.vocabulary import AGONISTS, ANTAGONISTS, BENZODIAZEPINES

OPEN_SHARE = 0.5
"""share that counts as even odds where the allocation is known to everyone"""
SHARE_LIMITS = (0.05, 0.95)


def medication_named(arm: Arm, kinds: tuple[str, ...], default: str) -> str:
    """The arm's medication of one kind, or a default that nobody is given."""
    return next((one.drug for one in arm.medications if one.drug in kinds), default)


def _of(patient: Patient, name: str) -> OpioidMedication:
    """The medication of this name in a protocol, with the patient's parameters."""
    made = {
        "methadone": lambda: medications.methadone(patient.methadone),
        "buprenorphine": lambda: medications.buprenorphine_sublingual(
            patient.buprenorphine, patient.buprenorphine_sublingual
        ),
        "buprenorphine-monthly": lambda: medications.buprenorphine_monthly(
            patient.buprenorphine, patient.buprenorphine_monthly
        ),
        "naltrexone": lambda: medications.naltrexone_oral(
            patient.naltrexone, patient.naltrexone_oral
        ),
        "naltrexone-monthly": lambda: medications.naltrexone_monthly(
            patient.naltrexone, patient.naltrexone_monthly
        ),
        "naltrexone-implant": lambda: medications.naltrexone_implant(
            patient.naltrexone, patient.naltrexone_implant
        ),
    }
    return made[name]()


def benzodiazepine(patient: Patient, arm: Arm) -> BenzodiazepineDisposition:
    """The benzodiazepine of the arm; midazolam where none is given."""
    given = any(dose.drug == "lorazepam" for dose in arm.doses)
    return BenzodiazepineDisposition(patient.lorazepam if given else patient.midazolam)


def active_share(protocol: Protocol) -> float:
    """pi, the share allocated to arms with ketamine above the control dose."""
    if protocol.blinding == "open":
        return OPEN_SHARE
    total = sum(arm.allocation for arm in protocol.arms)
    active = sum(arm.allocation for arm in protocol.arms if arm.active) / total
    return min(max(active, SHARE_LIMITS[0]), SHARE_LIMITS[1])


def unknown_arms(protocol: Protocol, arm: Arm) -> ArmsFelt:
    """How arms feel before pilot patients have told: all alike."""
    return ArmsFelt(
        active_mean=1.0,
        active_sd=1.0,
        control_mean=1.0,
        control_sd=1.0,
        active_share=active_share(protocol),
        masked=1.0 if protocol.blinding == "masked" else 0.0,
        is_active=1.0 if arm.active else 0.0,
    )


def arm_setting(protocol: Protocol, arm: Arm, patient: Patient, felt: ArmsFelt) -> ArmSetting:
    """Medication, site and belief of one arm; all numbers as arrays, so that arms share a loop."""
    taken = [one for one in arm.medications if one.drug in AGONISTS + ANTAGONISTS]
    first = taken[0].drug if taken else "buprenorphine"
    drugs = {dose.drug for dose in arm.doses}
    site = protocol.setting.site
    made = ArmSetting(
        agonist=_of(patient, medication_named(arm, AGONISTS, "buprenorphine")),
        antagonist=_of(patient, medication_named(arm, ANTAGONISTS, "naltrexone")),
        staying=patient.medication_stop.staying(first),
        may_stop=1.0 if all(one.may_stop for one in taken) else 0.0,
        felt_control=patient.dissociation.after_midazolam
        if drugs.intersection(BENZODIAZEPINES)
        else patient.dissociation.after_saline,
        site=site.log_hazard + patient.people.site_hazard,
        uncommitted=_shifted(site.uncommitted, patient.people.site_commitment),
        arms_felt=felt,
        kept_by_medication=1.0 if any(one.drug in AGONISTS for one in taken) else 0.0,
    )
    return as_arrays(made)


def felt_otherwise(setting: ArmSetting, felt: ArmsFelt) -> ArmSetting:
    """The same arm where people may know something else of how arms feel."""
    return dataclasses.replace(setting, arms_felt=as_arrays(felt))


def _shifted(share: float, shift: float) -> float:
    """A share moved on the logit scale; 0 and 1 stay what they are."""
    if not 0.0 < share < 1.0:
        return share
    return float(special.expit(special.logit(share) + shift))


def as_arrays(tree):
    """Every number of a tree as a 64-bit array; what JAX is differentiating stays as it is."""
    return jax.tree.map(
        lambda x: x if isinstance(x, jax.core.Tracer) else np.asarray(x, np.float64), tree
    )
