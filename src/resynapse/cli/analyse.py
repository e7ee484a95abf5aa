"""How does a person analyse a trial's table by a plan?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli.faults import WRONG_INPUT

if TYPE_CHECKING:
    from resynapse.trial.analysis import Answer

Data = Annotated[
    Path, typer.Argument(metavar="DATA.csv", help="A table with a header; ADTTE is understood.")
]
PlanFile = Annotated[
    Path, typer.Option("--plan", metavar="PLAN.yaml", help="Which analyses; see docs/analyse.md.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def analyse(data: Data, plan: PlanFile, as_json: AsJson = False) -> None:
    """Analyse a trial's table: survival, repeated measures and more, by a plan.

    A fit that fails is reported with its reason beside the others, and the exit code is then 2.
    """
    from resynapse.trial.analysis import analyse as answers_of
    from resynapse.trial.analysis import load_plan, read_table

    wishes = load_plan(plan)
    answers = answers_of(read_table(data), wishes)
    failed = [one for one in answers if one.failed]
    if as_json:
        from resynapse.exchange.as_json import plain

        found = {
            "data": str(data),
            "plan": str(plan),
            "confidence": wishes.confidence,
            "analyses": answers,
            "failed": len(failed),
        }
        print(json.dumps(plain(found), allow_nan=False))
    else:
        _show(answers, wishes.confidence)
    for one in failed:
        print(f"Error: analysis {one.name!r} failed. {one.failed}", file=sys.stderr)
    if failed:
        raise typer.Exit(WRONG_INPUT)


def _show(answers: list[Answer], confidence: float) -> None:
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    console = screen()
    for one in answers:
        events = "" if one.events is None else f", {one.events} events"
        console.print(
            f"[bold]{escape(one.name)}[/bold]: {escape(one.description)}; n {one.n}{events}"
        )
        interval = f"{100 * confidence:.6g}% interval"
        table = Table("Quantity", "Estimate", "Error", interval, "Statistic", "p")
        for row in one.estimates:
            limits = f"{_short(row.low)} to {_short(row.high)}" if row.low is not None else "-"
            cells = [_short(row.estimate), _short(row.standard_error), limits]
            statistic = _with_degrees(row.statistic, row.degrees_of_freedom)
            table.add_row(escape(row.quantity), *cells, statistic, _p(row.p_value))
        for test in one.tests:
            statistic = _with_degrees(test.statistic, test.degrees_of_freedom, test.denominator)
            table.add_row(escape(test.name), "", "", "", statistic, _p(test.p_value))
        for held in one.margins:
            name = f"{held.name}, H0 {' or '.join(f'{edge:.4g}' for edge in held.null)}, one-sided"
            statistic = _with_degrees(held.statistic, held.degrees_of_freedom)
            table.add_row(escape(name), "", "", "", statistic, _p(held.p_value))
        if table.row_count:
            console.print(table)
        for held in one.margins:
            console.print(escape(held.said))
        for note in one.notes:
            console.print(f"Note: {escape(note)}")


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _with_degrees(value: float | None, *degrees: float | None) -> str:
    known = ", ".join(f"{one:.4g}" for one in degrees if one is not None)
    return f"{_short(value)} ({known})" if known else _short(value)


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "<0.0001" if value < 1e-4 else f"{value:.4f}"
