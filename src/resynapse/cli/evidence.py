"""Which published studies is the model compared with, and what did each find?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from resynapse.evidence import Study

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
app = typer.Typer(help="The published studies.", invoke_without_command=True)


@app.callback()
def evidence(context: typer.Context, as_json: AsJson = False) -> None:
    """List the published studies that the model is compared with."""
    if context.invoked_subcommand:
        return
    from resynapse.evidence import studies

    if as_json:
        print(json.dumps({"studies": [asdict(study) for study in studies()]}, allow_nan=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table("Name", "Study", "What", "Role", "Values")
    for study in studies():
        cells = [study.id, study.short_citation, study.design, study.role, str(len(study.numbers))]
        table.add_row(*map(escape, cells))
    screen().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A name from `resynapse evidence`.")],
    as_json: AsJson = False,
) -> None:
    """Print what a study did and found, and where each value stands."""
    from resynapse.evidence import study

    found = study(name)
    if as_json:
        print(json.dumps(asdict(found), allow_nan=False))
    else:
        _print(found)


def _print(study: Study) -> None:
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import measure, screen, with_interval, words

    console = screen()
    console.print(f"[bold]{escape(study.citation)}[/bold] {escape(study.doi or study.url or '')}")
    console.print(escape(f"Design: {study.design}\nPeople: {study.population}"))
    console.print(escape(f"Role: {study.role}. {study.role_reason}"))
    for title, sentences in (("Findings", study.findings), ("Limits", study.limits)):
        for sentence in sentences:
            console.print(escape(f"{title}: {sentence}"))
    table = Table("Quantity", "Arm", "Measure", "Value", "n", "Where", "Seen as")
    for number in study.numbers:
        arms = f"{number.arm} against {number.reference}" if number.reference else number.arm
        value = with_interval(number.value, number.low, number.high, number.unit)
        cells = [arms, measure(number.measure), value, str(number.n or "-"), number.place]
        table.add_row(escape(words(number.endpoint)), *map(escape, cells), number.seen)
    console.print(table)
