"""Pictures and pages of a result for people."""

from __future__ import annotations

from resynapse.report.arms import ReportError
from resynapse.report.document import render, write_report
from resynapse.report.notebook import notebook
from resynapse.report.plot import Plot, PlotError, plot, plots

__all__ = [
    "Plot",
    "PlotError",
    "ReportError",
    "notebook",
    "plot",
    "plots",
    "render",
    "write_report",
]
