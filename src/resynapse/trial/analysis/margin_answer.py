"""What does an analysis report of the plan's margin?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from resynapse.input_error import InputError
from resynapse.trial.analysis import data as of
from resynapse.trial.analysis import table as tables
from resynapse.trial.analysis.answer import Answer, Estimate, MarginTest
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.margin import margin_test, wald_deviate, wrong_margin
from resynapse.trial.analysis.plan import (
    ImputationPlan,
    MarginAnalysis,
    MixedModelPlan,
    Plan,
)
from resynapse.trial.analysis.risk_difference import Shares

FEW_EXPECTED: Final = 5
"""People below which the level of the score is not sure to hold; a rule of thumb"""


def require_margin(wish: Any, plan: Plan) -> None:
    """Refuse a margin that is not sensible."""
    wrong = wrong_margin(wish, plan.reference) if isinstance(wish, MarginAnalysis) else None
    if wrong is not None:
        raise InputError(f"{wrong[0]}: {wrong[1]}")


def with_margins(answer: Answer, table: pd.DataFrame, plan: Plan, wish: Any) -> Answer:
    """The answer with a test at the margin for each arm against the reference, where one is asked.

    Wald's or Student's, from the estimate, its error and degrees of freedom as they are reported.
    """
    if not isinstance(wish, MarginAnalysis) or wish.margin is None or answer.margins:
        return answer
    pairs = _pairs(table, plan, wish)
    found = [one for one in answer.estimates if one.quantity.endswith(pairs)]
    if not found:
        raise FailedFit("no arm is compared with the reference, so nothing is held to the margin")
    return replace(answer, margins=tuple(at_margin(plan, wish, one) for one in found))


def at_margin(
    plan: Plan, wish: MarginAnalysis, one: Estimate, shares: Shares | None = None
) -> MarginTest:
    """One comparison; by the score of ``shares`` where these are given."""
    deviate = wald_deviate(one) if shares is None else shares.score
    return margin_test(wish, one, deviate, plan.confidence)


def by_score(one: Estimate, shares: Shares, confidence: float) -> Estimate:
    """A difference of shares with the interval that agrees with its test at a margin."""
    low, high = shares.limits(one.estimate, float(special.ndtri(0.5 + 0.5 * confidence)))
    return replace(one, low=low, high=high)


def few_expected(shares: Shares, null: tuple[float, ...]) -> str:
    """A sentence where few people of an arm have yes, or few no, at an edge of H0."""
    many = min(shares.fewest(edge) for edge in null)
    if many >= FEW_EXPECTED:
        return ""
    return (
        f"at the margin {many:.2g} people with yes, or with no, are expected in an arm; below "
        f"about {FEW_EXPECTED} the score may show more often than its level says, most where arms "
        "are uneven"
    )


def _pairs(table: pd.DataFrame, plan: Plan, wish: MarginAnalysis) -> tuple[str, ...]:
    """How the quantities end that compare an arm with the reference."""
    rows, names = of.rows_of(table, plan, wish)
    if isinstance(wish, MixedModelPlan | ImputationPlan):
        rows = rows[np.isfinite(tables.numbers(rows, names("value"), missing=True))]
    reference, *others = tables.arms(rows, names("arm"), names.reference)[1]
    return tuple(f", {arm} {word} {reference}" for arm in others for word in ("against", "less"))
