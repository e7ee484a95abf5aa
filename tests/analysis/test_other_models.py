"""Are the other models those of R's survival, cmprsk, MASS, brglm2, geepack and coin?"""

from __future__ import annotations

import numpy as np
import pytest

from analysis.trial_tables import records, survival_table
from oracle import in_r
from resynapse.input_error import InputError
from resynapse.trial.analysis.binary import fit_logistic
from resynapse.trial.analysis.competing_risks import cumulative_incidence, fit_fine_gray
from resynapse.trial.analysis.counts import fit_beta_binomial, fit_negative_binomial
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.gee import fit_gee
from resynapse.trial.analysis.multiplicity import Graph, graphical, hochberg, holm
from resynapse.trial.analysis.pairwise import Outcome, compare_pairs
from resynapse.trial.analysis.parametric_survival import fit_parametric_survival
from resynapse.trial.analysis.ranks import rank_ancova, wilcoxon
from resynapse.trial.analysis.recurrent import andersen_gill, prentice_williams_peterson

SCRIPT = """
library(survival); library(cmprsk); library(MASS); library(brglm2); library(geepack)
tight <- glm.control(epsilon = 1e-14)
of <- function(m) list(b = unname(coef(m)), v = unname(vcov(m)), l = as.numeric(logLik(m)))
fine <- crr(d$time, d$cause, cbind(d$arm, d$age))
incidence <- timepoints(cuminc(d$time, d$cause), c(5, 20))
stretched <- function(form) {
  m <- survreg(Surv(time, event) ~ arm + age, d, dist = form,
               control = survreg.control(rel.tolerance = 1e-14))
  list(b = unname(coef(m)), v = unname(m$var), scale = m$scale, l = m$loglik[2])
}
counted <- glm.nb(count ~ arm + age + offset(log(weight)), d,
                  control = glm.control(epsilon = 1e-12))
marginal <- function(how) {
  m <- geeglm(y ~ arm + age, binomial, d, id = cluster, corstr = how,
              control = geese.control(epsilon = 1e-12))
  list(b = unname(coef(m)), v = unname(vcov(m)))
}
s <- d[order(d$cluster, d$start), ]
s$from <- ave(s$time, s$cluster, FUN = function(x) c(0, cumsum(x)[-length(x)]))
s$to <- s$from + s$time
s$earlier <- ave(s$event, s$cluster, FUN = function(x) c(0, cumsum(x)[-length(x)]))
again <- function(form) {
  m <- coxph(form, s, cluster = cluster)
  list(b = unname(coef(m)), v = unname(vcov(m)))
}
van <- ave(d$v, d$site, FUN = function(x) rank(x) / (length(x) + 1))
arm <- factor(d$arm, levels = c(1, 0)); site <- factor(d$site)
quade <- resid(lm(rank(v) ~ rank(age), d))
z <- function(test) as.numeric(coin::statistic(test))
list(
  fine = list(b = unname(fine$coef), v = fine$var, l = fine$loglik),
  incidence = list(share = unname(incidence$est), variance = unname(incidence$var)),
  exponential = stretched("exponential"), weibull = stretched("weibull"),
  log_normal = stretched("lognormal"), log_logistic = stretched("loglogistic"),
  negative_binomial = c(of(counted), theta = counted$theta),
  logistic = of(glm(y ~ arm + age, binomial, d, control = tight)),
  firth = of(glm(lone ~ arm + age, binomial, d, method = "brglmFit", epsilon = 1e-12)),
  independence = marginal("independence"), exchangeable = marginal("exchangeable"),
  ag = again(Surv(from, to, event) ~ arm + age),
  pwp_total = again(Surv(from, to, event) ~ arm + age + strata(earlier)),
  pwp_gap = again(Surv(time, event) ~ arm + age + strata(earlier)),
  wilcoxon = z(coin::wilcox_test(d$v ~ arm)),
  van_elteren = z(coin::independence_test(van ~ arm | site)),
  quade = anova(lm(quade ~ factor(d$arm)))[1, "F value"],
  holm = p.adjust(p, "holm"), hochberg = p.adjust(p, "hochberg")
)
"""
P = [0.012, 0.04, 0.001, 0.2, 0.012]


