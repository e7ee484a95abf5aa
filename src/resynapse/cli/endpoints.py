"""How does a person see which endpoints are defined, by whom, and what each needs?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from resynapse.trial.definitions import Definition
    from resynapse.trial.endpoint_name import Given

Words = Annotated[
    list[str] | None,
    typer.Argument(help="Show only those that hold all of these words: relapse, Ling, drinks."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FIELDS = ("name", "sentence", "needs", "gives", "citation", "seen", "options")
RUN_FIELDS = ("name", "words", "source")


def endpoints(words: Words = None, as_json: AsJson = False) -> None:
    """List what a run gives, and the published definitions that `resynapse analyse` makes.

    The first stand under `endpoints` of a protocol; the second are made from a table of your own.
    """
    from resynapse.trial.definitions import DEFINITIONS
    from resynapse.trial.endpoint_name import given

    asked = words or []
    chosen = [one for one in DEFINITIONS.values() if _holds(one, FIELDS, asked)]
    run = [one for one in given() if _holds(one, RUN_FIELDS, asked)]
    if not chosen and not run:
        from resynapse.input_error import InputError

        raise InputError(
            f"No definition holds {' and '.join(map(repr, words or []))}; `resynapse endpoints` "
            "without words lists all."
        )
    if as_json:
        rows = [{name: getattr(one, name) for name in FIELDS} for one in chosen]
        of_run = [{name: getattr(one, name) for name in RUN_FIELDS} for one in run]
        print(json.dumps({"endpoints": rows, "of_a_run": of_run}, allow_nan=False))
        return
    if run:
        _show_run(run)
    if chosen:
        _show(chosen)


def _holds(one: object, fields: tuple[str, ...], words: list[str]) -> bool:
    told = " ".join(str(getattr(one, name)) for name in fields).lower()
    return all(word.lower() in told for word in words)


def _show_run(given: list[Given]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table("Of a run (N: a whole number of days, weeks or months)", "What it is, from where")
    for one in given:
        table.add_row(*map(escape, (one.name, f"{one.words}. {one.source}.")))
    screen().print(table)


def _show(chosen: list[Definition]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table("Name, needs, gives", "Definition, and from whom (how it was seen)")
    for one in chosen:
        options = f" Options: {', '.join(one.options)}." if one.options else ""
        head = f"{one.name}\n  {one.needs}; {one.gives}"
        told = f"{one.sentence}. {one.citation} ({one.seen}).{options}"
        table.add_row(*map(escape, (head, told)))
    screen().print(table)
