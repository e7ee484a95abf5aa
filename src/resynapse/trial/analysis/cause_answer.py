"""What do analyses of competing and of recurrent events, and of known distributions, report?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from resynapse.trial.analysis import data as of
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.answer import Answer, Estimate, effects, few_groups
from resynapse.trial.analysis.competing_risks import cumulative_incidence, fit_fine_gray
from resynapse.trial.analysis.cox import fit_cox
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.parametric_survival import fit_parametric_survival
from resynapse.trial.analysis.plan import (
    CauseAnalysis,
    CauseSpecificPlan,
    CumulativeIncidencePlan,
    FineGrayPlan,
    ParametricSurvivalPlan,
    Plan,
    RecurrentPlan,
)
from resynapse.trial.analysis.recurrent import andersen_gill, prentice_williams_peterson
from resynapse.trial.estimate import wilson


def _data(table: pd.DataFrame, plan: Plan, wish: CauseAnalysis) -> of.SurvivalData:
    data = of.survival_data(table, plan, wish)
    if not np.any(data.event == wish.cause):
        raise FailedFit(f"no one had event {wish.cause}")
    return data


def _counts(data: of.SurvivalData, cause: int) -> dict[str, int]:
    return {"n": len(data.time), "events": int(np.sum(data.event == cause))}


def answer_cumulative_incidence(
    table: pd.DataFrame, plan: Plan, wish: CumulativeIncidencePlan
) -> Answer:
    """Shares with the event in each arm; interval on the log-log scale of the share without.

    Where nobody or everybody had the event, Wilson's of those at risk or with another event.
    """
    data = _data(table, plan, wish)
    quantile = special.ndtri(0.5 + 0.5 * plan.confidence)
    estimates = []
    for number, arm in enumerate(data.arms):
        here = data.arm == number
        curve = cumulative_incidence(data.time[here], data.event[here], wish.cause)
        times = data.reached(wish.at, number)
        for time, share, error in zip(times, *curve.at(np.array(times)), strict=True):
            name, F = f"incidence of {wish.cause} by {time:g}, {arm}", float(share)
            if 0.0 < share < 1.0:
                width = quantile * error / ((1 - share) * abs(np.log1p(-share)))
                low, high = (float(1 - (1 - share) ** np.exp(s * width)) for s in (-1, 1))
                estimates.append(Estimate(name, F, float(error), low, high))
            else:
                known = int(np.sum((data.time[here] >= time) | (data.event[here] > 0)))
                estimates.append(Estimate(name, F, None, *wilson(int(F) * known, known, quantile)))
    said = "Aalen-Johansen cumulative incidence"
    return Answer(
        wish.name or "", wish.method, said, **_counts(data, wish.cause),
        estimates=tuple(estimates), notes=data.not_reached(wish.at),
    )  # fmt: skip


def answer_fine_gray(table: pd.DataFrame, plan: Plan, wish: FineGrayPlan) -> Answer:
    """Ratios of hazards of the subdistribution."""
    data = _data(table, plan, wish)
    design = of.design(data.arm, data.arms, data.rows, wish.covariates)
    fit = fit_fine_gray(data.time, data.event, design.columns, wish.cause)
    return Answer(
        wish.name or "",
        wish.method,
        "Fine and Gray's model of the subdistribution, robust variance",
        **_counts(data, wish.cause),
        estimates=effects(
            design.labels("subdistribution hazard ratio"), fit.coefficients, fit.covariance,
            plan.confidence,
        ),
        log_likelihood=fit.log_likelihood,
        details={"null_log_likelihood": fit.null_log_likelihood},
    )  # fmt: skip


def answer_cause_specific(table: pd.DataFrame, plan: Plan, wish: CauseSpecificPlan) -> Answer:
    """Ratios of hazards of the cause, people with another event censored then."""
    data = _data(table, plan, wish)
    design = of.design(data.arm, data.arms, data.rows, wish.covariates)
    strata = of.stratum(data.rows, wish.strata)
    fit = fit_cox(data.time, data.event == wish.cause, design.columns, stratum=strata)
    labels = design.labels("cause-specific hazard ratio")
    return Answer(
        wish.name or "",
        wish.method,
        "Cox model of the cause-specific hazard, ties by Efron",
        **_counts(data, wish.cause),
        estimates=effects(labels, fit.coefficients, fit.covariance, plan.confidence),
        log_likelihood=fit.log_likelihood,
    )


def answer_recurrent(table: pd.DataFrame, plan: Plan, wish: RecurrentPlan) -> Answer:
    """Ratios of rates, variance robust to people."""
    data = of.survival_data(table, plan, wish, once=False)
    if not data.event.any():
        raise FailedFit("no one had the event, all are censored")
    start = tables.times(data.rows, wish.start)
    _, names = of.rows_of(table, plan, wish)
    of.require_intervals(data, names, wish.start, gap=wish.model == "pwp_gap")
    of.require_one_arm(data.rows, names)
    person = tables.categories(data.rows, names("person"))
    design = of.design(data.arm, data.arms, data.rows, wish.covariates)
    given = start, data.time, data.event, design.columns, person
    if wish.model == "andersen_gill":
        fit, said = andersen_gill(*given), "Andersen-Gill model"
    else:
        gap = wish.model == "pwp_gap"
        fit = prentice_williams_peterson(*given, gap=gap)
        said = f"Prentice-Williams-Peterson model, {'gap' if gap else 'total'} time"
    return Answer(
        wish.name or "",
        wish.method,
        f"{said}, variance robust to people",
        n=len(set(person)),
        events=int(data.event.sum()),
        estimates=effects(
            design.labels("rate ratio"), fit.coefficients, fit.covariance, plan.confidence
        ),
        log_likelihood=fit.log_likelihood,
        notes=few_groups(len(set(person))),
    )


def answer_parametric_survival(
    table: pd.DataFrame, plan: Plan, wish: ParametricSurvivalPlan
) -> Answer:
    """Ratios of times."""
    data = of.survival_data(table, plan, wish)
    design = of.design(data.arm, data.arms, data.rows, wish.covariates)
    fit = fit_parametric_survival(data.time, data.event, design.columns, wish.distribution)
    p = 1 + design.columns.shape[1]
    return Answer(
        wish.name or "",
        wish.method,
        f"accelerated failure time model, {wish.distribution} distribution",
        n=len(data.time),
        events=int(data.event.sum()),
        estimates=effects(
            design.labels("time ratio"), fit.coefficients[1:], fit.covariance[1:p, 1:p],
            plan.confidence,
        ),
        log_likelihood=fit.log_likelihood,
        details={"scale": fit.scale, "intercept": float(fit.coefficients[0])},
    )  # fmt: skip
