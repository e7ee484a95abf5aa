"""The plan of the page through the package, and both at many points of the model."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass, replace
from types import ModuleType
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine import random
from resynapse.engine.back_end import DEFAULT, back_end
from resynapse.engine.cache import keep_compiled
from resynapse.engine.plan import Course
from resynapse.patient import Patient, Person
from resynapse.patient.chain import Surroundings
from resynapse.patient.model import Model
from resynapse.patient.registry import configured
from resynapse.pharmacology.benzodiazepine import midazolam
from resynapse.pharmacology.ketamine import r_ketamine, s_ketamine
from resynapse.pharmacology.opioid_medication import OpioidMedication, no_medication
from resynapse.protocol import parse
from resynapse.purpose import Purpose
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine
from resynapse.trial.plan import ArmPlan, arm_plan
from stepped_alike import stepped_alike

SEED = 7
PROCESSES = (Purpose.LAPSE, Purpose.STOP, Purpose.DROPOUT)
SAID_ON_THE_PAGE = {
    "daily_life.stress_sd": 0.0, "daily_life.cue_size": 0.0, "attendance.usual": 60.0
}  # fmt: skip
"""no chance in daily life, and everybody comes to every session"""
TEXT = """
name: one-page
title: The plan of the page
disorder: heroin
blinding: masked
setting: {detoxification_days: 10, community_day: 7, site: {uncommitted: 0.4, log_hazard: 0.2}}
arms:
  - id: saline
    label: Saline
    control: saline
    doses: [{drug: saline, route: iv, minutes: 40, days: [3], prepared: true}]
    therapies: &therapies
      - {type: KPT, days: [1, 4, 5, 6], hours: 2.5 h, exposure: 0.25}
      - {type: KPT, days: [2, 3], hours: 2.5 h, exposure: 0.25, retrieval: true}
  - id: ketamine
    label: Ketamine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [3], prepared: true}]
    therapies: *therapies
follow_up: 60 d
endpoints: [abstinence_1_months]
reference: saline
"""
LAST_DAY = 60.0
SAME_PLAN = {
    "end": LAST_DAY + 0.25, "uncommitted": 0.4, "site": 0.2,
    "sessions": [(day, 2.5, 0.25, day in (2, 3)) for day in range(1, 7)],
}  # fmt: skip
"""where this protocol differs from what the page plans"""
AT_DAYS = (3.5, 20.0, LAST_DAY)
"""instants at which both paths are compared, d"""
PEOPLE = 256
"""enough for every course of life to be among them"""
DOSES = {"saline": 0.0, "ketamine": 0.5}
TRAITS = {
    "mood_trait": 0.12, "log_frailty": 1.6, "reliability": 1.0, "craving_severity": 0.2,
    "withdrawal_severity": 0.2, "dissociation_factor": 0.5, "guess_noise": 1.0,
}  # fmt: skip
"""how far the people of the test lie apart"""


def leaves(record: Any) -> dict[str, Any]:
    """The numbers of a record by the names of their fields, those of records in it included."""
    found = {}
    for field in fields(record):
        value = getattr(record, field.name)
        found |= leaves(value) if is_dataclass(value) else {field.name: value}
    return found


def traits(page: ModuleType, count: int) -> list[dict[str, float]]:
    """People who differ in mind, not in kinetics."""
    chance = np.random.default_rng(SEED)
    made = []
    for _ in range(count):
        one = {name: sd * chance.standard_normal() for name, sd in TRAITS.items()}
        for name in ("craving_severity", "withdrawal_severity", "dissociation_factor"):
            one[name] = math.exp(one[name])
        one |= {"persistent": float(chance.random() < 0.3), "commitment_draw": chance.random()}
        made.append(page.PERSON | one)
    return made


def people(known: list[dict[str, float]]) -> Person:
    """The same people for the package."""
    rows = {name: np.array([one[name] for one in known]) for name in known[0]}
    alike = {"ideal_weight_kg": 70.0, "age_years": 35.0, "female": 0.0}
    alike |= {"pressure_factor": 1.0, "induction_draw": 1.0}
    bodies = {"s_ketamine": s_ketamine(), "r_ketamine": r_ketamine()}
    person = Person(key=np.arange(len(known)) * 1.0, **rows, **alike, **bodies)
    return as_arrays(jax.tree.map(lambda x: np.zeros(len(known)) + x, person))


class Trial:
    """The page's plan through the engine of the package, each person with own thresholds."""

    def __init__(self, page: ModuleType) -> None:
        keep_compiled()
        self.page, self.traits = page, traits(page, PEOPLE)
        self.protocol = parse(TEXT, "test")
        self.patient = configured(Patient(), None, SAID_ON_THE_PAGE)
        told = [page.PLAN[name] for name in ("active_mean", "active_sd", "control_mean")]
        self.felt = ArmsFelt(*told, page.PLAN["control_sd"], page.PLAN["active_share"], 1.0, 1.0)

    def plan(self, arm: str) -> ArmPlan:
        """As the page steps: all states by the rule of order 2."""
        chosen = self.protocol.arm(arm)
        return stepped_alike(chosen, lambda: arm_plan(self.protocol, chosen, self.patient))

    def run(self, arm: str, day: float) -> Any:
        """Everyone just before what is planned on this day."""
        chosen, plan = self.protocol.arm(arm), self.plan(arm)
        with jax.enable_x64(True):
            model = Model(as_arrays(self.patient), as_arrays(benzodiazepine(self.patient, chosen)))
            setting = arm_setting(self.protocol, chosen, self.patient, self.felt)
            until = plan.segments_until(day)
            course = Course(plan.plan, plan.segments, until, plan.lengths, 128, 128)
            through = back_end(DEFAULT).prepared(model, setting, course, SEED)
            kept = through(people(self.traits))
        return jax.tree.map(np.asarray, kept.lane)

    def on_the_page(self, arm: str, number: int) -> Any:
        """The path of one person, and what happened to the person."""

        def threshold(which: int, event: int) -> float:
            with jax.enable_x64(True):
                key = (jnp.uint32(SEED), int(PROCESSES[which]))
                return float(random.exponential(*key, jnp.uint32(number), jnp.uint32(event)))

        stops = self.plan(arm).record_days
        return self.page.follow(DOSES[arm], self.traits[number], SAME_PLAN, threshold, stops)


