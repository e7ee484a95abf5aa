"""How do the rates of a benchmark look beside one another?"""

from __future__ import annotations

import math
from typing import Any

from resynapse.report.drawing import marks
from resynapse.report.plot import drawing_style
from resynapse.report.standalone import standalone
from resynapse.report.wording import thousands

WIDTH, LEFT, RIGHT = 720.0, 150.0, 120.0
"""px; names stand left of the bars, rates right of them"""
BAR, ROW, HEAD, GAP = 12.0, 22.0, 24.0, 18.0
LOOK = ".bar { fill: var(--control); } .ours { fill: var(--accent); }"
TITLES = {
    "W1": "W1: population kinetics and dynamics, patients per second",
    "W2": "W2: recurrent lapses that change the state, patient-years per second",
    "W3": "W3: the whole chain, patient-years per second",
}


def speed(found: dict[str, Any]) -> str:
    """Bars on a logarithmic scale, a block a workload, as a whole SVG file; ours are dark."""
    rows = found["results"]
    decades = _decades([row["rate"] for row in rows])
    pieces, y = [], HEAD
    for name in dict.fromkeys(row["workload"] for row in rows):
        mine = [row for row in rows if row["workload"] == name]
        drawn, y = _block(TITLES[name], sorted(mine, key=lambda row: -row["rate"]), decades, y)
        pieces += drawn
    size = f'width="{WIDTH:g}" height="{y:g}" viewBox="0 0 {WIDTH:g} {y:g}"'
    drawing = f'<svg role="img" aria-label="Rates of engines" {size}>{"".join(pieces)}</svg>'
    words = [
        f"{found['cores']} cores, 64-bit numbers, logarithmic scale; medians of one run.",
        "Coloured: Resynapse; grey: other tools. Errors differ: they stand in the table.",
    ]
    return standalone(drawing, drawing_style() + LOOK, "Speed", {}, words)


def _decades(rates: list[float]) -> tuple[int, int]:
    """Powers of ten below and above all rates."""
    low, high = min(rates), max(rates)
    return math.floor(math.log10(low)), math.floor(math.log10(high)) + 1


def _block(
    title: str, rows: list[dict[str, Any]], decades: tuple[int, int], y: float
) -> tuple[list[str], float]:
    """A heading, a bar a row, and where the next block begins."""
    pieces, end = [marks.text(0.0, y, title, "said")], WIDTH - RIGHT
    first, last = decades
    bottom = y + 8.0 + ROW * len(rows)
    for power in range(first, last + 1):
        x = LEFT + (end - LEFT) * (power - first) / (last - first)
        pieces.append(marks.rule(x, y + 8.0, x, bottom, "grid"))
        pieces.append(marks.text(x, bottom + 14.0, _number(10.0**power), "soft", "middle"))
    for n, row in enumerate(rows):
        top = y + 12.0 + ROW * n
        long = (end - LEFT) * (math.log10(row["rate"]) - first) / (last - first)
        css = "bar ours" if row["backend"] else "bar"
        pieces.append(marks.block(LEFT, top, long, BAR, css))
        pieces.append(marks.text(LEFT - 8.0, top + 10.0, _name(row), "", "end"))
        pieces.append(marks.text(LEFT + long + 6.0, top + 10.0, _number(row["rate"])))
    return pieces, bottom + 14.0 + GAP + HEAD


def _number(rate: float) -> str:
    return thousands(round(rate)) if rate >= 10.0 else f"{rate:.2g}"


def _name(row: dict[str, Any]) -> str:
    return f"Resynapse {row['backend']}" if row["backend"] else row["engine"].replace("_", " ")
