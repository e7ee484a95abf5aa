"""Do the package and the page that shows the whole chain say the same?"""

from __future__ import annotations

import ast
import importlib.util
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine import random
from resynapse.engine.back_end import back_end
from resynapse.engine.cache import keep_compiled
from resynapse.engine.plan import LANES, Course
from resynapse.patient import Patient, Person, parameters
from resynapse.patient.model import Model
from resynapse.patient.registry import configured
from resynapse.pharmacology.ketamine import r_ketamine, s_ketamine
from resynapse.protocol import parse
from resynapse.purpose import Purpose
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine
from resynapse.trial.plan import ArmPlan, arm_plan

SEED = 7
PROCESSES = (Purpose.LAPSE, Purpose.STOP, Purpose.DROPOUT)
CALM = {"daily_life.stress_sd": 0.0, "daily_life.cue_size": 0.0}
TEXT = """
name: one-page
title: The plan of the page
disorder: heroin
blinding: masked
setting: {detoxification_days: 10, community_day: 7, site: {uncommitted: 0.05, log_hazard: 0.0}}
arms:
  - id: saline
    label: Saline
    control: saline
    doses: [{drug: saline, route: iv, minutes: 40, days: [3], prepared: true}]
    therapies: &therapies
      - {type: KPT, days: [1, 2, 4, 5, 6], hours: 2.5 h, exposure: 0.25}
      - {type: KPT, days: [3], hours: 2.5 h, exposure: 0.25, retrieval: true}
  - id: ketamine
    label: Ketamine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [3], prepared: true}]
    therapies: *therapies
follow_up: 60 d
endpoints: [abstinence_1_months]
reference: saline
"""
OFF_PAGE_STATES = ("incubation", "antidepressant")
AT_DAYS = (2.0, 3.5, 5.0, 20.0, 60.0)
"""instants at which both paths are compared, d"""
TRAITS = {
    "mood_trait": 0.12, "log_frailty": 1.6, "reliability": 1.0, "craving_severity": 0.2,
    "withdrawal_severity": 0.2, "dissociation_factor": 0.5, "guess_noise": 1.0,
}  # fmt: skip
"""how far the people of the test lie apart"""
CLOSE = 1.0e-6
"""of the range of a state over the path"""


