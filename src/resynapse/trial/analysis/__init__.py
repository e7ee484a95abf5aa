"""Analyses of a trial's tables: estimates with error, interval and test, by the field's methods."""

from resynapse.trial.analysis.analyse import analyse
from resynapse.trial.analysis.answer import Answer, Estimate, Test
from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.plan import Plan
from resynapse.trial.analysis.plan_file import load_plan, parse_plan
from resynapse.trial.analysis.table import read_table

__all__ = [
    "Answer",
    "Estimate",
    "FailedFit",
    "Plan",
    "Test",
    "analyse",
    "load_plan",
    "parse_plan",
    "read_table",
]
