"""Does a protocol of people with depression run the course that stage d was fitted with?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse import evidence
from resynapse.engine.back_end import DEFAULT
from resynapse.inference.mood_course import (
    PEOPLE,
    Lifted,
    MoodCourse,
    infusions,
    moments,
    mood_course,
)
from resynapse.inference.recorded_course import SEED, recorded
from resynapse.inference.repeated_infusions import SIX
from resynapse.inference.stages.mood import FITTED, MADRS
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, load
from resynapse.trial.fitted import fitted_for
from resynapse.trial.parameter_set import shipped_set
from resynapse.trial.result import Result
from resynapse.trial.simulate import simulate

COURSES = {"kishimoto2016": "kishimoto-2016", "lii2023": "lii-2023", "han2016": "han-2016"}
NEXT_DAY, WITHIN, LATER = 0.002, 0.05, 0.2
"""MADRS points: on the day after, where stage d keeps moments 0.05 d apart; while they are 0.25 d
apart or little more; where they are 0.5 d and more apart, so that its mood lags by 0.12 d"""


def apart(result: Result, arm: str, reference: str) -> tuple[np.ndarray, np.ndarray]:
    """Days, and by how much mood is better in one arm, MADRS points, before error of rating."""
    one, other = (result.arms[id].states["mood"] for id in (arm, reference))
    return np.array(one["days"]), np.array(other["values"]) - np.array(one["values"])


def staying(given: tuple[float, ...], until: float) -> MoodCourse:
    """The course of stage d where nobody leaves before the last infusion."""
    plan = infusions(given, until)
    patient = replace(apply(Patient(), plan.disorder), {"dropout.baseline": 0.0})
    mean = recorded(plan, patient, Lifted, PEOPLE, DEFAULT).astype(float).mean(axis=2)
    gain, time = float(patient.window.sustained_gain), float(patient.mood.time_constant)
    return MoodCourse(moments(given, until), mean[:, 0], mean[:, 1], gain, time)


def drug(days: np.ndarray, course: MoodCourse) -> np.ndarray:
    """What stage d says of the drug alone at the medians of what it fitted, MADRS points."""
    fitted = shipped_set("mood").medians()
    lifts = course.lifts(days, Patient().window.sustained_time)
    weights = (fitted["mood.habenula_weight"], fitted["mood.sustained_weight"])
    return MADRS * sum(w * np.asarray(x) for w, x in zip(weights, lifts, strict=True))


def run(protocol: Protocol, people: int = PEOPLE) -> Result:
    """The people of stage d, without what they believe."""
    off = {"expectancy": False}
    return simulate(protocol, patients=people, seed=SEED, draws=0, switches=off, rivals=False)


def test_every_study_that_stage_d_fits_has_a_protocol():
    assert {load(name).study for name in COURSES.values()} == set(FITTED)


@pytest.mark.parametrize("name", COURSES.values())
def test_a_run_without_belief_is_the_drugs_part_of_stage_d(name):
    protocol = load(name)

    days, better = apart(run(protocol), "ketamine", protocol.reference)

    assert len(days) >= 5 and max(better) > 4.0
    expected = drug(days, mood_course())
    assert better[days <= 1.0] == pytest.approx(expected[days <= 1.0], abs=NEXT_DAY)
    assert better == pytest.approx(expected, abs=WITHIN)


def test_six_infusions_add_up_as_in_stage_d_where_nobody_leaves_it():
    protocol = load("kryst-2020")

    days, better = apart(run(protocol), "repeated_dosing", "placebo")
    early = days <= 12.0

    assert better[early] == pytest.approx(drug(days, staying(SIX, 101.0))[early], abs=WITHIN)
    assert better == pytest.approx(drug(days, staying(SIX, 101.0)), abs=LATER)


def test_stage_d_loses_people_before_their_sixth_infusion_and_a_run_does_not():
    day = np.array([12.0])

    lost = drug(day, staying(SIX, 101.0)) - drug(day, mood_course(given=SIX, until=101.0))

    assert 0.1 < float(lost[0]) < 0.5


def test_only_what_stage_d_learned_is_used_for_these_people():
    fitted = fitted_for("calibrated", "depression")

    assert fitted is not None
    assert fitted.paths == ("mood.habenula_weight", "mood.sustained_weight")


def test_no_protocol_of_depression_stands_among_what_a_set_was_fitted_to():
    plans = [name for name in COURSES.values() if load(name).disorder == "depression"]

    assert len(plans) == len(FITTED)
    for stage in ("natural-history", "medications", "mood", "ketamine"):
        assert not set(shipped_set(stage).studies) & set(plans)


def test_what_lii_saw_between_its_arms_stands_in_the_study_file():
    means = {(n.arm, n.day): n.value for n in evidence.study("lii2023").numbers}

    assert means["ketamine", 1.0] - means["saline", 1.0] == pytest.approx(-3.7)
