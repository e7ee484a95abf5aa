"""Infusions planned by rate or steered by target, and the people they are given to."""

from __future__ import annotations

from resynapse.trial.infusion.plan import Hold, InfusionError, InfusionPlan, Part
from resynapse.trial.infusion.predict import Prediction, predict

__all__ = ["Hold", "InfusionError", "InfusionPlan", "Part", "Prediction", "predict"]
