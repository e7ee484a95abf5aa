"""Are differences of means, shares and restricted means, within strata or not, those of R?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.trial_tables import records, survival_table
from oracle import in_r
from resynapse.trial.analysis import analyse, parse_plan
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.log_rank import log_rank, max_combo
from resynapse.trial.analysis.many_trials import in_order
from resynapse.trial.analysis.many_weighted import max_combo_z, weighted_z
from resynapse.trial.analysis.mean_difference import mean_within_strata
from resynapse.trial.analysis.ranks import wilcoxon
from resynapse.trial.analysis.restricted_mean import stratified_difference
from resynapse.trial.analysis.risk_difference import within_strata
from resynapse.trial.power.many_strata import deviate, in_strata, means, ranks, restricted_means
from resynapse.trial.power.outcome import Outcome

HORIZON = 10.0
SCRIPT = """
library(survival)
d$site <- factor(d$site)
row <- function(m, name) unname(c(coef(summary(m))[name, ], df.residual(m)))
welch <- t.test(v ~ arm, d)
n <- table(d$site, d$arm); w <- n[, 1] * n[, 2] / rowSums(n)
side <- function(a) {
  m <- lm(v ~ site, d, subset = arm == a)
  k <- as.character(a)
  c(sigma(m)^2 * sum(w^2 / n[, k]) / sum(w)^2, df.residual(m))
}
one <- side(1); none <- side(0); v <- one[1] + none[1]
apart <- c(unname(coef(lm(v ~ arm + site, d))["arm"]), sqrt(v),
           v^2 / (one[1]^2 / one[2] + none[1]^2 / none[2]))
