"""How does a person simulate a protocol?"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli import choices, folder
from resynapse.cli.faults import InputError

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.trial.result import Result

MOST_PATIENTS = 10_000_000
GREATEST_SEED = 2**32 - 1
MOST_DRAWS = 100_000


def between(low: int, high: int) -> Callable[[typer.CallbackParam, int | None], int | None]:
    """Refuse a number outside these bounds in a sentence."""

    def refuse(option: typer.CallbackParam, given: int | None) -> int | None:
        if given is None or low <= given <= high:
            return given
        raise InputError(f"--{option.name} {given}: give a whole number from {low} to {high}.")

    return refuse


ProtocolArgument = Annotated[
    str, typer.Argument(help="A name from `resynapse protocols`, or a YAML file.")
]
Patients = Annotated[
    int | None,
    typer.Option(
        callback=between(1, MOST_PATIENTS),
        help="Simulated patients in each arm, up to ten million; by default the protocol's.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(callback=between(0, GREATEST_SEED), help=f"Random seed, 0 to {GREATEST_SEED}."),
]
Output = Annotated[
    Path | None,
    typer.Option(help="Folder for the results; by default runs/PROTOCOL-SEED-N, N free."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON object; files only where --output says.")
]
Switches = Annotated[
    list[str] | None,
    typer.Option("--switch", metavar="NAME=on|off", help="Turn a contested mechanism on or off."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Give a parameter another value."),
]
Draws = Annotated[
    int | None,
    typer.Option(
        callback=between(0, MOST_DRAWS),
        help="Draws of the parameters from their priors, for the width of knowledge; 0: none.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]


def run(
    protocol: ProtocolArgument,
    patients: Patients = None,
    seed: Seed = 1,
    output: Output = None,
    as_json: AsJson = False,
    switch: Switches = None,
    setting: Settings = None,
    draws: Draws = None,
    quiet: Quiet = False,
) -> None:
    """Simulate a protocol and write its report."""
    from resynapse.protocol import load

    plan = load(protocol)
    destination = folder.destination(output, plan.name, seed)
    result = _simulated(
        plan,
        quiet,
        patients=patients,
        seed=seed,
        switches=choices.switches(switch or []) or None,
        settings=choices.settings(setting or []) or None,
        draws=draws,
    )
    written = _write(result, destination, plan) if output or not as_json else None
    if as_json:
        _print_json(result, written)
    else:
        from resynapse.cli.summary import show

        show(result, destination)


def _simulated(plan: Protocol, quiet: bool, **wishes: Any) -> Result:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.patient.registry import ParameterError
        from resynapse.trial import simulate
        from resynapse.trial.endpoint_name import EndpointError

        try:
            return simulate(plan, progress=progress.show, **wishes)
        except (ParameterError, EndpointError) as error:
            raise InputError(str(error)) from error


def _write(result: Result, destination: Path, plan: Protocol) -> Path:
    from resynapse.exchange import RunFolderError, write
    from resynapse.protocol import dump
    from resynapse.report import ReportError, render

    try:
        write(result, destination, protocol_text=dump(plan), report_html=render(result))
    except (RunFolderError, ReportError) as error:
        raise InputError(str(error)) from error
    return destination


def _print_json(result: Result, written: Path | None) -> None:
    from resynapse.exchange import as_dict

    json.dump(as_dict(result, written), sys.stdout, allow_nan=False)
    sys.stdout.write("\n")