@pytest.fixture(scope="module")
def table():
    table, draw = survival_table(n=200), np.random.default_rng(9)
    table["cause"] = table["event"] * draw.integers(1, 3, 200)
    table["y"] = draw.integers(0, 2, 200)
    table["lone"] = table["y"] * table["arm"]
    table["count"] = draw.negative_binomial(1.5, 0.2, 200)
    table["v"] = draw.normal(size=200).round(1)
    table["cluster"] = np.arange(200) // 4
    return table


@pytest.fixture(scope="module")
def r(table):
    return in_r(SCRIPT, d=records(table), p=P)


@pytest.fixture(scope="module")
def d(table):
    return {name: column.to_numpy() for name, column in table.items()}


@pytest.fixture(scope="module")
def X(d):
    return np.column_stack([d["arm"], d["age"]])


def same(fit, expected, close=1e-6):
    b, V = np.array(expected["b"]), np.array(expected["v"])
    assert fit.coefficients == pytest.approx(b, rel=close)
    assert fit.covariance == pytest.approx(V, rel=close)
    if "l" in expected:
        assert fit.log_likelihood == pytest.approx(expected["l"], rel=1e-9)


def test_fine_and_grays_model_has_the_weights_and_the_variance_of_cmprsk(d, X, r):
    same(fit_fine_gray(d["time"], d["cause"], X), r["fine"])


def test_the_incidence_of_each_cause_and_its_variance_are_those_of_cmprsk(d, r):
    for cause in (1, 2):
        share, error = cumulative_incidence(d["time"], d["cause"], cause).at(np.array([5.0, 20.0]))

        assert share == pytest.approx(r["incidence"]["share"][cause - 1], rel=1e-9)
        assert error**2 == pytest.approx(r["incidence"]["variance"][cause - 1], rel=1e-9)


@pytest.mark.parametrize("form", ["exponential", "weibull", "log_normal", "log_logistic"])
def test_known_distributions_of_time_are_fitted_as_by_survreg(d, X, r, form):
    fit = fit_parametric_survival(d["time"], d["event"], X, form)

    same(fit, r[form])
    assert fit.scale == pytest.approx(r[form]["scale"], rel=1e-6)


def test_counts_of_people_who_differ_are_those_of_glm_nb(d, X, r):
    fit = fit_negative_binomial(d["count"], X, d["weight"])

    same(fit, r["negative_binomial"])
    assert 1 / fit.dispersion == pytest.approx(r["negative_binomial"]["theta"], rel=1e-6)


def test_odds_are_those_of_glm(d, X, r):
    same(fit_logistic(d["y"], X), r["logistic"])


def test_firths_odds_stay_finite_where_an_arm_has_no_outcome(d, X, r):
    fit = fit_logistic(d["lone"], X, firth=True)

    assert fit.coefficients == pytest.approx(r["firth"]["b"], rel=1e-6)
    assert fit.covariance == pytest.approx(np.array(r["firth"]["v"]), rel=1e-6)
    with pytest.raises(FailedFit, match="separation"):
        fit_logistic(d["lone"], X)


@pytest.mark.parametrize(("guess", "close"), [("independence", 1e-6), ("exchangeable", 1e-3)])
def test_marginal_effects_are_those_of_geepack(d, X, r, guess, close):
    visit = np.arange(200) % 4

    fit = fit_gee(d["y"], X, d["cluster"], visit, correlation=guess, small_sample=False)

    error = np.sqrt(np.diag(r[guess]["v"]))
    assert (fit.coefficients - r[guess]["b"]) / error == pytest.approx(0, abs=close)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(error, rel=close)


def test_few_people_make_the_corrected_variance_wider_than_the_robust_one(d, X):
    visit = np.arange(200) % 4

    plain, corrected = (
        fit_gee(d["y"], X, d["cluster"], visit, small_sample=wish) for wish in (False, True)
    )

    assert np.all(np.diag(corrected.covariance) > np.diag(plain.covariance))


def test_events_that_come_again_are_modelled_as_by_coxph_with_clusters(table, r):
    s = table.sort_values(["cluster", "start"], kind="stable")
    to = s.groupby("cluster")["time"].cumsum().to_numpy()
    start = to - s["time"].to_numpy()
    given = start, to, s["event"].to_numpy(), s[["arm", "age"]].to_numpy(), s["cluster"].to_numpy()

    same(andersen_gill(*given), r["ag"])
    same(prentice_williams_peterson(*given), r["pwp_total"])
    same(prentice_williams_peterson(*given, gap=True), r["pwp_gap"])


