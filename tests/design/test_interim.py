"""Is what a trial says at a look, or after it stopped, what rpact says and what paths show?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from oracle import in_r
from resynapse.input_error import InputError
from resynapse.trial.design.adaptive import Reestimation, combined, weights
from resynapse.trial.design.after_stopping import Stopped
from resynapse.trial.design.futility import Futility
from resynapse.trial.design.interim import Interim
from resynapse.trial.design.sequential import Looks

THREE = Looks(0.025, 1, 0.8, (1 / 3, 2 / 3, 1.0))
POCOCK = Looks(0.05, 2, 0.8, (0.5, 1.0), "pocock")

SCRIPT = """
library(rpact)
design <- getDesignInverseNormal(kMax = 3, alpha = .025, beta = .2, typeOfDesign = "asOF",
  tolerance = 1e-10)
seen <- getDataset(n1 = c(30, 30), n2 = c(30, 30), means1 = c(.6, .8), means2 = c(.2, .1),
  stDevs1 = c(1, 1.1), stDevs2 = c(1, .9))
stages <- getStageResults(design, dataInput = seen, normalApproximation = TRUE, stage = 2)
over <- getDataset(n1 = c(60, 60), n2 = c(60, 60), means1 = c(.6, .8), means2 = c(.2, .1),
  stDevs1 = c(1, 1.1), stDevs2 = c(1, .9))
ended <- getStageResults(design, dataInput = over, normalApproximation = TRUE, stage = 2)
final <- getFinalConfidenceInterval(design, over, normalApproximation = TRUE)
list(stage = qnorm(1 - stages$pValues[1:2]), z = stages$combInverseNormal[1:2],
  power = getConditionalPower(stages, nPlanned = 60, thetaH1 = .3,
    assumedStDev = 1)$conditionalPower[3],
  error = getConditionalRejectionProbabilities(stages)[1:2],
  repeated = getRepeatedPValues(stages)[1:2], ended = ended$combInverseNormal[1:2],
  p = getFinalPValue(ended)$pFinal, median = final$medianUnbiasedGeneral,
  limits = final$finalConfidenceIntervalGeneral)
