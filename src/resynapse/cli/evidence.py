"""Which published studies is the model compared with, and what did each find?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from resynapse.evidence import Study

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
AsBibtex = Annotated[bool, typer.Option("--bibtex", help="Print BibTeX.")]
app = typer.Typer(help="The published studies.", invoke_without_command=True)


@app.callback()
def evidence(context: typer.Context, as_json: AsJson = False, as_bibtex: AsBibtex = False) -> None:
    """List the published studies that the model is compared with."""
    if context.invoked_subcommand:
        return
    from resynapse.evidence import bibtex, studies

    if as_bibtex:
        print("\n\n".join(bibtex(study) for study in studies()))
        return
    if as_json:
        print(json.dumps({"studies": [asdict(study) for study in studies()]}, allow_nan=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen
    from resynapse.evidence.likelihood import usable_count, value_count

    table = Table()
    table.add_column("Name", no_wrap=True, min_width=max(len(study.id) for study in studies()))
    table.add_column("What", no_wrap=True, overflow="ellipsis", max_width=34)
    for heading in ("Role", "Numbers", "Fittable"):
        table.add_column(heading, min_width=len(heading) if heading != "Role" else 13)
    for study in studies():
        counts = (value_count(study), usable_count(study))
        cells = [study.id, study.title, study.role, *map(str, counts)]
        table.add_row(*map(escape, cells))
    screen().print(table)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A name from `resynapse evidence`.")],
    as_json: AsJson = False,
    as_bibtex: AsBibtex = False,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print the study's file, to save and change.")
    ] = False,
) -> None:
    """Print what a study did and found, and where each value stands."""
    from resynapse.evidence import bibtex, study, study_text

    found = study(name)
    if as_json:
        print(json.dumps(asdict(found), allow_nan=False))
    elif as_bibtex:
        print(bibtex(found))
    elif as_yaml:
        print(study_text(name), end="")
    else:
        _print(found)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A study file of your own, YAML.")]) -> None:
    """Say what in a study file is refused or set aside, line by line."""
    from resynapse.evidence.likelihood import NEVER_FITTED, usable_count, value_count
    from resynapse.evidence.study_file import check_study, read_study

    study = read_study(file)
    for finding in check_study(file):
        print(finding)
    values, usable = value_count(study), usable_count(study)
    print(
        f"{study.id}: {study.short_citation}, {study.role}. {values} numbers, "
        f"{usable} may enter a likelihood, {values - usable} may not."
    )
    if study.role in NEVER_FITTED:
        first = "" if study.protocol else "add `protocol: NAME` to it, then "
        print(
            f"It is marked {study.role}, so that nothing is fitted to it. To set its numbers beside"
            f" forecasts: {first}resynapse validate --add {file}"
        )


@app.command()
def schema() -> None:
    """Print the JSON Schema of a study file, for editors."""
    from resynapse.evidence.study_schema import study_schema

    print(json.dumps(study_schema(), indent=1))


@app.command()
def build(
    name: Annotated[str, typer.Argument(help="Which derived tables: ctn0094.")],
    data: Annotated[Path, typer.Option(help="Folder with your own copy of the data, as Parquet.")],
    output: Annotated[Path, typer.Option(help="Where the tables go.")] = Path("ctn0094"),
) -> None:
    """Rebuild derived tables from patient-level data, and say whether they are those shipped."""
    from resynapse.evidence import ctn0094
    from resynapse.input_error import InputError

    if name != "ctn0094":
        raise InputError(f"No derived tables are called {name!r}; there is ctn0094.")
    made, known = ctn0094.build(data, output), ctn0094.checksums()
    for table, value in made.items():
        print(f"{'same' if known.get(table) == value else 'DIFFERS'}  {output / table}")
    if made != known:
        raise ctn0094.DataError(
            "These tables are not those that come with this version. The data differ from "
            "public.ctn0094data 1.0.6 and public.ctn0094extra 1.0.4 (docs/ctn0094.md)."
        )


def _print(study: Study) -> None:
    from rich.markup import escape

    from resynapse.cli.summary import screen
    from resynapse.evidence.likelihood import why_no_number, why_set_aside

    console = screen()
    console.print(f"[bold]{escape(study.citation)}[/bold] {escape(study.doi or study.url or '')}")
    console.print(escape(f"Design: {study.design}\nPeople: {study.population}"))
    judged = f", judged as {study.judged_as}" if study.judged_as else ""
    console.print(escape(f"Role: {study.role}{judged}. {study.role_reason}"))
    unused = why_no_number(study)
    if unused:
        console.print(escape(f"No fit uses it: {unused}"))
    for one in study.in_no_fit:
        console.print(escape(f"In no fit, {one.what}: {one.reason}"))
    for title, sentences in (("Findings", study.findings), ("Limits", study.limits)):
        for sentence in sentences:
            console.print(escape(f"{title}: {sentence}"))
    if study.numbers:
        console.print(_numbers(study))
    if study.exposures:
        console.print(_exposures(study))
    for curve in study.concentrations:
        told = f"{curve.analyte}, {curve.site}, {len(curve.points)} points, {curve.unit}"
        console.print(escape(f"Curve: {told}; {curve.regimen}; {curve.place} ({curve.seen})"))
    for reason in dict.fromkeys(why_set_aside(number) for number in study.numbers):
        if reason is not None:
            console.print(f"Not fitted: {reason}.")


def _numbers(study: Study) -> Table:
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import measure, with_limits, words
    from resynapse.evidence.likelihood import why_in_no_fit, why_set_aside

    table = Table("Quantity", "Arm", "Measure", "Value", "n", "Where", "Seen as")
    for number in study.numbers:
        arms = f"{number.arm} against {number.reference}" if number.reference else number.arm
        value, n = with_limits(number), str(number.n or "-")
        cells = [arms, measure(number.measure), value, n, number.place]
        unfitted = ", in no fit" if why_in_no_fit(study, number) else ""
        seen = number.seen + (", not fitted" if why_set_aside(number) else unfitted)
        table.add_row(escape(words(number.endpoint)), *map(escape, cells), seen)
    return table


def _exposures(study: Study) -> Table:
    """Summaries of concentrations; `resynapse kinetics` sets them beside the model's."""
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import with_interval

    table = Table("Summary", "Analyte", "Dose", "Value", "n", "Where", "Seen as", "Counts as")
    for one in study.exposures:
        aside = one.reported_only and f"shown only: {one.reported_only}"
        fit = one.informed and f"a fit: {one.informed}"
        table.add_row(*map(escape, (
            one.quantity, f"{one.analyte}, {one.site}", study.arm(one.arm).label,
            with_interval(one.value, one.low, one.high, one.unit), str(one.n or "-"), one.place,
            one.seen, aside or fit or one.role or study.role,
        )))  # fmt: skip
    return table
