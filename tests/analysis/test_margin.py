"""Is an effect held against a margin as R holds it, and do words and interval agree with it?"""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import special
from typer.testing import CliRunner

from analysis.trial_tables import records, repeated_table, survival_table
from oracle import in_r
from resynapse.cli.command_line import app
from resynapse.input_error import InputError
from resynapse.trial.analysis import analyse, parse_plan
from resynapse.trial.analysis.plan import Plan
from resynapse.trial.analysis.risk_difference import Shares
from resynapse.trial.design.rates import rates
from resynapse.trial.design.sequential import Looks

SCRIPT = """
library(survival)
# the likeliest shares with a given difference, searched for, where ours are the root of a cubic
variance <- function(x1, n1, x0, n0, gap, more) {
  less <- function(q) -(dbinom(x1, n1, q, log = TRUE) + dbinom(x0, n0, q - gap, log = TRUE))
  q <- optimize(less, c(max(0, gap), min(1, 1 + gap)) + c(1e-12, -1e-12), tol = 1e-12)$minimum
  (q * (1 - q) / n1 + (q - gap) * (1 - q + gap) / n0) * more
}
score <- function(t, gap, within) {
  N <- t$n1 + t$n0; w <- t$n1 * t$n0 / N
  v <- mapply(variance, t$x1, t$n1, t$x0, t$n0, gap, if (within) N / (N - 1) else 1)
  sum(w * (t$x1 / t$n1 - t$x0 / t$n0 - gap)) / sqrt(sum(w^2 * v))
}
ends <- function(t, within) sapply(c(1, -1) * qnorm(0.975), function(z)
  uniroot(function(gap) score(t, gap, within) - z, c(-0.9, 0.9), tol = 1e-12)$root)
counts <- function(d) data.frame(n1 = sum(d$arm), x1 = sum(d$y[d$arm == 1]),
                                 n0 = sum(1 - d$arm), x0 = sum(d$y[d$arm == 0]))
whole <- counts(d); strata <- do.call(rbind, lapply(split(d, d$site), counts))
stages <- rpact::getStageResults(
  rpact::getDesignGroupSequential(kMax = 2),
  dataInput = rpact::getDataset(n1 = whole$n1, n2 = whole$n0, events1 = whole$x1,
                                events2 = whole$x0),
  thetaH0 = -0.12, directionUpper = TRUE, stage = 1)
t <- t.test(d$v[d$arm == 1], d$v[d$arm == 0], mu = -0.4, alternative = "greater")
ratio <- summary(coxph(Surv(time, event) ~ arm + age, d))$coefficients["arm", ]
wald <- (ratio["coef"] - log(1.3)) / ratio["se(coef)"]
list(
  rpact = c(stages$overallTestStatistics[1], stages$overallPValues[1]),
  whole = c(score(whole, -0.12, FALSE), ends(whole, FALSE)),
  strata = c(score(strata, 0.12, TRUE), ends(strata, TRUE)),
  welch = unname(c(t$statistic, t$parameter, t$p.value)),
  cox = unname(c(wald, pnorm(wald)))
)
"""


@pytest.fixture(scope="module")
def table():
    table, draw = survival_table(n=240), np.random.default_rng(6)
    table = table.drop(columns="person").assign(cause=lambda rows: rows["event"])
    table["y"] = (draw.random(240) < 0.5 + 0.1 * table["site"] - 0.05 * table["arm"]) * 1
    table["v"] = (draw.normal(size=240) * (1.0 + table["arm"])).round(2)
    each = draw.beta(2, 3, 240)
    return table.assign(count=draw.poisson(8 * each), days=30, free=draw.binomial(30, each))


@pytest.fixture(scope="module")
def r(table):
    return in_r(SCRIPT, d=records(table))


def worded(table):
    return pd.DataFrame(records(table)).assign(arm=np.where(table["arm"] == 1, "new", "old"))


