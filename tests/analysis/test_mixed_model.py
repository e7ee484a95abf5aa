"""Is the mixed model for repeated measures that of nlme, lme4, lmerTest, pbkrtest and emmeans?

pbkrtest knows no unstructured covariance. A random effect for every visit, beside the residual,
is the same model with one parameter too many, which leaves the correction as it is; so lme4 fits
it and pbkrtest adjusts it. Balanced data have exact answers as well.
"""

from __future__ import annotations

import numpy as np
import pytest

from analysis.trial_tables import records, repeated_table
from oracle import in_r
from resynapse.trial.analysis import analyse, parse_plan
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.mixed_model import fit_mixed_model

SCRIPT = """
library(nlme); library(lme4); library(lmerTest); library(pbkrtest)
d <- rows; d$v <- factor(d$visit); d$id <- factor(d$person)
gaps <- cbind(matrix(0, 3, 6), diag(3))
tight <- lmerControl(check.nobs.vs.nRE = "ignore", check.nlev.gtr.1 = "ignore",
                     optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 200000))
fixed <- value ~ 0 + v + baseline + v:arm
marginal <- function(...) {
  m <- gls(fixed, data = d,
           control = glsControl(tolerance = 1e-12, msTol = 1e-13, msMaxIter = 500), ...)
  list(b = unname(coef(m)), error = unname(sqrt(diag(vcov(m)))), l = as.numeric(logLik(m)))
}
mixed <- function(random) {
  m <- lmerTest::lmer(update(fixed, random), data = d, control = tight)
  adjusted <- vcovAdj(m)
  one <- function(k) { c <- rep(0, 9); c[k] <- 1; Lb_ddf(c, vcov(m), adjusted) }
  list(b = unname(fixef(m)), error = unname(sqrt(diag(vcov(m)))), l = as.numeric(logLik(m)),
       kr_error = unname(sqrt(diag(as.matrix(adjusted)))), kr_df = sapply(1:9, one),
       kr_F = as.list(KRmodcomp(m, gaps)$stats))
}
simple <- lmerTest::lmer(update(fixed, . ~ . + (1 | id)), data = d, control = tight)
list(
  ar1 = marginal(correlation = corAR1(form = ~visit | id)),
  heterogeneous_ar1 = marginal(correlation = corAR1(form = ~visit | id),
                               weights = varIdent(form = ~1 | visit)),
  compound_symmetry = mixed(. ~ . + (1 | id)),
  unstructured = mixed(. ~ . + (0 + v | id)),
  satterthwaite = unname(summary(simple)$coefficients[, "df"]),
  satterthwaite_F = as.list(contestMD(simple, gaps))
)
"""
GAPS = np.eye(9)[6:]


@pytest.fixture(scope="module")
def table():
    return repeated_table()


@pytest.fixture(scope="module")
def r(table):
    return in_r(SCRIPT, rows=records(table))


@pytest.fixture(scope="module")
def arrays(table):
    """Values [people, visits] and a design in R's order: visits, baseline, arm at each visit."""
    wide = table.pivot(index="person", columns="visit", values="value")
    people = table.groupby("person")[["arm", "baseline"]].first().loc[wide.index]
    n = len(wide)
    design = np.zeros((n, 4, 9))
    design[:, range(4), range(4)] = 1.0
    design[:, :, 4] = people["baseline"].to_numpy()[:, None]
    for visit in range(1, 4):
        design[:, visit, 5 + visit] = people["arm"]
    design[:, 0, 5] = people["arm"]
    return wide.to_numpy(), design


def fitted(arrays, structure, method):
    return fit_mixed_model(*arrays, [structure], method)


@pytest.mark.parametrize(
    ("structure", "close"),
    [("ar1", 1e-6), ("compound_symmetry", 1e-6), ("unstructured", 1e-5)],
)
def test_effects_and_errors_are_those_of_r(arrays, r, structure, close):
    fit = fitted(arrays, structure, "satterthwaite")

    error = np.sqrt(np.diag(fit.small_sample.covariance))
    assert fit.effects == pytest.approx(r[structure]["b"], rel=close)
    assert error == pytest.approx(r[structure]["error"], rel=close)
    assert fit.log_likelihood == pytest.approx(r[structure]["l"], abs=1e-8)


def test_where_r_stops_early_ours_is_the_more_likely_fit(arrays, r):
    fit = fitted(arrays, "heterogeneous_ar1", "satterthwaite")

    assert 0 <= fit.log_likelihood - r["heterogeneous_ar1"]["l"] < 1e-6


@pytest.mark.parametrize("structure", ["compound_symmetry", "unstructured"])
def test_kenward_and_rogers_adjusted_errors_and_degrees_of_freedom_are_those_of_pbkrtest(
    arrays, r, structure
):
    fit = fitted(arrays, structure, "kenward_roger")

    error = np.sqrt(np.diag(fit.small_sample.covariance))
    degrees = [fit.small_sample.t_degrees(contrast) for contrast in np.eye(9)]
    assert error == pytest.approx(r[structure]["kr_error"], rel=1e-5)
    assert degrees == pytest.approx(r[structure]["kr_df"], rel=1e-6)


@pytest.mark.parametrize("structure", ["compound_symmetry", "unstructured"])
def test_the_scaled_f_of_three_differences_is_that_of_pbkrtest(arrays, r, structure):
    fit = fitted(arrays, structure, "kenward_roger")

    F, expected = fit.small_sample.f_test(GAPS, fit.effects), r[structure]["kr_F"]
    assert F.statistic == pytest.approx(expected["Fstat"], rel=1e-5)
    assert F.denominator == pytest.approx(expected["ddf"], rel=1e-6)
    assert F.p_value == pytest.approx(expected["p.value"], rel=1e-5)


