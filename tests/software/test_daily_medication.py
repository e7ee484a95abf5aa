"""Is the hazard of use right in people whose medication rises and falls every day?"""

import jax
import numpy as np
import pytest

from resynapse.engine.stepper import LATEST, parabola_mean
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


@pytest.mark.parametrize(("share", "least", "most"), [(0.5, 15.0, 17.0), (LATEST, 7.0, 9.0)])
def test_what_falls_exponentially_has_its_mean_to_fourth_order_or_to_third(share, least, most):
    def error(length):
        begin, inner, end = (np.exp(-at * length) for at in (0.0, share, 1.0))
        return abs(parabola_mean(share, begin, inner, end) / (-np.expm1(-length) / length) - 1.0)

    assert least < error(0.2) / error(0.1) < most


@pytest.mark.parametrize("share", [0.5, 0.6, LATEST])
def test_a_hazard_that_does_not_change_is_its_own_mean_to_the_last_bit(share):
    with jax.enable_x64(True):
        assert parabola_mean(share, 0.1, 0.1, 0.1) == 0.1


def test_no_part_of_a_step_counts_less_than_nothing():
    for share in np.linspace(0.5, LATEST, 9):
        for hazards in np.eye(3):
            assert parabola_mean(share, *hazards) > -1e-15
