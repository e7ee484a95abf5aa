"""What makes a figure complete: drawing, caption, a sentence for those who hear it, and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    shared: tuple[tuple[str, str], ...] = ()
    """Sentences of the caption that figures beside it may have too, each with a short form"""


def once(figures: Sequence[Figure]) -> tuple[str, tuple[Figure, ...]]:
    """The sentences that all of several figures share, and the figures with their short forms."""
    if len(figures) < 2:
        return "", tuple(figures)
    common = [pair for pair in figures[0].shared if all(pair in one.shared for one in figures)]
    said = " ".join(sentence for sentence, _ in common)
    return said, tuple(_shortened(one, common) for one in figures)


def without(figure: Figure, sentence: str) -> Figure:
    """The figure whose caption leaves out what stands beside it already."""
    return _shortened(figure, [(sentence, "")]) if sentence else figure


def _shortened(figure: Figure, pairs: Sequence[tuple[str, str]]) -> Figure:
    caption = figure.caption
    for sentence, short in pairs:
        caption = caption.replace(sentence, short, 1)
    return replace(figure, caption=re.sub(" {2,}", " ", caption).strip())
