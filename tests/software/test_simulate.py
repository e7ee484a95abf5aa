"""Does a simulated trial keep its promises?"""

from dataclasses import replace

import numpy as np
import pytest

from resynapse.engine.cache import keep_compiled
from resynapse.exchange import as_dict
from resynapse.patient import Patient
from resynapse.patient.registry import ParameterError, configured
from resynapse.protocol import parse
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.simulate import simulate

PEOPLE = 48
TEXT = """
name: small-trial
title: A small trial for tests
disorder: heroin
blinding: masked
setting: {detoxification_days: 10, community_day: 2}
arms:
  - id: placebo
    label: Saline
    control: saline
    doses: [{drug: saline, route: iv, minutes: 40, days: [1]}]
    therapies: [{type: CBT, days: [0, 3, 7], hours: 1 h}]
  - id: nothing
    label: Ketamine, 0 mg/kg
    control: low-dose
    doses: [{drug: ketamine, dose: 0 mg/kg iv over 40 min, days: [1]}]
    therapies: [{type: CBT, days: [0, 3, 7], hours: 1 h}]
  - id: ketamine
    label: Ketamine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1]}]
    therapies: [{type: CBT, days: [0, 3, 7], hours: 1 h}]
follow_up: 40 d
visits: [2, 8, 30]
endpoints: [abstinence_1_months, craving_vas_day_8]
reference: placebo
"""


@pytest.fixture(scope="module")
def protocol():
    return parse(TEXT, "test")


@pytest.fixture(scope="module")
def result(protocol):
    return simulate(
        protocol,
        patients=PEOPLE,
        seed=3,
        draws=0,
        switches={"expectancy": False},
        parameters="prior",
    )


def chunk(protocol, arm, count=PEOPLE, seed=3, felt=None):
    keep_compiled()
    patient = configured(Patient(), {"expectancy": False}, None)
    chosen = protocol.arm(arm)
    felt = felt or unknown_arms(protocol, chosen)
    return next(iter(Conduct(protocol, patient, seed).chunks(chosen, felt, count)))


def test_no_ketamine_is_placebo_bit_for_bit_when_expectancy_is_off(result):
    placebo, nothing = result.arms["placebo"], result.arms["nothing"]

    assert np.array_equal(placebo.use_days, nothing.use_days)
    assert placebo.patients.equals(nothing.patients)


def test_ketamine_changes_some_paths(result):
    placebo, ketamine = result.arms["placebo"], result.arms["ketamine"]

    assert not np.array_equal(placebo.use_days, ketamine.use_days)
    assert ketamine.patients["cadss_peak"].mean() > placebo.patients["cadss_peak"].mean()


def test_what_other_arms_feel_like_moves_nobody_when_expectancy_is_off(protocol):
    as_felt = unknown_arms(protocol, protocol.arm("ketamine"))
    told_apart = replace(as_felt, active_mean=3.0, control_mean=0.5, active_share=0.7)

    one = chunk(protocol, "ketamine", 16, felt=as_felt)
    other = chunk(protocol, "ketamine", 16, felt=told_apart)

    assert not np.array_equal(one.marks.belief, other.marks.belief)
    assert np.array_equal(one.use_days, other.use_days)
    assert np.array_equal(one.records, other.records)


def test_a_patient_does_not_depend_on_how_many_there_are(protocol):
    few, many = chunk(protocol, "ketamine", 8), chunk(protocol, "ketamine", 40)

    assert np.array_equal(few.records, many.records[:, :, :8])
    assert np.array_equal(few.use_days, many.use_days[:8])


def test_another_seed_gives_other_people(protocol):
    one, other = chunk(protocol, "ketamine", 8, seed=3), chunk(protocol, "ketamine", 8, seed=4)

    assert not np.array_equal(one.person.weight_kg, other.person.weight_kg)


def test_the_rival_leaves_ketamine_nothing_but_expectancy(result):
    rival = result.rival

    same = np.array_equal(rival["ketamine"].use_days, rival["placebo"].use_days)
    assert not same  # expectancy acts in the rival, whatever the default run says


def test_json_has_what_programs_rely_on(result):
    made = as_dict(result)

    assert {
        "protocol", "seed", "patients_per_arm", "parameters", "backend", "arms", "comparisons",
        "safety", "rival", "published", "output", "wall_seconds",
    } <= set(made)  # fmt: skip
    endpoint = made["arms"]["ketamine"]["endpoints"]["abstinence_1_months"]
    assert {"value", "unit", "low", "high", "n"} <= set(endpoint)
    assert made["parameters"] == "prior"
    assert set(made["rival"]["ketamine"]) == set(made["arms"]["ketamine"])


def test_a_run_whose_grid_was_not_checked_says_so(result):
    assert result.manifest["grid_error"] == "not measured"


def test_nothing_is_negative_and_scores_stay_on_their_scales(result):
    chronic = result.chronic

    assert float(chronic["craving"].min()) >= 0.0 and float(chronic["craving"].max()) <= 100.0
    assert float(chronic["withdrawal"].min()) >= 0.0 and float(chronic["withdrawal"].max()) <= 48.0
    for name in ("window", "drug_memory", "recovery", "extinction", "control"):
        assert float(chronic[name].min()) >= 0.0 and float(chronic[name].max()) <= 1.0


def test_a_parameter_or_switch_that_does_not_exist_is_refused_with_the_nearest_name(protocol):
    with pytest.raises(ParameterError, match="learning.window_gain"):
        simulate(protocol, patients=1, parameters="prior", settings={"learning.window_gian": 0.0})
    with pytest.raises(ParameterError, match="window_gain"):
        simulate(protocol, patients=1, parameters="prior", switches={"window_gian": False})
