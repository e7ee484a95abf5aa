"""Which commands does ``resynapse`` have?"""

from __future__ import annotations

from typing import Annotated

import typer

from resynapse import __version__
from resynapse.cli import claims, evidence, forecasts, library, numbers
from resynapse.cli.analyse import analyse
from resynapse.cli.bench import bench
from resynapse.cli.calibrate import calibrate
from resynapse.cli.design import app as design
from resynapse.cli.elicit import elicit
from resynapse.cli.endpoints import endpoints
from resynapse.cli.estimand import estimand
from resynapse.cli.faults import AnsweringGroup
from resynapse.cli.information import information
from resynapse.cli.kinetics import kinetics
from resynapse.cli.power import power
from resynapse.cli.prior_check import prior_check
from resynapse.cli.run import run
from resynapse.cli.search import search
from resynapse.cli.sensitivity import sensitivity
from resynapse.cli.serve import serve
from resynapse.cli.validate import validate

app = typer.Typer(
    name="resynapse",
    cls=AnsweringGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"resynapse {__version__}")
        raise typer.Exit()


@app.callback()
def resynapse(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Version.")
    ] = False,
) -> None:
    """Simulate ketamine treatment of addiction, from dose and therapy to trial result.

    Research software: it tells nobody how to dose a patient.
    """


app.command()(run)
app.add_typer(library.app, name="protocols")
app.command()(library.check)
app.command()(numbers.parameters)
app.add_typer(evidence.app, name="evidence")
app.add_typer(claims.app, name="claims")
app.add_typer(forecasts.app, name="forecasts")
app.command()(library.schema)
app.command()(analyse)
app.command()(endpoints)
app.command()(estimand)
app.command()(bench)
app.command()(prior_check)
app.command()(sensitivity)
app.command()(information)
app.command()(kinetics)
app.add_typer(design, name="design")
app.command()(elicit)
app.command()(power)
app.command()(search)
app.command()(serve)
app.command()(calibrate)
app.command()(validate)