table2 <- table(factor(d$arm, c(1, 0)), factor(d$y, c(1, 0)))
pooled <- prop.test(table2, correct = FALSE)
strata <- mantelhaen.test(table(d$arm, d$y, d$site), correct = FALSE)
area <- function(part) {
  summary(survfit(Surv(time, event) ~ arm, part), rmean = horizon)$table[, c("rmean", "se(rmean)")]
}
each <- lapply(split(d, d$site), area)
gap <- sapply(each, function(a) a[2, 1] - a[1, 1])
error <- t(sapply(each, function(a) a[, 2]))
within <- function(k) {
  N <- sum(n[, k]); s2 <- sum((n[, k] * error[, k])^2) / N * (N - 1) / (N - nrow(n))
  s2 * sum(w^2 / n[, k]) / sum(w)^2
}
list(
  welch = unname(c(diff(welch$estimate), welch$stderr, welch$parameter, welch$p.value)),
  equal = row(lm(v ~ arm, d), "arm"), adjusted = row(lm(v ~ arm + age + site, d), "arm"),
  likelihood = as.numeric(logLik(lm(v ~ arm + age + site, d))),
  apart = apart,
  pooled = unname(c(pooled$statistic, pooled$conf.int, -diff(pooled$estimate))),
  strata = unname(strata$statistic),
  area = c(sum(w * gap) / sum(w), sqrt(within(1) + within(2)))
)
"""


@pytest.fixture(scope="module")
def table():
    table, draw = survival_table(n=240), np.random.default_rng(5)
    table = table.drop(columns="person")
    table["y"] = draw.integers(0, 2, 240)
    table["v"] = (draw.normal(size=240) * (1.0 + table["arm"]) + 0.3 * table["site"]).round(2)
    return table


@pytest.fixture(scope="module")
def r(table):
    return in_r(SCRIPT, d=records(table), horizon=HORIZON)


def answered(table, text):
    data = pd.DataFrame(records(table)).assign(arm=np.where(table["arm"] == 1, "new", "old"))
    (found,) = analyse(data, parse_plan(f"reference: old\nanalyses:\n  - {{{text}}}", "plan"))
    assert found.failed is None, found.failed
    return found


def test_welchs_t_is_that_of_t_test(table, r):
    found = answered(table, "method: mean_difference, value: v").estimates[0]

    said = (found.estimate, found.standard_error, found.degrees_of_freedom, found.p_value)
    assert said == pytest.approx(r["welch"], rel=1e-9)


@pytest.mark.parametrize(("name", "options"), [
    ("equal", "variances: equal"), ("adjusted", "covariates: [age], strata: [site]")])  # fmt: skip
def test_differences_with_covariates_are_those_of_lm(table, r, name, options):
    answer = answered(table, f"method: mean_difference, value: v, {options}")
    found = answer.estimates[0]

    said = (found.estimate, found.standard_error, found.statistic, found.p_value)
    assert (*said, found.degrees_of_freedom) == pytest.approx(r[name], rel=1e-9)
    if name == "adjusted":
        assert answer.log_likelihood == pytest.approx(r["likelihood"], rel=1e-9)


def test_a_difference_within_strata_is_that_of_lm_with_an_error_from_lm_of_each_arm(table, r):
    found = answered(table, "method: mean_difference, value: v, strata: [site]").estimates[0]

    said = (found.estimate, found.standard_error, found.degrees_of_freedom)
    assert said == pytest.approx(r["apart"], rel=1e-9)


def test_a_difference_of_shares_is_that_of_prop_test(table, r):
    found = answered(table, "method: risk_difference, value: y")

    (one,), (test,) = found.estimates, found.tests
    assert (test.statistic**2, one.low, one.high, one.estimate) == pytest.approx(r["pooled"])


def test_shares_within_strata_are_tested_as_by_mantelhaen_test(table, r):
    (test,) = answered(table, "method: risk_difference, value: y, strata: [site]").tests

    assert test.statistic**2 == pytest.approx(r["strata"], rel=1e-9)


def test_restricted_means_within_strata_are_those_of_survfit_in_each(table, r):
    wish = f"method: restricted_mean, time: time, event: event, horizon: {HORIZON}, strata: [site]"
    found = answered(table, wish).estimates[-1]

    assert (found.estimate, found.standard_error) == pytest.approx(r["area"], rel=1e-9)


@pytest.mark.parametrize(("strata", "people"), [(2, 40), (16, 5), (16, 2)])
def test_the_error_of_restricted_means_within_strata_is_what_trials_show(strata, people):
    draw, stratum = np.random.default_rng(4), np.repeat(np.arange(strata), 2 * people)
    treated = np.tile(np.arange(2 * people) < people, strata)
    found = []
    for _ in range(1500):
        time = draw.exponential(40 + 2.0 * stratum)
        gap = stratified_difference(np.minimum(time, 60), time <= 60, treated, stratum, 60.0)
        found.append((gap.value, gap.standard_error))

    value, error = np.array(found).T

    assert np.sqrt(np.mean(error**2)) == pytest.approx(value.std(), rel=0.06)
    assert np.mean(np.abs(value) > 1.96 * error) == pytest.approx(0.05, abs=0.02)


def test_one_person_of_an_arm_in_each_stratum_tells_nothing_of_the_spread():
    time, event = np.array([10.0, 20.0, 30.0, 40.0]), np.array([True] * 4)
    treated, stratum = np.array([True, False] * 2), np.array([0, 0, 1, 1])

    with pytest.raises(FailedFit, match="no more people than strata"):
        stratified_difference(time, event, treated, stratum, 35.0)


@pytest.mark.parametrize(("strata", "people"), [(3, 40), (60, 1)])
def test_satos_error_is_what_trials_show_in_few_large_strata_and_in_many_small_ones(strata, people):
    draw = np.random.default_rng(4)
    p_0 = np.linspace(0.05, 0.4, strata)
    n_1, n_0 = (np.full((20_000, strata), many) for many in (people, 3 * people))
    x_1, x_0 = draw.binomial(n_1, p_0 + 0.5) * 1.0, draw.binomial(n_0, p_0) * 1.0

    found = within_strata(n_1, x_1, n_0, x_0)

    spread = found.estimate.std()
    assert found.estimate.mean() == pytest.approx(0.5, abs=4 * spread / np.sqrt(20_000))
    assert np.sqrt(np.mean(found.error**2)) == pytest.approx(spread, rel=0.02)


@pytest.fixture(scope="module")
def trials():
    """Six trials of 40 and 44 people in three strata, some without a value."""
    draw = np.random.default_rng(8)
    stratum = draw.integers(0, 3, (6, 84))
    value, there = draw.normal(size=(6, 84)).round(1) + stratum, draw.random((6, 84)) < 0.9
    time, event = draw.exponential(12, (6, 84)).round(1), draw.random((6, 84)) < 0.8
    time[:, ::7] = 40.0
    treated = np.broadcast_to(np.arange(84) < 40, (6, 84))
    return {"stratum": stratum, "value": value, "there": there, "time": time, "event": event,
            "treated": treated}  # fmt: skip


def sides(trials):
    return [
        Outcome(*(trials[name][:, part] for name in ("value", "there", "value", "there")),
                stratum=trials["stratum"][:, part])
        for part in (slice(0, 40), slice(40, None))
    ]  # fmt: skip


def test_many_trials_have_the_means_and_ranks_within_strata_of_each(trials):
    z, estimate, error = means(*sides(trials))
    rank, _, _ = ranks(*sides(trials))

    for k in range(6):
        row = {name: one[k] for name, one in trials.items()}
        (own, s), (other, s_0) = (
            (row["value"][here], row["stratum"][here])
            for here in (row["there"] & row["treated"], row["there"] & ~row["treated"])
        )
        one = mean_within_strata(own, s, other, s_0)
        alone = np.array([one.estimate, one.error, deviate(one)])
        assert [estimate[k], error[k], z[k]] == pytest.approx(alone)
        known = row["there"]
        test = wilcoxon(row["value"][known], row["treated"][known], row["stratum"][known])
        assert rank[k] == pytest.approx(test.statistic, rel=1e-9)


def test_many_trials_have_the_curves_within_strata_of_each(trials):
    arrays = (trials["time"], trials["event"], trials["treated"], trials["stratum"])
    apart = list(in_strata(*arrays))

    gap, error = restricted_means(apart, HORIZON)
    early, combined = weighted_z(apart, 1.0, 0.0), max_combo_z(apart, 0.9)

    for k in range(6):
        time, event, treated, stratum = (one[k] for one in arrays)
        mean = stratified_difference(time, event, treated, stratum, HORIZON)
        assert (gap[k], error[k]) == pytest.approx((mean.value, mean.standard_error), rel=1e-9)
        assert early[k] == pytest.approx(log_rank(time, event, treated, stratum, 1.0).z, rel=1e-9)
        both = max_combo(time, event, treated, stratum)
        assert np.sign(combined[k]) == np.sign(both.z)
        assert abs(combined[k]) == pytest.approx(abs(deviate_of(both.p_value)), abs=0.05)
    assert not np.allclose(early, weighted_z([in_order(*arrays[:3])], 1.0, 0.0), atol=0.02)


def deviate_of(p):
    from scipy import special

    return -special.ndtri(p / 2)