"""
PEOPLE_A_STAGE = 60


@pytest.fixture(scope="module")
def rpact():
    return in_r(SCRIPT)


def test_stages_are_combined_as_rpact_combines_them(rpact):
    assert combined(rpact["stage"], THREE.information) == pytest.approx(rpact["z"], abs=1e-9)


def test_conditional_power_is_that_of_rpact(rpact):
    drift = 0.3 * np.sqrt(3 * PEOPLE_A_STAGE / 4)

    found = Interim(THREE, 2, rpact["z"][1]).conditional_power(drift)

    assert found == pytest.approx(rpact["power"], abs=1e-8)


def test_the_conditional_error_is_that_of_rpact(rpact):
    for look in (1, 2):
        found = Interim(THREE, look, rpact["z"][look - 1]).conditional_error()
        assert found == pytest.approx(rpact["error"][look - 1], abs=1e-7)


def test_repeated_p_values_are_those_of_rpact(rpact):
    for look in (1, 2):
        found = Stopped(THREE, look, rpact["z"][look - 1]).repeated_p_value
        assert found == pytest.approx(
            rpact["repeated"][look - 1], abs=2e-6
        )  # its tolerance is 1e-6


def test_p_interval_and_median_after_stopping_are_those_of_rpact(rpact):
    stopped = Stopped(THREE, 2, rpact["ended"][1])
    scale = np.sqrt(3 * 2 * PEOPLE_A_STAGE / 4)

    assert stopped.p_value == pytest.approx(rpact["p"], abs=1e-8)
    assert stopped.median_unbiased / scale == pytest.approx(rpact["median"], abs=2e-6)
    assert np.array(stopped.interval) / scale == pytest.approx(rpact["limits"], abs=2e-6)


def paths(looks, drift, count, seed):
    """Z at every look of many trials."""
    rng = np.random.default_rng(seed)
    t = looks.information
    steps = rng.normal(size=(count, len(t))) * np.sqrt(np.diff(t, prepend=0.0))
    return (steps.cumsum(axis=1) + drift * t) / np.sqrt(t)


def test_the_interval_covers_the_true_drift_as_often_as_it_says_and_the_median_halves():
    looks, drift, count = POCOCK, 2.0, 2_000
    covered = above = 0
    for z in paths(looks, drift, count, seed=3):
        look = 1 if abs(z[0]) >= looks.critical_values[0] else 2
        stopped = Stopped(looks, look, z[look - 1])
        covered += 0.025 <= stopped.as_extreme(drift) <= 0.975
        above += stopped.as_extreme(drift) <= 0.5

    error = np.sqrt(0.25 / count)
    assert abs(covered / count - 0.95) < 3 * np.sqrt(0.95 * 0.05 / count)
    assert abs(above / count - 0.5) < 3 * error


def test_an_estimate_at_the_first_look_is_the_naive_one():
    stopped = Stopped(THREE, 1, 4.0)

    assert stopped.median_unbiased == pytest.approx(stopped.naive, abs=1e-8)


def test_a_trial_that_stopped_early_has_less_effect_than_its_naive_estimate():
    stopped = Stopped(THREE, 2, 3.0)

    assert stopped.median_unbiased < stopped.naive
    low, high = stopped.interval
    assert low < stopped.median_unbiased < high
    assert stopped.repeated_interval[0] < low


def test_a_stage_wise_p_on_the_last_bound_is_alpha():
    for looks in (THREE, POCOCK):
        last = len(looks.information)
        found = Stopped(looks, last, looks.critical_values[-1]).p_value
        assert found == pytest.approx(looks.alpha, abs=1e-9)


def test_conditional_power_before_any_information_is_the_power():
    """Averaging over the first look at the planned drift gives back the power."""
    z = paths(THREE, THREE.drift, 4_000, seed=5)[:, 0]
    bound = THREE.critical_values[0]

    powers = [
        1.0 if one >= bound else Interim(THREE, 1, one).conditional_power(THREE.drift) for one in z
    ]

    assert np.mean(powers) == pytest.approx(0.8, abs=3 * np.std(powers) / np.sqrt(len(z)))


def test_predictive_power_with_a_prior_that_knows_the_drift_is_conditional_power():
    seen = Interim(THREE, 1, 1.2)

    sure = seen.predictive_power((2.5, 1e-6))

    assert sure == pytest.approx(seen.conditional_power(2.5), abs=1e-6)


def test_predictive_power_of_two_looks_is_the_closed_form():
    """Flat prior: Phi((z_1 / sqrt(t) - c) sqrt(t / (1 - t))) (Jennison and Turnbull 2000, 10.3)."""
    looks = Looks(0.025, 1, 0.8, (0.4, 1.0))
    t, z = 0.4, 1.1
    expected = special.ndtr((z / np.sqrt(t) - looks.critical_values[1]) * np.sqrt(t / (1 - t)))

    assert Interim(looks, 1, z).predictive_power() == pytest.approx(expected, abs=1e-9)


def test_predictive_power_with_a_prior_is_the_closed_form_too():
    """B(1) given z is normal: mean z sqrt(t) + m (1 - t), variance (1 - t) + s^2 (1 - t)^2."""
    looks, t, z, prior = Looks(0.025, 1, 0.8, (0.4, 1.0)), 0.4, 1.1, (2.0, 0.8)
    precision = t + 1 / prior[1] ** 2
    m, s = (z * np.sqrt(t) + prior[0] / prior[1] ** 2) / precision, precision**-0.5
    mean, variance = z * np.sqrt(t) + m * (1 - t), (1 - t) + (s * (1 - t)) ** 2
    expected = special.ndtr((mean - looks.critical_values[1]) / np.sqrt(variance))

    assert Interim(looks, 1, z).predictive_power(prior) == pytest.approx(expected, abs=1e-9)


HALF = Looks(0.025, 1, 0.8, (0.5, 1.0), futility=Futility((0.0,), binding=True))
RULE = Reestimation(HALF, first=20.0, target=0.9, least=20.0, most=60.0)


def test_re_estimation_by_the_data_leaves_alpha_where_it_was():
    assert RULE.power(0.0) == pytest.approx(0.025, abs=1e-9)


def test_pooling_the_stages_instead_of_weighting_them_would_not_keep_alpha():
    """The same rule with Z of all people, as if nothing had been changed."""
    rng = np.random.default_rng(8)
    z_1, z_2 = rng.normal(size=(2, 400_000))
    bounds = HALF.critical_values
    second = RULE.second(z_1)
    pooled = (z_1 * np.sqrt(20.0) + z_2 * np.sqrt(second)) / np.sqrt(20.0 + second)
    weighted = weights(HALF.information) @ np.stack([z_1, z_2])

    going = (z_1 >= 0) & (z_1 < bounds[0])
    first = (z_1 >= bounds[0]).mean()
    error = np.sqrt(0.025 * 0.975 / len(z_1))

    assert abs(first + (going & (weighted >= bounds[1])).mean() - 0.025) < 3 * error
    assert first + (going & (pooled >= bounds[1])).mean() > 0.025 + 3 * error


def test_power_and_size_of_a_re_estimated_trial_are_those_of_played_out_trials():
    effect, rng = 0.35, np.random.default_rng(9)
    z_1 = rng.normal(size=200_000) + effect * np.sqrt(20.0)
    second = RULE.second(z_1)
    z_2 = rng.normal(size=len(z_1)) + effect * np.sqrt(second)
    going = (z_1 >= 0) & (z_1 < HALF.critical_values[0])
    weighted = weights(HALF.information) @ np.stack([z_1, z_2])
    wins = (z_1 >= HALF.critical_values[0]) | (going & (weighted >= HALF.critical_values[1]))
    used = 20.0 + np.where(going, second, 0.0)

    assert abs(RULE.power(effect) - wins.mean()) < 3 * wins.std() / np.sqrt(len(z_1))
    assert abs(RULE.expected(effect) - used.mean()) < 3 * used.std() / np.sqrt(len(z_1))


def test_a_second_stage_reaches_its_target_where_it_is_free_to():
    z_1 = np.array([1.6])
    second = RULE.second(z_1)

    assert RULE.least < second[0] < RULE.most
    effect = z_1[0] / np.sqrt(RULE.first)
    assert RULE.conditional_power(z_1, second, effect) == pytest.approx(0.9, abs=1e-9)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: Interim(THREE, 3, 1.0), "looks 1 to 2"),
        (lambda: Interim(THREE, 1, np.nan), "not a number"),
        (lambda: Stopped(THREE, 4, 1.0), "looks 1 to 3"),
        (lambda: Interim(THREE, 1, 1.0).predictive_power((0.0, 0.0)), "above 0"),
        (lambda: Reestimation(THREE, 20.0, 0.9, 20.0, 60.0), "two stages"),
        (lambda: Reestimation(HALF, 20.0, 0.9, 60.0, 20.0), "below the smallest"),
        (lambda: Stopped(HALF, 1, 1.0).repeated_p_value, "for one"),
    ],
)
def test_what_no_look_can_tell_is_refused_in_a_sentence(ask, said):
    with pytest.raises(InputError, match=said):
        ask()
