"""Which protocols are there, what does one say, and would it run?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from resynapse.cli.run import ProtocolArgument

app = typer.Typer(help="The library of real trials' protocols.", invoke_without_command=True)


@app.callback()
def protocols(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the protocols that come with Resynapse."""
    if context.invoked_subcommand:
        return
    from resynapse.protocol import library, load

    plans = [load(name) for name in library()]
    if as_json:
        kept = ("name", "title", "state", "disorder", "study")
        print(json.dumps({"protocols": [{key: getattr(p, key) for key in kept} for p in plans]}))
        return
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    table = Table("Name", "What", "Disorder", "State")
    for plan in plans:
        table.add_row(plan.name, escape(plan.title), plan.disorder, plan.state)
    screen().print(table)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A name from `resynapse protocols`.")]) -> None:
    """Print a protocol as it ships, to save and change."""
    from resynapse.protocol import text

    print(text(name), end="")


def check(protocol: ProtocolArgument) -> None:
    """Say what a protocol would do, in a sentence per arm, and what is odd about it."""
    from resynapse.protocol import check as findings
    from resynapse.protocol import describe, load
    from resynapse.protocol.description import MORTALITY
    from resynapse.trial.runnable import ensure_runnable

    plan = ensure_runnable(load(protocol))
    print(f"{plan.name}: {plan.title}")
    for sentence in describe(plan):
        print(f"  {sentence.replace(f': {MORTALITY}', '')}")  # a note below says it once
    for finding in findings(plan):
        print(f"Note: {finding}")


def schema() -> None:
    """Print the JSON Schema of a protocol, for editors that complete and check YAML."""
    from resynapse.protocol import schema as protocol_schema

    print(json.dumps(protocol_schema(), indent=2))
