"""Are the arms of a trial lost to it in ways that compare?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.patient import Patient
from resynapse.protocol import load
from resynapse.trial.arm_setting import arm_setting, unknown_arms
from resynapse.trial.plan import arm_plan


@pytest.fixture(scope="module")
def standard_care():
    return load("scenario-heroin-standard-care")


def losing(protocol, id, day):
    """Factor on the hazard of drop-out on a day in one arm."""
    plan = arm_plan(protocol, protocol.arm(id), Patient()).plan
    return float(plan.around.losing[np.searchsorted(plan.time, day)])


@pytest.mark.parametrize("day", [1.5, 100.5, 300.5])
def test_an_arm_without_treatment_loses_people_at_the_rate_of_a_treated_one(standard_care, day):
    none, treated = (losing(standard_care, id, day) for id in ("none", "methadone"))

    assert none == treated == 1.0


def test_people_are_lost_more_slowly_once_the_last_arm_is_no_longer_treated():
    protocol = load("krupitsky-2007")

    after = [losing(protocol, arm.id, 100.5) for arm in protocol.arms]
    assert after == [Patient().dropout.follow_up_factor] * 2


@pytest.mark.parametrize(
    ("id", "kept"),
    [("counselling", 0.0), ("naltrexone", 0.0), ("methadone", 1.0), ("buprenorphine", 1.0)],
)
def test_only_an_agonist_keeps_people_in_the_study_for_as_long_as_they_take_it(
    standard_care, id, kept
):
    arm = standard_care.arm(id)

    setting = arm_setting(standard_care, arm, Patient(), unknown_arms(standard_care, arm))
    assert setting.kept_by_medication == kept