def test_satterthwaites_degrees_of_freedom_are_those_of_lmertest(arrays, r):
    fit = fitted(arrays, "compound_symmetry", "satterthwaite")

    degrees = [fit.small_sample.t_degrees(contrast) for contrast in np.eye(9)]
    F = fit.small_sample.f_test(GAPS, fit.effects)
    assert degrees == pytest.approx(r["satterthwaite"], rel=1e-5)
    assert F.denominator == pytest.approx(r["satterthwaite_F"]["DenDF"], rel=1e-4)


@pytest.mark.parametrize("method", ["kenward_roger", "satterthwaite"])
def test_two_arms_all_measured_and_unstructured_compare_like_a_t_test_at_each_visit(method):
    draw = np.random.default_rng(5)
    values = draw.normal(size=(15, 3)) @ draw.normal(size=(3, 3))
    arm = np.repeat([0.0, 1.0], [7, 8])
    design = np.zeros((15, 3, 6))
    design[:, range(3), range(3)] = 1.0
    design[:, range(3), range(3, 6)] = arm[:, None]

    fit = fit_mixed_model(values, design, ["unstructured"], method)

    for visit in range(3):
        one, other = values[arm == 0, visit], values[arm == 1, visit]
        pooled = (6 * one.var(ddof=1) + 7 * other.var(ddof=1)) / 13
        contrast = np.eye(6)[3 + visit]
        spread = contrast @ fit.small_sample.covariance @ contrast
        assert spread == pytest.approx(pooled * (1 / 7 + 1 / 8), rel=1e-9)
        assert fit.small_sample.t_degrees(contrast) == pytest.approx(13, rel=1e-9)


def test_kenward_and_rogers_f_is_hotellings_where_everyone_is_measured():
    draw = np.random.default_rng(6)
    n, visits = 20, 3
    values = draw.normal(size=(n, visits)) @ draw.normal(size=(visits, visits)) + 0.5
    design = np.broadcast_to(np.eye(visits), (n, visits, visits)).copy()

    fit = fit_mixed_model(values, design, ["unstructured"])
    F = fit.small_sample.f_test(np.eye(visits), fit.effects)

    mean, covariance = values.mean(axis=0), np.cov(values.T)
    hotelling = n * mean @ np.linalg.solve(covariance, mean)
    assert F.denominator == pytest.approx(n - visits, rel=1e-8)
    assert F.statistic == pytest.approx(hotelling * (n - visits) / (visits * (n - 1)), rel=1e-8)


def test_a_structure_that_the_data_cannot_carry_is_given_up_with_its_reason():
    draw = np.random.default_rng(7)
    values = np.full((12, 3), np.nan)
    values[:6, :2], values[6:, 1:] = draw.normal(size=(6, 2)), draw.normal(size=(6, 2))
    design = np.broadcast_to(np.eye(3), (12, 3, 3)).copy()

    fit = fit_mixed_model(values, design, ["unstructured", "ar1"])

    assert fit.structure == "ar1"
    assert list(fit.given_up) == ["unstructured"]
    with pytest.raises(FailedFit, match="unstructured: the data do not determine"):
        fit_mixed_model(values, design, ["unstructured"])


MEANS = """
library(lme4); library(emmeans)
d <- rows; d$v <- factor(d$visit); d$arm <- factor(d$arm); d$id <- factor(d$person)
m <- lmer(value ~ v * arm + baseline + (1 | id), d,
          control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
grid <- emmeans(m, ~ arm | v, at = list(baseline = mean(d$baseline)), lmer.df = "kenward-roger")
gaps <- contrast(grid, "revpairwise")
three <- function(x) { s <- as.data.frame(x); as.matrix(s[, c(3, 4, 5)]) }
list(means = three(grid), gaps = three(gaps))
"""


def test_means_of_arms_at_visits_and_their_differences_are_those_of_emmeans(table):
    said = in_r(MEANS, rows=records(table))
    wish = (
        "{method: mixed_model, covariates: [baseline], structures: [compound_symmetry], "
        "degrees_of_freedom: kenward_roger}"
    )
    (answer,) = analyse(table, parse_plan(f"reference: '0'\nanalyses: [{wish}]", "plan"))

    found = [(e.estimate, e.standard_error, e.degrees_of_freedom) for e in answer.estimates]
    means, gaps = np.reshape(found[:8], (2, 4, 3)).swapaxes(0, 1).reshape(8, 3), found[8:]
    assert len(gaps) == 4
    assert np.array(gaps) == pytest.approx(np.array(said["gaps"]), rel=1e-5)
    assert means == pytest.approx(np.array(said["means"]), rel=1e-5)


IN_ORDER = """
library(nlme)
d <- rows[order(rows$person, rows$visit), ]; d$v <- factor(d$visit); d$k <- as.integer(d$v)
d$arm <- factor(d$arm)
m <- gls(value ~ v * arm + baseline, d, correlation = corAR1(form = ~ k | person),
         control = glsControl(msTol = 1e-12, tolerance = 1e-12, opt = "optim"))
as.numeric(logLik(m))
"""


def test_visits_in_words_and_rows_out_of_order_have_the_autoregression_of_r(table):
    """gls of the visits in their order; shuffled rows name the third visit first."""
    words = table.assign(visit="week " + table["visit"].astype(str))
    words = words.sample(frac=1.0, random_state=2)
    wish = "{method: mixed_model, covariates: [baseline], structures: [ar1]}"
    (answer,) = analyse(words, parse_plan(f"reference: '0'\nanalyses: [{wish}]", "plan"))

    assert list(words["visit"].unique()) not in (
        names := sorted(words["visit"].unique()),
        names[::-1],
    )
    assert answer.log_likelihood == pytest.approx(in_r(IN_ORDER, rows=records(table)), rel=1e-6)
