"""Pictures and pages of a result for people."""

from __future__ import annotations

from resynapse.report.arms import ReportError
from resynapse.report.document import render, write_report

__all__ = ["ReportError", "render", "write_report"]
