"""Which doses, how many, how far apart, and therapy when: what is worth testing in a trial?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli import choices
from resynapse.cli.run import (
    CALIBRATED,
    AsJson,
    Parameters,
    ProtocolArgument,
    Quiet,
    Seed,
    Settings,
    Switches,
)

if TYPE_CHECKING:
    from resynapse.trial.search import Asked, Found

Benefit = Annotated[
    str,
    typer.Option(help="Endpoint whose mean is the benefit: abstinence_6_months, ..."),
]
Vary = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=VALUES",
        help="dose, infusions, spacing (d), therapy (d after a dose), minutes; values as "
        "0.2,0.5,0.8 or LOW:HIGH:STEP. May be given again.",
    ),
]
ArmName = Annotated[
    str | None, typer.Option(help="Arm that designs are made of; its ketamine is what varies.")
]
Limits = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=VALUE[@P]",
        help="dissociation=40@0.1 (Pr(peak CADSS above 40) up to 0.1), pressure=40@0.05 (mmHg "
        "rise, systolic), cumulative_dose=3 (mg/kg), infusions=6, sessions=12, cost=5000.",
    ),
]
Costs = Annotated[
    list[str] | None,
    typer.Option(
        "--cost", metavar="NAME=NUMBER", help="Of an infusion, a session, a mg; in a unit of yours."
    ),
]
Burden = Annotated[
    str, typer.Option(help="What benefit is set against: cumulative_dose, infusions, cost, ...")
]
Designs = Annotated[int, typer.Option(help="Most designs simulated; a larger space is sampled.")]
Draws = Annotated[int, typer.Option(help="Draws of the parameters, 8 or more.")]
People = Annotated[int, typer.Option(help="People in each draw, the same for every design.")]
Output = Annotated[
    Path | None, typer.Option(help="Folder for report, picture, table; goes on there if stopped.")
]


def search(
    protocol: ProtocolArgument,
    benefit: Benefit,
    vary: Vary,
    arm: ArmName = None,
    limit: Limits = None,
    cost: Costs = None,
    burden: Burden = "cumulative_dose",
    designs: Designs = 64,
    draws: Draws = 32,
    people: People = 256,
    seed: Seed = 1,
    switch: Switches = None,
    setting: Settings = None,
    parameters: Parameters = CALIBRATED,
    output: Output = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Search for designs worth testing in a trial: benefit against burden, under limits.

    Averaged over people and draws of the parameters, within doses given in human addiction trials.
    """
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use
    from resynapse.trial.search import Asked
    from resynapse.trial.search.candidate import costs
    from resynapse.trial.search.limit import limits
    from resynapse.trial.search.space import space

    asked = Asked(
        ensure_use(load(protocol), "resynapse search"), benefit, space(vary), arm,
        limits(limit or []), costs(cost or []), burden,
        designs, draws, people, seed, choices.switches(switch or []),
        choices.settings(setting or []), parameters,
    )  # fmt: skip
    found = _searched(asked, protocol, output, quiet)
    if as_json:
        print(json.dumps(found.as_dict(), allow_nan=False))
        return
    from resynapse.cli.search.show import show

    show(found, output)


def _searched(asked: Asked, protocol: str, output: Path | None, quiet: bool) -> Found:
    """The search, with its files where a folder was named."""
    from resynapse.cli.progress import Progress
    from resynapse.trial.search import search as searched

    draws = None if output is None else output / "draws"
    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        found = searched(asked, folder=draws, progress=progress.show)
    if output is not None:
        from resynapse.cli.search.writing import write

        write(found, protocol, output)
    return found
