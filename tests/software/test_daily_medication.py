"""Is the hazard of use right in people whose medication rises and falls every day?"""

import jax
import numpy as np
import pytest

from resynapse.engine.stepper import simpson
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.protocol import parse
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from software.small_trial import TEXT

PEOPLE = 64
FINE = 8
"""steps that each step of the rule is cut in, for comparison"""
NOBODY_USES = {"lapse.baseline": 1e-10, "lapse.uncommitted": 1e-10, "dropout.baseline": 1e-12}
ALLOWED = 0.2 / 365.0
"""share by which a hazard may be off, or a first use after a year is off by more than 0.2 d"""


@pytest.fixture(scope="module")
def hazards():
    """Integrated hazard until day 30, on the rule's grid and on a fine one; [grids, people]."""
    protocol = parse(TEXT, "test")
    arm, patient = protocol.arm("all"), replace(Patient(), NOBODY_USES)
    conducts = (Conduct(protocol, patient, 3, cut=cut) for cut in (1, FINE))
    felt = unknown_arms(protocol, arm)
    chunks = [next(conduct.chunks(arm, felt, PEOPLE)) for conduct in conducts]
    assert all(chunk.marks.bouts.max() == 0 for chunk in chunks)
    return np.array([chunk.totals.lapse_hazard for chunk in chunks])


def test_on_daily_buprenorphine_the_steps_keep_a_first_use_after_a_year_within_0_2_days(hazards):
    off = hazards[0] / hazards[1] - 1.0

    assert np.abs(off).max() < ALLOWED


def test_what_falls_exponentially_has_its_mean_to_fourth_order():
    def error(length):
        ends = (np.exp(-share * length) for share in (0.0, 0.5, 1.0))
        return abs(simpson(*ends) / (-np.expm1(-length) / length) - 1.0)

    assert 15.0 < error(0.2) / error(0.1) < 17.0
    with jax.enable_x64(True):
        assert simpson(0.1, 0.1, 0.1) == 0.1
