"""Are sizes and numbers of events those of rpact, and of papers?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from oracle import in_r
from resynapse.input_error import InputError
from resynapse.trial.design.assurance import power_at
from resynapse.trial.design.counts import counts
from resynapse.trial.design.follow_up import Accrual, Arm, Course
from resynapse.trial.design.futility import Futility
from resynapse.trial.design.means import means
from resynapse.trial.design.piecewise import Piecewise
from resynapse.trial.design.rates import null_variance, rates
from resynapse.trial.design.sequential import Looks
from resynapse.trial.design.sizes import whole
from resynapse.trial.design.survival import hazard_of_median, survival

FIXED = Looks()
TWO_SIDED = Looks(0.05, 2, 0.9)
THREE = Looks(0.025, 1, 0.8, (1 / 3, 2 / 3, 1))
FUTILE = Looks(0.025, 1, 0.9, (0.4, 1.0), futility=Futility((0.3,)))
PLANS = {
    "fixed": (FIXED, "kMax = 1, alpha = 0.025, beta = 0.2"),
    "two-sided": (TWO_SIDED, "kMax = 1, alpha = 0.05, sided = 2, beta = 0.1"),
    "three": (THREE, "kMax = 3, alpha = 0.025, beta = 0.2, typeOfDesign = 'asOF'"),
    "futile": (
        FUTILE,
        "informationRates = c(.4, 1), alpha = 0.025, beta = 0.1, typeOfDesign = 'asOF', "
        "futilityBounds = 0.3, bindingFutility = FALSE",
    ),
}
LEAVING = (Piecewise((-math.log1p(-0.1) / 6,)), Piecewise((-math.log1p(-0.2) / 6,)))
STAYING = (Piecewise((0.0,)), Piecewise((0.0,)))


def plain_survival(looks, ratio, method=""):
    return survival(
        looks, Piecewise((0.6,)), hazard_of_median(3.0), Accrual(12.0), 6.0, LEAVING, ratio, method
    )


def pieces_survival(looks):
    """Hazards and recruitment that change."""
    return survival(
        looks, Piecewise((0.7,)), Piecewise((0.3, 0.1, 0.04), (1.0, 6.0)),
        Accrual(10.0, Piecewise((2.0, 5.0, 1.0), (3.0, 7.0))), 8.0, STAYING,
    )  # fmt: skip


def not_worse(looks, hazard_ratio, ratio):
    """Against a margin of 1.3."""
    return survival(
        looks, Piecewise((hazard_ratio,)), hazard_of_median(6.0), Accrual(12.0), 6.0, LEAVING,
        ratio, margin=1.3,
    )  # fmt: skip


OURS = {
    "means": lambda looks: means(looks, 0.5, 1.2, 1.0),
    "means_ratio": lambda looks: means(looks, -0.4, 1.0, 2.0),
    "means_known": lambda looks: means(looks, 0.5, 1.2, 1.0, known_sd=True),
    "rates": lambda looks: rates(looks, 0.5, 0.3, 1.0),
    "rates_ratio": lambda looks: rates(looks, 0.12, 0.3, 2.0),
    "survival": lambda looks: plain_survival(looks, 2.0),
    "freedman": lambda looks: plain_survival(looks, 2.0, "freedman"),
    "hsieh": lambda looks: plain_survival(looks, 1.0, "hsieh-freedman"),
    "pieces": lambda looks: pieces_survival(looks),
    "rates_margin": lambda looks: rates(looks, 0.4, 0.4, 1.0, 0.1),
    "rates_margin_ratio": lambda looks: rates(looks, 0.3, 0.35, 2.0, -0.1),
    "rates_superior": lambda looks: rates(looks, 0.6, 0.3, 1.0, -0.05),
    "survival_margin": lambda looks: not_worse(looks, 1.0, 1.0),
    "survival_margin_ratio": lambda looks: not_worse(looks, 0.9, 2.0),
}
OF_TIMES = (
    "survival", "freedman", "hsieh", "pieces", "survival_margin", "survival_margin_ratio",
)  # fmt: skip
THEIRS = """
library(rpact)
leaving <- list(dropoutRate1 = .1, dropoutRate2 = .2, dropoutTime = 6)
surv <- function(design, ...) do.call(getSampleSizeSurvival, c(list(design, hazardRatio = .6,
  median2 = 3, accrualTime = 12, followUpTime = 6), leaving, list(...)))