@pytest.fixture(scope="module")
def page(root) -> ModuleType:
    """The page as a module."""
    file = root / "examples" / "whole_chain_on_one_page.py"
    spec = importlib.util.spec_from_file_location("whole_chain_on_one_page", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def leaves(record: Any) -> dict[str, Any]:
    """The numbers of a record by the names of their fields, those of records in it included."""
    found = {}
    for field in fields(record):
        value = getattr(record, field.name)
        found |= leaves(value) if is_dataclass(value) else {field.name: value}
    return found


def traits(page: ModuleType) -> list[dict[str, float]]:
    """People who differ in mind, not in kinetics."""
    chance = np.random.default_rng(SEED)
    made = []
    for _ in range(LANES):
        one = {name: sd * chance.standard_normal() for name, sd in TRAITS.items()}
        for name in ("craving_severity", "withdrawal_severity", "dissociation_factor"):
            one[name] = math.exp(one[name])
        one |= {"persistent": float(chance.random() < 0.3), "commitment_draw": chance.random()}
        made.append(page.PERSON | one)
    return made


class Trial:
    """The page's plan through the engine of the package, each person with own thresholds."""

    def __init__(self, page: ModuleType) -> None:
        keep_compiled()
        self.page, self.traits = page, traits(page)
        self.protocol = parse(TEXT, "test")
        self.patient = configured(Patient(), None, CALM)
        self.felt = ArmsFelt(1.9, 0.8, 0.4, 0.3, 0.5, 1.0, 1.0)

    def plan(self, arm: str) -> ArmPlan:
        return arm_plan(self.protocol, self.protocol.arm(arm), self.patient)

    def people(self) -> Person:
        rows = {name: np.array([one[name] for one in self.traits]) for name in self.traits[0]}
        zero = np.zeros(LANES)
        alike = {"ideal_weight_kg": zero + 70.0, "age_years": zero + 35.0, "female": zero}
        alike |= {"pressure_factor": zero + 1.0, "induction_draw": zero + 1.0}
        bodies = {"s_ketamine": s_ketamine(), "r_ketamine": r_ketamine()}
        bodies = {k: jax.tree.map(lambda x: zero + x, body) for k, body in bodies.items()}
        return as_arrays(Person(key=np.arange(LANES) * 1.0, **rows, **alike, **bodies))

    def run(self, arm: str, day: float) -> Any:
        """Everyone just before what is planned on this day."""
        chosen, plan = self.protocol.arm(arm), self.plan(arm)
        with jax.enable_x64(True):
            model = Model(as_arrays(self.patient), as_arrays(benzodiazepine(self.patient, chosen)))
            setting = arm_setting(self.protocol, chosen, self.patient, self.felt)
            until = plan.segments_until(day)
            course = Course(plan.plan, plan.segments, until, plan.lengths, 128, 128)
            kept = back_end("xla")(model, setting, self.people(), course, SEED)
        return jax.tree.map(np.asarray, kept.lane)

    def on_the_page(self, arm: str, number: int) -> Any:
        """The path of one person, and what happened to the person."""
        plan = self.plan(arm)

        def chance(draw: Callable, purpose: Purpose, event: int) -> float:
            with jax.enable_x64(True):
                word = jnp.uint32(number)
                return float(draw(jnp.uint32(SEED), int(purpose), word, jnp.uint32(event)))

        return self.page.follow(
            0.5 if arm == "ketamine" else 0.0,
            self.traits[number],
            {"end": 60.25},
            lambda which, event: chance(random.exponential, PROCESSES[which], event),
            lambda session: chance(random.uniform, Purpose.ATTENDANCE, session),
            plan.record_days,
        )


@pytest.fixture(scope="module")
def trial(page) -> Trial:
    return Trial(page)


@pytest.fixture(scope="module")
def lanes(trial) -> dict[tuple[str, float], Any]:
    return {(arm, day): trial.run(arm, day) for arm in ("saline", "ketamine") for day in AT_DAYS}


def test_numbers_of_the_page_are_the_defaults_of_the_package(page):
    defaults = {entry.path: entry.value for entry in parameters()}

    assert {path: defaults[path] for path in page.PARAMETERS} == pytest.approx(
        page.PARAMETERS, rel=1.0e-10, abs=0.0
    )


def test_the_page_steps_on_the_grid_of_the_package(page, trial):
    plan = trial.plan("ketamine")
    times = page.grid(page.Record(**page.PLAN | {"end": 60.25}), plan.record_days)

    assert np.allclose(times[:-1], plan.plan.time[: plan.steps], rtol=0.0, atol=1.0e-9)


def who(lane: Any) -> dict[str, int]:
    """People with different courses: no use, one bout that ended, more bouts, left the study."""
    using, bouts = lane.marks.using == 1.0, lane.marks.bouts
    committed, left = lane.marks.committed == 1.0, lane.marks.enrolled == 0.0
    kinds = {
        "no use": (bouts == 0) & committed & ~left,
        "one bout that ended": (bouts == 1) & ~using & committed,
        "several bouts": (bouts >= 3) & committed,
        "not committed": (bouts >= 1) & ~committed,
        "left the study": left,
    }
    return {kind: int(np.flatnonzero(found)[0]) for kind, found in kinds.items()}


@pytest.mark.parametrize("arm", ["saline", "ketamine"])
def test_package_and_page_agree_along_whole_paths(trial, lanes, arm):
    worst = {}
    for kind, number in who(lanes[arm, AT_DAYS[-1]]).items():
        path, _ = trial.on_the_page(arm, number)
        days = np.array([row.day for row in path])
        for day in AT_DAYS:
            row = path[int(np.argmin(np.abs(days - day)))]
            for name, value in leaves(lanes[arm, day].state).items():
                if name in OFF_PAGE_STATES:
                    continue
                course = np.array([getattr(one, name) for one in path])
                error = abs(float(value[number]) - getattr(row, name)) / max(np.ptp(course), 1e-3)
                worst[name] = max(worst.get(name, 0.0), error)
    print(sorted(worst.items(), key=lambda pair: -pair[1])[:5])
    assert max(worst.values()) < CLOSE, worst
