"""Where was the model right about published trials that it was not fitted to, and where wrong?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from resynapse.report import forest
from resynapse.report.figure import Figure
from resynapse.report.forecast_names import arms, measure, quantity, source
from resynapse.report.names import ROLES
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import plain

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint, Validation

NAME = "forecasts"
LEFT_OUT = ("held-out", "held out", "held-out-site", "leave-one-study-out")
"""Roles of values that were forecast without having been seen"""
CAPTION = (
    "Thin line: 90\u00a0% interval of the forecast; thick: 50\u00a0%; circle: median. Open diamond:"
    " published, within the 90\u00a0%. Filled diamond: published, missed."
)


def forecasts(found: Validation) -> Figure:
    """Every published value beside its forecast, and the same as a table."""
    sizes = (forest.PAGE, forest.NARROW_SCREEN)
    wide, narrow = (Markup(forest.drawing(found.endpoints, size)) for size in sizes)
    return Figure("Published values and forecasts", CAPTION, wide, narrow=narrow, name=NAME)


def forecasts_table(found: Validation) -> Table:
    """A row a value; those that were missed say so."""
    heads = ("Trial and quantity", "Published", "Forecast, 90\u00a0%", "Within", "The trial's role")
    return Table("Published values and forecasts", heads, tuple(map(_row, found.endpoints)))


def made(found: Validation) -> str:
    """How the forecasts were come by, in a sentence or two."""
    return (
        "Forecasts of the model with three numbers fitted to published trials, each without the"
        f" trial that is forecast (at most {found.most} draws, {found.made['people']} people an"
        f" arm, {found.made['date']}). This page runs with the parameters named at its top."
    )


def held_out(found: Validation) -> Table:
    """Only values that no fit had seen, each with the forecast made without its trial."""
    heads = ("Study", "Quantity", "Published", "Model, 90\u00a0%", "Within")
    rows = tuple(
        Row(
            source(one),
            (Cell(words=f"{quantity(one)}, {arms(one)}, {measure(one)}"), *_beside(one)),
        )
        for one in found.endpoints
        if one.role in LEFT_OUT
    )
    return Table("Trials that were left out, beside the model", heads, rows)


def _row(one: Endpoint) -> Row:
    role = Cell(words=ROLES.get(one.role, one.role))
    return Row(
        f"{source(one)}: {quantity(one)}, {arms(one)}, {measure(one)}", (*_beside(one), role)
    )


def _beside(one: Endpoint) -> tuple[Cell, Cell, Cell]:
    """Published, the forecast, and whether one holds the other."""
    return (
        Cell(words=plain(one.published, one.unit)),
        value_cell(one.median, one.unit, one.low90, one.high90),
        Cell(words="within") if one.hit90 else Cell(value="missed"),
    )
