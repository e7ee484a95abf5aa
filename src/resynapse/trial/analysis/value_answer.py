"""What do analyses of outcomes, counts, ranks and pairs report?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.trial.analysis import data as of
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.answer import Answer, Estimate, Test, effects, few_groups, wald
from resynapse.trial.analysis.binary import fit_logistic
from resynapse.trial.analysis.counts import fit_beta_binomial, fit_negative_binomial
from resynapse.trial.analysis.gee import fit_gee
from resynapse.trial.analysis.pairwise import Outcome, Pairwise, compare_pairs
from resynapse.trial.analysis.plan import (
    BetaBinomialPlan,
    GeePlan,
    LogisticPlan,
    NegativeBinomialPlan,
    OutcomePlan,
    Plan,
    RankAncovaPlan,
    WilcoxonPlan,
    WinRatioPlan,
)
from resynapse.trial.analysis.ranks import rank_ancova, wilcoxon


def _require(data: of.ValueData, wrong: np.ndarray, what: str, remedy: str) -> None:
    tables.refuse_rows(data.rows, wrong, data.names("value"), what, remedy)


def answer_logistic(table: pd.DataFrame, plan: Plan, wish: LogisticPlan) -> Answer:
    """Ratios of odds."""
    data = of.value_data(table, plan, wish)
    _require(data, ~np.isin(data.value, (0.0, 1.0)), "is neither 0 nor 1", "Write 1 for yes.")
    fit = fit_logistic(data.value, data.design.columns, firth=wish.firth)
    labels = data.design.labels("odds ratio")
    return Answer(
        wish.name or "",
        wish.method,
        "logistic regression" + (", Firth's penalised likelihood" if wish.firth else ""),
        n=len(data.value),
        events=int(data.value.sum()),
        estimates=effects(labels, fit.coefficients[1:], fit.covariance[1:, 1:], plan.confidence),
        log_likelihood=fit.log_likelihood,
    )


def answer_negative_binomial(table: pd.DataFrame, plan: Plan, wish: NegativeBinomialPlan) -> Answer:
    """Ratios of rates."""
    data = of.value_data(table, plan, wish)
    wrong = (data.value < 0) | (data.value != np.round(data.value))
    _require(data, wrong, "is no count", "Write whole numbers from 0 on.")
    exposure = None if wish.exposure is None else tables.numbers(data.rows, wish.exposure)
    if exposure is not None and wish.exposure is not None:
        remedy = "Leave out people who were not observed."
        tables.refuse_rows(data.rows, exposure <= 0, wish.exposure, "is not above zero", remedy)
    fit = fit_negative_binomial(data.value, data.design.columns, exposure)
    labels = data.design.labels("rate ratio")
    return Answer(
        wish.name or "",
        wish.method,
        "negative binomial regression",
        n=len(data.value),
        events=int(data.value.sum()),
        estimates=effects(labels, fit.coefficients[1:], fit.covariance[1:, 1:], plan.confidence),
        log_likelihood=fit.log_likelihood,
        details={"dispersion": fit.dispersion},
    )


def answer_beta_binomial(table: pd.DataFrame, plan: Plan, wish: BetaBinomialPlan) -> Answer:
    """Ratios of odds of a day."""
    data = of.value_data(table, plan, wish)
    trials = tables.numbers(data.rows, wish.trials)
    wrong = (data.value < 0) | (data.value > trials) | (data.value != np.round(data.value))
    _require(data, wrong, f"is no number of days within {wish.trials}", "Count days of days.")
    unseen = int(np.sum(trials == 0))
    fit = fit_beta_binomial(data.value, trials, data.design.columns)
    labels = data.design.labels("odds ratio")
    return Answer(
        wish.name or "",
        wish.method,
        "beta-binomial regression",
        n=len(data.value) - unseen,
        estimates=effects(labels, fit.coefficients[1:], fit.covariance[1:, 1:], plan.confidence),
        log_likelihood=fit.log_likelihood,
        notes=(f"{unseen} with 0 in {wish.trials} tell nothing and are not counted",)
        * bool(unseen),
        details={"correlation": fit.dispersion},
    )


def answer_gee(table: pd.DataFrame, plan: Plan, wish: GeePlan) -> Answer:
    """Marginal effects."""
    data = of.value_data(table, plan, wish, once=False)
    names = data.names
    tables.require_once(data.rows, [names("person"), names("visit")])
    of.require_one_arm(data.rows, names)
    person = tables.categories(data.rows, names("person"))
    visit = tables.numbers(data.rows, names("visit"))
    if wish.family == "binomial":
        _require(data, ~np.isin(data.value, (0.0, 1.0)), "is neither 0 nor 1", "Write 1 for yes.")
    fit = fit_gee(
        data.value, data.design.columns, np.unique(person, return_inverse=True)[1], visit,
        family=wish.family, correlation=wish.correlation, small_sample=wish.small_sample,
    )  # fmt: skip
    quantity = {"binomial": "odds ratio", "poisson": "rate ratio"}.get(wish.family, "difference")
    scale = "identity" if wish.family == "gaussian" else "log"
    said = f"generalised estimating equations, {wish.family}, {wish.correlation} correlation"
    said += ", Mancl-DeRouen variance" if wish.small_sample else ", robust variance"
    b, V = fit.coefficients[1:], fit.covariance[1:, 1:]
    return Answer(
        wish.name or "",
        wish.method,
        said,
        n=len(set(person)),
        estimates=effects(data.design.labels(quantity), b, V, plan.confidence, scale),
        notes=() if wish.small_sample else few_groups(len(set(person))),
        details={"correlation": fit.correlation, "rows": len(person)},
    )


def answer_wilcoxon(table: pd.DataFrame, plan: Plan, wish: WilcoxonPlan) -> Answer:
    """Every arm against the reference."""
    data = of.value_data(table, plan, wish)
    strata, arms = of.stratum(data.rows, wish.strata), data.design.arms
    estimates, tests = [], []
    for number, arm in enumerate(arms[1:], start=1):
        here = np.isin(data.arm, (0, number))
        labels = None if strata is None else strata[here]
        found = wilcoxon(data.value[here], data.arm[here] == number, labels)
        pair = f"{arm} against {arms[0]}"
        estimates.append(Estimate(f"Hodges-Lehmann shift, {pair}", found.shift or 0.0))
        estimates.append(
            Estimate(f"probability of a higher value, {pair}", found.probability or 0.0)
        )
        tests.append(Test(f"Wilcoxon z, {pair}", found.statistic, None, found.p_value))
    said = "Wilcoxon rank-sum test, normal, no continuity correction"
    notes: tuple[str, ...] = ()
    if strata is not None:
        said = f"van Elteren test, strata {', '.join(wish.strata)}"
        notes = ("shift and probability are those of all strata together",)
    return Answer(
        wish.name or "", wish.method, said, n=len(data.value), estimates=tuple(estimates),
        tests=tuple(tests), notes=notes,
    )  # fmt: skip


def answer_rank_ancova(table: pd.DataFrame, plan: Plan, wish: RankAncovaPlan) -> Answer:
    """All arms at once."""
    data = of.value_data(table, plan, wish)
    columns = data.design.columns[:, len(data.design.arms) - 1 :]
    found = rank_ancova(data.value, data.arm, columns)
    first, second = found.degrees_of_freedom or (0, 0)
    test = Test("rank_ancova", found.statistic, first, found.p_value, second)
    said = f"Quade's rank analysis of covariance, adjusted for {', '.join(wish.covariates)}"
    return Answer(wish.name or "", wish.method, said, n=len(data.value), tests=(test,))


def answer_win_ratio(table: pd.DataFrame, plan: Plan, wish: WinRatioPlan) -> Answer:
    """Every arm against the reference."""
    rows, names = of.rows_of(table, plan, wish)
    if names("person") in rows.columns:
        tables.require_once(rows, [names("person")])
    arm, arms = tables.arms(rows, names("arm"), names.reference)
    outcomes = [_outcome(rows, one) for one in wish.outcomes]
    estimates: list[Estimate] = []
    for number, name in enumerate(arms[1:], start=1):
        here = np.isin(arm, (0, number))
        found = compare_pairs(arm[here] == number, [_rows(one, here) for one in outcomes])
        estimates += _pairwise(found, f"{name} against {arms[0]}", plan.confidence)
    said = "generalised pairwise comparisons of " + ", then ".join(
        one.value for one in wish.outcomes
    )
    return Answer(wish.name or "", wish.method, said, n=len(rows), estimates=tuple(estimates))


def _outcome(rows: pd.DataFrame, wish: OutcomePlan) -> Outcome:
    event = None if wish.event is None else tables.indicator(rows, wish.event)
    value = tables.numbers(rows, wish.value)
    if np.ptp(value) == 0.0:
        raise InputError(f"Column {wish.value!r} has the same value in every row.")
    return Outcome(value, event, wish.higher_is_better, wish.threshold)


def _rows(one: Outcome, here: np.ndarray) -> Outcome:
    event = None if one.event is None else one.event[here]
    return Outcome(one.value[here], event, one.higher_is_better, one.threshold)


def _pairwise(found: Pairwise, pair: str, confidence: float) -> Sequence[Estimate]:
    ratio, odds = np.log(found.win_ratio), np.log(found.win_odds)
    shares = {"wins": found.wins, "losses": found.losses, "ties": found.ties}
    return [
        wald(f"win ratio, {pair}", ratio, found.log_win_ratio_error, confidence, scale="log"),
        wald(f"win odds, {pair}", odds, found.log_win_odds_error, confidence, scale="log"),
        wald(f"net benefit, {pair}", found.net_benefit, found.net_benefit_error, confidence),
        *(Estimate(f"share of {name}, {pair}", share) for name, share in shares.items()),
    ]
