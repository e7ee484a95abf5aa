"""How do single trials lie around the truth?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from resynapse.report.design.told import Told
from resynapse.report.drawing import marks
from resynapse.report.drawing.ticks import between, written
from resynapse.report.figure import Figure
from resynapse.trial.power.method import ESTIMATES, LOG_RATIOS

WIDTH, LEFT, RIGHT, ROW, TOP = 666.0, 270.0, 140.0, 24.0, 12.0
Z = 1.96


@dataclass(frozen=True)
class Entry:
    """A value with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float
    css: str = "a2"


def forest(told: Told) -> Figure | None:
    """The truth of every design, and what its example trials found; None without an estimate."""
    entries, estimator = [], ""
    for design, example in told.examples.items():
        rows = [r for r in told.found.rows if r.design == design and r.n == example.n
                and r.world == "as asked" and r.method == example.estimator]  # fmt: skip
        estimator = example.estimator
        if rows and rows[0].truth is not None:
            truth, sd = rows[0].truth, rows[0].empirical_error or 0.0
            name = f"{design}: truth, and 95 % of trials"
            entries.append(Entry(name, truth, truth - Z * sd, truth + Z * sd, "a1"))
        for name, one in example.trials.items():
            half = Z * one.error
            if not np.isfinite(half + one.estimate):
                continue
            said = f"{design}: {name} trial"
            entries.append(Entry(said, one.estimate, one.estimate - half, one.estimate + half))
    if not entries:
        return None
    ratio = estimator in LOG_RATIOS
    what = (
        f"{ESTIMATES[estimator].removeprefix('ln ')}, treated against control"
        if ratio
        else (ESTIMATES[estimator])
    )
    known = any(entry.css == "a1" for entry in entries)
    said = "blue: one trial with its own 95 % interval."
    if known:
        said = f"Grey: what is true in the model, with the range of 95 % of trials; {said}"
    caption = f"{what[:1].upper()}{what[1:]}, {told.examples[told.first].n} controls. "
    caption += f"{said[:1].upper()}{said[1:]}"
    return Figure(
        "Trials around the truth" if known else "Single trials",
        caption,
        _drawn(entries, ratio, what),
    )


def _drawn(entries: list[Entry], ratio: bool, what: str) -> Markup:
    low, high = min(0.0, *(e.low for e in entries)), max(0.0, *(e.high for e in entries))
    ticks = _ticks(low, high, ratio)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    base = TOP + ROW * len(entries) + 6

    def across(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    pieces = [marks.rule(across(0.0), TOP - 6, across(0.0), base, "axis")]
    for tick in ticks:
        shown = written(round(float(np.exp(tick)), 3)) if ratio else written(tick)
        pieces.append(marks.rule(across(tick), base, across(tick), base + 4, "axis"))
        pieces.append(marks.text(across(tick), base + 18, shown, "", "middle"))
    pieces.append(marks.rule(LEFT, base, WIDTH - RIGHT, base, "axis"))
    pieces.append(marks.text(WIDTH - RIGHT, base + 34, what, "soft", "end"))
    for place, entry in enumerate(entries):
        pieces += _row(entry, TOP + ROW * (place + 0.5), across, ratio)
    height = base + 40
    start = f'<svg role="img" aria-label="{escape(what)}" width="{WIDTH:g}" height="{height:g}" '
    return Markup(f'{start}viewBox="0 0 {WIDTH:g} {height:g}">' + "".join(pieces) + "</svg>")


def _row(entry: Entry, y: float, across: Callable[[float], float], ratio: bool) -> list[str]:
    values = [entry.value, entry.low, entry.high]
    shown = [float(np.exp(value)) if ratio else value for value in values]
    words = f"{shown[0]:.2f} ({shown[1]:.2f} to {shown[2]:.2f})".replace("-", "\u2212")
    return [
        marks.text(0, y + 4, entry.name),
        marks.rule(across(entry.low), y, across(entry.high), y, f"whisker {entry.css}"),
        marks.diamond(across(entry.value), y, entry.css),
        marks.text(WIDTH, y + 4, words, "", "end"),
    ]


def _ticks(low: float, high: float, ratio: bool) -> list[float]:
    if not ratio:
        return list(between(low, high, 5))
    every = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0]
    inside = [float(np.log(x)) for x in every if low - 0.1 <= np.log(x) <= high + 0.1]
    return inside or [0.0]
