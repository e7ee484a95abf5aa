"""Does the stage of mood hold apart what the drug does and what belief does?"""

from __future__ import annotations

import jax
import numpy as np
import pytest

from resynapse.evidence import study
from resynapse.inference.mood_course import MoodCourse
from resynapse.inference.stages import mood

FLAT = MoodCourse(
    np.linspace(0.0, 15.0, 301), np.ones(301), np.full(301, 0.5), opening=0.18, mood_time=0.15
)
"""a block and a window that stay"""


@pytest.fixture(scope="module")
def stage():
    """Nobody is simulated."""
    one = object.__new__(mood.Mood)
    one.free, one.course = mood.free_numbers(), FLAT
    one.contrasts, one.responders = mood.contrasts(), mood.responders()
    return one


@pytest.fixture(scope="module")
def middle(stage):
    return np.array([one.slab.median for one in stage.free])


def test_a_state_that_stays_lifts_mood_by_all_of_it_and_the_sustained_one_settles_where_it_fades():
    with jax.enable_x64(True):
        L_b, L_S = FLAT.lifts(np.array([0.15, 14.0]), 2.0)

    assert np.asarray(L_b) == pytest.approx([1.0 - np.exp(-1.0), 1.0], abs=1e-3)
    assert float(L_S[1]) == pytest.approx(0.18 * 0.5 * 2.0, rel=2e-3)


def test_under_anaesthesia_belief_lifts_nothing(stage, middle):
    more = middle.copy()
    more[3] += 1.0
    with jax.enable_x64(True):
        masked = [float(stage.effect(values, 1.0, masked=True)) for values in (middle, more)]
        open_ = [float(stage.effect(values, 1.0)) for values in (middle, more)]

    assert masked[0] == masked[1]
    assert open_[1] - open_[0] == pytest.approx(np.exp(-1.0 / 21.0))


def test_the_trial_under_anaesthesia_is_read_as_its_means_less_half_of_the_gap_at_entry():
    first = next(one for one in mood.contrasts() if one.study == "lii2023")

    assert first.day == 1.0
    assert first.points == pytest.approx((16.4 - 12.7) - 0.5 * (29.9 - 25.1))
    assert first.error == pytest.approx(np.sqrt(0.75 * 0.1))


def test_three_days_of_the_same_people_weigh_as_one(stage, middle):
    with jax.enable_x64(True):
        whole = float(stage.log_likelihood(middle, np.zeros(3)))
        parts = []
        for k in range(3):
            other = object.__new__(mood.Mood)
            other.__dict__.update(stage.__dict__)
            other.responders = (stage.responders[k],)
            parts.append(float(other.log_likelihood(middle, np.zeros(3))))
            other.responders = ()
        none = float(other.log_likelihood(middle, np.zeros(3)))

    assert whole - none == pytest.approx(np.mean(parts) - none)


def test_only_the_two_weights_of_mood_are_handed_on():
    moved = {path for one in mood.free_numbers() for path in one.moves}

    assert moved == {"mood.habenula_weight", "mood.sustained_weight"}


def test_nothing_that_was_recalled_or_is_not_comparable_is_fitted_to_mood():
    for number in mood.responders():
        assert number.comparable
        assert number.seen != "recalled"
    assert study("kryst2020").numbers[0].comparable is False
    assert {one.study for one in mood.contrasts()} <= set(mood.FITTED)
