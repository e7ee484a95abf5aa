"""Conduct and results of a trial."""

from resynapse.trial.result import Result
from resynapse.trial.simulate import simulate

__all__ = ["Result", "simulate"]
