"""The reports of a design: one that was played out, and one that follows from a formula."""

from __future__ import annotations

from resynapse.report.design.document import Told, curve, render
from resynapse.report.design.formula import Sized, render_sized
from resynapse.report.design.paper import render_pdf, word_tables
from resynapse.report.design.typeset import ensure_typst
from resynapse.report.design.words import justification

__all__ = [
    "Sized",
    "Told",
    "curve",
    "ensure_typst",
    "justification",
    "render",
    "render_pdf",
    "render_sized",
    "word_tables",
]
