"""Are posterior and predictive probabilities, assurance and borrowing what others compute?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from oracle import in_r
from resynapse.input_error import InputError
from resynapse.trial.design import assurance
from resynapse.trial.design.bayesian import Beta, SingleArm, TwoMeans, TwoRates
from resynapse.trial.design.borrowing import (
    meta_analytic_predictive,
    on_grid,
    power_prior,
    predictive_mean,
    robust_mean,
)
from resynapse.trial.design.counts import counts
from resynapse.trial.design.follow_up import Accrual
from resynapse.trial.design.means import means
from resynapse.trial.design.piecewise import Piecewise
from resynapse.trial.design.rates import rates
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.survival import hazard_of_median, survival

LOOKS = Looks(0.025, 1, 0.8, (0.5, 1.0))
TRIAL = TwoRates(25, 20, 0.95, 0.05, (Beta(0.5, 0.5), Beta(2.0, 3.0)))
ONE_ARM = SingleArm(40, 0.6, 0.9, Beta(0.6, 0.4))

SCRIPT = """
library(rpact)
better <- function(x1, n1, x2, n2) integrate(function(p) dbeta(p, .5 + x1, .5 + n1 - x1) *
  pbeta(p - .05, 2 + x2, 3 + n2 - x2), .05, 1, rel.tol = 1e-10)$value
chance <- function(y, n, a, b) choose(n, y) * beta(a + y, b + n - y) / beta(a, b)
predictive <- 0
for (y1 in 0:13) for (y2 in 0:10) if (better(7 + y1, 25, 3 + y2, 20) >= .95)
  predictive <- predictive + chance(y1, 13, 7.5, 5.5) * chance(y2, 10, 5, 10)
y <- 0:17
single <- sum(chance(y, 17, 16.6, 7.4) * (1 - pbeta(.6, .6 + 16 + y, .4 + 24 - y) >= .9))
design <- getDesignGroupSequential(kMax = 2, alpha = .025, beta = .2, typeOfDesign = "asOF",
  tolerance = 1e-10)
list(posterior = better(9, 18, 4, 15), predictive = predictive, single = single,
  means = getPowerMeans(design, alternative = c(.2, .4, .7), stDev = 1.2,
    maxNumberOfSubjects = 180)$overallReject,
  rates = getPowerRates(design, pi1 = c(.35, .45, .6), pi2 = .3,
    maxNumberOfSubjects = 200)$overallReject,
  survival = getPowerSurvival(design, hazardRatio = c(.5, .7, .9), lambda2 = log(2) / 3,
    maxNumberOfEvents = 120, maxNumberOfSubjects = 200, accrualTime = c(0, 12),
    directionUpper = FALSE)$overallReject)
"""


@pytest.fixture(scope="module")
def in_other_hands():
    return in_r(SCRIPT)


def resized(design, **changed):
    """The same design with another size."""
    return replace(design, **changed)


def test_a_posterior_of_two_rates_is_the_integral_that_r_takes(in_other_hands):
    assert TRIAL.posterior(9, 18, 4, 15) == pytest.approx(in_other_hands["posterior"], abs=1e-8)


def test_a_predictive_probability_is_the_sum_over_outcomes_that_r_takes(in_other_hands):
    assert TRIAL.predictive(7, 12, 3, 10) == pytest.approx(in_other_hands["predictive"], abs=1e-10)
    assert ONE_ARM.predictive(16, 23) == pytest.approx(in_other_hands["single"], abs=1e-10)


def test_power_at_another_effect_is_that_of_rpact(in_other_hands):
    designs = {
        "means": (resized(means(LOOKS, 0.5, 1.2), n_max=180.0), [0.2, 0.4, 0.7]),
        "rates": (resized(rates(LOOKS, 0.5, 0.3), n_max=200.0), [0.35, 0.45, 0.6]),
        "survival": (
            resized(
                survival(LOOKS, Piecewise((0.6,)), hazard_of_median(3.0), Accrual(12.0), 6.0),
                events=120.0,
            ),
            np.log([0.5, 0.7, 0.9]),
        ),
    }
    for name, (design, effect) in designs.items():
        found = assurance.power_at(design, effect)
        assert found == pytest.approx(in_other_hands[name], abs=2e-6), name


def test_power_at_the_effect_that_was_assumed_is_the_power():
    for design, effect in (
        (means(LOOKS, -0.5, 1.2, known_sd=True), -0.5),
        (rates(Looks(), 0.3, 0.5), 0.3),
        (counts(LOOKS, 0.6, 0.9, 0.4, 2.0), np.log(0.6 / 0.9)),
    ):
        assert assurance.power_at(design, effect) == pytest.approx(0.8, abs=2e-6)


def test_assurance_of_a_fixed_trial_is_the_closed_form():
    """Phi((mean sqrt(I) - z) / sqrt(1 + I sd^2)), O'Hagan, Stevens and Campbell 2005."""
    design = means(Looks(), 0.5, 1.2, known_sd=True)
    root = Looks().fixed_drift / 0.5
    expected = special.ndtr((0.4 * root - special.ndtri(0.975)) / np.hypot(1, root * 0.3))

    found = assurance.normal(design, 0.4, 0.3)

    assert found.assurance == pytest.approx(expected, abs=1e-6)
    assert found.probability_of_benefit == pytest.approx(special.ndtr(0.4 / 0.3), abs=1e-12)