def answered(table, *wishes, more=""):
    text = "".join(f"  - {{{wish}}}\n" for wish in wishes)
    plan = parse_plan(f"reference: old\nanalyses:\n{text}{more}", "plan")
    return analyse(worded(table), plan)


def held(table, wish, more=""):
    answer = answered(table, wish, more=more)[0]
    assert answer.failed is None, answer.failed
    return answer, answer.margins[0]


ABSTINENT = "method: risk_difference, value: y, margin: 0.12, higher_is_better: true"


def test_a_difference_of_shares_at_a_margin_is_tested_as_by_rpact(table, r):
    _, found = held(table, ABSTINENT)

    assert (found.statistic, found.p_value) == pytest.approx(r["rpact"], rel=1e-9)


def test_shares_at_a_margin_have_the_score_and_interval_of_the_likeliest_that_r_finds(table, r):
    answer, found = held(table, ABSTINENT)

    one = answer.estimates[0]
    assert (found.statistic, one.low, one.high) == pytest.approx(r["whole"], rel=1e-6)


def test_shares_within_strata_have_the_score_and_interval_of_the_likeliest_that_r_finds(table, r):
    wish = "method: risk_difference, value: y, strata: [site], margin: 0.12"
    answer, found = held(table, f"{wish}, higher_is_better: false")

    one = answer.estimates[0]
    assert (found.statistic, one.low, one.high) == pytest.approx(r["strata"], rel=1e-6)
    assert found.p_value == pytest.approx(special.ndtr(r["strata"][0]), rel=1e-6)


def test_a_difference_of_means_at_a_margin_is_that_of_t_test(table, r):
    wish = "method: mean_difference, value: v, margin: 0.4, higher_is_better: true"
    _, found = held(table, wish)

    said = (found.statistic, found.degrees_of_freedom, found.p_value)
    assert said == pytest.approx(r["welch"], rel=1e-9)


def test_a_ratio_of_hazards_at_a_margin_is_that_of_coxph(table, r):
    wish = "method: cox, covariates: [age], margin: 1.3, higher_is_better: false"
    answer, found = held(table, wish)

    assert (found.statistic, found.p_value) == pytest.approx(r["cox"], rel=1e-9)
    assert len(answer.estimates) == 2 and len(answer.margins) == 1


def test_the_score_at_no_difference_is_the_test_of_none(table):
    for stratified in (False, True):
        draw = np.random.default_rng(2)
        n_1, n_0 = draw.integers(5, 30, (2, 4 if stratified else 1)).astype(float)
        shares = Shares(n_1, draw.binomial(n_1.astype(int), 0.6) * 1.0, n_0,
                        draw.binomial(n_0.astype(int), 0.4) * 1.0, stratified)  # fmt: skip

        assert shares.score(0.0) == pytest.approx(float(shares.difference().z), rel=1e-12)


def played_out(people, p_1, p_0, margin, strata, trials=3000):
    """Share of trials in which a one-sided 2.5 % test shows that p_1 is not lower by a margin."""
    draw, n = np.random.default_rng(11), np.full(strata, float(people))
    shown = [
        Shares(n, draw.binomial(people, p_1, strata) * 1.0, n,
               draw.binomial(people, p_0, strata) * 1.0, strata > 1).score(-margin) > 1.959964
        for _ in range(trials)
    ]  # fmt: skip
    return np.mean(shown)


def test_a_trial_of_the_size_that_design_gives_has_its_power_and_its_level():
    looks = Looks(alpha=0.025, power=0.8)
    people = round(rates(looks, 0.6, 0.6, margin=0.15).n_fixed / 2)

    error = np.sqrt(0.8 * 0.2 / 3000)
    assert played_out(people, 0.6, 0.6, 0.15, 1) == pytest.approx(0.8, abs=3 * error)
    assert played_out(people, 0.45, 0.6, 0.15, 1) == pytest.approx(0.025, abs=0.01)


