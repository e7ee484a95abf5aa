"""Does the stage of kinetics weigh curves and keep what was held out apart?"""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from resynapse.evidence import study
from resynapse.inference.emulator import Emulator
from resynapse.inference.kinetics.comparison import Row
from resynapse.inference.stages import kinetics

ROW = Row(
    "one", "", "calibration", "dose", "iv", "S-ketamine", "arterial", "concentration", 15.0,
    "ng/mL", 100.0, 100.0, None, None, None, None, None,
)  # fmt: skip


@pytest.fixture(scope="module")
def flat():
    """Fifteen points of one curve and a clearance, modelled as published; nobody is simulated."""
    free = kinetics.free_numbers()
    one = object.__new__(kinetics.Kinetics)
    one.free = free
    one.rows = (
        *(dataclasses.replace(ROW, minute=15.0 * k) for k in range(1, 16)),
        dataclasses.replace(ROW, quantity="clearance", minute=None),
    )
    one.curves = kinetics.curves(one.rows)
    size = len(one.rows)
    B = np.zeros((1 + len(free), size))
    B[0] = np.log(100.0)
    A = np.zeros((1 + len(free), size))
    A[0] = -20.0
    one.emulator = Emulator(free, 1, B, A, np.eye(size), np.ones(size))
    one.published = np.log([row.published for row in one.rows])
    one.error = np.exp(one.emulator.log_sd[0])
    one.inverse = [one._inverse(curve) for curve in one.curves]
    return one


def test_a_level_that_the_rule_sets_aside_is_not_fitted(monkeypatch):
    without_people = dataclasses.replace(ROW, set_aside="the number of people is missing")
    monkeypatch.setattr(kinetics, "compared", lambda patients, only: (ROW, without_people))

    assert kinetics.rows_of([]) == (ROW,)


def test_points_of_a_curve_and_summaries_of_a_study_are_two_things(flat):
    assert [len(one.rows) for one in flat.curves] == [15, 1]


def test_a_curve_that_is_off_as_a_whole_counts_little_more_than_one_point(flat):
    values = np.array([one.slab.median for one in flat.free])
    off = object.__new__(kinetics.Kinetics)
    off.__dict__.update(flat.__dict__)
    off.published = flat.published + np.where(np.arange(16) < 15, 0.2, 0.0)
    with jax.enable_x64(True):
        lost = float(flat.log_likelihood(values)) - float(off.log_likelihood(values))

    one_point = 0.5 * 0.2**2 / (kinetics.IN_COMMON**2 + kinetics.APART**2)
    expected = 0.5 * 0.2**2 / (kinetics.IN_COMMON**2 + kinetics.APART**2 / 15.0)
    assert lost == pytest.approx(expected, rel=1e-6)
    assert lost < 2.0 * one_point


def test_every_fitted_study_was_marked_calibration_before():
    assert {study(name).role for name in kinetics.STUDIES} <= {"calibration"}


def test_every_number_of_the_stage_is_a_parameter_with_its_declared_prior():
    assert [list(one.moves) for one in kinetics.free_numbers()] == [[p] for p in kinetics.PATHS]
