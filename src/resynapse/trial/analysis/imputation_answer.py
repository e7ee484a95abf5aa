"""What does reference-based multiple imputation of a plan report?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from resynapse.trial.analysis.answer import Answer, Estimate, wald
from resynapse.trial.analysis.imputation import (
    Drawn,
    draw_parameters,
    impute,
    least_squares,
    pool,
)
from resynapse.trial.analysis.plan import ImputationPlan, Plan
from resynapse.trial.analysis.repeated_answer import RepeatedData, repeated_data


def answer_imputation(table: pd.DataFrame, plan: Plan, wish: ImputationPlan) -> Answer:
    """Differences from the reference at each visit: analysis of covariance, by Rubin's rules.

    People without any value are not in the analysis.
    """
    data = repeated_data(table, plan, wish)
    draw = np.random.default_rng(wish.seed)
    completed = [
        impute(data.values, *_profiles(one, data), one.sigma, wish.rule, draw)
        for one in draw_parameters(data.values, data.design, wish.imputations, draw)
    ]
    members = data.arm_of[:, None] == np.arange(1, len(data.arms))
    X = np.hstack([np.ones((len(members), 1)), members, data.covariates])
    estimates = [
        estimate
        for visit in range(len(data.visits))
        for estimate in _differences(visit, completed, X, data, plan.confidence)
    ]
    missing = int(np.isnan(data.values).sum())
    return Answer(
        wish.name or "",
        wish.method,
        f"{wish.imputations} imputations, {wish.rule}, analysis of covariance, Rubin's rules",
        n=len(data.values),
        estimates=tuple(estimates),
        notes=data.notes,
        details={"imputed": missing, "seed": wish.seed, "rule": wish.rule},
    )


def _profiles(one: Drawn, data: RepeatedData) -> tuple[np.ndarray, np.ndarray]:
    """Mean profiles [people, visits] in the own arm and in the reference arm."""
    A, V, m = len(data.arms), len(data.visits), data.covariates.shape[1]
    cells = one.effects[: A * V].reshape(A, V)
    shift = np.repeat((data.covariates @ one.effects[A * V : A * V + m])[:, None], V, axis=1)
    by_visit = one.effects[A * V + m :].reshape(len(data.crossed), V - 1)
    shift[:, 1:] += data.covariates[:, data.crossed] @ by_visit
    return cells[data.arm_of] + shift, cells[0] + shift


def _differences(
    visit: int, completed: list[np.ndarray], X: np.ndarray, data: RepeatedData, confidence: float
) -> list[Estimate]:
    fits = [least_squares(one[:, visit], X) for one in completed]
    found = []
    for number, arm in enumerate(data.arms[1:], start=1):
        values = [b[number] for b, _, _ in fits]
        pooled = pool(values, [variance[number] for _, variance, _ in fits], fits[0][2])
        name = f"difference at {data.visits[visit]}, {arm} less {data.arms[0]}"
        error, degrees = pooled.standard_error, pooled.degrees_of_freedom
        found.append(wald(name, pooled.value, error, confidence, degrees))
    return found
