"""Where was the model right about published trials that it was not fitted to, and where wrong?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from resynapse.report import forest
from resynapse.report.figure import Figure
from resynapse.report.names import MEASURES, ROLES, endpoint
from resynapse.report.table import Cell, Row, Table, value_cell
from resynapse.report.wording import plain, sentence_case

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint, Validation

NAME = "forecasts"
CAPTION = (
    "Thin line: 90\u00a0% interval of the forecast; thick: 50\u00a0%; circle: median. Open diamond:"
    " published, within the 90\u00a0%. Filled diamond: published, missed."
)


def forecasts(found: Validation) -> Figure:
    """Every published value beside its forecast, and the same as a table."""
    drawn = Markup(forest.drawing(found.endpoints, _short))
    return Figure("Published values and forecasts", CAPTION, drawn, name=NAME)


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


def _row(one: Endpoint) -> Row:
    return Row(
        f"{_compared(one, 'against')}, {_measure(one)}",
        (
            Cell(words=plain(one.published, one.unit)),
            value_cell(one.median, one.unit, one.low90, one.high90),
            Cell(words="yes") if one.hit90 else Cell(value="no, missed"),
            Cell(words=ROLES.get(one.role, one.role)),
        ),
    )


def _short(one: Endpoint) -> str:
    told = one.measure in (*forest.RATIOS, *forest.NAMED)
    return _compared(one, "v") + (f", {_measure(one)}" if told else "")


def _compared(one: Endpoint, joined: str) -> str:
    arms = one.arm + (f" {joined} {one.reference}" if one.reference else "")
    return f"{one.protocol}: {endpoint(one.endpoint)}, {arms.replace('_', ' ')}"


def _measure(one: Endpoint) -> str:
    return MEASURES.get(one.measure, sentence_case(one.measure).lower())
