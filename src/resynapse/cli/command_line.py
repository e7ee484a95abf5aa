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
from resynapse.cli.infusion import infusion
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


RUN = "Look and run"
DESIGN = "Design a trial"
EVIDENCE = "Evidence and fit"
MEASURE = "Formats and speed"
"""headings of the help, in which commands stand in this order"""

app.command(rich_help_panel=RUN)(run)
app.command(rich_help_panel=RUN)(serve)
app.add_typer(library.app, name="protocols", rich_help_panel=RUN)
app.command(rich_help_panel=RUN)(library.check)
app.command(rich_help_panel=RUN)(numbers.parameters)
app.command(rich_help_panel=RUN)(kinetics)
app.command(rich_help_panel=RUN)(infusion)
app.command(rich_help_panel=RUN)(sensitivity)

app.add_typer(design, name="design", rich_help_panel=DESIGN)
app.command(rich_help_panel=DESIGN)(power)
app.command(rich_help_panel=DESIGN)(estimand)
app.command(rich_help_panel=DESIGN)(search)
app.command(rich_help_panel=DESIGN)(information)
app.command(rich_help_panel=DESIGN)(elicit)
app.command(rich_help_panel=DESIGN)(endpoints)
app.command(rich_help_panel=DESIGN)(analyse)

app.add_typer(evidence.app, name="evidence", rich_help_panel=EVIDENCE)
app.add_typer(claims.app, name="claims", rich_help_panel=EVIDENCE)
app.add_typer(forecasts.app, name="forecasts", rich_help_panel=EVIDENCE)
app.command(rich_help_panel=EVIDENCE)(prior_check)
app.command(rich_help_panel=EVIDENCE)(calibrate)
app.command(rich_help_panel=EVIDENCE)(validate)

app.command(rich_help_panel=MEASURE)(library.schema)
app.command(rich_help_panel=MEASURE)(bench)
