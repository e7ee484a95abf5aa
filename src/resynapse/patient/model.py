"""What does the engine get to see of a patient?"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from resynapse.behaviour.history import HistoryState
from resynapse.engine import noise as chance
from resynapse.engine import random
from resynapse.engine.stepper import LONG_AGO, Lane, Moment, first_clocks
from resynapse.parameter import Scalar
from resynapse.patient import events
from resynapse.patient.chain import HOURS_PER_DAY, ArmSetting, Flow, Patient, Surroundings
from resynapse.patient.observe import observe
from resynapse.patient.state import (
    NEVER,
    RULES,
    Amounts,
    Marks,
    Person,
    State,
    Totals,
)
from resynapse.pharmacology.benzodiazepine import BenzodiazepineAmount, BenzodiazepineDisposition
from resynapse.pharmacology.ketamine import KetamineAmount
from resynapse.pharmacology.opioid_medication import MedicationAmount
from resynapse.plasticity.window import WindowState
from resynapse.purpose import Purpose
from resynapse.symptoms.dependence import DependenceState

ACUTE_BLOCKS = 3
"""S- and R-ketamine and a benzodiazepine; two blocks of medication follow"""


class Around(eqx.Module):
    """What the plan says of every step."""

    available: Scalar
    observed: Scalar
    losing: Scalar
    antidepressant: Scalar


class Model(eqx.Module):
    """The chain as a system of the engine: flow, jumps, planned events, observations."""

    patient: Patient
    benzodiazepine: BenzodiazepineDisposition

    @property
    def processes(self) -> tuple[int, ...]:
        """Purposes of the thresholds, in the order of the hazards."""
        return tuple(int(purpose) for purpose in events.PROCESSES)

    @property
    def stirring(self) -> tuple[int, ...]:
        """A bout that begins: within hours the drug's effect rises and people stop less easily."""
        return (events.PROCESSES.index(Purpose.LAPSE),)

    @property
    def noise_purposes(self) -> tuple[int, int]:
        """Purposes of the disturbance and of the shots."""
        return int(Purpose.STRESS), int(Purpose.CUE)

    def quick(self, state: State) -> tuple[Scalar, ...]:
        """What follows stress and cues within hours."""
        return state.mood, state.craving

    def noise_law(self) -> chance.NoiseLaw:
        """Stress and cues."""
        life = self.patient.daily_life
        return chance.NoiseLaw(
            life.stress_sd, life.stress_time, life.cue_rate, life.cue_size, life.cue_time,
            self.patient.craving.time_constant, self.patient.mood.time_constant,
        )  # fmt: skip

    def no_amounts(self) -> Amounts:
        """No drug in the body."""
        return Amounts(
            KetamineAmount(*[0.0] * 23),
            KetamineAmount(*[0.0] * 23),
            BenzodiazepineAmount(0.0, 0.0, 0.0),
            MedicationAmount(0.0, 0.0),
            MedicationAmount(0.0, 0.0),
        )

    def begin(self, arm: ArmSetting, person: Person, seed: Scalar) -> Lane:
        """A person in steady heavy use, before the run-in."""
        zero = 0.0 * person.key
        noise = chance.begin(self.noise_law(), seed, random.word(person.key), int(Purpose.STRESS))
        marks = events.commit(person, arm, _first_marks(zero))
        lane = Lane(
            state=_first_state(zero),
            marks=marks,
            totals=Totals(zero, zero, zero, zero),
            clocks=first_clocks(self, seed, person.key),
            noise=noise,
            stirred=LONG_AGO + zero,
        )
        return jax.tree.map(lambda x: jnp.asarray(x, jnp.float64) + zero, lane)

    def flow(
        self, person: Person, arm: ArmSetting, state: State, marks: Marks, amounts: Amounts,
        moment: Moment, time: Scalar, disturbance: Scalar, shots: Scalar,
    ) -> Flow:  # fmt: skip
        """Where everything is heading, with the surroundings of the step."""
        plan = moment.around
        taking = plan.antidepressant * marks.enrolled
        around = Surroundings(
            time=time, available=plan.available, observed=plan.observed, losing=plan.losing,
            taking_antidepressant=taking, stress=disturbance, cue=shots,
        )  # fmt: skip
        return self.patient.flow(person, arm, state, marks, amounts, around)

    def jump(self, which: int, state: State, marks: Marks, time: Scalar) -> tuple[State, Marks]:
        """What an event of this process does."""
        return events.JUMPS[which](self.patient, state, marks, time)

    def happen(
        self, person: Person, arm: ArmSetting, seed: Scalar, lane: Lane, amounts: Amounts,
        node: events.Node,
    ) -> tuple[Lane, Amounts]:  # fmt: skip
        """Everything planned at this instant."""
        state, marks, amounts = events.happen(
            self.patient, person, arm, seed, lane.state, lane.marks, amounts, node
        )
        return Lane(state, marks, lane.totals, lane.clocks, lane.noise, lane.stirred), amounts

    def peaks(self, person: Person, lane: Lane, amounts: Amounts) -> Lane:
        """Peaks of acute effects, kept."""
        marks = events.feel(self.patient, person, self.benzodiazepine, lane.marks, amounts)
        return eqx.tree_at(lambda x: x.marks, lane, marks)

    def day(self, lane: Lane) -> tuple[Scalar, Lane]:
        """Whether the day that ends held any use; a new day begins."""
        used = lane.marks.used_today
        return used, eqx.tree_at(lambda x: x.marks.used_today, lane, lane.marks.using)

    def observe(
        self, person: Person, arm: ArmSetting, lane: Lane, amounts: Amounts
    ) -> tuple[Scalar, ...]:
        """The quantities named in ``observe.QUANTITIES``."""
        return observe(
            self.patient, person, arm, self.benzodiazepine, lane.state, lane.marks, amounts
        )

    def amount_rate(
        self, block: int, arm: ArmSetting, person: Person, amount: Any, inflow: Scalar
    ) -> Any:
        """d(amount)/dt per day of one linear block; ``inflow`` is umol or mg per hour."""
        if block >= ACUTE_BLOCKS:
            drug = (arm.agonist, arm.antagonist)[block - ACUTE_BLOCKS].individual(person.medication)
            to, hours = drug.relaxation(amount)
            return jax.tree.map(lambda a, x, h: HOURS_PER_DAY * (a - x) / h, to, amount, hours)
        calming = self.benzodiazepine.individual(person.benzodiazepine)
        linear = (person.s_ketamine, person.r_ketamine, calming)[block]
        hourly = linear.rate(amount, inflow)
        return jax.tree.map(lambda rate: HOURS_PER_DAY * rate, hourly)

    def inflow(
        self, block: int, person: Person, lane: Lane, infusion: Scalar, rule: Scalar
    ) -> Scalar:
        """Constant infusion into a block during a step, umol/h or mg/h."""
        return events.permitted(lane.marks, rule) * events.by_weight(person, infusion)


def _first_marks(zero: Scalar) -> Marks:
    never = NEVER + zero
    return Marks(
        using=1.0, committed=1.0, commitment_shift=zero, on_medication=zero, medication_since=never,
        enrolled=1.0, first_use=never, bout_began=zero, bouts=zero, medication_stop=never,
        dropout=never, used_today=zero, attended=zero, offered=zero, last_dose=zero - NEVER,
        mood_before=zero, felt=zero, level=zero, felt_most=zero, pressure_most=zero,
        unresponsive_most=zero, pressure_last=zero, nausea_most=zero, belief=-1.0,
        rules=(1.0,) + (zero,) * RULES, withheld=zero,
    )  # fmt: skip


def _first_state(zero: Scalar) -> State:
    return State(
        habenula=zero, window=WindowState(zero, zero, zero, zero), sessions=zero, exposure=zero,
        recovery=0.10, extinction=0.05, memory=0.85, labile=zero, incubation=zero, efficacy=0.42,
        substance=2.0, antidepressant=zero, dependence=DependenceState(0.6, 0.6, 0.6),
        withdrawal=zero, mood=0.5, craving=0.5,
        history=HistoryState(0.9, zero, 1.0, 1.0, zero), expectancy=zero,
    )  # fmt: skip
