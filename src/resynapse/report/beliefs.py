"""What does each person believe, as a picture?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resynapse.report.drawing import Axis, Chart, Line, draw
from resynapse.report.drawing.ticks import spread
from resynapse.report.plot import drawing_style
from resynapse.report.standalone import standalone

if TYPE_CHECKING:
    from resynapse.inference.elicitation import Conflict, Pooled

WIDTH, HEIGHT, POINTS = 640.0, 340.0, 400
COLOURS = ("a2", "a3", "a4", "a5", "a6")
TAILS = (0.002, 0.998)


def beliefs(found: Pooled, against: Conflict | None = None) -> str:
    """A whole SVG file: a density a person, and the pool."""
    x = np.linspace(found.quantile(TAILS[0]), found.quantile(TAILS[1]), POINTS)
    lines = [
        Line(COLOURS[n % len(COLOURS)], x, one.distribution.pdf(x), label=one.name)
        for n, one in enumerate(found.beliefs)
    ]
    lines.append(Line("a1", x, found.density(x), label="Pool"))
    unit = "" if found.answers.unit == "1" else f", {found.answers.unit}"
    highest = max(float(np.max(line.y)) for line in lines)
    across = spread(float(x[0]), float(x[-1]), f"{found.answers.quantity}{unit}")
    chart = Chart(WIDTH, HEIGHT, across, _density(highest), tuple(lines))
    title = "What was believed"
    middle = [found.quantile(q) for q in (0.05, 0.5, 0.95)]
    words = [
        f"Pool: median {middle[1]:.3g}, 90 % {middle[0]:.3g} to {middle[2]:.3g}. Densities fitted"
        f" to the chips of {len(found.beliefs)}. Opinions, not evidence."
    ]
    if against:
        words.append(
            f"Published {against.published:g} (SE {against.standard_error:g}): tail probability"
            f" {against.tail:.2g}."
        )
    drawing = draw(chart, f"{title}: {words[0]}")
    return standalone(drawing, drawing_style(), title, {}, words)


def _density(highest: float) -> Axis:
    return Axis(0.0, 1.08 * highest, (0.0,), "density")
