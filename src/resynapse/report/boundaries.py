"""Where does a trial stop, as a picture?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resynapse.report.drawing import Axis, Chart, Line, Mark, Note, draw
from resynapse.report.drawing.ticks import spread
from resynapse.report.figure import Figure
from resynapse.report.plot import Plot, drawing_style
from resynapse.report.standalone import standalone

if TYPE_CHECKING:
    from resynapse.trial.design.sizes import Design

WIDTH, HEIGHT = 640.0, 360.0
ABOVE, BELOW, NUMBER = 0.2, 0.4, 3.0
"""How far a number stands from its circle: up and down in Z, and half its width in per cent"""
RESEARCH = "Research software: it tells nobody how to dose a patient."


def boundaries(design: Design) -> Plot:
    """The critical values in Z over the information, with futility bounds where there are any."""
    efficacy = _column(design, "critical_value")
    futility = _column(design, "futility_bound")
    two = design.looks.sided == 2
    lines = [_line(design, efficacy, "a2", "Efficacy")]
    if two:
        lines.append(_line(design, -efficacy, "a2", "Efficacy, other side"))
    if np.isfinite(futility).any():
        futility = np.append(futility[:-1], efficacy[-1])
        lines.append(_line(design, futility, "a1", "Futility"))
    chart = Chart(
        WIDTH,
        HEIGHT,
        _information(),
        _z(lines),
        tuple(lines),
        marks=tuple(mark for line in lines for mark in _marks(line)),
        notes=tuple(note for line in lines for note in _numbers(line)),
    )
    title = "Bounds at each look"
    figure = Figure(title, f"{design.method}. {design.formula}.", draw(chart, _sentence(design)))
    method = f"{design.method[:1].upper()}{design.method[1:]}."
    words = [_sizes(design), method, f"{design.formula}. {design.source}.", RESEARCH]
    svg = standalone(figure.drawing, drawing_style(), title, {}, words)
    return Plot(figure, svg)


def _column(design: Design, name: str) -> np.ndarray:
    values = [getattr(look, name) for look in design.analyses]
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _line(design: Design, z: np.ndarray, css: str, label: str) -> Line:
    x = 100 * np.array([look.information_rate for look in design.analyses])
    return Line(css, x, np.where(np.isfinite(z), z, np.nan), label=label)


def _marks(line: Line) -> list[Mark]:
    """A circle at every look."""
    return [Mark(x, y, css=line.css, circle=True) for x, y in _known(line)]


def _numbers(line: Line) -> list[Note]:
    """The value at every look: above an upper bound, below a lower one."""
    lower = line.label != "Efficacy"
    known = _known(line)[:-1] if line.label == "Futility" else _known(line)
    away = -BELOW if lower else ABOVE
    return [
        Note(x - NUMBER, y + away, f"{y:.3f}".replace("-", "\u2212"), line.css) for x, y in known
    ]


def _known(line: Line) -> list[tuple[float, float]]:
    places = zip(line.x.tolist(), line.y.tolist(), strict=True)
    return [(x, y) for x, y in places if np.isfinite(y)]


def _information() -> Axis:
    return Axis(0.0, 105.0, (0.0, 25.0, 50.0, 75.0, 100.0), "Information, %")


def _z(lines: list[Line]) -> Axis:
    every = np.concatenate([line.y for line in lines])
    return spread(float(np.nanmin(every)) - BELOW - ABOVE, float(np.nanmax(every)) + 0.3, "Z")


def _sizes(design: Design) -> str:
    whole = design.rounded
    events = f", {whole['events']} events" if whole["events"] else ""
    arms = " and ".join(f"{n} {arm}" for arm, n in whole["n_per_arm"].items())
    looks = design.looks
    return (
        f"At most {whole['n_max']} people ({arms}){events}; alpha {looks.alpha:g}, "
        f"{looks.sided}-sided, power {looks.power:g}."
    )


def _sentence(design: Design) -> str:
    bounds = ", ".join(f"{look.critical_value:.3f}" for look in design.analyses)
    return f"Critical values at {len(design.analyses)} looks: {bounds}."
