"""Is mood after six infusions followed with the numbers of one, and compared with what was seen?"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from resynapse.evidence import study
from resynapse.inference import repeated_infusions as repeated
from resynapse.inference.mood_course import infusions, moments
from resynapse.inference.stages import mood


def test_six_infusions_are_given_and_followed_closely_after_each():
    protocol = infusions(repeated.SIX, repeated.UNTIL)
    (arm,) = protocol.arms

    assert [day - arm.doses[0].days[0] for dose in arm.doses for day in dose.days] == [
        0.0, 2.0, 4.0, 7.0, 9.0, 11.0,
    ]  # fmt: skip
    assert {dose.drug for dose in arm.doses} == {"ketamine"}
    days = moments(repeated.SIX, repeated.UNTIL)
    after = [np.diff(days[(days >= given) & (days <= given + 1.0)]) for given in repeated.SIX]
    assert all(step.max() < 0.051 for step in after)
    assert days[-1] == repeated.UNTIL


def test_one_infusion_is_followed_as_it_was_fitted():
    (arm,) = infusions().arms

    assert [dose.drug for dose in arm.doses] == ["ketamine", "saline"]
    assert moments()[-1] == 15.0


def test_half_of_responders_are_lost_when_half_do_not_respond():
    days = np.array([0.0, 1.0, 2.0, 3.0])

    assert repeated.half_lost(days, np.array([1.0, 0.8, 0.5, 0.1])) == 2.0
    assert repeated.half_lost(days, np.array([1.0, 0.9, 0.9, 0.8])) == 3.0


def test_nothing_of_repeated_doses_is_fitted_and_every_check_says_so():
    draws = np.zeros((5, 6))
    stage = SimpleNamespace(
        shares=lambda draws, day: np.full(len(draws), 0.6 * np.exp(-max(0.0, day - 12.0) / 20.0)),
        effects=lambda draws, day: np.full(len(draws), 0.5),
    )
    found = list(repeated.checks(stage, draws))

    assert not any(one.fitted for one in found)
    assert not {*repeated.OPEN, repeated.POOL} & set(mood.FITTED)
    median = next(one for one in found if "median days" in one.quantity)
    assert median.median == pytest.approx(1.0 + 20.0 * np.log(2.0), abs=0.5)
    pool = next(one for one in found if repeated.POOL in one.quantity)
    assert (pool.published, pool.band) == (0.7, (0.25, 1.15))


def test_what_is_compared_is_what_the_study_files_hold():
    numbers = study("murrough2013_repeated").numbers
    relapse = next(one for one in numbers if one.arm == "after_last_infusion")

    assert relapse.value == repeated.WELL
    assert "11-27 d" in relapse.note
    assert "25% still well at 83" in relapse.note
    assert relapse.n == 17