COURSES = ("no use", "a lapse and its end", "several bouts", "not committed", "left the study")
MOVED = "moved to commit"


def somebody(trial: Trial, lane: Any, course: str) -> int:
    """The first person whose life took this course."""
    using, bouts = lane.marks.using == 1.0, lane.marks.bouts
    committed, left = lane.marks.committed == 1.0, lane.marks.enrolled == 0.0
    draws = np.array([one["commitment_draw"] for one in trial.traits])
    kinds = {
        "no use": (bouts == 0) & committed & ~left,
        "a lapse and its end": (bouts == 1) & ~using & committed,
        "several bouts": (bouts >= 3) & committed,
        "not committed": (bouts >= 1) & ~committed,
        "left the study": left,
        MOVED: committed & (draws < SAME_PLAN["uncommitted"]),
    }
    return int(np.flatnonzero(kinds[course])[0])


def occupied(share: np.ndarray, efficacy: np.ndarray) -> OpioidMedication:
    """Medications that hold this share of receptors at 1 mg in the blood."""
    alike = jax.tree.map(lambda x: 0.0 * share + x, no_medication())
    held = 0.0 * share + 1.0e-14
    return replace(alike, half_occupancy=held, max_occupancy=share, efficacy=efficacy)


class Anywhere:
    """Many points of the model at once: states, marks, drugs and surroundings at random."""

    COUNT = 64

    def __init__(self, page: ModuleType) -> None:
        chance, number = np.random.default_rng(SEED), np.arange(self.COUNT)
        self.traits = traits(page, self.COUNT)
        self.states = {name: chance.uniform(0.0, 0.95, self.COUNT) for name in page.AT_FIRST}
        names = ("agonist", "antagonist", "agonist_efficacy", "stress", "cue")
        self.now = {name: chance.uniform(0.0, 0.9, self.COUNT) for name in names}
        self.now |= {name: np.full(self.COUNT, x) for name, x in ELSEWHERE_FIXED.items()}
        self.marks = {"using": number % 2.0, "committed": number // 2 % 2.0, "enrolled": 1.0}
        self.effect_site = chance.uniform(0.0, 3.0, (self.COUNT, 2))

    def on_the_page(self, page: ModuleType, k: int) -> Any:
        """Where the page heads from the k-th point."""

        def record(values: dict[str, Any]) -> Any:
            return page.Record(**{n: float(np.broadcast_to(x, 64)[k]) for n, x in values.items()})

        amounts = np.zeros((2, 4))
        amounts[:, 3] = self.effect_site[k]
        person = page.Record(**self.traits[k])
        return page.flow(record(self.states), record(self.marks), amounts, record(self.now), person)

    def in_the_package(self, trial: Trial) -> Any:
        """Where the package heads from every point."""
        zero, now = np.zeros(self.COUNT), self.now
        model = Model(trial.patient, midazolam())
        setting = arm_setting(trial.protocol, trial.protocol.arms[0], trial.patient, trial.felt)
        one = jax.tree.map(lambda x: x[0], people(self.traits))
        lane = jax.tree.map(lambda x: zero + x, model.begin(setting, one, jnp.uint32(SEED)))
        setting = jax.tree.map(lambda x: zero + x, setting)
        setting = eqx.tree_at(
            lambda a: (a.agonist, a.antagonist, a.site),
            setting,
            (
                occupied(now["agonist"], now["agonist_efficacy"]),
                occupied(now["antagonist"], zero),
                now["site"],
            ),
        )
        state = eqx.tree_at(
            lambda s: [leaves(s)[name] for name in self.states],
            jax.tree.map(lambda x: 0.0 * x, lane.state),
            list(self.states.values()),
        )
        marks = eqx.tree_at(
            lambda m: [getattr(m, name) for name in self.marks],
            lane.marks,
            [zero + x for x in self.marks.values()],
        )
        amounts = jax.tree.map(lambda x: zero + x, model.no_amounts())
        amounts = eqx.tree_at(
            lambda a: (
                a.s_ketamine.effect_site, a.r_ketamine.effect_site, a.agonist.central,
                a.antagonist.central,
            ),
            amounts, (*self.effect_site.T, zero + 1.0, zero + 1.0),
        )  # fmt: skip
        around = Surroundings(
            zero, now["available"], now["observed"], now["losing"], zero, now["stress"], now["cue"]
        )
        return flows(
            as_arrays(trial.patient), people(self.traits), setting, state, marks, amounts, around
        )


ELSEWHERE_FIXED = {"available": 1.0, "observed": 1.0, "losing": 0.4, "site": 0.3}


@eqx.filter_jit
def flows(patient: Patient, *points: Any) -> Any:
    """Targets and time constants of the states, and hazards."""

    def one(*point: Any) -> Any:
        found = patient.flow(*point)
        return found.relaxation, found.hazards

    return jax.vmap(one)(*points)