@pytest.mark.parametrize(("people", "strata"), [(40, 3), (4, 20)])
def test_strata_that_differ_keep_the_level_at_the_margin(people, strata):
    p_0 = np.linspace(0.4, 0.8, strata)

    found = played_out(people, p_0 - 0.1, p_0, 0.1, strata)

    assert found == pytest.approx(0.025, abs=3 * np.sqrt(0.025 * 0.975 / 3000))


WISHES = {
    "risk_difference, value: y": 0.1,
    "risk_difference, value: y, strata: [site]": 0.1,
    "mean_difference, value: v": 0.3,
    "mean_difference, value: v, covariates: [age]": 0.3,
    "restricted_mean, horizon: 10": 1.0,
    "gee, value: v, visit: start, person: id, family: gaussian": 0.3,
    "cox": 1.3,
    "fine_gray, event: cause": 1.3,
    "cause_specific, event: cause": 1.3,
    "recurrent, start: start, person: id": 1.3,
    "parametric_survival": 1.3,
    "logistic, value: y": 1.6,
    "negative_binomial, value: count": 1.2,
    "beta_binomial, value: free, trials: days": 1.2,
    "gee, value: y, visit: start, person: id": 1.6,
}
"""Method and options -> a margin of it"""


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("asked", ["higher", "lower", "both"])
@pytest.mark.parametrize("wish", WISHES)
def test_what_is_shown_at_a_margin_is_what_the_interval_clears(table, wish, asked, wide):
    margin, ratio = WISHES[wish], WISHES[wish] > 1
    margin = margin * 2.5 if wide else margin / 50 if not ratio else margin**0.05
    edge = 1 / margin if ratio else -margin
    given = edge if ratio and asked == "higher" else margin
    side = {"higher": "higher_is_better: true", "lower": "higher_is_better: false"}
    rows = table.assign(id=np.arange(len(table)))

    answer, found = held(
        rows, f"method: {wish}, margin: {given}, {side.get(asked, 'equivalence: true')}"
    )

    one = next(one for one in answer.estimates if found.name.endswith(f", {one.quantity}"))
    above, below = one.low > edge, one.high < margin
    assert found.shown == {"higher": above, "lower": below, "both": above and below}[asked]
    assert found.null == pytest.approx({"higher": (edge,), "lower": (margin,)}.get(
        asked, (edge, margin)))  # fmt: skip
    assert ("not shown" in found.said) == (not found.shown)


OWN_COURSE = "reference_based_imputation, rule: missing_at_random, imputations: 20"


def test_a_p_of_equivalence_is_the_larger_of_two_sides(table):
    wish = "method: mean_difference, value: v, margin: 0.3"
    sides = [held(table, f"{wish}, higher_is_better: {way}")[1] for way in ("true", "false")]

    _, both = held(table, f"{wish}, equivalence: true")

    assert both.p_value == max(one.p_value for one in sides)
    assert "Equivalence" in both.said and "-0.3 or less, and H0, 0.3 or more" in both.said


@pytest.mark.parametrize("method", ["mixed_model", OWN_COURSE])
def test_each_visit_is_held_against_the_margin(method):
    rows = repeated_table().assign(arm=lambda one: np.where(one["arm"] == 1, "new", "old"))
    wish = f"{{method: {method}, margin: 8, higher_is_better: false}}"

    (found,) = analyse(rows, parse_plan(f"reference: old\nanalyses: [{wish}]", "plan"))

    gaps = [one for one in found.estimates if one.quantity.startswith("difference at")]
    assert len(found.margins) == len(gaps) == 4
    for one, test in zip(gaps, found.margins, strict=True):
        t = (one.estimate - 8) / one.standard_error
        assert test.statistic == pytest.approx(t, rel=1e-12)
        assert test.p_value == pytest.approx(special.stdtr(one.degrees_of_freedom, t), rel=1e-9)
        assert test.name == f"non-inferiority, {one.quantity}"


