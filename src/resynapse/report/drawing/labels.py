"""How do labels at the ends of lines keep clear of one another?"""

from __future__ import annotations

from collections.abc import Sequence

GAP = 16.0
"""Smallest distance between two lines of text, px"""
CHARACTER = 7.2
"""Width of a character of chart text in the widest font of the stack, names of wide letters, px"""
LETTER = 6.7
"""The same of a character in a sentence, px"""
TURNS = 200


def width(words: str) -> float:
    """About how wide a text is, px; never too little."""
    return CHARACTER * len(words)


def pushed_apart(heights: Sequence[float], lowest: float, gap: float = GAP) -> list[float]:
    """The heights, moved as little as keeps them a gap apart and none below the lowest place."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = [heights[i] for i in order]
    for _ in range(TURNS):
        for i in range(1, len(placed)):
            missing = gap - (placed[i] - placed[i - 1])
            if missing > 0.0:
                placed[i] += missing / 2
                placed[i - 1] -= missing / 2
    below = max([placed[-1] - lowest, 0.0]) if placed else 0.0
    result = [0.0] * len(placed)
    for place, i in enumerate(order):
        result[i] = placed[place] - below
    return result
