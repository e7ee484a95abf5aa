"""How does a person see which endpoints are defined, by whom, and what each needs?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def endpoints(as_json: AsJson = False) -> None:
    """List the published definitions of endpoints that `resynapse analyse` makes from a table."""
    from resynapse.trial.definitions import DEFINITIONS

    fields = ("name", "sentence", "needs", "gives", "citation", "seen", "options")
    if as_json:
        rows = [{name: getattr(one, name) for name in fields} for one in DEFINITIONS.values()]
        print(json.dumps({"endpoints": rows}, allow_nan=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table("Name", "Definition, and from whom (how it was seen)", "Needs", "Gives")
    for one in DEFINITIONS.values():
        options = f" Options: {', '.join(one.options)}." if one.options else ""
        told = f"{one.sentence}. {one.citation} ({one.seen}).{options}"
        table.add_row(*map(escape, (one.name, told, one.needs, one.gives)))
    screen().print(table)
