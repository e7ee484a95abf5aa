"""What do the survival analyses of a plan report?"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import special

from resynapse.trial.analysis import data as of
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.answer import Answer, Estimate, Test, effects, few_groups, wald
from resynapse.trial.analysis.cox import Cox, fit_cox
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.log_rank import LogRank, log_rank, max_combo, weighted_scores
from resynapse.trial.analysis.plan import (
    CoxPlan,
    KaplanMeierPlan,
    LogRankPlan,
    MaxComboPlan,
    Plan,
    RestrictedMeanPlan,
)
from resynapse.trial.analysis.proportional_hazards import proportional_hazards_test
from resynapse.trial.analysis.restricted_mean import (
    RestrictedMean,
    restricted_mean,
    stratified_difference,
)
from resynapse.trial.kaplan_meier import kaplan_meier


def _summary(data: of.SurvivalData) -> dict:
    """Number of rows and events; refused where no one had the event."""
    if not data.event.any():
        raise FailedFit("no one had the event, all are censored")
    return {"n": len(data.time), "events": int(data.event.sum())}


def answer_kaplan_meier(table: pd.DataFrame, plan: Plan, wish: KaplanMeierPlan) -> Answer:
    """Shares without the event at the times asked for, and medians, in each arm."""
    data = of.survival_data(table, plan, wish)
    counts = _summary(data)
    estimates = []
    for number, arm in enumerate(data.arms):
        here = data.arm == number
        curve = kaplan_meier(data.time[here], data.event[here], plan.confidence)
        for time in data.reached(wish.at, number):
            low, high = curve.interval(time)
            S, error = float(curve.at(time)), float(curve.error(time))
            estimates.append(
                Estimate(f"survival at {time:g}, {arm}", S, error, float(low), float(high))
            )
        middle, low, high = curve.median
        if middle is not None:
            estimates.append(Estimate(f"median, {arm}", middle, None, low, high))
    said = "Kaplan-Meier, Greenwood's error, interval on the log-log scale"
    notes = data.not_reached(wish.at)
    return Answer(
        wish.name or "", wish.method, said, **counts, estimates=tuple(estimates), notes=notes
    )


def answer_log_rank(table: pd.DataFrame, plan: Plan, wish: LogRankPlan) -> Answer:
    """A chi-square of all arms at once."""
    data = of.survival_data(table, plan, wish)
    strata = of.stratum(data.rows, wish.strata)
    found = log_rank(data.time, data.event, data.arm, strata, wish.rho, wish.gamma)
    said = "log-rank test" + _stratified(wish.strata)
    if wish.rho or wish.gamma:
        said += f", Fleming-Harrington weights rho {wish.rho:g}, gamma {wish.gamma:g}"
    answer = _tested(data, wish, said, "log_rank", found)
    return replace(answer, estimates=_excess(data, strata, wish))


def _excess(
    data: of.SurvivalData, strata: np.ndarray | None, wish: LogRankPlan
) -> tuple[Estimate, ...]:
    """Events less those expected under no difference, in every arm but the reference.

    Below 0 where an arm has fewer; the direction, which a chi-square does not tell.
    """
    weights = ((wish.rho, wish.gamma),)
    scores = weighted_scores(data.time, data.event, data.arm, strata, weights)
    errors = np.sqrt(np.diag(scores.covariance[0, 0]))
    weighted = ", weighted" if wish.rho or wish.gamma else ""
    return tuple(
        Estimate(f"events less expected{weighted}, {arm}", float(gap), float(error))
        for arm, gap, error in zip(data.arms[1:], scores.difference[0], errors, strict=True)
    )


def answer_max_combo(table: pd.DataFrame, plan: Plan, wish: MaxComboPlan) -> Answer:
    """The combination of equal, early, middle and late weights."""
    data = of.survival_data(table, plan, wish)
    if len(data.arms) != 2:
        raise FailedFit(f"MaxCombo compares two arms, and there are {len(data.arms)}")
    found = max_combo(data.time, data.event, data.arm, of.stratum(data.rows, wish.strata))
    said = "MaxCombo of Fleming-Harrington (0,0), (0,1), (1,1), (1,0)" + _stratified(wish.strata)
    return _tested(data, wish, said, "max_combo", found)


def _tested(
    data: of.SurvivalData, wish: LogRankPlan | MaxComboPlan, said: str, name: str, found: LogRank
) -> Answer:
    counts = _summary(data)
    if found.statistic is None:
        raise FailedFit(
            "the arms were never at risk together when someone had the event, or, where events are "
            "weighted, not at two different times of events"
        )
    degrees = float(found.degrees_of_freedom) if name == "log_rank" else None
    test = Test(name, found.statistic, degrees, found.p_value)
    return Answer(wish.name or "", wish.method, said, **counts, tests=(test,))


def answer_cox(table: pd.DataFrame, plan: Plan, wish: CoxPlan) -> Answer:
    """Ratios of hazards of every arm against the reference, and of covariates."""
    data = of.survival_data(table, plan, wish, once=wish.start is None and wish.person is None)
    counts = _summary(data)
    start = None if wish.start is None else tables.times(data.rows, wish.start)
    if wish.start is not None:
        of.require_intervals(data, of.rows_of(table, plan, wish)[1], wish.start, wish.strata)
        of.require_one_arm(*of.rows_of(table, plan, wish))
    person = None if wish.person is None else tables.categories(data.rows, wish.person)
    design = of.design(data.arm, data.arms, data.rows, wish.covariates)
    strata = of.stratum(data.rows, wish.strata)
    fit = fit_cox(
        data.time,
        data.event,
        design.columns,
        start=start,
        stratum=strata,
        person=person,
        ties=wish.ties,
    )
    labels = design.labels("hazard ratio")
    estimates = effects(labels, fit.coefficients, fit.covariance, plan.confidence)
    ratio = 2 * (fit.log_likelihood - fit.null_log_likelihood)
    p = len(labels)
    tests = [
        Test("likelihood_ratio", ratio, p, float(special.chdtrc(p, ratio))),
        Test("score", fit.score_statistic, p, float(special.chdtrc(p, fit.score_statistic))),
    ]
    names = [label.removeprefix("hazard ratio, ") for label in labels]
    changes, notes = _proportional(fit, data, start, wish, names)
    said = f"Cox model, ties by {wish.ties.capitalize()}{_stratified(wish.strata)}"
    said += f", variance robust to rows of the same {wish.person}" if person is not None else ""
    notes += () if person is None else _grouped(len(set(person)))
    return Answer(
        wish.name or "", wish.method, said, **counts, estimates=estimates,
        tests=(*tests, *changes), log_likelihood=fit.log_likelihood, notes=notes,
        details={"null_log_likelihood": fit.null_log_likelihood},
    )  # fmt: skip


def _grouped(many: int) -> tuple[str, ...]:
    return (
        "the likelihood-ratio test, and those of score and proportional hazards, take rows as "
        "independent; the interval and its p do not",
        *few_groups(many),
    )


def _proportional(
    fit: Cox, data: of.SurvivalData, start: np.ndarray | None, wish: CoxPlan, names: list[str]
) -> tuple[tuple[Test, ...], tuple[str, ...]]:
    """The tests of proportional hazards, or a note that says why there are none."""
    try:
        found = proportional_hazards_test(
            fit, data.time, data.event, start, wish.proportional_hazards
        )
    except FailedFit as failure:
        return (), (f"No test of proportional hazards: {failure}.",)
    each = [
        Test(f"proportional_hazards, {name}", statistic, 1, p_value)
        for name, statistic, p_value in zip(names, found.statistic, found.p_value, strict=True)
    ]
    whole = found.global_statistic, len(names), found.global_p_value
    return (*each, Test("proportional_hazards", *whole)), ()


def answer_restricted_mean(table: pd.DataFrame, plan: Plan, wish: RestrictedMeanPlan) -> Answer:
    """Mean time without the event in each arm, and every pair's difference."""
    data = of.survival_data(table, plan, wish)
    counts = _summary(data)
    means = {
        arm: restricted_mean(data.time[data.arm == k], data.event[data.arm == k], wish.horizon)
        for k, arm in enumerate(data.arms)
    }
    unit = f"restricted mean to {wish.horizon:g}"
    estimates = []
    for arm, mean in means.items():
        if mean.standard_error > 0.0:
            one = wald(f"{unit}, {arm}", mean.value, mean.standard_error, plan.confidence)
            one = Estimate(one.quantity, one.estimate, one.standard_error, one.low, one.high)
        else:
            one = Estimate(f"{unit}, {arm}", mean.value)
        estimates.append(one)
    strata = of.stratum(data.rows, wish.strata)
    differences = []
    for that, this in combinations(range(len(data.arms)), 2):
        gap = _difference(data, that, this, strata, wish.horizon)
        quantity = f"{unit}, {data.arms[this]} less {data.arms[that]}"
        differences.append(quantity)
        if any(means[data.arms[k]].standard_error == 0.0 for k in (that, this)):
            estimates.append(Estimate(quantity, gap.value))
        else:
            estimates.append(wald(quantity, gap.value, gap.standard_error, plan.confidence))
    notes = tuple(
        f"times of arm {arm} do not differ up to {wish.horizon:g}, so that they tell nothing of "
        "their error: no interval and no p of a difference from it"
        for arm, mean in means.items()
        if mean.standard_error == 0.0
    )
    said = f"restricted mean survival time up to {wish.horizon:g}"
    said += f", differences within strata of {', '.join(wish.strata)}" if wish.strata else ""
    return Answer(
        wish.name or "", wish.method, said, **counts, estimates=tuple(estimates), notes=notes,
        details={"differences": differences},
    )  # fmt: skip


def _difference(
    data: of.SurvivalData, that: int, this: int, strata: np.ndarray | None, horizon: float
) -> RestrictedMean:
    """Of two arms by number, this less that."""
    here = np.isin(data.arm, (that, this))
    labels = np.zeros(here.sum()) if strata is None else strata[here]
    return stratified_difference(
        data.time[here], data.event[here], data.arm[here] == this, labels, horizon
    )


def _stratified(strata: tuple[str, ...]) -> str:
    return f", stratified by {', '.join(strata)}" if strata else ""
