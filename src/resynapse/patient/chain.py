"""In which order do the links act on one another? Here, and nowhere else.

dose -> blood -> NMDA block -> surge -> window -> old and new pathways -> mood, withdrawal, craving
-> use, and back. Pharmacology counts in hours; everything from the window on in days: the one
conversion is ``HOURS_PER_DAY`` below, on the rates of amounts.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp

from resynapse.behaviour.bout import StopHazard
from resynapse.behaviour.daily_life import DailyLife
from resynapse.behaviour.expectancy import ArmsFelt, Expectancy
from resynapse.behaviour.experience import Experience
from resynapse.behaviour.history import UseHistory
from resynapse.behaviour.lapse import LapseHazard, Temptation
from resynapse.behaviour.overdose import Overdose
from resynapse.behaviour.retention import Attendance, DropOut, MedicationStop, Staying
from resynapse.circuit.surge import ExcitatoryInhibitoryCircuit
from resynapse.parameter import Scalar
from resynapse.pathways.drug_memory import DrugMemory
from resynapse.pathways.extinction import Extinction
from resynapse.pathways.recovery import RecoveryPathway
from resynapse.pathways.session import SessionTrace, TherapyContent
from resynapse.patient.differences import PeopleLaw
from resynapse.patient.state import Amounts, Marks, Person, State, Totals
from resynapse.pharmacology.agonist_medication import (
    Buprenorphine,
    BuprenorphineMonthly,
    BuprenorphineSublingual,
    Methadone,
)
from resynapse.pharmacology.antidepressant import Antidepressant
from resynapse.pharmacology.benzodiazepine import Lorazepam, Midazolam
from resynapse.pharmacology.covariates import CovariateEffects
from resynapse.pharmacology.enantiomer import RKetamine, SKetamine
from resynapse.pharmacology.ketamine_body import KetamineBody
from resynapse.pharmacology.naltrexone import (
    Naltrexone,
    NaltrexoneImplant,
    NaltrexoneMonthly,
    NaltrexoneOral,
)
from resynapse.pharmacology.opioid_medication import OpioidMedication
from resynapse.pharmacology.route import BenzodiazepineAbsorption, KetamineAbsorption, MolarMass
from resynapse.pharmacology.variability import BetweenPatientVariability
from resynapse.plasticity.window import LearningGain, PlasticityWindow
from resynapse.receptor.habenula import HabenulaBlock
from resynapse.receptor.mu_opioid import MuOpioidCompetition, Occupancy
from resynapse.receptor.nmda import Block, NmdaBlock, Potency, WithdrawalRelief
from resynapse.symptoms.blood_pressure import BloodPressure
from resynapse.symptoms.control import Control, SelfEfficacy
from resynapse.symptoms.craving import Craving
from resynapse.symptoms.dependence import OpponentProcess
from resynapse.symptoms.dissociation import Dissociation
from resynapse.symptoms.mood import Burden, Lift, NegativeMood
from resynapse.symptoms.nausea import Nausea
from resynapse.symptoms.scales import RatingScales
from resynapse.symptoms.sedation import Sedation
from resynapse.symptoms.withdrawal import Withdrawal
from resynapse.system import Relaxation, relaxes

HOURS_PER_DAY = 24.0


class ArmSetting(eqx.Module):
    """What is the same for every patient of an arm, all the time."""

    agonist: OpioidMedication
    antagonist: OpioidMedication
    staying: Staying
    may_stop: Scalar
    """1 where people may stop their medication by themselves"""
    felt_control: Scalar
    """peak CADSS of the control drug, without ketamine"""
    site: Scalar
    """log hazard of the site"""
    uncommitted: Scalar
    """q, share of people who do not mean to abstain"""
    arms_felt: ArmsFelt
    kept_by_medication: Scalar = 0.0
    """1 where people come for an agonist: while they take it, they leave only by stopping it"""


class Surroundings(NamedTuple):
    """What the moment brings from outside."""

    time: Scalar
    """d"""
    available: Scalar
    """1 where the substance can be had"""
    observed: Scalar
    """1 once the run-in is over"""
    losing: Scalar
    """factor on drop-out: 1 in treatment, less in follow-up, 0 in a controlled setting"""
    taking_antidepressant: Scalar
    stress: Scalar
    cue: Scalar


class Acute(NamedTuple):
    """What the drugs in blood do at this instant."""

    C_eq: Scalar
    """umol/L free, S-equivalent"""
    block: Block
    surge: Scalar
    relief: Scalar


class Flow(NamedTuple):
    """Where everything is heading."""

    relaxation: State
    """a Relaxation for every state"""
    hazards: tuple[Scalar, ...]
    """lapse, end of bout, stop of medication, drop-out; 1/d"""
    accumulation: Totals
    """1/d"""


class Patient(eqx.Module):
    """The chain with all its parameters."""

    people: PeopleLaw = PeopleLaw()
    body: KetamineBody = KetamineBody()
    s_enantiomer: SKetamine = SKetamine()
    r_enantiomer: RKetamine = RKetamine()
    absorption: KetamineAbsorption = KetamineAbsorption()
    molar_mass: MolarMass = MolarMass()
    covariates: CovariateEffects = CovariateEffects()
    variability: BetweenPatientVariability = BetweenPatientVariability()
    midazolam: Midazolam = Midazolam()
    lorazepam: Lorazepam = Lorazepam()
    benzodiazepine_absorption: BenzodiazepineAbsorption = BenzodiazepineAbsorption()
    methadone: Methadone = Methadone()
    buprenorphine: Buprenorphine = Buprenorphine()
    buprenorphine_sublingual: BuprenorphineSublingual = BuprenorphineSublingual()
    buprenorphine_monthly: BuprenorphineMonthly = BuprenorphineMonthly()
    naltrexone: Naltrexone = Naltrexone()
    naltrexone_oral: NaltrexoneOral = NaltrexoneOral()
    naltrexone_monthly: NaltrexoneMonthly = NaltrexoneMonthly()
    naltrexone_implant: NaltrexoneImplant = NaltrexoneImplant()
    potency: Potency = Potency()
    nmda: NmdaBlock = NmdaBlock()
    relief: WithdrawalRelief = WithdrawalRelief()
    habenula: HabenulaBlock = HabenulaBlock()
    circuit: ExcitatoryInhibitoryCircuit = ExcitatoryInhibitoryCircuit()
    window: PlasticityWindow = PlasticityWindow()
    learning: LearningGain = LearningGain()
    session: SessionTrace = SessionTrace()
    therapy: TherapyContent = TherapyContent()
    recovery: RecoveryPathway = RecoveryPathway()
    extinction: Extinction = Extinction()
    memory: DrugMemory = DrugMemory()
    opioid: MuOpioidCompetition = MuOpioidCompetition()
    dependence: OpponentProcess = OpponentProcess()
    withdrawal: Withdrawal = Withdrawal()
    mood: NegativeMood = NegativeMood()
    antidepressant: Antidepressant = Antidepressant()
    efficacy: SelfEfficacy = SelfEfficacy()
    control: Control = Control()
    craving: Craving = Craving()
    history: UseHistory = UseHistory()
    daily_life: DailyLife = DailyLife()
    lapse: LapseHazard = LapseHazard()
    stop: StopHazard = StopHazard()
    medication_stop: MedicationStop = MedicationStop()
    dropout: DropOut = DropOut()
    attendance: Attendance = Attendance()
    overdose: Overdose = Overdose()
    expectancy: Expectancy = Expectancy()
    experience: Experience = Experience()
    dissociation: Dissociation = Dissociation()
    sedation: Sedation = Sedation()
    pressure: BloodPressure = BloodPressure()
    nausea: Nausea = Nausea()
    scales: RatingScales = RatingScales()

    def acute(self, amounts: Amounts) -> Acute:
        """Block, surge and relief from the drugs at the effect site."""
        S, R = amounts.s_ketamine, amounts.r_ketamine
        C_eq = self.potency.equivalent(
            S.effect_site, R.effect_site, S.effect_site_norketamine, R.effect_site_norketamine
        )
        block = self.nmda.block(C_eq)
        surge = self.circuit.surge(block.pyramidal, block.interneuron)
        return Acute(C_eq, block, surge, self.relief.relief(C_eq))

    def receptors(self, state: State, amounts: Amounts, arm: ArmSetting) -> Occupancy:
        """Who sits on the mu-opioid receptor."""
        return self.opioid.occupancy(
            state.substance,
            state.dependence.tolerance,
            arm.agonist.occupancy(amounts.agonist),
            arm.antagonist.occupancy(amounts.antagonist),
            arm.agonist.efficacy,
        )

    def controls(self, state: State) -> Scalar:
        """K, 0 to 1."""
        return self.control.control(state.recovery, state.window.sustained, state.efficacy)

    def flow(
        self, person: Person, arm: ArmSetting, state: State, marks: Marks, amounts: Amounts,
        around: Surroundings,
    ) -> Flow:  # fmt: skip
        """Where states, hazards and totals are heading at this instant."""
        acute = self.acute(amounts)
        mu = self.receptors(state, amounts, arm)
        felt_withdrawal = self.withdrawal.expressed(state.withdrawal, acute.relief)
        K = self.controls(state)
        hazards = self.hazards(person, arm, state, marks, amounts, mu, felt_withdrawal, K, around)
        blocked = arm.antagonist.occupancy(amounts.antagonist)
        relaxation = self.relaxation(
            person, state, marks, acute, mu, felt_withdrawal, blocked, around
        )
        return Flow(relaxation, hazards, self.accumulation(marks, mu, hazards, around))

    def relaxation(
        self, person: Person, state: State, marks: Marks, acute: Acute, mu: Occupancy,
        Q_e: Scalar, blocked: Scalar, around: Surroundings,
    ) -> State:  # fmt: skip
        """Target and time constant (days) of every state."""
        u, P = marks.using, state.window.window
        uses = u * mu.uses_per_day
        Gamma = self.learning.gain(P, acute.block.interneuron)
        block, Y = acute.block, state.dependence
        taught = Gamma * self.expectancy.teaching(state.expectancy)
        return State(
            habenula=self.habenula.relaxation(state.habenula, acute.C_eq),
            window=self.window.relaxation(
                state.window, acute.surge, block.pyramidal, block.resting
            ),
            sessions=self.session.relaxation(),
            exposure=self.session.relaxation(),
            recovery=self.recovery.relaxation(
                state.recovery, state.history.abstinence_week, taught, state.sessions
            ),
            extinction=self.extinction.relaxation(state.exposure, Gamma, uses),
            memory=self.memory_relaxation(state, Gamma, mu, uses, block),
            labile=self.memory.labile_relaxation(),
            incubation=self.craving.incubation_relaxation(state.history.abstinence_week),
            efficacy=self.efficacy.relaxation(state.recovery),
            substance=relaxes(
                to=u * mu.amount_in_use, time_constant=self.opioid.time_constant
            ),
            antidepressant=self.antidepressant.relaxation(around.taking_antidepressant),
            dependence=self.dependence.relaxation(Y, mu.effect),
            withdrawal=self.withdrawal.relaxation(
                person.withdrawal_severity, Y.fast, mu.effect, mu.agonist, mu.antagonist
            ),
            mood=self.mood_relaxation(person, state, mu, Q_e, blocked, around),
            craving=self.craving_relaxation(person, state, mu, Q_e, around),
            history=self.history.relaxation(u),
            expectancy=self.expectancy.relaxation(),
        )  # fmt: skip

    def memory_relaxation(
        self, state: State, Gamma: Scalar, mu: Occupancy, uses: Scalar, block: Block
    ) -> Relaxation:
        """What the old pathway is heading for."""
        return self.memory.relaxation(
            Gamma,
            mu.reward_left,
            mu.dose_over_half_effect,
            state.dependence.slow,
            uses,
            state.labile,
            0.5 * (block.pyramidal + block.resting),
        )

    def craving_relaxation(
        self, person: Person, state: State, mu: Occupancy, Q_e: Scalar, around: Surroundings
    ) -> Relaxation:
        """What craving is heading for."""
        return self.craving.relaxation(
            around.cue,
            person.craving_severity,
            state.memory,
            state.incubation,
            state.extinction,
            Q_e,
            state.mood,
            mu.effect,
            state.window.sustained,
        )

    def mood_relaxation(
        self, person: Person, state: State, mu: Occupancy, Q_e: Scalar, blocked: Scalar,
        around: Surroundings,
    ) -> Relaxation:  # fmt: skip
        """What mood is heading for."""
        burden = Burden(
            trait=person.mood_trait,
            allostatic=state.dependence.slow,
            opioid=mu.effect,
            withdrawal=Q_e,
            stress=around.stress,
        )
        lift = Lift(
            habenula=state.habenula,
            sustained=state.window.sustained,
            naltrexone=blocked,
            opioid=mu.effect,
            recovery=state.recovery - self.recovery.floor,
            expectancy=state.expectancy,
            antidepressant=state.antidepressant,
        )
        return self.mood.relaxation(burden, lift)

    def hazards(
        self, person: Person, arm: ArmSetting, state: State, marks: Marks, amounts: Amounts,
        mu: Occupancy, Q_e: Scalar, K: Scalar, around: Surroundings,
    ) -> tuple[Scalar, ...]:  # fmt: skip
        """Lapse, end of bout, stop of medication and drop-out, 1/d."""
        B, u, e = state.history.priming, marks.using, state.expectancy
        tempted = Temptation(
            craving=state.craving, withdrawal=Q_e, priming=B, control=K,
            reward_left=mu.reward_left, stability=state.history.stability, expectancy=e,
        )  # fmt: skip
        meaning_to = self.lapse.committed_hazard(tempted, arm.site, person.log_frailty)
        not_meaning_to = self.lapse.uncommitted_hazard(tempted)
        lapse = marks.committed * meaning_to + (1.0 - marks.committed) * not_meaning_to
        medicated = arm.agonist.efficacy * arm.agonist.occupancy(amounts.agonist)
        withdrawal_ahead = self.withdrawal.missing(
            person.withdrawal_severity, state.dependence.fast, medicated
        )
        stop = self.stop.hazard(
            K, mu.reward_left, B, withdrawal_ahead, marks.committed, person.persistent
        )
        days_on = jnp.maximum(around.time - marks.medication_since, 0.01)
        leave = self.medication_stop.hazard(
            days_on, arm.staying, state.history.use_week, state.withdrawal, state.mood,
            person.log_frailty,
        )  # fmt: skip
        lost = self.dropout.hazard(state.history.use_week, e, person.reliability)
        lost = lost * (1.0 - arm.kept_by_medication * marks.on_medication)
        return (
            (1.0 - u) * around.available * around.observed * lapse,
            u * around.observed * stop,
            marks.on_medication * around.observed * arm.may_stop * leave,
            marks.enrolled * around.observed * around.losing * lost,
        )

    def accumulation(
        self, marks: Marks, mu: Occupancy, hazards: tuple[Scalar, ...], around: Surroundings
    ) -> Totals:
        """Expected deaths, days of use and days in the community, per day."""
        tolerant = 1.0 + self.opioid.tolerance_gain * self.opioid.reference_tolerance
        death = self.overdose.death_rate(
            mu.uses_per_day,
            jnp.log(mu.dose / (self.opioid.dose * tolerant)),
            jnp.log(mu.half_effect / tolerant),
            mu.antagonist,
        )
        here = around.observed * around.available
        return Totals(
            deaths=around.observed * marks.using * death,
            days_using=here * marks.using,
            days_free=here,
            lapse_hazard=hazards[0],
        )
