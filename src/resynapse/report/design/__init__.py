"""The report of a design that was played out."""

from __future__ import annotations

from resynapse.report.design.document import Told, curve, render
from resynapse.report.design.paper import ensure_typst, render_pdf, word_tables
from resynapse.report.design.words import justification

__all__ = [
    "Told",
    "curve",
    "ensure_typst",
    "justification",
    "render",
    "render_pdf",
    "word_tables",
]
