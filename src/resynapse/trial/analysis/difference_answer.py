"""What do analyses of differences of means and of shares report?"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from scipy import special

from resynapse.trial.analysis import data as of
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.answer import Answer, Estimate, MarginTest, Test, wald
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.margin_answer import at_margin, by_score, few_expected
from resynapse.trial.analysis.mean_difference import fit_linear, mean_within_strata
from resynapse.trial.analysis.plan import MeanDifferencePlan, Plan, RiskDifferencePlan
from resynapse.trial.analysis.risk_difference import RiskDifference, Shares, newcombe

ONE: Final = 1.0 - 1e-9
"""A difference of shares that is 1 but for rounding"""


def answer_mean_difference(table: pd.DataFrame, plan: Plan, wish: MeanDifferencePlan) -> Answer:
    """Every arm against the reference."""
    data = of.value_data(table, plan, wish)
    strata = of.stratum(data.rows, wish.strata)
    if wish.covariates or wish.variances == "equal":
        if wish.variances == "apart":
            raise FailedFit("covariates need equal variances of the arms; take mixed_model instead")
        return _least_squares(data, strata, plan, wish)
    labels = np.zeros(len(data.value), dtype=int) if strata is None else strata
    estimates = []
    for number, arm in enumerate(data.design.arms[1:], start=1):
        one, other = data.arm == number, data.arm == 0
        found = mean_within_strata(data.value[one], labels[one], data.value[other], labels[other])
        if np.isnan(found.error):
            raise FailedFit(_too_few(arm, labels[one], labels[other]))
        estimates.append(
            wald(
                f"difference, {arm} against {data.design.arms[0]}", float(found.estimate),
                float(found.error), plan.confidence, float(found.degrees),
            )
        )  # fmt: skip
    said = "difference of means, Student's t, variances of the arms apart"
    said += f", within strata of {', '.join(wish.strata)}" if wish.strata else ""
    return Answer(wish.name or "", wish.method, said, n=len(data.value), estimates=tuple(estimates))


def _too_few(arm: str, own: np.ndarray, other: np.ndarray) -> str:
    shared = len(np.intersect1d(own, other))
    if shared == 0:
        return f"no stratum holds people of {arm} and of the reference"
    many = "an arm has one person" if shared == 1 else "an arm has no more people than strata"
    return f"{many}, which tells nothing of the spread within it"


def _least_squares(
    data: of.ValueData, strata: np.ndarray | None, plan: Plan, wish: MeanDifferencePlan
) -> Answer:
    design, people = data.design, len(data.value)
    columns = np.hstack([design.columns, of.stratum_columns(strata, people)])
    fit = fit_linear(data.value, columns)
    errors = np.sqrt(np.diag(fit.covariance))
    estimates = [
        wald(label, float(b), float(error), plan.confidence, fit.degrees)
        for label, b, error in zip(
            design.labels("difference"), fit.coefficients[1:], errors[1:], strict=False
        )
    ]
    also = [*wish.covariates, *wish.strata]
    said = "difference of means by least squares, Student's t, equal variances"
    said += f", adjusted for {', '.join(also)}" if also else ""
    return Answer(
        wish.name or "", wish.method, said, n=people, estimates=tuple(estimates),
        log_likelihood=fit.log_likelihood,
    )  # fmt: skip


def answer_risk_difference(table: pd.DataFrame, plan: Plan, wish: RiskDifferencePlan) -> Answer:
    """Every arm against the reference."""
    data = of.value_data(table, plan, wish)
    wrong = ~np.isin(data.value, (0.0, 1.0))
    tables.refuse_rows(
        data.rows, wrong, data.names("value"), "is neither 0 nor 1", "Write 1 for yes."
    )
    strata, (reference, *arms) = of.stratum(data.rows, wish.strata), data.design.arms
    estimates: list[Estimate] = []
    tests: list[Test] = []
    margins: list[MarginTest] = []
    notes: list[str] = []
    name = "z of two shares" if strata is None else "Cochran-Mantel-Haenszel"
    for number, arm in enumerate(arms, start=1):
        pair = f"{arm} against {reference}"
        shares = _shares(data, number, strata)
        found = shares.difference()
        z = float(found.z)
        if np.isnan(z) and (wish.margin is None or np.isnan(found.estimate)):
            raise FailedFit(f"no stratum tells {pair} apart" if wish.strata else f"all of {pair} "
                            "have the same value")  # fmt: skip
        alike = None, None, None
        known = z, None, float(2 * special.ndtr(-abs(z)))
        tests.append(Test(f"{name}, {pair}", *(alike if np.isnan(z) else known)))
        one, note = _share_difference(data, number, found, strata is None, plan.confidence)
        one = replace(one, quantity=f"risk difference, {pair}")
        if wish.margin is not None:
            one = by_score(one, shares, plan.confidence)
            margins.append(at_margin(plan, wish, one, shares))
            note = few_expected(shares, margins[-1].null)
        estimates.append(one)
        notes += [f"{pair}: {note}"] if note else []
    return Answer(
        wish.name or "", wish.method, _said(wish, estimates), n=len(data.value),
        events=int(data.value.sum()), estimates=tuple(estimates), tests=tuple(tests),
        margins=tuple(margins), notes=tuple(notes),
    )  # fmt: skip


def _said(wish: RiskDifferencePlan, estimates: list[Estimate]) -> str:
    """Estimate, test and interval in a sentence."""
    certain = [one.standard_error is None for one in estimates]
    if wish.strata:
        said = "Mantel and Haenszel's difference of shares within strata of "
        said += f"{', '.join(wish.strata)}, Cochran-Mantel-Haenszel test, "
        score = "interval and test at the margin by Miettinen and Nurminen's score within strata, "
        return said + ("" if wish.margin is None else score) + "Sato's error"
    said = "difference of shares, test with pooled variance, "
    if wish.margin is not None:
        said += "interval and test at the margin by Farrington and Manning's score"
        return said if all(certain) else f"{said}, Wald's error"
    whose = "Newcombe" if all(certain) else "Wald, or Newcombe where noted"
    return f"{said}interval of {whose if any(certain) else 'Wald'}"


def _share_difference(
    data: of.ValueData, number: int, found: RiskDifference, whole: bool, confidence: float
) -> tuple[Estimate, str]:
    """With its interval, and what is to be known of that; ``whole`` without strata."""
    estimate, error = float(found.estimate), float(found.error)
    if whole and _certain(data, number):
        return _newcombe(data, number, confidence), (
            "an arm has yes in nobody or in everybody, which Wald's interval takes for certain; "
            "the interval is Newcombe's"
        )
    if abs(estimate) > ONE or not error > 0.0:
        return Estimate("", estimate), (
            "the strata leave Sato's error none, as where all of one arm have yes and nobody of "
            "the other: no interval"
        )
    one = wald("", estimate, error, confidence)  # its p is left out: that is the test's alone
    ends = [end for end in (one.low, one.high) if end is not None and abs(end) > 1.0]
    note = "" if not ends else (
        f"an end of the interval, {ends[0]:.3g}, lies beyond {np.sign(ends[0]):g}, where no "
        "difference of shares can be: the normal interval is too wide there"
    )  # fmt: skip
    return Estimate("", estimate, error, one.low, one.high), note


def _certain(data: of.ValueData, number: int) -> bool:
    """Whether an arm or the reference has yes in nobody or in everybody."""
    return any(np.ptp(data.value[data.arm == arm]) == 0.0 for arm in (number, 0))


def _newcombe(data: of.ValueData, number: int, confidence: float) -> Estimate:
    values = [data.value[data.arm == arm] for arm in (number, 0)]
    (n_1, x_1), (n_0, x_0) = ((len(one), int(one.sum())) for one in values)
    limits = newcombe(n_1, x_1, n_0, x_0, float(special.ndtri(0.5 + 0.5 * confidence)))
    return Estimate("", x_1 / n_1 - x_0 / n_0, None, *limits)


def _shares(data: of.ValueData, number: int, strata: np.ndarray | None) -> Shares:
    """Of one arm against the reference."""
    labels = np.zeros(len(data.value), dtype=int) if strata is None else strata
    counts = []
    for arm in (number, 0):
        own = labels[data.arm == arm], data.value[data.arm == arm]
        people = np.bincount(own[0], minlength=labels.max() + 1).astype(float)
        counts += [people, np.bincount(own[0], own[1], minlength=labels.max() + 1)]
    return Shares(*counts, stratified=strata is not None)
