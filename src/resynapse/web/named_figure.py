"""How does a figure whose lines are no arms say what they are, on the page and in a file?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resynapse import __version__
from resynapse.report.figure import Figure
from resynapse.report.plot import drawing_style
from resynapse.report.sections.opening import RESEARCH
from resynapse.report.standalone import standalone
from resynapse.web.refusal import NotThereError


@dataclass(frozen=True)
class NamedFigure:
    """A figure, and class of a line -> what the line is."""

    figure: Figure
    lines: Mapping[str, str]

    def file(self, made_of: str) -> str:
        """A whole SVG file in light colours, with caption, origin and notice under it."""
        origin = f"Resynapse {__version__} \u00b7 {made_of} \u00b7 {RESEARCH}"
        figure = self.figure
        words = (figure.caption, origin)
        return standalone(figure.drawing, drawing_style(), figure.title, self.lines, words)


def named(figures: Sequence[NamedFigure]) -> str:
    """Figure -> line -> what it is, as JSON for the read-out of the page."""
    return json.dumps({one.figure.name: dict(one.lines) for one in figures})


def chosen(figures: Sequence[NamedFigure], name: str) -> NamedFigure:
    """The figure of this name."""
    known = {one.figure.name: one for one in figures}
    if name not in known:
        there = ", ".join(known) or "none yet"
        raise NotThereError(f"There is no figure {name[:60]!r}. There are: {there}.")
    return known[name]