def not_worse(hazard_ratio, margin):
    return survival(
        Looks(sided=1), Piecewise((hazard_ratio,)), hazard_of_median(6.0), Accrual(12.0), 12.0,
        margin=margin,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("design", "mean", "beyond"),
    [
        (rates(Looks(sided=1), 0.4, 0.4, 1.0, 0.1), 0.42, 0.42 - 0.3),
        (rates(Looks(sided=1), 0.3, 0.35, 1.0, -0.1), 0.32, 0.45 - 0.32),
        (not_worse(1.0, 1.3), 0.0, np.log(1.3)),
        (not_worse(1.1, 1.3), 0.095, np.log(1.3) - 0.095),
        (not_worse(1.3, 1.0), 0.1, 0.1),
        (means(Looks(sided=1), 0.0, 1.2, margin=0.4), -0.1, 0.3),
    ],
)
def test_a_benefit_lies_beyond_the_margin_on_the_side_that_was_assumed(design, mean, beyond):
    expected = special.ndtr(beyond / 0.05)
    drawn = mean + 0.05 * special.ndtri((np.arange(4_000) + 0.5) / 4_000)

    found, over = assurance.normal(design, mean, 0.05), assurance.draws(design, drawn)

    assert found.probability_of_benefit == pytest.approx(expected, abs=1e-12)
    assert over.probability_of_benefit == pytest.approx(expected, abs=1 / 4_000)


def test_assurance_over_draws_is_that_over_their_distribution_within_its_error():
    design = rates(LOOKS, 0.5, 0.3)
    values = np.random.default_rng(2).normal(0.45, 0.07, size=4_000)

    exact, found = assurance.normal(design, 0.45, 0.07), assurance.draws(design, values)

    assert found.monte_carlo_error < 0.01
    assert abs(found.assurance - exact.assurance) < 3 * found.monte_carlo_error


def test_an_uncertain_effect_has_less_assurance_than_its_centre_has_power():
    design = survival(LOOKS, Piecewise((0.6,)), hazard_of_median(3.0), Accrual(12.0), 6.0)

    found = assurance.normal(design, np.log(0.6), 0.3)

    assert found.assurance < found.power_at_assumed == 0.8


def test_a_predictive_probability_for_means_is_the_share_of_played_out_trials():
    rule = TwoMeans(0.975, 0.0, 0.1, 0.5)
    rng, estimate, error, final = np.random.default_rng(6), 0.3, 0.2, 0.12
    mean, sd = rule.updated(estimate, error)
    truth = mean + sd * rng.normal(size=100_000)
    rest = (1 / final**2 - 1 / error**2) ** -0.5
    later = truth + rest * rng.normal(size=len(truth))
    pooled = final**2 * (estimate / error**2 + later / rest**2)
    wins = [rule.posterior(one, final) >= 0.975 for one in pooled[:20_000]]

    share = np.mean(wins)
    error_of_share = np.sqrt(share * (1 - share) / len(wins))
    assert abs(rule.predictive(estimate, error, final) - share) < 3 * error_of_share


def test_a_bayesian_trial_has_the_exact_error_of_played_out_trials():
    rng = np.random.default_rng(1)
    x1, x2 = rng.binomial(25, 0.3, 20_000), rng.binomial(20, 0.3, 20_000)
    success = TRIAL.success(np.arange(26)[:, None], np.arange(21)[None, :])
    wins = success[x1, x2].mean()

    assert abs(TRIAL.characteristics(0.3, 0.3) - wins) < 3 * np.sqrt(wins * (1 - wins) / 20_000)


def test_a_single_arm_that_stops_early_has_the_exact_course_of_played_out_trials():
    rng, p, looks, lower = np.random.default_rng(3), 0.6, (10, 20, 30), 0.05
    seen = rng.random((20_000, 40)) < p
    stopped = np.zeros(len(seen), dtype=bool)
    people = np.full(len(seen), 40)
    for n in looks:
        predicted = np.array([ONE_ARM.predictive(x, n) for x in range(n + 1)])
        ends = ~stopped & (predicted[seen[:, :n].sum(axis=1)] < lower)
        people[ends], stopped = n, stopped | ends
    won = np.array([ONE_ARM.posterior(x, 40) >= 0.9 for x in range(41)])
    wins = ~stopped & won[seen.sum(axis=1)]

    found = ONE_ARM.characteristics(p, looks, lower)

    assert abs(found["success"] - wins.mean()) < 3 * wins.std() / np.sqrt(len(wins))
    assert abs(found["expected_n"] - people.mean()) < 3 * people.std() / np.sqrt(len(people))


