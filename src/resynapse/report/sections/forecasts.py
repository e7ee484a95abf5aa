"""Where was the model right about published trials that it was not fitted to, and where wrong?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from resynapse.report import forest
from resynapse.report.figure import Figure
from resynapse.report.forecast_names import arms, measure, quantity, source
from resynapse.report.names import ROLES
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import NARROW, counted, is_share, plain

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint, Validation

NAME = "forecasts"
SEEN = "calibration"
"""Role of values whose trial set a prior, so that no forecast of them is a test"""
VERDICT = "In the 90\u00a0%"
APART = ("risk_difference", "mean_difference", "interaction")
"""Measures of a share or a percentage that are told in percentage points"""
CAPTION = (
    "Thin line: 90\u00a0% interval of the forecast; thick: 50\u00a0%; circle: median. Open diamond:"
    " published, within the 90\u00a0%. Filled diamond: published, missed."
)


def forecasts(found: Validation) -> Figure:
    """Every published value beside its forecast, and the same as a table."""
    sizes = (forest.PAGE, forest.NARROW_SCREEN)
    wide, narrow = (Markup(forest.drawing(found.endpoints, size)) for size in sizes)
    caption = f"{CAPTION} {forest.cut(found.endpoints)}".rstrip()
    return Figure("Published values and forecasts", caption, wide, narrow=narrow, name=NAME)


def forecasts_table(found: Validation) -> Table:
    """A row a value; those that were missed say so."""
    heads = ("Trial and quantity", "Published", "Forecast, 90\u00a0%", VERDICT, "The trial's role")
    return Table("Published values and forecasts", heads, tuple(map(_row, found.endpoints)))


def made(found: Validation) -> str:
    """How the forecasts were come by, in a sentence or two."""
    return (
        "Forecasts of the model with three numbers of ketamine's effect fitted to two trials"
        " (Krupitsky 2002, Dakwar 2019), each without the trial that is forecast, over draws of"
        " what was fitted to other studies before: natural history, medications and mood (at most"
        f" {found.most} draws, {found.made['people']} people an arm, {found.made['date']})."
        " This page runs with the parameters named at its top."
    )


def held_out(found: Validation) -> Table:
    """Every value whose forecast was not fitted to its trial: those that the headline counts."""
    heads = (
        "Study", "Quantity", "Published", "Model, 90\u00a0%", VERDICT, "The trial's role",
    )  # fmt: skip
    rows = tuple(
        Row(
            source(one),
            (
                Cell(words=f"{quantity(one)}, {arms(one)}, {measure(one)}"),
                *_beside(one),
                _role(one),
            ),
        )
        for one in found.endpoints
        if one.role != SEEN
    )
    return Table(
        "Published values beside forecasts that were not fitted to their trial", heads, rows
    )


def _row(one: Endpoint) -> Row:
    return Row(
        f"{source(one)}: {quantity(one)}, {arms(one)}, {measure(one)}", (*_beside(one), _role(one))
    )


def _role(one: Endpoint) -> Cell:
    return Cell(words=ROLES.get(one.role, one.role))


def _beside(one: Endpoint) -> tuple[Cell, Cell, Cell]:
    """Published, the forecast, and whether one holds the other."""
    told = value_cell(one.median, one.unit, one.low90, one.high90)
    return (
        Cell(words=_with_unit(plain(one.published, one.unit), one)),
        replace(told, value=_with_unit(told.value, one)),
        Cell(words="within") if one.hit90 else _missed(one),
    )


def _missed(one: Endpoint) -> Cell:
    from resynapse.inference.words import end_at_rounding

    return Cell("missed", "" if end_at_rounding(one) is None else "perhaps by its rounding alone")


def _with_unit(number: str, one: Endpoint) -> str:
    """A difference of shares or of percentages is so many points, never percent of something."""
    if not (one.measure in APART and is_share(one.unit)):
        return number
    bare = number.removesuffix(f"{NARROW}%")
    return f"{bare}{NARROW}{counted(bare, 'points')}"