def test_of_three_arms_each_is_held_against_the_reference_alone(table):
    rows = worded(table)
    rows.loc[::3, "arm"] = "other"
    text = "method: restricted_mean, horizon: 10, margin: 1, higher_is_better: true"

    (found,) = analyse(rows, parse_plan(f"reference: old\nanalyses: [{{{text}}}]", "plan"))

    assert [one.name for one in found.margins] == [
        f"non-inferiority, restricted mean to 10, {arm} less old" for arm in ("new", "other")
    ]


def test_arms_in_which_all_are_abstinent_are_held_against_the_margin():
    rows = pd.DataFrame({"arm": ["old", "new", "third"] * 40, "y": [1, 1, 0] * 40})
    wish = f"{{{ABSTINENT}}}"

    (found,) = analyse(rows, parse_plan(f"reference: old\nanalyses: [{wish}]", "plan"))

    same, worse = found.margins
    z = 0.12 / np.sqrt(0.12 * 0.88 / 40)
    assert (same.shown, same.statistic) == (True, pytest.approx(z, rel=1e-6))
    assert found.estimates[0].low == pytest.approx(-(1.959964**2) / (40 + 1.959964**2), rel=1e-6)
    assert (worse.shown, found.estimates[1].low) == (False, -1.0)
    assert worse.said.endswith("All of it lies beyond the margin.")
    assert [one.p_value is None for one in found.tests] == [True, False]


def test_several_hypotheses_take_twice_the_one_sided_p_and_have_the_last_word(table):
    more = (
        "multiplicity:\n  method: bonferroni\n  hypotheses:\n    - {analysis: abstinent}\n"
        "    - {analysis: mean}\n"
    )
    wishes = (f"name: abstinent, {ABSTINENT}", "name: mean, method: mean_difference, value: v")

    abstinent, mean, found = answered(table, *wishes, more=more)

    one = abstinent.margins[0].p_value
    assert found.details["unadjusted"] == pytest.approx(
        {"abstinent": 2 * one, "mean": mean.estimates[0].p_value}
    )
    assert found.tests[0].p_value == pytest.approx(4 * one)
    verdict = "" if 4 * one <= 0.05 else "not "
    said = f"{verdict}shown at one-sided 2.5 % for all hypotheses together"
    held_to = "non-inferiority, risk difference, new against old"
    assert found.notes[1] == f"abstinent, {held_to}: {said}"
    assert abstinent.margins[0].shown_together is (4 * one <= 0.05)
    assert abstinent.margins[0].said.startswith("By itself, non-inferiority is ")
    assert abstinent.margins[0].said.endswith(f"Multiplicity has the last word: {said}.")


def test_a_hypothesis_may_name_the_test_of_no_difference_beside_the_margin(table):
    more = (
        "multiplicity:\n  method: holm\n  hypotheses:\n    - {analysis: abstinent, quantity: "
        "'z of two shares, new against old'}\n    - {analysis: mean}\n"
    )
    wishes = (f"name: abstinent, {ABSTINENT}", "name: mean, method: mean_difference, value: v")

    abstinent, _, found = answered(table, *wishes, more=more)

    assert found.details["unadjusted"]["abstinent"] == abstinent.tests[0].p_value
    assert abstinent.margins[0].said.endswith("It is not among the hypotheses of multiplicity.")
    assert abstinent.margins[0].shown_together is None and not found.notes


def test_a_difference_without_an_error_is_not_shown_and_counts_as_p_1(table):
    rows = table.assign(event=lambda one: one["event"] * one["arm"], time=lambda one: np.where(
        one["arm"] == 1, one["time"], 40))  # fmt: skip
    area = "name: area, method: restricted_mean, horizon: 5, margin: 1, higher_is_better: true"
    more = "multiplicity: {method: holm, hypotheses: [{analysis: area}, {analysis: mean}]}"
    found = answered(rows, area, "name: mean, method: mean_difference, value: v", more=more)

    (one,) = found[0].margins
    assert (one.shown, one.p_value) == (None, None) and "No test of non-inferiority" in one.said
    assert found[-1].details["unadjusted"]["area"] == 1.0


