"""Does the modelled blood level meet the measured ones, and where do the numbers come from?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from resynapse.evidence import Observation, observed
from resynapse.protocol.run_size import REFERENCE_PEOPLE
from resynapse.report.concentration import NG_PER_ML, Unit
from resynapse.report.curves import Curve, curve
from resynapse.report.drawing import Chart, Line, Mark, Note, draw
from resynapse.report.drawing.ticks import amounts, decades, minutes
from resynapse.report.figure import Figure
from resynapse.report.names import ROLES
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, plain

if TYPE_CHECKING:
    from resynapse.trial.result import Result

END = 240.0
INFUSION = 40.0
"""Length of the reference infusion, min"""
WIDTHS, HEIGHT = (396.0, 328.0), 232.0
PEAK, TAIL = 48.0, 100.0
"""Minutes at which the two curves are named"""
APART = 3.5
"""Points at the same minute stand this far apart, min"""


def kinetics(
    result: Result, widths: tuple[float, float] = WIDTHS, unit: Unit = NG_PER_ML
) -> Figure:
    """The reference infusion in arterial and venous blood, with measured points.

    The second of ``widths``, px, is for small screens.
    """
    each = unit.per_ng_mL
    points = [_in(p, each) for p in observed(analyte="ketamine") if p.minute <= END]
    kept = result.reference
    venous = curve(kept, "venous_ketamine").until(END).scaled(y=each)
    arterial = curve(kept, "arterial_ketamine").until(END).scaled(y=each)
    wide, narrow = (_drawing(width, venous, arterial, points, unit) for width in widths)
    return Figure(
        title="Ketamine in blood, reference infusion",
        caption=_caption(points),
        drawing=wide,
        narrow=narrow,
        table=_table(venous, arterial, points, unit.name),
        name="reference_kinetics",
    )


def _in(point: Observation, each: float) -> Observation:
    """The observation where 1 ng/mL is so many of a unit."""
    scaled = {
        name: None if value is None else value * each
        for name in ("value", "low", "high")
        for value in (getattr(point, name),)
    }
    return replace(point, **scaled)


def _drawing(
    width: float, venous: Curve, arterial: Curve, points: list[Observation], unit: Unit
) -> Markup:
    peak = float(np.nanmax([*arterial.high, *venous.high, *_ends(points)]))
    chart = Chart(
        width=width,
        height=HEIGHT,
        x=minutes(END, "minutes from the start of the infusion"),
        y=(decades if unit.log else amounts)(1.08 * peak, unit.name),
        lines=(
            Line("venous", venous.x, venous.middle, venous.low, venous.high),
            Line("arterial", arterial.x, arterial.middle, arterial.low, arterial.high),
        ),
        marks=_marks(points),
        notes=_names(venous, arterial),
        shade=(0.0, INFUSION, "infusion"),
    )
    return draw(chart, _sentence(venous, arterial, points, unit.name))


def _ends(points: Iterable[Observation]) -> list[float]:
    return [end for point in points for end in (point.value, point.high) if end is not None]


def _names(venous: Curve, arterial: Curve) -> tuple[Note, Note]:
    """Arterial beside its peak, venous above its band in the tail, where it is the higher one."""
    peak = 0.92 * float(np.nanmax(arterial.middle))
    tail = np.array([TAIL])
    top = float(max(venous.at(tail)[2][0], arterial.at(tail)[0][0]))
    return Note(PEAK, peak, "arterial", "arterial"), Note(TAIL, 1.12 * top, "venous", "venous")


def _marks(points: list[Observation]) -> tuple[Mark, ...]:
    """Observations, those at one minute beside one another."""
    marks = []
    for point in points:
        together = [other for other in points if other.minute == point.minute]
        shift = APART * (together.index(point) - 0.5 * (len(together) - 1))
        css = "recalled" if point.status == "assumed" else ""
        value = np.nan if point.value is None else point.value
        marks.append(Mark(point.minute + shift, value, point.low, point.high, css, circle=True))
    return tuple(marks)


def _caption(points: list[Observation]) -> str:
    model = (
        f"0.5{NARROW}mg/kg over 40{NARROW}min. Lines: median; bands: middle 80{NARROW}% "
        f"of {REFERENCE_PEOPLE} simulated people, parameters fixed."
    )
    if not points:
        return f"{model} No measured point is at hand."
    said = "; ".join(_described(point) for point in points)
    return f"{model} Measured, from left to right: {said}."


def _described(point: Observation) -> str:
    n = f"n{NARROW}={NARROW}{point.n}" if point.n else "n not stated"
    what = "range only" if point.value is None else (point.interval or "mean")
    recalled = ", recalled, dashed" if point.status == "assumed" else ""
    role = ROLES.get(point.role, point.role).split(",")[0]
    return f"{point.source.split(',')[0]}, {what}, {n}, {role}{recalled}"


def _sentence(venous: Curve, arterial: Curve, points: list[Observation], unit: str) -> str:
    return (
        f"Ketamine after the reference infusion: highest median {plain(np.nanmax(arterial.middle))}"
        f" {unit} arterial and {plain(np.nanmax(venous.middle))} {unit} venous; "
        f"{len(points)} measured points."
    )


def _table(venous: Curve, arterial: Curve, points: list[Observation], unit: str) -> Table:
    times = np.array([0.0, 10, 20, 30, 40, 60, 80, 110, 160, 230])
    middle, low, high = venous.at(times)
    blood, least, most = arterial.at(times)
    rows = [
        Row(
            f"{time:g} min",
            (
                value_cell(middle[i], "", low[i], high[i]),
                value_cell(blood[i], "", least[i], most[i]),
                Cell(),
            ),
        )
        for i, time in enumerate(times)
    ]
    rows += [
        Row(
            f"{point.minute:g} min, {point.source}",
            (Cell(), Cell(), value_cell(point.value, "", point.low, point.high)),
        )
        for point in points
    ]
    heads = ("Time", f"Venous, {unit}", f"Arterial, {unit}", f"Measured, {unit}")
    return Table("Ketamine after the reference infusion", heads, tuple(rows))


ORDER = ("measured", "derived", "assumed")


def parameter_status(result: Result) -> Table:
    """How many of the parameters are measured, derived or assumed, and what they contribute."""
    counts = result.parameter_counts
    order = [s for s in ORDER if s in counts] + [s for s in counts if s not in ORDER]
    shares = [counts[status][1] for status in order]
    known = any(share is not None for share in shares)
    rows = [_status_row(status.capitalize(), *counts[status], known) for status in order]
    total = sum(counts[status][0] for status in order)
    whole = sum(share for share in shares if share is not None) if known else None
    rows.append(_status_row("All", total, whole, known))
    heads = ("Status", "Count", "Share of width") if known else ("Status", "Count")
    return Table("Parameters by status", heads, tuple(rows))


def _status_row(name: str, count: int, share: float | None, known: bool) -> Row:
    cells = [Cell(words=str(count))]
    if known:
        cells.append(Cell(words=plain(share, "proportion")))
    return Row(name, tuple(cells))
