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
    brief: str = ""
    """What stands once above the figures, in a few words, for a screen where that is far away"""


def once(figures: Sequence[Figure]) -> tuple[str, tuple[Figure, ...]]:
    """The sentences that all of several figures share, and the figures with what is left."""
    if len(figures) < 2:
        return "", tuple(figures)
    common = [pair for pair in figures[0].shared if all(pair in one.shared for one in figures)]
    return " ".join(sentence for sentence, _ in common), told(figures, common)


def told(figures: Sequence[Figure], said: Sequence[tuple[str, str]]) -> tuple[Figure, ...]:
    """The figures without sentences that stand above them; their short forms are kept apart."""
    return tuple(
        replace(
            _less(one, [sentence for sentence, _ in said]),
            brief=" ".join(short for pair in said if pair in one.shared and (short := pair[1])),
        )
        for one in figures
    )


def without(figure: Figure, sentence: str) -> Figure:
    """The figure whose caption leaves out what stands beside it already."""
    return _less(figure, [sentence]) if sentence else figure


def _less(figure: Figure, sentences: Sequence[str]) -> Figure:
    caption = figure.caption
    for sentence in sentences:
        caption = caption.replace(sentence, "", 1)
    return replace(figure, caption=re.sub(" {2,}", " ", caption).strip())