# Controls of eight trials in ankylosing spondylitis, responders and people, and what RBesT's own
# introduction prints for them (4000 draws of a Markov chain, then a mixture of betas).
SPONDYLITIS = [(23, 107), (12, 44), (19, 51), (9, 39), (39, 139), (6, 20), (9, 78), (10, 35)]


def test_a_meta_analytic_predictive_prior_is_that_which_rbest_prints():
    prior = meta_analytic_predictive(SPONDYLITIS, spread=1.0, centre=(0.0, 2.0))

    assert prior.mean == pytest.approx(0.255, abs=0.005)
    assert prior.sd == pytest.approx(0.0864, abs=0.003)
    assert prior.quantile(0.5) == pytest.approx(0.247, abs=0.004)
    assert prior.people == pytest.approx(24, abs=1)
    assert prior.people_by_information == pytest.approx(38, abs=2)
    assert prior.robust(0.2).people_by_information == pytest.approx(27, abs=2)


def test_the_predictive_prior_is_what_weighted_draws_of_the_model_give():
    rng, count = np.random.default_rng(12), 400_000
    mu, tau = 2 * rng.normal(size=count), np.abs(rng.normal(size=count))
    log = np.zeros(count)
    for x, n in SPONDYLITIS[:3]:
        p = special.expit(mu + tau * rng.normal(size=count))
        log += x * np.log(p) + (n - x) * np.log1p(-p)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    new = special.expit(mu + tau * rng.normal(size=count))
    error = np.sqrt(np.sum(weight**2 * (new - weight @ new) ** 2))

    found = meta_analytic_predictive(SPONDYLITIS[:3], spread=1.0, centre=(0.0, 2.0))

    assert abs(found.mean - weight @ new) < 3 * error


def test_a_beta_prior_is_worth_the_people_that_its_parameters_count():
    prior = on_grid(Beta(10.0, 30.0))

    assert prior.people == pytest.approx(40, abs=1e-3)
    assert prior.people_by_information == pytest.approx(40, abs=1e-2)
    assert prior.after(5, 10).mean == pytest.approx(15 / 50, abs=1e-6)


def test_a_robust_prior_lets_go_of_controls_that_do_not_fit():
    prior = meta_analytic_predictive(SPONDYLITIS)
    unlike, like = (30, 40), (10, 40)

    for x, n in (unlike, like):
        plain, robust = prior.after(x, n).mean, prior.robust(0.2).after(x, n).mean
        assert abs(robust - x / n) <= abs(plain - x / n) + 1e-3
    assert prior.robust(0.2).after(*unlike).mean > prior.after(*unlike).mean + 0.05


def test_a_power_prior_counts_earlier_people_at_its_fraction():
    prior = power_prior([(10, 40), (5, 20)], 0.5, Beta(1.0, 1.0))

    assert (prior.a, prior.b) == (1 + 7.5, 1 + 22.5)


def test_a_predictive_mean_widens_by_the_spread_between_trials():
    prior = predictive_mean([1.0, 1.2], [0.1, 0.1], spread=0.2)
    robust = robust_mean(prior, 0.2, 2.0)

    assert prior.mean[0] == pytest.approx(1.1)
    assert prior.sd[0] == pytest.approx(np.sqrt(0.04 + 0.05 / 2))
    assert robust.people(1.0) < prior.people(1.0) == pytest.approx(1 / 0.065)
    assert robust.after(3.0, 0.2).weight[1] > 0.9 > robust.after(1.1, 0.2).weight[1]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: TRIAL.posterior(9, 8, 1, 2), "9 responders among 8"),
        (lambda: TRIAL.predictive(1, 30, 1, 2), "arms of 25 and 20"),
        (lambda: ONE_ARM.predictive(1, 50), "at most 40"),
        (lambda: Beta(0.0, 1.0), "both must be above 0"),
        (lambda: TwoMeans(0.975).predictive(0.1, 0.2, 0.3), "not below"),
        (lambda: assurance.normal(rates(LOOKS, 0.5, 0.3), 0.4, 0.0), "above 0"),
        (lambda: assurance.draws(rates(LOOKS, 0.5, 0.3), [0.4]), "at least 2"),
        (lambda: assurance.draws(rates(LOOKS, 0.5, 0.3), [0.4, 1.4]), "not between 0 and 1"),
        (lambda: meta_analytic_predictive([]), "at least one"),
        (lambda: power_prior([(1, 2)], 2.0, Beta()), "0 to 1"),
    ],
)
def test_what_cannot_be_believed_is_refused_in_a_sentence(ask, said):
    with pytest.raises(InputError, match=said):
        ask()
