"""What must be remembered about one patient from one instant to the next?"""

from __future__ import annotations

import equinox as eqx

from resynapse.behaviour.history import HistoryState
from resynapse.parameter import Scalar
from resynapse.pharmacology.benzodiazepine import BenzodiazepineAmount
from resynapse.pharmacology.ketamine import KetamineAmount, KetamineDisposition
from resynapse.pharmacology.opioid_medication import (
    MedicationAmount,
    MedicationDeviation,
    typical,
)
from resynapse.plasticity.window import WindowState
from resynapse.symptoms.dependence import DependenceState


class Amounts(eqx.Module):
    """Drugs with linear kinetics, stepped exactly."""

    s_ketamine: KetamineAmount
    r_ketamine: KetamineAmount
    benzodiazepine: BenzodiazepineAmount
    agonist: MedicationAmount
    antagonist: MedicationAmount


class State(eqx.Module):
    """Everything that relaxes; all 0 to 1 unless said otherwise."""

    habenula: Scalar
    """b"""
    window: WindowState
    sessions: Scalar
    """G, weighted sessions"""
    exposure: Scalar
    """G_x, weighted exposure sessions"""
    recovery: Scalar
    """R, the new pathway"""
    extinction: Scalar
    """X"""
    memory: Scalar
    """W, the old pathway"""
    labile: Scalar
    """L"""
    incubation: Scalar
    """J"""
    efficacy: Scalar
    """F"""
    substance: Scalar
    """H, half-effect doses"""
    antidepressant: Scalar
    """a"""
    dependence: DependenceState
    withdrawal: Scalar
    """Q"""
    mood: Scalar
    """D, negative mood"""
    craving: Scalar
    """C"""
    history: HistoryState
    expectancy: Scalar
    """e"""


class Marks(eqx.Module):
    """What changes only at events."""

    using: Scalar
    """u, 1 within a bout"""
    committed: Scalar
    """1 in people who mean to abstain"""
    commitment_shift: Scalar
    """what experience added to the logit of commitment"""
    on_medication: Scalar
    medication_since: Scalar
    """day of the first dose of the medication"""
    enrolled: Scalar
    first_use: Scalar
    """day, or NEVER"""
    bout_began: Scalar
    bouts: Scalar
    medication_stop: Scalar
    dropout: Scalar
    used_today: Scalar
    attended: Scalar
    """sessions"""
    offered: Scalar
    """sessions"""
    last_dose: Scalar
    """day of the last dose that was given, -NEVER before"""
    mood_before: Scalar
    """D at the last dose"""
    felt: Scalar
    """peak CADSS since the last dose"""
    level: Scalar
    """peak of S-ketamine at the effect site since the last dose, umol/L"""
    felt_most: Scalar
    """peak CADSS of the whole run"""
    pressure_most: Scalar
    """peak rise of systolic pressure, mmHg"""
    unresponsive_most: Scalar
    """greatest probability of loss of responsiveness"""
    pressure_last: Scalar
    """peak rise since the last dose, mmHg"""
    nausea_most: Scalar
    belief: Scalar
    """probability of having got an active arm; negative before any guess"""
    rules: tuple[Scalar, ...]
    """1 for every decision rule that has fired; the first is always 1"""
    withheld: Scalar
    """1 once later doses are withheld"""


class Totals(eqx.Module):
    """What adds up over time."""

    deaths: Scalar
    """expected deaths from overdose"""
    days_using: Scalar
    days_free: Scalar
    """days in the community"""
    lapse_hazard: Scalar
    """integrated hazard of a first use, as if never using"""


class Person(eqx.Module):
    """What differs between people and stays the same."""

    key: Scalar
    """number of the patient in every random key"""
    weight_kg: Scalar
    ideal_weight_kg: Scalar
    age_years: Scalar
    female: Scalar
    s_ketamine: KetamineDisposition
    r_ketamine: KetamineDisposition
    mood_trait: Scalar
    log_frailty: Scalar
    reliability: Scalar
    """M"""
    commitment_draw: Scalar
    """uniform; compared with the share of uncommitted people"""
    persistent: Scalar
    recovery_at_entry: Scalar
    craving_severity: Scalar
    withdrawal_severity: Scalar
    dissociation_factor: Scalar
    pressure_factor: Scalar
    guess_noise: Scalar
    induction_draw: Scalar
    medication: MedicationDeviation = typical()
    """clearance and absorption of a medication for opioid dependence"""
    benzodiazepine: Scalar = 0.0
    """clearance of a benzodiazepine, standard normal"""


NEVER = 1.0e9
"""a day that does not come"""

RULES = 4
"""most decision rules of a protocol, and one that always holds"""
