"""Do trials that share nobody find what trials drawn from batches of people find?"""

from __future__ import annotations

import numpy as np
import pytest

from power.one_by_one import SIDE_KEYS, Question, RepeatsError, _sides, repeats
from resynapse.trial.power import Asked, designs, extent, power
from resynapse.web.opening import example

KETAMINE = "ketamine-3-therapy"


@pytest.fixture(scope="module")
def short():
    """The example over four weeks."""
    return example().model_copy(update={"follow_up_days": 28.0, "visits": (), "endpoints": ()})


def together(parts):
    """z of all trials."""
    return np.concatenate([one.z for one in parts])


def test_a_trial_is_the_same_wherever_the_run_was_cut_off(short):
    asked = Question(KETAMINE, "lapse", (250, 700))

    whole = together(repeats(short, asked, 5, seed=3, parameters="prior"))
    rest = together(repeats(short, asked, 5, seed=3, done=3, parameters="prior"))

    assert whole.shape == (5, 2)
    assert np.array_equal(whole[3:], rest)
    assert not np.array_equal(whole[:2], rest)


def test_nobody_is_in_two_arms(short):
    sides = _sides(short, Question(KETAMINE, "lapse", (8,)), 1, "prior")
    keys = [set(np.asarray(side.conduct.persons(0, 8).key).tolist()) for side in sides]

    assert keys[0] == set(range(8))
    assert keys[1] == set(range(SIDE_KEYS, SIDE_KEYS + 8))


def test_two_arms_that_get_the_same_differ_as_often_as_the_level_of_the_test_says(short):
    saline = short.arm(short.reference)
    twin = saline.model_copy(update={"id": "twin", "label": "Twin"})
    same = short.model_copy(update={"arms": (saline, twin)})

    z = together(repeats(same, Question("twin", "lapse", (50,)), 300, seed=2, parameters="prior"))[
        :, 0
    ]

    # 300 trials at 5 %: 99.9 % of runs find between 4 and 29 of them significant
    assert 4 <= (np.abs(z) > 1.96).sum() <= 29
    assert abs(z.mean()) < 3.3 / np.sqrt(300)


def test_independent_trials_find_the_power_that_trials_drawn_from_batches_find(short):
    start = max(short.origin_day(arm) for arm in short.arms)
    month = short.model_copy(update={"follow_up_days": start + 28.0})
    asked = Asked("lapse_28_days", ("log_rank",), (60,), trials=800)
    drawn = power(designs(month, "lapse_28_days", parameters="prior"), asked, extent(asked, 256, 8))
    told = drawn.row(KETAMINE, "as asked", 60, "log_rank").rejected

    z = together(
        repeats(month, Question(KETAMINE, "lapse", (60,)), 300, seed=4, parameters="prior")
    )[:, 0]
    share = (z < -1.96).mean()

    apart = np.hypot(told.error, np.sqrt(share * (1.0 - share) / len(z)))
    assert abs(told.value - share) < 3.3 * apart


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Question("nobody", "lapse", (10,)), "Name one of: ketamine-3-therapy"),
        (Question(KETAMINE, "cure", (10,)), "name one of lapse"),
        (Question(KETAMINE, "lapse", (10, 5)), "rising numbers"),
        (Question(KETAMINE, "lapse", (10**9,)), "Ask for fewer trials"),
    ],
)
def test_a_question_that_no_trial_answers_is_refused_with_what_may_be_asked(short, asked, said):
    with pytest.raises(RepeatsError, match=said):
        next(repeats(short, asked, 10))
