"""How does a person see which endpoints are defined, by whom, and what each needs?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from resynapse.trial.definitions import Definition

Words = Annotated[
    list[str] | None,
    typer.Argument(help="Show only those that hold all of these words: relapse, Ling, drinks."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FIELDS = ("name", "sentence", "needs", "gives", "citation", "seen", "options")


def endpoints(words: Words = None, as_json: AsJson = False) -> None:
    """List the published definitions of endpoints that `resynapse analyse` makes from a table."""
    from resynapse.trial.definitions import DEFINITIONS

    chosen = [one for one in DEFINITIONS.values() if _holds(one, words or [])]
    if not chosen:
        from resynapse.input_error import InputError

        raise InputError(
            f"No definition holds {' and '.join(map(repr, words or []))}; `resynapse endpoints` "
            "without words lists all."
        )
    if as_json:
        rows = [{name: getattr(one, name) for name in FIELDS} for one in chosen]
        print(json.dumps({"endpoints": rows}, allow_nan=False))
        return
    _show(chosen)


def _holds(one: Definition, words: list[str]) -> bool:
    told = " ".join(str(getattr(one, name)) for name in FIELDS).lower()
    return all(word.lower() in told for word in words)


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
