"""What does every analysis of a plan find in a table?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from resynapse.input_error import InputError
from resynapse.trial.analysis import (
    cause_answer,
    difference_answer,
    imputation_answer,
    repeated_answer,
    survival_answer,
    value_answer,
)
from resynapse.trial.analysis.answer import Answer
from resynapse.trial.analysis.endpoint_columns import with_endpoints
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.margin_answer import require_margin, with_margins
from resynapse.trial.analysis.multiplicity_answer import answer_multiplicity, each_at_its_own_level
from resynapse.trial.analysis.plan import Plan
from resynapse.trial.analysis.sentinel import codes_told

Answering = Callable[[pd.DataFrame, Plan, Any], Answer]

ANSWERS: Final[dict[str, Answering]] = {
    "kaplan_meier": survival_answer.answer_kaplan_meier,
    "log_rank": survival_answer.answer_log_rank,
    "max_combo": survival_answer.answer_max_combo,
    "cox": survival_answer.answer_cox,
    "restricted_mean": survival_answer.answer_restricted_mean,
    "cumulative_incidence": cause_answer.answer_cumulative_incidence,
    "fine_gray": cause_answer.answer_fine_gray,
    "cause_specific": cause_answer.answer_cause_specific,
    "recurrent": cause_answer.answer_recurrent,
    "parametric_survival": cause_answer.answer_parametric_survival,
    "mixed_model": repeated_answer.answer_mixed_model,
    "reference_based_imputation": imputation_answer.answer_imputation,
    "gee": value_answer.answer_gee,
    "mean_difference": difference_answer.answer_mean_difference,
    "risk_difference": difference_answer.answer_risk_difference,
    "logistic": value_answer.answer_logistic,
    "negative_binomial": value_answer.answer_negative_binomial,
    "beta_binomial": value_answer.answer_beta_binomial,
    "wilcoxon": value_answer.answer_wilcoxon,
    "rank_ancova": value_answer.answer_rank_ancova,
    "win_ratio": value_answer.answer_win_ratio,
}


def analyse(table: pd.DataFrame, plan: Plan) -> list[Answer]:
    """An answer for every analysis, in the plan's order; one that fails says why.

    Raises InputError, which names the analysis, where the table does not hold what it needs.
    """
    table = with_endpoints(table, plan)
    answers = []
    for number, wish in enumerate(plan.analyses, start=1):
        named = wish.model_copy(update={"name": wish.name or f"{number} {wish.method}"})
        try:
            require_margin(named, plan)
            answer = with_margins(ANSWERS[wish.method](table, plan, named), table, plan, named)
            notes = *answer.notes, *codes_told(table, plan, named)
            answers.append(replace(answer, notes=notes))
        except FailedFit as failure:
            said = f"{str(failure)[0].upper()}{str(failure)[1:]}."
            answers.append(Answer(named.name, wish.method, "failed", len(table), failed=said))
        except np.linalg.LinAlgError:
            said = "The data do not determine the estimates: a matrix cannot be inverted."
            answers.append(Answer(named.name, wish.method, "failed", len(table), failed=said))
        except InputError as error:
            raise InputError(f"Analysis {named.name!r}: {error.message}") from None
    if plan.multiplicity is None:
        return each_at_its_own_level(answers)
    return answer_multiplicity(plan, plan.multiplicity, answers)
