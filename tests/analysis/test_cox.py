"""Are Cox's model and the log-rank tests those of R's survival?"""

from __future__ import annotations

import numpy as np
import pytest

from analysis.trial_tables import records, survival_table
from oracle import in_r
from resynapse.trial.analysis.cox import fit_cox
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.log_rank import log_rank
from resynapse.trial.analysis.proportional_hazards import proportional_hazards_test
from resynapse.trial.analysis.restricted_mean import restricted_mean
from resynapse.trial.hazard_ratio import hazard_ratio
from resynapse.trial.kaplan_meier import kaplan_meier

SCRIPT = """
library(survival)
fit <- function(m, ...) {
  transforms <- list(...)
  list(b = unname(coef(m)), v = unname(vcov(m)), l = m$loglik, score = m$score,
       zph = lapply(transforms, function(g) unname(cox.zph(m, transform = g)$table[, "chisq"])))
}
curve <- summary(survfit(Surv(time, event) ~ arm, d, conf.type = "log-log"), times = c(5, 20))
mean <- summary(survfit(Surv(time, event) ~ arm, d), rmean = 25)$table
list(
  efron = fit(coxph(Surv(time, event) ~ arm + age, d), km = "km", identity = "identity",
              rank = "rank", log = "log"),
  breslow = fit(coxph(Surv(time, event) ~ arm + age + strata(site), d, ties = "breslow"),
                km = "km"),
  counting = fit(coxph(Surv(start, time, event) ~ arm + age + strata(site), d), km = "km"),
  robust = fit(coxph(Surv(start, time, event) ~ arm + age, d, weights = weight, cluster = person)),
  sites = survdiff(Surv(time, event) ~ site, d)$chisq,
  stratified = survdiff(Surv(time, event) ~ arm + strata(site), d)$chisq,
  weighted = survdiff(Surv(time, event) ~ arm, d, rho = 1)$chisq,
  curve = list(S = curve$surv, error = curve$std.err, low = curve$lower, high = curve$upper),
  mean = list(value = unname(mean[, "rmean"]), error = unname(mean[, "se(rmean)"]))
)
"""


@pytest.fixture(scope="module")
def d():
    return {name: column.to_numpy() for name, column in survival_table().items()}


@pytest.fixture(scope="module")
def r():
    return in_r(SCRIPT, d=records(survival_table()))


@pytest.fixture(scope="module")
def fits(d):
    X = np.column_stack([d["arm"], d["age"]])
    return {
        "efron": fit_cox(d["time"], d["event"], X),
        "breslow": fit_cox(d["time"], d["event"], X, stratum=d["site"], ties="breslow"),
        "counting": fit_cox(d["time"], d["event"], X, start=d["start"], stratum=d["site"]),
        "robust": fit_cox(
            d["time"], d["event"], X, start=d["start"], weights=d["weight"], person=d["person"]
        ),
    }


@pytest.mark.parametrize("kind", ["efron", "breslow", "counting", "robust"])
def test_coefficients_errors_likelihood_and_score_are_those_of_coxph(fits, r, kind):
    fit, expected = fits[kind], r[kind]

    assert fit.coefficients == pytest.approx(expected["b"], rel=1e-9)
    assert fit.covariance == pytest.approx(np.array(expected["v"]), rel=1e-9)
    assert [fit.null_log_likelihood, fit.log_likelihood] == pytest.approx(expected["l"], rel=1e-12)
    assert fit.score_statistic == pytest.approx(expected["score"], rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "transform"),
    [("efron", one) for one in ("km", "identity", "rank", "log")]
    + [("breslow", "km"), ("counting", "km")],
)
def test_the_test_of_proportional_hazards_is_that_of_cox_zph(d, fits, r, kind, transform):
    start = d["start"] if kind == "counting" else None

    found = proportional_hazards_test(fits[kind], d["time"], d["event"], start, transform)

    both = [*found.statistic, found.global_statistic]
    assert both == pytest.approx(r[kind]["zph"][transform], rel=1e-9)


def test_log_rank_tests_of_three_arms_strata_and_weights_are_those_of_survdiff(d, r):
    time, event, arm, site = (d[name] for name in ("time", "event", "arm", "site"))

    assert log_rank(time, event, site).statistic == pytest.approx(r["sites"], rel=1e-12)
    assert log_rank(time, event, arm, site).statistic == pytest.approx(r["stratified"], rel=1e-12)
    assert log_rank(time, event, arm, rho=1.0).statistic == pytest.approx(r["weighted"], rel=1e-12)


def test_curves_with_their_errors_and_intervals_are_those_of_survfit(d, r):
    curves = [kaplan_meier(d["time"][d["arm"] == k], d["event"][d["arm"] == k]) for k in (0, 1)]
    at = np.array([5.0, 20.0])

    low, high = zip(*[curve.interval(at) for curve in curves], strict=True)
    expected = r["curve"]
    assert np.concatenate([curve.at(at) for curve in curves]) == pytest.approx(expected["S"])
    assert np.concatenate([curve.error(at) for curve in curves]) == pytest.approx(expected["error"])
    assert np.concatenate(low) == pytest.approx(expected["low"])
    assert np.concatenate(high) == pytest.approx(expected["high"])


def test_restricted_means_are_those_of_survfit(d, r):
    for k, (value, error) in enumerate(zip(*r["mean"].values(), strict=True)):
        here = d["arm"] == k
        found = restricted_mean(d["time"][here], d["event"][here], 25.0)
        assert (found.value, found.standard_error) == pytest.approx((value, error), rel=1e-9)


def test_two_arms_alone_have_the_same_ratio_by_either_road(d):
    fit = fit_cox(d["time"], d["event"], d["arm"][:, None])

    ratio = hazard_ratio(d["time"], d["event"], d["arm"])
    assert np.exp(fit.coefficients[0]) == pytest.approx(ratio.value, rel=1e-9)


def test_an_arm_without_events_has_no_finite_ratio_and_says_so(d):
    event = d["event"] * (d["arm"] == 0)

    with pytest.raises(FailedFit, match="separation"):
        fit_cox(d["time"], event, d["arm"][:, None])


def test_a_covariate_that_is_the_sum_of_others_is_refused(d):
    X = np.column_stack([d["arm"], d["age"], d["arm"] + d["age"]])

    with pytest.raises(FailedFit, match="sum of the others"):
        fit_cox(d["time"], d["event"], X)