told <- function(x, survival = FALSE) {
  common <- list(fixed = x$nFixed, max = x$maxNumberOfSubjects,
    h1 = x$expectedNumberOfSubjectsH1, bound = as.vector(x$criticalValuesEffectScale))
  if (survival) c(common, list(events = x$maxNumberOfEvents, time = as.vector(x$analysisTime),
    people = as.vector(x$numberOfSubjects)))
  else c(common, list(h0 = x$expectedNumberOfSubjectsH0, h01 = x$expectedNumberOfSubjectsH01))
}
worse <- function(d, hr, r) told(do.call(getSampleSizeSurvival, c(list(d, hazardRatio = hr,
  thetaH0 = 1.3, median2 = 6, accrualTime = 12, followUpTime = 6, allocationRatioPlanned = r),
  leaving)), TRUE)
margins <- function(d) if (d$sided == 2) list() else list(
  rates_margin = told(getSampleSizeRates(d, pi1 = .4, pi2 = .4, thetaH0 = -.1)),
  rates_margin_ratio = told(getSampleSizeRates(d, pi1 = .3, pi2 = .35, thetaH0 = .1,
    allocationRatioPlanned = 2)),
  rates_superior = told(getSampleSizeRates(d, pi1 = .6, pi2 = .3, thetaH0 = .05)),
  survival_margin = worse(d, 1, 1), survival_margin_ratio = worse(d, .9, 2))
all <- function(d) c(margins(d), list(
  means = told(getSampleSizeMeans(d, alternative = .5, stDev = 1.2)),
  means_ratio = told(getSampleSizeMeans(d, alternative = .4, stDev = 1,
    allocationRatioPlanned = 2)),
  means_known = told(getSampleSizeMeans(d, alternative = .5, stDev = 1.2,
    normalApproximation = TRUE)),
  rates = told(getSampleSizeRates(d, pi1 = .5, pi2 = .3)),
  rates_ratio = told(getSampleSizeRates(d, pi1 = .12, pi2 = .3, allocationRatioPlanned = 2)),
  survival = told(surv(d, allocationRatioPlanned = 2), TRUE),
  freedman = told(surv(d, allocationRatioPlanned = 2, typeOfComputation = "Freedman"), TRUE),
  hsieh = told(surv(d, typeOfComputation = "HsiehFreedman"), TRUE),
  pieces = told(getSampleSizeSurvival(d, hazardRatio = .7,
    piecewiseSurvivalTime = list("0 - <1" = .3, "1 - <6" = .1, ">=6" = .04),
    accrualTime = c(0, 3, 7, 10), accrualIntensity = c(.02, .05, .01), followUpTime = 8), TRUE)))
