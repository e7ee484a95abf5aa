"""Do the survival estimators give what the textbooks and another implementation give?"""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from resynapse.trial.analysis.log_rank import log_rank
from resynapse.trial.estimate import Estimate, Z, difference, mean, proportion, rate, wilson
from resynapse.trial.hazard_ratio import hazard_ratio
from resynapse.trial.kaplan_meier import SurvivalError, kaplan_meier

MERCAPTOPURINE_WEEKS = np.array(
    [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], dtype=float
)
MERCAPTOPURINE_EVENT = np.array(
    [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], dtype=bool
)
PLACEBO_WEEKS = np.array(
    [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], dtype=float
)
TIME = np.concatenate([MERCAPTOPURINE_WEEKS, PLACEBO_WEEKS])
EVENT = np.concatenate([MERCAPTOPURINE_EVENT, np.ones(21, dtype=bool)])
TREATED = np.repeat([True, False], 21)
"""Freireich 1963: weeks of remission of leukaemia, the example of most textbooks"""


def simulated(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole days, so that many people share one, and a third are censored."""
    draw = np.random.default_rng(seed)
    treated = draw.random(n) < 0.4
    lapse = draw.weibull(0.6, n) * np.where(treated, 60.0, 25.0)
    left = draw.exponential(80.0, n)
    return np.ceil(np.minimum(lapse, left)), lapse <= left, treated


def test_half_of_the_people_on_mercaptopurine_are_in_remission_at_23_weeks():
    curve = kaplan_meier(MERCAPTOPURINE_WEEKS, MERCAPTOPURINE_EVENT)

    value, low, high = curve.median

    assert curve.at([6, 7, 10, 13, 16, 22, 23]) == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    assert (value, low, high) == (23.0, 13.0, None)


def test_mercaptopurine_cuts_the_hazard_of_relapse_to_a_fifth():
    ratio = hazard_ratio(TIME, EVENT, TREATED)

    assert np.log(ratio.value) == pytest.approx(-1.5721, abs=5e-5)
    assert np.log(ratio.high / ratio.low) == pytest.approx(2 * Z * 0.4124, abs=3e-4)
    assert log_rank(TIME, EVENT, TREATED).statistic == pytest.approx(16.79, abs=5e-3)


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_curve_and_its_interval_are_those_of_another_implementation(seed):
    time, event, _ = simulated(seed)
    other = SurvfuncRight(time, event)

    curve = kaplan_meier(time, event)

    S, error = other.surv_prob, other.surv_prob_se
    spread = Z * error / (S * np.log(S))
    low, high = curve.interval(other.surv_times)
    inside = (S > 0) & (S < 1)
    assert curve.at(other.surv_times) == pytest.approx(S, abs=1e-12)
    assert high[inside] == pytest.approx((S ** np.exp(spread))[inside], abs=1e-12)
    assert low[inside] == pytest.approx((S ** np.exp(-spread))[inside], abs=1e-12)
    assert curve.at_risk(other.surv_times) == pytest.approx(other.n_risk)
    assert curve.median[0] == other.quantile(0.5)
    assert curve.median[1:] == pytest.approx(other.quantile_ci(0.5, method="cloglog"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_hazard_ratio_with_ties_is_that_of_another_implementation(seed):
    time, event, treated = simulated(seed)
    other = PHReg(time, treated[:, None].astype(float), status=event, ties="efron").fit()

    ratio = hazard_ratio(time, event, treated)

    assert np.log(ratio.value) == pytest.approx(other.params[0], abs=1e-6)
    assert (np.log(ratio.low), np.log(ratio.high)) == pytest.approx(
        tuple(other.conf_int()[0]), abs=1e-6
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_log_rank_test_is_that_of_another_implementation(seed):
    time, event, treated = simulated(seed)

    test = log_rank(time, event, treated)

    assert (test.statistic, test.p_value) == pytest.approx(survdiff(time, event, treated))


def test_without_censoring_the_curve_is_the_share_still_waiting():
    days = np.array([1.0, 2.0, 2.0, 5.0, 9.0])

    curve = kaplan_meier(days, np.ones(5, dtype=bool))

    assert curve.at([0.5, 1, 2, 4.9, 5, 9, 100]) == pytest.approx([1, 0.8, 0.4, 0.4, 0.2, 0, 0])
    assert curve.median[0] == 2.0


def test_everyone_is_either_at_risk_or_had_the_event_or_was_censored():
    time, event, _ = simulated(4)
    curve = kaplan_meier(time, event)
    days = np.arange(0.0, 200.0, 7.0) + 0.5

    total = curve.at_risk(days) + curve.events(days) + curve.censored(days)

    assert np.all(total == len(time))


def test_limits_always_enclose_the_curve_and_never_leave_0_and_1():
    for seed in range(20):
        time, event, _ = simulated(seed, n=9)
        curve = kaplan_meier(time, event)

        assert np.all(curve.low <= curve.survival + 1e-12)
        assert np.all(curve.survival <= curve.high + 1e-12)
        assert np.all((curve.low >= 0) & (curve.high <= 1))


def test_no_event_in_ten_people_does_not_prove_that_there_is_none():
    curve = kaplan_meier(np.full(10, 30.0), np.zeros(10, dtype=bool))

    assert curve.at(30.0) == 1.0
    assert curve.interval(30.0)[0] == pytest.approx(1 / (1 + Z**2 / 10))
    assert curve.median == (None, None, None)


def test_swapping_the_arms_inverts_the_ratio():
    time, event, treated = simulated(5)

    one, other = hazard_ratio(time, event, treated), hazard_ratio(time, event, ~treated)

    assert one.value * other.value == pytest.approx(1.0)
    assert one.low * other.high == pytest.approx(1.0)


def test_the_ratio_of_two_exponential_arms_is_found_whatever_the_time_unit():
    draw = np.random.default_rng(6)
    time = np.concatenate([draw.exponential(1 / 0.5, 4000), draw.exponential(1.0, 4000)])
    treated, event = np.repeat([True, False], 4000), np.ones(8000, dtype=bool)

    in_days, in_hours = (hazard_ratio(time * unit, event, treated) for unit in (1.0, 24.0))

    assert in_days.low < 0.5 < in_days.high
    assert in_days.high / in_days.low == pytest.approx(np.exp(2 * Z * np.sqrt(2 / 4000)), rel=0.02)
    assert in_hours.value == pytest.approx(in_days.value)


@pytest.mark.parametrize(
    ("time", "event", "treated", "reason"),
    [
        ([1, 2, 3, 4], [0, 0, 0, 0], [1, 1, 0, 0], "no one had the event"),
        ([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0], "no one in the reference arm"),
        ([1, 2, 3, 4], [0, 0, 1, 1], [1, 1, 0, 0], "no one in this arm"),
        ([1, 2, 3, 4], [1, 1, 1, 1], [1, 1, 0, 0], "bounds the ratio"),
        ([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1], "bounds the ratio"),
        ([1, 2], [1, 1], [1, 1], "empty"),
    ],
)
def test_separated_arms_give_no_ratio_and_say_why(time, event, treated, reason):
    ratio = hazard_ratio(np.array(time, float), np.array(event, bool), np.array(treated, bool))

    assert (ratio.value, ratio.low, ratio.high) == (None, None, None)
    assert reason in ratio.reason


def test_a_ratio_far_from_1_is_still_found():
    draw = np.random.default_rng(7)
    time = np.concatenate([draw.exponential(1e3, 3000), draw.exponential(1.0, 3000)])
    event, treated = np.ones(6000, dtype=bool), np.repeat([True, False], 3000)

    ratio = hazard_ratio(time, event, treated)
    other = PHReg(time, treated[:, None].astype(float), status=event, ties="efron").fit(
        start_params=[np.log(ratio.value)]
    )

    assert np.log(ratio.value) == pytest.approx(other.params[0], abs=1e-6)


def test_times_that_are_missing_or_before_the_origin_are_refused():
    for time in ([1.0, np.nan], [1.0, -1.0], []):
        with pytest.raises(SurvivalError):
            kaplan_meier(np.array(time), np.ones(len(time), dtype=bool))


def test_wilsons_interval_is_that_which_newcombe_published():
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_difference_of_56_in_70_and_48_in_80_is_that_which_newcombe_published():
    this = proportion(np.arange(70) < 56)
    that = proportion(np.arange(80) < 48)

    gap = difference(this, that)

    assert (gap.value, gap.low, gap.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_mean_ignores_people_not_measured_and_counts_the_others():
    found = mean(np.array([1.0, 2.0, 3.0, np.nan]), "VAS 0-100")

    assert found.n == 3
    assert (found.value, found.low, found.high) == pytest.approx(
        (2.0, 2.0 - 4.302653 / np.sqrt(3), 2.0 + 4.302653 / np.sqrt(3))
    )


def test_the_interval_of_a_rate_of_counts_is_close_to_that_of_a_poisson_count():
    draw = np.random.default_rng(8)
    deaths = draw.poisson(0.04, 10_000)
    found = rate(deaths, np.ones(10_000), "per year")

    expected = 2 * Z / np.sqrt(deaths.sum())
    assert np.log(found.high / found.low) == pytest.approx(expected, rel=0.05)


def test_what_cannot_be_known_is_none_and_not_zero():
    nobody = Estimate(None, "proportion", None, None, 0)

    assert proportion(np.zeros(0, dtype=bool)) == nobody
    assert difference(nobody, proportion(np.array([True]))).value is None
    assert rate(np.array([0.0, 0.0]), np.array([1.0, 1.0]), "per year").high is None