def test_rank_tests_are_those_of_coin(d, r):
    treated = d["arm"] == 1

    assert wilcoxon(d["v"], treated).statistic == pytest.approx(r["wilcoxon"], rel=1e-9)
    strata = wilcoxon(d["v"], treated, d["site"]).statistic
    assert strata == pytest.approx(r["van_elteren"], rel=1e-9)
    assert rank_ancova(d["v"], d["arm"], d["age"]).statistic == pytest.approx(r["quade"], rel=1e-9)


def test_holm_and_hochberg_adjust_as_r_does(r):
    assert holm(P) == pytest.approx(r["holm"])
    assert hochberg(P) == pytest.approx(r["hochberg"])


def test_a_graph_that_passes_equal_shares_to_all_others_is_holms_test():
    names = tuple("abcde")
    graph = Graph(names, np.full(5, 0.2), (np.ones((5, 5)) - np.eye(5)) / 4)

    found = graphical(dict(zip(names, P, strict=True)), graph)

    assert list(found.values()) == pytest.approx(list(holm(P)))


def test_a_graph_that_is_a_chain_tests_in_a_fixed_order():
    graph = Graph(("a", "b", "c"), np.array([1.0, 0, 0]), np.eye(3, k=1))

    found = graphical({"a": 0.01, "b": 0.06, "c": 0.001}, graph)

    assert found == pytest.approx({"a": 0.01, "b": 0.06, "c": 0.06})


def test_a_graph_that_gives_away_more_than_it_has_is_refused():
    with pytest.raises(InputError, match="sum to at most 1"):
        Graph(("a", "b"), np.array([0.8, 0.8]), np.zeros((2, 2)))


def test_days_without_extra_variation_between_people_have_the_binomials_odds():
    draw = np.random.default_rng(4)
    arm, n = np.arange(400) % 2, np.full(400, 28)
    share = draw.beta(*np.where(arm, [[3.0], [2.0]], [[2.0], [3.0]]))
    k = draw.binomial(n, share)

    fit = fit_beta_binomial(k, n, arm)

    assert fit.dispersion == pytest.approx(1 / 6, abs=0.03)
    assert fit.coefficients[1] == pytest.approx(2 * np.log(1.5), abs=0.3)
    total = [k[arm == one].sum() / n[arm == one].sum() for one in (0, 1)]
    assert fit.coefficients[0] == pytest.approx(np.log(total[0] / (1 - total[0])), abs=0.05)


def test_a_pair_is_won_by_the_longer_time_only_if_the_shorter_one_ends_with_the_event(d):
    treated, time, event = d["arm"] == 1, d["time"], d["event"].astype(bool)

    found = compare_pairs(treated, [Outcome(time, event)])

    wins = losses = 0
    for i in np.flatnonzero(treated):
        for j in np.flatnonzero(~treated):
            wins += event[j] and time[i] > time[j]
            losses += event[i] and time[j] > time[i]
    assert found.win_ratio == pytest.approx(wins / losses)
    assert found.net_benefit == pytest.approx((wins - losses) / (treated.sum() * (~treated).sum()))


def test_the_error_of_the_net_benefit_covers_what_repeated_trials_show():
    draw = np.random.default_rng(8)
    treated = np.arange(60) < 30
    found = [
        compare_pairs(treated, [Outcome(draw.normal(size=60) + 0.4 * treated)]) for _ in range(400)
    ]

    spread = np.std([one.net_benefit for one in found])
    assert np.mean([one.net_benefit_error for one in found]) == pytest.approx(spread, rel=0.1)


def test_the_second_outcome_decides_only_what_the_first_leaves_open(d):
    treated, first = d["arm"] == 1, d["y"].astype(float)

    alone = compare_pairs(treated, [Outcome(first)])
    both = compare_pairs(treated, [Outcome(first), Outcome(d["v"])])

    assert both.wins > alone.wins and both.losses > alone.losses
    assert both.ties < alone.ties
    assert both.wins + both.losses + both.ties == pytest.approx(1)