"""


def pairs(endpoints):
    """Each plan with each endpoint; rpact has margins against one side alone."""
    both = [(plan, one) for plan in PLANS for one in endpoints]
    one_side = ("margin", "superior")
    return [
        (plan, one)
        for plan, one in both
        if plan != "two-sided" or not any(word in one for word in one_side)
    ]


@pytest.fixture(scope="module")
def rpact():
    asked = ", ".join(
        f"`{name}` = all(getDesignGroupSequential({words}, tolerance = 1e-10))"
        for name, (_, words) in PLANS.items()
    )
    return in_r(f"{THEIRS}\nlist({asked})")


@pytest.mark.parametrize(("plan", "endpoint"), pairs(OURS))
def test_sizes_are_those_of_rpact_to_a_thousandth_of_a_person(rpact, plan, endpoint):
    found, design = rpact[plan][endpoint], OURS[endpoint](PLANS[plan][0])

    assert design.n_fixed == pytest.approx(found["fixed"], abs=1e-3)
    assert design.n_max == pytest.approx(found["max"], abs=1e-3)
    if len(design.analyses) > 1:
        assert design.expected_n["h1"] == pytest.approx(found["h1"], abs=1e-3)
        if "h0" in found:
            assert design.expected_n["h0"] == pytest.approx(found["h0"], abs=1e-3)
            assert design.expected_n["between"] == pytest.approx(found["h01"], abs=1e-3)


@pytest.mark.parametrize(("plan", "endpoint"), pairs(OF_TIMES))
def test_events_and_times_of_looks_are_those_of_rpact(rpact, plan, endpoint):
    found, design = rpact[plan][endpoint], OURS[endpoint](PLANS[plan][0])

    assert design.events == pytest.approx(found["events"], abs=1e-3)
    if len(design.analyses) > 1:
        assert [look.time for look in design.analyses] == pytest.approx(found["time"], abs=1e-3)
        assert [look.n for look in design.analyses] == pytest.approx(found["people"], abs=1e-3)


@pytest.mark.parametrize("endpoint", ["survival", "survival_margin", "survival_margin_ratio"])
def test_a_hazard_ratio_on_the_bound_is_that_of_rpact(rpact, endpoint):
    design = OURS[endpoint](THREE)

    bounds = [look.effect_at_bound for look in design.analyses]
    assert bounds == pytest.approx(rpact["three"][endpoint]["bound"], abs=1e-6)


@pytest.mark.parametrize("plan", ["fixed", "three", "futile"])
@pytest.mark.parametrize("endpoint", ["means", "means_ratio", "means_known"])
def test_a_difference_of_means_on_the_bound_is_that_of_rpact(rpact, plan, endpoint):
    """The smallest difference that a t test of the people at that look declares."""
    design = OURS[endpoint](PLANS[plan][0])

    bounds = [abs(look.effect_at_bound) for look in design.analyses]
    assert bounds == pytest.approx(np.atleast_1d(rpact[plan][endpoint]["bound"]), rel=1e-6)


def test_a_look_at_fewer_than_three_people_has_no_difference_on_its_bound():
    design = means(Looks(0.025, 1, 0.8, (0.2, 0.4, 0.6, 0.8, 1)), 3.0, 1.0)

    assert design.analyses[0].n < 2.0 and math.isinf(design.analyses[0].effect_at_bound)
    assert math.isfinite(design.analyses[-1].effect_at_bound)


def test_the_likeliest_rates_at_the_margin_are_those_that_a_search_finds():
    """Of q1 p1 n1 + ..., with q2 = q1 + margin, the largest likelihood, arm by arm."""
    from scipy.optimize import minimize_scalar

    p1, p2, r, margin = 0.37, 0.42, 1.7, 0.12
    sides = (max(0.0, -margin), min(1.0, 1.0 - margin))

    def loss(q1):
        q2 = q1 + margin
        treated = p1 * math.log(q1) + (1 - p1) * math.log(1 - q1)
        return -(r * treated + p2 * math.log(q2) + (1 - p2) * math.log(1 - q2))

    q1 = minimize_scalar(loss, bounds=sides, method="bounded", options={"xatol": 1e-12}).x
    q2 = q1 + margin
    found = null_variance(p1, p2, r, margin)
    assert found == pytest.approx(q1 * (1 - q1) / r + q2 * (1 - q2), rel=1e-7)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (lambda: rates(FIXED, 0.4, 0.4, 1.0, 0.1), "Shown is a difference of rates above -0.1."),
        (lambda: rates(FIXED, 0.3, 0.35, 1.0, -0.1), "Shown is a difference of rates below 0.1."),
        (lambda: rates(FIXED, 0.3, 0.5, 1.0, 0.1), "Shown is a difference of rates below -0.1."),
        (lambda: not_worse(FIXED, 1.0, 1.0), "Shown is a hazard ratio below 1.3."),
        (lambda: not_worse(FIXED, 1.6, 1.0), "Shown is a hazard ratio above 1.3."),
    ],
)
def test_a_design_says_which_side_of_its_margin_it_shows(design, said):
    assert said in design().notes


def test_a_margin_of_none_changes_no_bit():
    plain, none = rates(THREE, 0.5, 0.3, 2.0), rates(THREE, 0.5, 0.3, 2.0, 0.0)

    assert plain.as_dict() == none.as_dict()
    assert "margin" not in plain.assumptions


@pytest.mark.parametrize(
    ("design", "null"),
    [
        (rates(FIXED, 0.4, 0.4, 1.0, 0.1), 0.3),
        (survival(FIXED, Piecewise((1.0,)), hazard_of_median(6.0), Accrual(12.0), 6.0, margin=1.3),
         math.log(1.3)),
    ],
)  # fmt: skip
def test_at_the_margin_the_power_is_alpha_and_where_it_was_planned_the_power_asked(design, null):
    planned = 0.4 if design.endpoint == "rates" else 0.0

    assert power_at(design, np.array([null]))[0] == pytest.approx(0.025, abs=1e-3)
    assert power_at(design, np.array([planned]))[0] == pytest.approx(0.8, abs=1e-6)


def test_a_chance_of_an_event_is_the_closed_form_of_constant_hazards():
    """Integral over uniform entry of lambda / (lambda + eta) (1 - exp(-(lambda + eta) time))."""
    hazard, leaving, accrual, T = 0.23, 0.05, 12.0, 18.0
    arm = Arm(Piecewise((hazard,)), Piecewise((leaving,)))
    both = hazard + leaving
    stayed = (math.exp(-both * (T - accrual)) - math.exp(-both * T)) / (both * accrual)

    found = Course(arm, arm, Accrual(accrual)).events(T)

    assert sum(found) == pytest.approx(hazard / both * (1 - stayed), rel=1e-12)


@pytest.mark.parametrize("accrual", [0.01, 500.0, 1e9])
def test_recruitment_much_faster_or_slower_than_the_event_leaves_the_numbers_right(accrual):
    """With a long wait everyone who does not leave has the event: hazard / (hazard + leaving)."""
    hazard, leaving = 0.23, 0.05
    arm = Arm(Piecewise((hazard,)), Piecewise((leaving,)))

    found = sum(Course(arm, arm, Accrual(accrual)).events(accrual + 400.0))

    assert found == pytest.approx(hazard / (hazard + leaving), rel=1e-12)


def test_a_small_effect_needs_the_events_of_schoenfeld_by_the_expected_score_too():
    asked = (Piecewise((0.97,)), hazard_of_median(3.0), Accrual(12.0), 6.0)

    schoenfeld = survival(THREE, *asked, method="schoenfeld").events
    score = survival(THREE, *asked, method="expected-score").events

    assert score == pytest.approx(schoenfeld, rel=2e-3)


def test_an_effect_that_wanes_needs_more_people_than_one_that_lasts():
    asked = (hazard_of_median(3.0), Accrual(12.0), 6.0)

    lasting = survival(THREE, Piecewise((0.6,)), *asked, method="expected-score")
    waning = survival(THREE, Piecewise((0.6, 0.9), (2.0,)), *asked)
    late = survival(THREE, Piecewise((1.0, 0.6), (2.0,)), *asked)

    assert lasting.n_max < min(waning.n_max, late.n_max)
    averages = [look.average_hazard_ratio for look in waning.analyses]
    assert 0.6 < averages[0] < averages[1] < averages[2] < 0.9


def test_counts_without_dispersion_need_the_people_of_a_poisson_formula():
    z = FIXED.fixed_drift
    each = (1 / 0.6 + 1 / 0.9) / 2.0

    design = counts(FIXED, 0.6, 0.9, 0.0, 2.0)

    assert design.n_fixed == pytest.approx(2 * z**2 * each / math.log(0.6 / 0.9) ** 2, rel=1e-12)


def test_a_spread_of_counts_costs_twice_the_dispersion_over_the_squared_log_ratio():
    plain, spread = (counts(FIXED, 0.6, 0.9, k, 2.0) for k in (0.0, 0.5))
    z = FIXED.fixed_drift

    extra = spread.n_fixed - plain.n_fixed
    assert extra == pytest.approx(2 * z**2 * 2 * 0.5 / math.log(0.6 / 0.9) ** 2, rel=1e-9)


def test_a_variance_under_no_difference_is_that_of_the_rate_it_is_taken_at():
    """Zhu and Lakkis 2014 for equal arms: V_0 = 2 (1 / (t rate) + k), methods 1 and 2."""
    z_alpha, z_power, k, t = special.ndtri(0.975), special.ndtri(0.8), 0.5, 2.0
    V_1 = 1 / (t * 0.6) + 1 / (t * 0.9) + 2 * k
    for name, rate in (("reference", 0.9), ("maximum-likelihood", 0.75)):
        V_0 = 2 * (1 / (t * rate) + k)
        arm = (z_alpha * math.sqrt(V_0) + z_power * math.sqrt(V_1)) ** 2 / math.log(1.5) ** 2
        found = counts(FIXED, 0.6, 0.9, k, t, null_variance=name)
        assert found.n_fixed == pytest.approx(2 * arm, rel=1e-12)


def test_each_arm_is_rounded_up_and_no_exact_whole_number_is():
    assert whole(12.0 + 1e-12) == 12
    assert whole(12.001) == 13
    design = rates(THREE, 0.5, 0.3, 2.0)
    arms = design.rounded["n_per_arm"]

    assert design.rounded["n_max"] == sum(arms.values()) >= design.n_max
    assert all(0 <= arms[arm] - n < 1 for arm, n in design.n_per_arm.items())


def test_the_power_rises_through_the_looks_to_the_one_asked_for():
    for design in (means(THREE, 0.5, 1.0), plain_survival(THREE, 1.0), rates(FUTILE, 0.5, 0.3)):
        power = [look.power for look in design.analyses]
        assert np.all(np.diff(power) > 0)
        assert power[-1] == pytest.approx(design.looks.power, abs=1e-9)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: means(FIXED, 0.0, 1.0), "nothing to show"),
        (lambda: means(FIXED, 0.5, 0.0), "sd was given as 0"),
        (lambda: means(FIXED, 1e-6, 1.0), "people"),
        (lambda: means(FIXED, 100.0, 1.0), "Check effect and sd"),
        (lambda: rates(FIXED, 0.3, 0.3000000001), "taken for a trial"),
        (lambda: some_survival(1e9), "lies between"),
        (lambda: rates(FIXED, 0.3, 0.3), "must differ"),
        (lambda: rates(FIXED, 1.2, 0.3), "between 0 and 1"),
        (lambda: rates(FIXED, 0.4, 0.5, 1.0, 0.1), "nothing to show"),
        (lambda: rates(FIXED, 0.4, 0.5, 1.0, 1.5), "margin was given as 1.5"),
        (lambda: not_worse(FIXED, 1.3, 1.0), "nothing to show"),
        (lambda: some_survival(0.8, margin=-1.0), "margin was given as -1"),
        (lambda: some_survival(0.8, method="freedman", margin=1.3), "--method schoenfeld"),
        (lambda: rates(FIXED, 0.5, 0.3, 0.0), "ratio was given as 0"),
        (lambda: counts(FIXED, 0.5, 0.5), "must differ"),
        (lambda: counts(FIXED, 0.5, 0.6, -1.0), "0 or above"),
        (lambda: Accrual(0.0), "accrual was given as 0"),
        (lambda: Accrual(5.0, Piecewise((0.0,))), "recruits nobody"),
        (lambda: Piecewise((0.1, 0.2), (3.0, 4.0)), "times of change"),
        (lambda: hazard_of_median(-1.0), "median-control was given as -1"),
        (lambda: some_survival(1.0), "hazard ratio of 1"),
        (lambda: some_survival(0.0), "hazard ratio was given as 0"),
        (lambda: some_survival(0.6, follow_up=-1.0), "follow-up was given as -1"),
        (lambda: some_survival(0.6, method="cox"), "choose from"),
        (lambda: some_survival(0.6, control=Piecewise((0.0,))), "nothing is learnt"),
    ],
)
def test_what_no_design_can_be_is_refused_in_a_sentence(ask, said):
    with pytest.raises(InputError, match=said):
        ask()


def some_survival(hazard_ratio, follow_up=6.0, method="", control=None, margin=1.0):
    control = control or hazard_of_median(3.0)
    return survival(
        FIXED, Piecewise((hazard_ratio,)), control, Accrual(12.0), follow_up, STAYING, 1.0, method,
        margin,
    )  # fmt: skip
