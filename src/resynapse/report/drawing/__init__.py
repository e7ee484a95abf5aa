"""Charts as vector drawings: scales, marks, labels that do not collide, numbers at risk."""

from __future__ import annotations

from resynapse.report.drawing.chart import Chart, Limit, Line, Mark, Note, draw
from resynapse.report.drawing.frame import Axis
from resynapse.report.drawing.risk import RiskRow

__all__ = ["Axis", "Chart", "Limit", "Line", "Mark", "Note", "RiskRow", "draw"]
