"""How much benefit does a burden buy, and how sure is that?"""

from __future__ import annotations

import numpy as np

from resynapse.report.drawing import Axis, Chart, Line, Mark, draw
from resynapse.report.drawing.ticks import amounts, spread
from resynapse.report.figure import Figure
from resynapse.report.search.told import Told
from resynapse.trial.search.front import Frontier

WIDE, HEIGHT = 666.0, 340.0
CSS = {"default": "a2", "expectancy alone": "a4", "no window": "a5"}
WORDS = {"default": "as asked", "expectancy alone": "expectancy alone", "no window": "window off"}
CLOSE = 0.05
"""Share of the axis within which a letter stands on the other side, not on the circle before it"""
BEYOND = 1.04
"""How far the axis goes past the largest burden"""


def front(told: Told) -> Figure | None:
    """Benefit against burden with the front of each hypothesis; None where no design is left."""
    found = told.found
    lines = {world: one.frontier(found.asked.seed) for world, one in found.answers.items()}
    if lines["default"] is None:
        return None
    marks = _marks(told)
    across = amounts(max(mark.x for mark in marks) * BEYOND, told.burden)
    drawn = tuple(
        _line(line, world, across.high) for world, line in lines.items() if line is not None
    )
    chart = Chart(WIDE, HEIGHT, across, _up(marks, drawn, found.unit), drawn, marks)
    caption = (
        f"Line: the highest expected benefit that so much burden buys ({found.unit} against "
        f"{found.asked.protocol.reference}), as asked and under both rivals; band: 95 % of "
        "resampled sets of draws. Circles: designs that keep the limits; those with a letter are "
        "on the front as asked."
    )
    return Figure("Benefit against burden", caption, draw(chart, _said(told)))


def _marks(told: Told) -> tuple[Mark, ...]:
    """Designs left, those of the front last so that they lie on top."""
    answer, found, letters = told.answer, told.found, told.letters
    burden = {k: found.designs[k].burden(found.asked.burden) for k in answer.finalists.tolist()}
    beside = CLOSE * max(burden.values())
    marks, before = [], -beside
    for k in sorted(burden, key=lambda k: (k in letters, burden[k])):
        x, y = burden[k], answer.row(k)["benefit"]["value"]
        if k not in letters:
            marks.append(Mark(x, y, css="a1", circle=True))
            continue
        far = x - before >= beside
        marks.append(Mark(x, y, css="a2", label=letters[k], left=far, circle=True))
        before = x
    return tuple(marks)


def _line(line: Frontier, world: str, end: float) -> Line:
    """From nothing on, level between designs."""
    x = np.concatenate([[0.0], line.burden, [end]])
    y, low, high = (
        np.concatenate([[0.0], values, values[-1:]])
        for values in (line.benefit, line.low, line.high)
    )
    band = (low, high) if world == "default" else (None, None)
    return Line(CSS[world], x, y, *band, label=WORDS[world], step=True)


def _up(marks: tuple[Mark, ...], lines: tuple[Line, ...], unit: str) -> Axis:
    values = [mark.y for mark in marks]
    values += [float(v.max()) for line in lines for v in (line.y, line.high) if v is not None]
    return spread(min(values), max(values), f"expected benefit, {unit}")


def _said(told: Told) -> str:
    best, found = told.answer.best, told.found
    assert best is not None
    value = told.answer.row(best)["benefit"]["value"]
    return (
        f"The highest expected benefit is {value:.2f} {found.unit}, with "
        f"{found.designs[best].name}; {len(told.answer.equals)} of {len(told.answer.finalists)} "
        "designs cannot be told apart from it."
    )
