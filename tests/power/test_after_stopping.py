"""Are estimates of trials that may stop early put right, and are the naive ones wrong?"""

from __future__ import annotations

import numpy as np
import pytest

from power.generators import Means
from resynapse.trial.design.after_stopping import Stopped
from resynapse.trial.design.means import means
from resynapse.trial.design.sequential import Looks
from resynapse.trial.power import Asked, Design, Extent, power
from resynapse.trial.power.after_stopping import adjusted
from resynapse.trial.power.looking import Stops
from resynapse.trial.power.method import Answers

LOOKS = Looks(0.05, 2, 0.8, (0.5, 1.0), spending="pocock")
EFFECT, SD = -8.0, 20.0


@pytest.fixture(scope="module")
def row():
    n = round(means(LOOKS, 8.0, SD).n_per_arm["control"])
    asked = Asked("craving_vas_day_28", ("mean_difference", "wilcoxon"), (n,), LOOKS, trials=3200)
    found = power([Design("one", Means(EFFECT, SD), 0.0, 28.0, {})], asked, Extent(16 * n, 16))
    return found.row("one", "as asked", n, "mean_difference"), found


def test_naive_estimates_lie_too_far_from_none_and_median_unbiased_ones_half_above(row):
    one, _ = row

    assert one.bias.value < -5 * one.bias.error  # the benefit is a fall
    assert one.adjusted.bias.value - one.bias.value > 3 * one.bias.error
    assert abs(one.adjusted.above.value - 0.5) < 3 * one.adjusted.above.error + 0.005
    assert one.adjusted.naive_above.value < 0.47


def test_stage_wise_intervals_hold_the_truth_as_often_as_they_say(row):
    one, _ = row

    error = max(one.adjusted.coverage.error, np.sqrt(0.95 * 0.05 / 3200))
    assert abs(one.adjusted.coverage.value - 0.95) < 3 * error


def test_a_test_that_does_not_estimate_and_a_trial_with_one_look_have_nothing_to_adjust(row):
    _, found = row
    n = found.asked.n[0]

    assert found.row("one", "as asked", n, "wilcoxon").adjusted is None
    single = Asked("craving_vas_day_28", (), (20,), trials=40)
    one = power([Design("one", Means(EFFECT, SD), 0.0, 28.0, {})], single, Extent(80, 4)).rows[0]
    assert one.adjusted is None and "adjusted" not in one.as_dict()


def ended(z, look, error, information):
    """Trials that ended at these looks, with these Z and errors; more is a benefit."""
    nothing = np.zeros(len(z))
    last = Answers(z, z * error, error)
    return Stops(*[nothing] * 3, look, *[nothing] * 2, information, nothing + 2, nothing, last)


def test_a_trial_gets_the_estimate_that_design_interim_gives():
    z, look = np.array([2.71, 1.33, -0.4, 7.9]), np.array([1, 2, 2, 2])
    error = np.array([4.0, 3.0, 3.0, 3.0])

    found = adjusted(LOOKS, ended(z, look, error, np.tile(LOOKS.information, (4, 1))), 1.0)

    for row in range(4):
        one = Stopped(LOOKS, int(look[row]), float(z[row]))
        scale = error[row] * np.sqrt(LOOKS.information[look[row] - 1])
        assert found.estimate[row] == pytest.approx(one.median_unbiased * scale, abs=1e-5)
        low, high = one.interval
        assert (found.low[row], found.high[row]) == pytest.approx(
            (low * scale, high * scale), abs=1e-5
        )


def test_an_estimate_knows_what_the_looks_of_its_own_trial_saw():
    z, error, look = np.array([2.1, 2.1]), np.array([3.0, 3.0]), np.array([2, 2])
    information = np.array([[0.5, 1.0], [0.8, 1.25]])
    early = np.interp(
        0.8, [0.5, 1.0], LOOKS.alpha_spent
    )  # Pocock's shape spends on a straight line
    spent = (float(early), 0.05)
    seen = Looks(0.05, 2, 0.8, (0.64, 1.0), "user", spent=spent)

    found = adjusted(LOOKS, ended(z, look, error, information), 1.0)

    one = Stopped(seen, 2, 2.1)
    assert found.estimate[1] == pytest.approx(one.median_unbiased * 3.0, abs=1e-5)
    assert found.estimate[0] != pytest.approx(found.estimate[1], abs=1e-3)
