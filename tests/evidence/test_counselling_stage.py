"""Does the stage of counselling set its curves beside the right sessions?"""

from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np
import pytest

from evidence.recovery import recovered, truth
from resynapse.inference.emulator import Emulator
from resynapse.inference.first_use import LifeTable
from resynapse.inference.stages import counselling


def test_enhanced_counselling_is_an_hour_a_week_to_the_end_of_follow_up_and_standard_is_none():
    by = {(one.phase, one.intensity): one for one in counselling.curves()}

    for phase, weeks in (("1", 12), ("2", 24)):
        (arm,) = by[phase, "enhanced"].protocol.arms
        (sessions,) = arm.therapies
        assert len(sessions.days) == weeks
        assert sessions.hours == 1.0
        assert by[phase, "standard"].protocol.arms[0].therapies == ()


def test_the_curves_are_those_of_each_intensity():
    by = {(one.phase, one.intensity): one.table for one in counselling.curves()}

    assert by["1", "standard"].survival[2] == pytest.approx(0.6186, abs=1e-4)
    assert by["2", "enhanced"].survival[-1] == pytest.approx(0.3902, abs=1e-4)


@pytest.fixture(scope="module")
def linear():
    """The stage with an emulator in which counselling moves enhanced curves only."""
    one = object.__new__(counselling.Counselling)
    one.free, one.curves = counselling.free_numbers(), counselling.curves()
    ends = np.cumsum([len(curve.table.day) for curve in one.curves])
    one.place = [slice(end - len(curve.table.day), end)
                 for curve, end in zip(one.curves, ends, strict=True)]  # fmt: skip
    B = np.zeros((1 + len(one.free), ends[-1]))
    for curve, place in zip(one.curves, one.place, strict=True):
        B[0, place] = np.log(-np.log(curve.table.survival))
        B[4, place] = 0.7
        if curve.intensity == "enhanced":
            B[1, place] = -0.4
    one.emulator = Emulator(one.free, 1, B, 0.0 * B, np.eye(ends[-1]), np.ones(ends[-1]))
    return one


def test_what_sessions_teach_and_the_site_are_found_again_and_what_moves_nothing_is_not(linear):
    with jax.enable_x64(True):
        S = np.exp(-np.exp(np.asarray(linear.scaled(truth(linear.free)))))
    linear.curves = tuple(
        replace(curve, table=_expected(curve.table, S[place]))
        for curve, place in zip(linear.curves, linear.place, strict=True)
    )
    off, sd = recovered(linear.stage)

    assert np.abs(off[[0, 3]]).max() < 1.0
    assert sd[0] < 0.6 and sd[3] < 0.3
    assert sd[[1, 2]] == pytest.approx(1.0, abs=1e-6)


def _expected(table: LifeTable, S: np.ndarray) -> LifeTable:
    """The life table of the people who would be seen if S were the truth."""
    used = table.entered * (1.0 - S / np.concatenate([[1.0], S[:-1]]))
    return replace(table, used=used)
