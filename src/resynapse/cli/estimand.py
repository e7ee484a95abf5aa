"""How does a person ask for the true value of an estimand, and how well estimators find it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli.run import CALIBRATED, JsonAlone, Parameters, Quiet, Seed
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.protocol.estimand import Estimand

Given = Annotated[str, typer.Argument(help="A name from `resynapse protocols`, or a YAML file.")]
Variable = Annotated[
    str | None,
    typer.Option(help="relapse_6_months, ...; by default the estimands that the protocol writes."),
]
Arm = Annotated[str | None, typer.Option(help="Arm set against the reference.")]
Size = Annotated[int, typer.Option("--n", min=4, help="People of a trial, over all arms.")]
People = Annotated[int, typer.Option(min=100, max=200_000, help="People simulated in each arm.")]
Trials = Annotated[int, typer.Option(min=2, max=100_000, help="Trials drawn from them.")]
Event = Annotated[
    str,
    typer.Option(
        help="Event whose strategies stand side by side: dropout, rescue_medication, "
        "incarceration, death. The others are as the estimand writes them."
    ),
]
Output = Annotated[
    Path | None, typer.Option(help="Folder for estimand.json and estimand.csv, a row an estimator.")
]


def estimand(
    protocol: Given, variable: Variable = None, arm: Arm = None, n: Size = 200,
    people: People = 4000, trials: Trials = 500, event: Event = "dropout", seed: Seed = 1,
    parameters: Parameters = CALIBRATED, output: Output = None, as_json: JsonAlone = False,
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """True values of an effect under each strategy for drop-out, and who finds them."""
    from resynapse.cli.estimand_shown import show, told, write
    from resynapse.cli.progress import Progress
    from resynapse.protocol import load
    from resynapse.protocol.without_use import ensure_use
    from resynapse.trial.estimand import ensure_possible, understood, worlds
    from resynapse.trial.estimator_check import performance
    from resynapse.trial.trials import ensure_enough

    given = ensure_use(load(protocol), "resynapse estimand")
    wanted = [(asked, understood(given, asked)) for asked in _asked(given, variable, arm)]
    ensure_enough(people, n)
    ensure_possible(given, event)
    _ensure_free(output)
    found = []
    with Progress(quiet or as_json) as progress:
        progress.show(0.0, f"{people} people through {len(given.arms)} arms")
        known = worlds(given, people, seed, parameters)
        for k, (asked, read) in enumerate(wanted):
            progress.show((k + 1) / (len(wanted) + 1), f"{trials} trials of {n} people")
            others = asked.intercurrent_events.model_dump()
            asks = asked.arm, n, trials, seed, given.conduct, others, event
            found.append((asked, read.kind, performance(read, known, *asks)))
    whole = {"n": n, "people": people, "trials": trials, "seed": seed, "parameters": parameters}
    everything = told(given, whole, event, found)
    write(everything, output)
    if as_json:
        print(json.dumps(everything, allow_nan=False))
        return
    for one in everything["estimands"]:
        show(one, everything)
    if output is not None:
        typer.echo(f"Written: {output}")


def _ensure_free(output: Path | None) -> None:
    from resynapse.exchange import ensure_free

    if output is not None:
        ensure_free(output)


def _asked(protocol: Protocol, variable: str | None, arm: str | None) -> list[Estimand]:
    """The estimand of the command line, or those that the protocol writes."""
    from resynapse.protocol.estimand import Estimand
    from resynapse.trial.endpoint_name import parse

    if variable is None:
        if arm is not None:
            raise InputError(f"--arm {arm}: say also with --variable what is compared.")
        if not protocol.estimands:
            raise InputError(
                f"{protocol.name} writes no estimand; give --variable, such as relapse_6_months, "
                "or a section `estimands`."
            )
        return list(protocol.estimands)
    parse(variable)
    others = [one.id for one in protocol.arms if one.id != protocol.reference]
    if not others:
        raise InputError(f"{protocol.name} has one arm only; an effect needs two.")
    return [Estimand(name="asked", arm=arm or others[0], variable=variable)]
