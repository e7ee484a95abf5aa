"""What happens to a patient at an instant: a lapse, a dose, a session, a visit?"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.scipy.special import logit

from resynapse.behaviour.expectancy import Guess
from resynapse.engine import random
from resynapse.parameter import Scalar
from resynapse.patient.chain import ArmSetting, Patient
from resynapse.patient.observe import feelings
from resynapse.patient.state import NEVER, RULES, Amounts, Marks, Person, State
from resynapse.pharmacology.benzodiazepine import BenzodiazepineDisposition
from resynapse.purpose import Purpose

DEPOTS = ("central", "intramuscular", "subcutaneous", "nasal", "mucosal", "gut", "lung")
SAME_DOSE = 1e-6
"""days within which an instant is that of a dose"""
THERAPIES = ("kpt", "existential", "mbrp", "met", "cbt", "counselling", "education")


class Node(NamedTuple):
    """What is planned at one instant; 0 or 1 unless said otherwise."""

    time: Scalar
    entry: Scalar
    cease: Scalar
    """1 where use ends because detoxification begins"""
    discharge: Scalar
    dose: Scalar
    """1 when an acute drug is given"""
    rule: Scalar
    """number of the decision rule that must have fired; 0 for none"""
    s_ketamine: Scalar
    """umol into each depot: absolute, per kg, per kg of ideal weight; [7, 3]"""
    r_ketamine: Scalar
    benzodiazepine: Scalar
    """mg into the central compartment at once: absolute, per kg, per kg of ideal weight; [3]"""
    medication_start: Scalar
    medication_end: Scalar
    medication_rule: Scalar
    medication_failure: Scalar
    """probability that induction fails"""
    agonist_mg: Scalar
    antagonist_mg: Scalar
    session: Scalar
    session_number: Scalar
    session_type: Scalar
    """place in THERAPIES"""
    session_hours: Scalar
    session_exposure: Scalar
    """share of cue exposure"""
    retrieval: Scalar
    guess: Scalar
    guess_delay: Scalar
    """days since the dose"""
    experience: Scalar
    visit: Scalar
    rule_now: Scalar
    """which rules are asked at this visit; [RULES]"""
    rule_kind: Scalar
    rule_limit: Scalar
    rule_withholds: Scalar


def lapse(patient: Patient, state: State, marks: Marks, time: Scalar) -> tuple[State, Marks]:
    """A bout begins: the abstinence-violation effect, once an episode."""
    state = eqx.tree_at(lambda s: s.efficacy, state, patient.efficacy.after_lapse(state.efficacy))
    marks = eqx.tree_at(
        lambda m: (m.using, m.first_use, m.bout_began, m.bouts, m.used_today),
        marks,
        (1.0, jnp.minimum(marks.first_use, time), time, marks.bouts + 1.0, 1.0),
    )
    return state, marks


def stop_use(patient: Patient, state: State, marks: Marks, time: Scalar) -> tuple[State, Marks]:
    """A bout ends."""
    return state, eqx.tree_at(lambda m: m.using, marks, 0.0)


def stop_medication(
    patient: Patient, state: State, marks: Marks, time: Scalar
) -> tuple[State, Marks]:
    """The person stops taking the medication; it washes out by its kinetics."""
    return state, eqx.tree_at(
        lambda m: (m.on_medication, m.medication_stop),
        marks,
        (0.0, jnp.minimum(marks.medication_stop, time)),
    )


def leave_study(patient: Patient, state: State, marks: Marks, time: Scalar) -> tuple[State, Marks]:
    """The person leaves; no more sessions, doses or medication from the study."""
    stopped = jnp.where(marks.on_medication > 0.0, time, marks.medication_stop)
    return state, eqx.tree_at(
        lambda m: (m.enrolled, m.dropout, m.on_medication, m.medication_stop),
        marks,
        (0.0, jnp.minimum(marks.dropout, time), 0.0, jnp.minimum(stopped, marks.medication_stop)),
    )


JUMPS = (lapse, stop_use, stop_medication, leave_study)
"""in the order of Flow.hazards"""

PROCESSES = (Purpose.LAPSE, Purpose.STOP, Purpose.MEDICATION_STOP, Purpose.DROPOUT)


def meant_for(marks: Marks, rule: Scalar) -> Scalar:
    """1 when what this rule gives is meant for this person, who has not left."""
    fired = sum(jnp.where(rule == number, fired, 0.0) for number, fired in enumerate(marks.rules))
    return fired * marks.enrolled


def permitted(marks: Marks, rule: Scalar) -> Scalar:
    """1 when a planned dose is given to this person; what is withheld are doses, not medication."""
    return meant_for(marks, rule) * (1.0 - marks.withheld)


def by_weight(person: Person, amounts: Scalar) -> Scalar:
    """The last axis (absolute, per kg, per kg of ideal weight) as one amount."""
    return (
        amounts[..., 0]
        + amounts[..., 1] * person.weight_kg
        + amounts[..., 2] * person.ideal_weight_kg
    )


def give(
    person: Person, state: State, marks: Marks, amounts: Amounts, node: Node
) -> tuple[Marks, Amounts]:
    """A dose of an acute drug enters its depots, and what was felt before is forgotten."""
    factor = permitted(marks, node.rule) * node.dose

    def add(into, dose):
        umol = factor * by_weight(person, dose)
        return eqx.tree_at(
            lambda a: tuple(getattr(a, depot) for depot in DEPOTS),
            into,
            tuple(getattr(into, depot) + umol[k] for k, depot in enumerate(DEPOTS)),
        )

    bolus = factor * by_weight(person, node.benzodiazepine)
    benzodiazepine = eqx.tree_at(
        lambda b: b.central, amounts.benzodiazepine, amounts.benzodiazepine.central + bolus
    )
    amounts = Amounts(
        add(amounts.s_ketamine, node.s_ketamine),
        add(amounts.r_ketamine, node.r_ketamine),
        benzodiazepine,
        amounts.agonist,
        amounts.antagonist,
    )
    given = factor > 0.0
    marks = eqx.tree_at(
        lambda m: (m.last_dose, m.felt, m.level, m.pressure_last, m.mood_before),
        marks,
        (
            jnp.where(given, node.time, marks.last_dose),
            jnp.where(given, 0.0, marks.felt),
            jnp.where(given, 0.0, marks.level),
            jnp.where(given, 0.0, marks.pressure_last),
            jnp.where(given, state.mood, marks.mood_before),
        ),
    )
    return marks, amounts


def medicate(
    person: Person, arm: ArmSetting, marks: Marks, amounts: Amounts, node: Node
) -> tuple[Marks, Amounts]:
    """A dose of a medication for opioid dependence, to those who take it."""
    start = node.medication_start * meant_for(marks, node.medication_rule)
    start = start * (person.induction_draw >= node.medication_failure) * (marks.on_medication == 0)
    start = start * (marks.medication_stop >= NEVER)
    on = jnp.maximum(marks.on_medication, start) * (1.0 - node.medication_end)
    since = jnp.where(start > 0.0, node.time, marks.medication_since)
    marks = eqx.tree_at(lambda m: (m.on_medication, m.medication_since), marks, (on, since))
    agonist = arm.agonist.dosed(amounts.agonist, on * node.agonist_mg)
    antagonist = arm.antagonist.dosed(amounts.antagonist, on * node.antagonist_mg)
    given = eqx.tree_at(lambda a: (a.agonist, a.antagonist), amounts, (agonist, antagonist))
    return marks, given


def meet(
    patient: Patient, person: Person, seed: Scalar, state: State, marks: Marks, node: Node
) -> tuple[State, Marks]:
    """A therapy session, for those who come; it may retrieve memories of the drug."""
    felt_withdrawal = state.withdrawal
    chance = patient.attendance.probability(
        person.reliability, felt_withdrawal, state.craving, state.mood,
        state.history.use_days, state.expectancy,
    )  # fmt: skip
    draw = random.uniform(
        seed, Purpose.ATTENDANCE, random.word(person.key), random.word(node.session_number)
    )
    came = node.session * marks.enrolled * (draw < chance)
    weights = (getattr(patient.therapy, name) for name in THERAPIES)
    weight = sum(jnp.where(node.session_type == k, w, 0.0) for k, w in enumerate(weights))
    trace = patient.session.weight(node.session_hours, weight)
    retrieved = patient.memory.after_retrieval(state.labile)
    state = eqx.tree_at(
        lambda s: (s.sessions, s.exposure, s.labile),
        state,
        (
            state.sessions + came * trace,
            state.exposure + came * trace * node.session_exposure,
            jnp.where(came * node.retrieval > 0.0, retrieved, state.labile),
        ),
    )
    return state, eqx.tree_at(
        lambda m: (m.attended, m.offered),
        marks,
        (marks.attended + came, marks.offered + node.session),
    )


def guess(
    patient: Patient, person: Person, arm: ArmSetting, state: State, marks: Marks, node: Node
) -> tuple[State, Marks]:
    """One day after a dose, in who got it: what arm was it, and did it move the person?"""
    got = jnp.where(marks.last_dose >= node.time - node.guess_delay - SAME_DOSE, 1.0, 0.0)
    told = node.guess * marks.enrolled * got
    improvement = (marks.mood_before - state.mood) / patient.mood.population_sd
    # A control drug is felt too; an experience of one's own is added to it.
    felt = jnp.log1p(marks.felt + arm.felt_control * person.dissociation_factor)
    belief = patient.expectancy.belief(Guess(felt, improvement, person.guess_noise), arm.arms_felt)
    effect = patient.expectancy.effect(belief, arm.arms_felt.active_share)
    effect = effect * patient.expectancy.remaining(node.guess_delay)
    f = (
        node.experience
        * told
        * patient.experience.intensity(person.dissociation_factor, marks.level)
    )
    recovery = patient.experience.taught(state.recovery, f)
    state = eqx.tree_at(
        lambda s: (s.expectancy, s.recovery),
        state,
        (jnp.where(told > 0.0, effect, state.expectancy), recovery),
    )
    shift = marks.commitment_shift + patient.experience.commitment_gain * f
    marks = eqx.tree_at(
        lambda m: (m.belief, m.commitment_shift),
        marks,
        (jnp.where(told > 0.0, belief, marks.belief), shift),
    )
    return state, commit(person, arm, marks)


def commit(person: Person, arm: ArmSetting, marks: Marks) -> Marks:
    """Who means to abstain: the same draw against a share that experience may lower."""
    share = jax.nn.sigmoid(logit(arm.uncommitted) - marks.commitment_shift)
    committed = jnp.where(person.commitment_draw >= share, 1.0, 0.0)
    return eqx.tree_at(lambda m: m.committed, marks, committed)


def enter(marks: Marks, node: Node) -> Marks:
    """Use ends where detoxification begins; who still uses at entry has used on day 0."""
    using = marks.using * (1.0 - node.cease)
    still = node.entry * using > 0.0
    return eqx.tree_at(
        lambda m: (m.using, m.first_use, m.bouts, m.used_today),
        marks,
        (
            using,
            jnp.where(still, node.time, marks.first_use),
            jnp.where(still, marks.bouts + 1.0, marks.bouts),
            jnp.where(node.entry > 0.0, using, marks.used_today),
        ),
    )


def decide(patient: Patient, state: State, marks: Marks, acute_relief: Scalar, node: Node) -> Marks:
    """A visit: which decision rules fire?"""
    cows = patient.scales.cows(patient.withdrawal.expressed(state.withdrawal, acute_relief))
    values = (
        jnp.where(marks.first_use <= node.time, 1.0, 0.0),
        patient.scales.vas(state.craving),
        cows,
        patient.pressure.resting + marks.pressure_last,
        marks.felt,
    )
    rules, withheld = [marks.rules[0]], marks.withheld
    for k in range(RULES):
        value = sum(jnp.where(node.rule_kind[k] == i, v, 0.0) for i, v in enumerate(values))
        fired = node.visit * node.rule_now[k] * jnp.where(value > node.rule_limit[k], 1.0, 0.0)
        rules.append(jnp.maximum(marks.rules[k + 1], fired))
        withheld = jnp.maximum(withheld, fired * node.rule_withholds[k])
    return eqx.tree_at(lambda m: (m.rules, m.withheld), marks, (tuple(rules), withheld))


def happen(
    patient: Patient, person: Person, arm: ArmSetting, seed: Scalar, state: State, marks: Marks,
    amounts: Amounts, node: Node,
) -> tuple[State, Marks, Amounts]:  # fmt: skip
    """Everything planned at one instant, in this order: guess, visit, medication, session, dose."""
    at_entry = jnp.where(node.entry > 0.0, person.recovery_at_entry, state.recovery)
    lost = patient.extinction.after_discharge(state.extinction)
    extinction = jnp.where(node.discharge > 0.0, lost, state.extinction)
    state = eqx.tree_at(lambda s: (s.recovery, s.extinction), state, (at_entry, extinction))
    marks = enter(marks, node)
    state, marks = guess(patient, person, arm, state, marks, node)
    relief = patient.acute(amounts).relief
    marks = decide(patient, state, marks, relief, node)
    marks, amounts = medicate(person, arm, marks, amounts, node)
    state, marks = meet(patient, person, seed, state, marks, node)
    marks, amounts = give(person, state, marks, amounts, node)
    return state, marks, amounts


def feel(
    patient: Patient, person: Person, drug: BenzodiazepineDisposition, marks: Marks,
    amounts: Amounts,
) -> Marks:  # fmt: skip
    """Keep the peaks of what the drugs do acutely."""
    now = feelings(patient, person, drug, amounts)
    felt = jnp.maximum(marks.felt, now.dissociation)
    pressure = jnp.maximum(marks.pressure_last, now.pressure_rise)
    return eqx.tree_at(
        lambda m: (
            m.felt, m.level, m.felt_most, m.pressure_last, m.pressure_most, m.unresponsive_most,
            m.nausea_most,
        ),
        marks,
        (
            felt,
            jnp.maximum(marks.level, amounts.s_ketamine.effect_site),
            jnp.maximum(marks.felt_most, felt),
            pressure,
            jnp.maximum(marks.pressure_most, pressure),
            jnp.maximum(marks.unresponsive_most, now.unresponsive),
            jnp.maximum(marks.nausea_most, now.nausea),
        ),
    )  # fmt: skip
