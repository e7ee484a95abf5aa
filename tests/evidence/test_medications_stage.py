"""Does the stage of medications compare like with like, and say where it misses?"""

from __future__ import annotations

import json

import jax
import numpy as np
import pytest

from resynapse.cli.calibrate_stage import _check
from resynapse.evidence.ctn0094 import checksums
from resynapse.inference.emulator import Emulator
from resynapse.inference.stage_fit import Check
from resynapse.inference.stages import medications
from resynapse.inference.treated_course import _positive
from resynapse.trial.parameter_set import parameter_set

SIZE = len(medications.ARMS) * (len(medications.DAYS) + len(medications.WEEKS))


@pytest.fixture(scope="module")
def flat():
    """The stage with an emulator of constant statistics: nobody is simulated."""
    free = medications.simulated_numbers()
    one = object.__new__(medications.Medications)
    one.simulated = free
    kept = np.log(-np.log(np.linspace(0.95, 0.60, len(medications.DAYS))))
    row = np.concatenate([kept, np.full(len(medications.WEEKS), np.log(0.4 / 0.6))])
    B = np.zeros((1 + len(free), SIZE))
    B[0] = np.tile(row, len(medications.ARMS))
    A = np.zeros((1 + len(free), SIZE))
    A[0] = -4.0
    one.emulator = Emulator(free, 1, B, A, np.eye(SIZE), np.ones(SIZE))
    one.retained = {arm: medications._retained(arm) for arm in medications.ARMS}
    one.urines = {
        arm: np.array([medications._urines(arm, week) for week in medications.WEEKS])
        for arm in medications.ARMS
    }
    return one


def test_what_is_not_given_takes_from_negative_and_positive_urines_alike(flat):
    values = np.array([one.slab.median for one in flat.stage.free])
    values[-3:-1] = -30.0
    with jax.enable_x64(True):
        kept, negative, positive = flat.shares(values, np.zeros(SIZE))
        _, none_missed, _ = flat.shares(np.append(values[:-1], -30.0), np.zeros(SIZE))
    missed = 1.0 / (1.0 + np.exp(1.7))

    assert np.asarray(positive / (negative + positive)) == pytest.approx(0.4, abs=1e-6)
    assert np.asarray(negative / none_missed) == pytest.approx(1.0 - missed, rel=1e-6)
    assert np.asarray(none_missed[0, 0]) == pytest.approx(float(kept[0, 1]) * 0.6, rel=1e-6)


def test_six_weeks_of_the_same_people_count_as_one(flat):
    values = np.array([one.slab.median for one in flat.stage.free])
    with jax.enable_x64(True):
        whole = float(flat.log_likelihood(values, np.zeros(SIZE)))
        shares = [np.asarray(part) for part in flat.shares(values, np.zeros(SIZE))]
    kept, negative, positive = shares
    expected = 0.0
    for k, arm in enumerate(medications.ARMS):
        steps = -np.diff(np.concatenate([[1.0], kept[k], [0.0]]))
        expected += -np.diff(np.append(flat.retained[arm], 0.0)) @ np.log(steps)
        states = np.stack([negative[k], positive[k], 1.0 - negative[k] - positive[k]], axis=1)
        expected += np.sum(flat.urines[arm] * np.log(states)) / len(states)

    assert whole == pytest.approx(expected, rel=1e-6)


def test_a_urine_shows_three_days_and_only_of_those_in_treatment():
    use = np.zeros((4, 14))
    use[0, 5], use[1, 3], use[2, 6] = 1, 1, 1
    left = np.array([100.0, 100.0, 6.0, 100.0])

    assert _positive(use, left, (1,)) == [pytest.approx((1 + 0.5) / (3 + 1.0))]


def test_who_was_never_started_is_neither_retained_nor_tested(flat):
    values = np.array([one.slab.median for one in flat.stage.free])
    values[-3:-1] = 0.0, -30.0
    with jax.enable_x64(True):
        parts = [np.asarray(part) for part in flat.shares(values, np.zeros(SIZE))]

    for methadone, buprenorphine in parts:
        assert methadone == pytest.approx(0.5 * buprenorphine, rel=1e-6)


def test_the_medications_that_ship_converged_and_were_fitted_to_the_tables_that_ship():
    made = parameter_set("medications").made

    assert made["divergences"] == 0
    for one in made["diagnoses"]:
        assert one["r_hat"] < 1.01
        assert one["effective_sample"] > 400
    for name, checksum in made["tables"].items():
        assert checksums()[name] == checksum


def test_what_a_check_says_can_be_written_as_json():
    one = Check("q", 0.4, (np.float64(0.3), np.float64(0.5)), 0.45, 0.2, 0.6)

    assert json.loads(json.dumps(_check(one)))["within"] is True
