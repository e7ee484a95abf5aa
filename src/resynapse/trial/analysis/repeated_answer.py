"""What does the mixed model of a plan report?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.trial.analysis import data as of
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.answer import Answer, Estimate, Test, wald
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.mixed_model import MixedModel, fit_mixed_model
from resynapse.trial.analysis.plan import ImputationPlan, MixedModelPlan, Plan
from resynapse.trial.analysis.visit_order import visits_of


@dataclass(frozen=True)
class RepeatedData:
    """Values of people at visits, with their design."""

    values: np.ndarray
    """[people, visits]; NaN where nothing was measured"""
    design: np.ndarray
    """[people, visits, p]: a mean for every visit and arm, then covariates"""
    arms: list[str]
    visits: list[str]
    arm_of: np.ndarray
    """Number of each person's arm"""
    covariates: np.ndarray
    """[people, m], centred, from each person's first visit with a value"""
    crossed: list[int]
    """Those of the m whose effect differs between visits"""
    notes: tuple[str, ...] = ()
    """How the order of visits was told, where that is not plain"""


def answer_mixed_model(table: pd.DataFrame, plan: Plan, wish: MixedModelPlan) -> Answer:
    """Least-squares means of arms at visits, and differences from the reference."""
    data = repeated_data(table, plan, wish)
    fit = fit_mixed_model(data.values, data.design, wish.structures, wish.degrees_of_freedom)
    estimates = [*_means(fit, data, plan.confidence), *_differences(fit, data, plan.confidence)]
    said = (
        f"mixed model for repeated measures, restricted maximum likelihood, {fit.structure}"
        f" covariance, {wish.degrees_of_freedom} degrees of freedom"
    )
    tests, untested = _tests(fit, data)
    notes = tuple(f"structure {name} was given up: {why}" for name, why in fit.given_up.items())
    return Answer(
        wish.name or "",
        wish.method,
        said,
        n=len(data.values),
        estimates=tuple(estimates),
        tests=tests,
        log_likelihood=fit.log_likelihood,
        notes=(*data.notes, *notes, *untested),
        details={
            "structure": fit.structure,
            "covariance": fit.sigma.tolist(),
            "visits": data.visits,
            "measured": int(np.isfinite(data.values).sum()),
        },
    )


def repeated_data(
    table: pd.DataFrame, plan: Plan, wish: MixedModelPlan | ImputationPlan
) -> RepeatedData:
    """The table as people by visits; visits in the order of their numbers or of the rows."""
    rows, names = of.rows_of(table, plan, wish)
    person, visit = names("person"), names("visit")
    tables.column(rows, person)
    tables.column(rows, visit)
    value = tables.numbers(rows, names("value"), missing=True)
    rows, value = rows[np.isfinite(value)], value[np.isfinite(value)]
    if len(value) == 0 or np.ptp(value) == 0.0:
        raise InputError(
            f"Column {names('value')!r} is constant or empty: nothing can be compared."
        )
    tables.require_once(rows, [person, visit])
    arm, arms = tables.arms(rows, names("arm"), names.reference)
    people, who = np.unique(tables.categories(rows, person).astype(str), return_inverse=True)
    found = visits_of(rows, visit, who)
    visits, when = found.labels, found.when
    tables.require_one_arm(rows, person, names("arm"))
    cells = who * len(visits) + when
    shape = len(people), len(visits)
    values = np.full(shape, np.nan)
    values.flat[cells] = value
    X = _design(rows, wish, arm, when, len(arms), len(visits))
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise FailedFit(
            "an arm has no value at some visit, or a covariate is a sum of others, "
            "so that the means cannot be told apart"
        )
    design = np.zeros((*shape, X.shape[1]))
    design.reshape(-1, X.shape[1])[cells] = X
    first = np.unique(who, return_index=True)[1]
    names_of = of.covariates(rows, _named(wish)).names
    by_visit = of.covariates(rows, wish.covariates_by_visit).names
    m, begin = len(names_of), len(arms) * len(visits)
    crossed = [names_of.index(name) for name in by_visit]
    covariates = X[first, begin : begin + m]
    return RepeatedData(values, design, arms, visits, arm[first], covariates, crossed, found.notes)


def _design(
    rows: pd.DataFrame,
    wish: MixedModelPlan | ImputationPlan,
    arm: np.ndarray,
    when: np.ndarray,
    A: int,
    V: int,
) -> np.ndarray:
    """A mean for every arm and visit, covariates, and covariates at each visit but the first.

    Covariates are centred, so that the first A V effects are least-squares means at their average.
    """
    cells = np.zeros((len(arm), A * V))
    cells[np.arange(len(arm)), arm * V + when] = 1.0
    main = _centred(of.covariates(rows, _named(wish)).values)
    twice = _centred(of.covariates(rows, wish.covariates_by_visit).values)
    at = (when[:, None] == np.arange(1, V)).astype(float)
    crossed = (twice[:, :, None] * at[:, None, :]).reshape(len(arm), -1)
    return np.hstack([cells, main, crossed])


def _named(wish: MixedModelPlan | ImputationPlan) -> list[str]:
    return list(dict.fromkeys([*wish.covariates, *wish.covariates_by_visit]))


def _centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=0)


def _means(fit: MixedModel, data: RepeatedData, confidence: float) -> list[Estimate]:
    return [
        _estimate(fit, {k: 1.0}, f"mean at {visit}, {arm}", confidence)
        for k, arm, visit in _cells(data)
    ]


def _differences(fit: MixedModel, data: RepeatedData, confidence: float) -> list[Estimate]:
    V, reference = len(data.visits), data.arms[0]
    return [
        _estimate(fit, {k: 1.0, k % V: -1.0}, f"difference at {visit}, {arm} less {reference}",
                  confidence)
        for k, arm, visit in _cells(data)
        if arm != reference
    ]  # fmt: skip


def _cells(data: RepeatedData) -> list[tuple[int, str, str]]:
    pairs = [(arm, visit) for arm in data.arms for visit in data.visits]
    return [(k, arm, visit) for k, (arm, visit) in enumerate(pairs)]


def _estimate(
    fit: MixedModel, weights: dict[int, float], quantity: str, confidence: float
) -> Estimate:
    contrast = _contrast(fit, weights)
    error = float(np.sqrt(contrast @ fit.small_sample.covariance @ contrast))
    degrees = fit.small_sample.t_degrees(contrast)
    return wald(quantity, float(contrast @ fit.effects), error, confidence, degrees)


def _contrast(fit: MixedModel, weights: dict[int, float]) -> np.ndarray:
    contrast = np.zeros(len(fit.effects))
    contrast[list(weights)] = list(weights.values())
    return contrast


def _tests(fit: MixedModel, data: RepeatedData) -> tuple[tuple[Test, ...], list[str]]:
    """Any difference between arms at any visit; any change of differences between visits.

    A test whose small-sample correction has no answer is left out, with a note.
    """
    V, A = len(data.visits), len(data.arms)
    gaps = [_contrast(fit, {a * V + v: 1.0, v: -1.0}) for a in range(1, A) for v in range(V)]
    changes = [gaps[k] - gaps[k - k % V] for k in range(len(gaps)) if k % V]
    found, untested = [], []
    for name, rows in (("arm, all visits at once", gaps), ("arm by visit", changes)):
        F = fit.small_sample.f_test(np.array(rows), fit.effects)
        if np.isfinite(F.p_value):
            found.append(Test(name, F.statistic, F.numerator, F.p_value, F.denominator))
        else:
            untested.append(f"No test of {name}: too few people for its degrees of freedom.")
    return tuple(found), untested