REFUSED = {
    "method: cox, margin: 1.3": "say which way is worse",
    "method: mean_difference, margin: -2, higher_is_better: true": "is above 0, how much worse",
    "method: risk_difference, margin: 10, higher_is_better: true": "lies below 1: 0.1 is 10 points",
    "method: restricted_mean, horizon: 9, margin: 9, higher_is_better: true": "the horizon, 9",
    "method: cox, margin: 0, higher_is_better: false": "between 0.01 and 100 and is not 1",
    "method: cox, margin: 1, equivalence: true": "between 0.01 and 100 and is not 1",
    "method: cox, margin: 1e-320, higher_is_better: true": "between 0.01 and 100",
    "method: cox, margin: 1.25, higher_is_better: true": "lies below 1, such as 0.8",
    "method: gee, margin: 0.5, higher_is_better: false": "lies above 1, such as 2",
    "method: gee, family: gaussian, margin: -1, higher_is_better: false": "difference is above 0",
    "method: cox, higher_is_better: false": "none is given",
    "method: cox, equivalence: true": "none is given",
    "method: cox, margin: 1.3, equivalence: true, higher_is_better: false": "looks both ways",
    "method: cox, margin: true, higher_is_better: false": "valid number",
    "method: log_rank, margin: 1.3": "log_rank takes no margin here",
    "method: wilcoxon, higher_is_better: true": "wilcoxon takes no margin here",
    "method: reference_based_imputation, margin: 2, equivalence: true": "draws the arms together",
    "method: mean_difference, margin: 2, higher_is_better: true": "name its arm",
}


@pytest.mark.parametrize("wish", REFUSED)
def test_a_margin_that_says_nothing_or_too_much_is_refused_with_its_line(wish):
    with pytest.raises(InputError) as refused:
        parse_plan(f"arm: arm\nanalyses:\n  - {{{wish}}}\n", "plan.yaml")

    assert REFUSED[wish] in refused.value.message and "line 3" in refused.value.message


def test_a_margin_of_the_whole_plan_is_refused():
    with pytest.raises(InputError, match="line 1, margin: this is said in one analysis"):
        parse_plan("margin: 0.1\nanalyses:\n  - method: cox\n", "plan.yaml")


def test_a_plan_made_in_python_is_held_to_the_same(table):
    plan = Plan.model_validate({"analyses": [{"method": "cox", "margin": 1.3}]})

    with pytest.raises(InputError, match="'1 cox': margin: say which way is worse"):
        analyse(worded(table), plan)


def test_the_command_says_h0_p_interval_and_verdict(table, tmp_path):
    data, plan = tmp_path / "data.csv", tmp_path / "plan.yaml"
    worded(table).to_csv(data, index=False)
    plan.write_text(f"reference: old\nconfidence: 0.9\nanalyses:\n  - {{{ABSTINENT}}}\n")
    command = partial(CliRunner().invoke, app, env={"COLUMNS": "300"})

    shown = command(["analyse", str(data), "--plan", str(plan)])
    found = json.loads(command(["analyse", str(data), "--plan", str(plan), "--json"]).stdout)

    (one,) = found["analyses"][0]["margins"]
    low, high = (found["analyses"][0]["estimates"][0][end] for end in ("low", "high"))
    assert (one["null"], one["alpha"], one["shown"]) == ([-0.12], pytest.approx(0.05), low > -0.12)
    assert one["said"] == (
        f"Non-inferiority is {'' if one['shown'] else 'not '}shown (risk difference, new against "
        f"old). H0, -0.12 or less, is {'' if one['shown'] else 'not '}rejected at one-sided 5 % "
        f"(p {one['p_value']:.4f}); the 90 % interval is {low:.4g} to {high:.4g}."
    )
    assert one["said"] in " ".join(shown.stdout.split())
    assert "H0 -0.12, one-sided" in shown.stdout and shown.exit_code == 0
