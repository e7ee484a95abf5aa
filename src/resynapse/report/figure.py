"""What makes a figure complete: drawing, caption, a sentence for those who hear it, and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from resynapse.report.table import Table


@dataclass(frozen=True)
class Figure:
    """A drawing with its words; ``narrow`` is the same drawing for a small screen."""

    title: str
    caption: str
    drawing: Markup
    table: Table | None = None
    narrow: Markup | None = None
    label: str = ""
    """A sentence that must stand under every copy of the drawing"""
    name: str = ""
    """What ``plot`` calls it"""
