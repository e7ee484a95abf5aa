"""How does a person simulate a protocol?"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli import choices, folder, person
from resynapse.cli.interruption import message, saying, tidying
from resynapse.cli.resume import COMMAND, begun, chunks_of, ensure_alone, finished, forget
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.protocol import Protocol
    from resynapse.trial.result import Result

OPTION = "--"
LONG_HOURS = 1.0
"""A run that takes about this long or longer is announced before it starts"""


def whole(name: str) -> Callable[[str | int], int]:
    """Reads a whole number; what is none, or out of bounds, gets a sentence."""

    def read(text: str | int) -> int:
        from resynapse.protocol.run_size import ensure_whole

        number = re.fullmatch(r"-?[0-9]{1,30}", str(text).strip())
        return ensure_whole(name, int(text) if number else text, OPTION)

    return read


ProtocolArgument = Annotated[
    str, typer.Argument(help="A name from `resynapse protocols`, or a YAML file.")
]
AnyProtocol = Annotated[
    str | None, typer.Argument(help="A name from `resynapse protocols`, or a YAML file.")
]
Patients = Annotated[
    int | None,
    typer.Option(
        parser=whole("patients"),
        metavar="N",
        help="Simulated patients in each arm, up to ten million; by default the protocol's.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        parser=whole("seed"),
        metavar="N",
        help="Random seed, 0 to 4294967295.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(help="Folder for the results; by default runs/PROTOCOL-SEED-N, N free."),
]
JsonAlone = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
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
        parser=whole("draws"),
        metavar="N",
        help="Draws of the parameters, of the fit or else of their priors, for the width of"
        " knowledge; 0: none.",
    ),
]
BackEnd = Annotated[
    str,
    typer.Option(
        "--backend",
        metavar="NAME",
        help="native, native-f32 (steps in 32 bits), xla, or the slow reference.",
    ),
]
CheckGrid = Annotated[
    bool | None,
    typer.Option(
        help="Measure the error of the time grid, for the manifest and the report; by default only "
        "where it is not known yet and costs 3 % of the run at most.",
    ),
]
Grid = Annotated[
    str,
    typer.Option(
        "--grid",
        metavar="rule|auto|N",
        help="Time grid: a fixed rule; as fine as 32 people need it to keep a budget; or each "
        "step of the rule cut into N.",
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="With --grid auto: greatest error of an acute state, as a share of its range; 1e-6.",
    ),
]
CALIBRATED = "calibrated"
Parameters = Annotated[
    str,
    typer.Option(
        "--parameters",
        metavar="calibrated|prior|STAGE|FILE|FOLDER",
        help="What was fitted to published data, and priors elsewhere; priors alone; what one "
        "stage fitted; or what resynapse calibrate wrote.",
    ),
]
Enantiomers = Annotated[
    bool,
    typer.Option("--enantiomers", help="Show S- and R-ketamine in blood apart."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]


Resume = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Go on with the run into DIR that was killed or interrupted."),
]
Person = Annotated[
    int | None,
    typer.Option(
        "--patient",
        parser=whole("patient"),
        metavar="KEY",
        help="Replay the person with this number alone, and write no files.",
    ),
]
Workers = Annotated[
    int,
    typer.Option(parser=whole("workers"), metavar="N", help="Processes that share the work."),
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="A Dask scheduler whose workers share the work."),
]
Rivals = Annotated[
    str,
    typer.Option(
        metavar="on|off",
        help="off: run the hypothesis as asked for alone; the report says that its rivals, "
        "expectancy alone and no window, were not run.",
    ),
]


def run(
    context: typer.Context,
    protocol: AnyProtocol = None,
    patients: Patients = None,
    seed: Seed = 1,
    output: Output = None,
    as_json: AsJson = False,
    switch: Switches = None,
    setting: Settings = None,
    draws: Draws = None,
    backend: BackEnd = "native",
    check_grid: CheckGrid = None,
    grid: Grid = "rule",
    budget: Budget = None,
    parameters: Parameters = CALIBRATED,
    rivals: Rivals = "on",
    enantiomers: Enantiomers = False,
    patient: Person = None,
    resume: Resume = None,
    workers: Workers = 1, cluster: Cluster = None, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Simulate a protocol and write its report."""
    if resume is not None:
        ensure_alone(choices.given(context))
        plan, wishes = begun(resume)
        _spare_gpus(wishes.get("backend", backend))
        destination: Path | None = resume
    else:
        _spare_gpus(backend)
        plan = _loaded(protocol)
        wishes = _wishes(switch, setting, rivals) | {"backend": backend, "check_grid": check_grid}
        wishes |= {"patients": patients, "seed": seed, "draws": draws, "parameters": parameters}
        wishes |= {"grid": grid, "budget": budget, "enantiomers": enantiomers}
        wishes |= {"file": choices.file_of(protocol)}
        if patient is not None:
            return person.show(plan, patient, as_json, wishes, choices.given(context))
        kept = output is not None or not as_json
        _announce(plan, wishes, kept, None if cluster else workers)
        destination = folder.destination(output, plan.name, seed) if kept else None
    wishes |= {"workers": workers, "cluster": cluster}
    _show(_finished(plan, destination, quiet, wishes), destination, as_json)


def _spare_gpus(backend: str) -> None:
    """Only xla computes on a GPU: other runs, and each of their workers, take no memory of it."""
    if backend != "xla":
        os.environ.setdefault("JAX_PLATFORMS", "cpu")


def _show(result: Result, destination: Path | None, as_json: bool) -> None:
    if as_json:
        return _print_json(result, destination)
    from resynapse.cli.summary import show

    return show(result, destination or Path())


def _wishes(switch: list[str] | None, setting: list[str] | None, rivals: str) -> dict[str, Any]:
    """What ``--switch``, ``--set`` and ``--rivals`` ask for, as ``simulate`` wants it."""
    return {
        "switches": choices.switches(switch or []) or None,
        "settings": choices.settings(setting or []) or None,
        "rivals": choices.state("--rivals", rivals),
    }


def _loaded(protocol: str | None) -> Protocol:
    from resynapse.protocol import load

    if protocol is None:
        raise InputError(
            "Missing argument 'PROTOCOL': give a name from resynapse protocols or a YAML file, "
            "or --resume DIR."
        )
    return load(protocol)


def _announce(plan: Protocol, wishes: dict[str, Any], kept: bool, hands: int | None) -> None:
    """Refuse what is too large before it starts; say of what is long about how long it is."""
    from resynapse.protocol import run_size

    patients, draws = wishes["patients"], wishes["draws"]
    count = plan.population.patients_per_arm if patients is None else patients
    drawn = run_size.DRAWS if draws is None else draws
    variants = run_size.VARIANTS if wishes["rivals"] else 1
    run_size.ensure_possible(plan, count, wishes["seed"], drawn, OPTION, kept, hands, variants)
    needed = run_size.size(plan, count, drawn, kept, variants)
    if needed.hours >= LONG_HOURS:
        print(f"Note: this run takes {needed}, give or take a factor of ten.", file=sys.stderr)


def _finished(
    plan: Protocol, destination: Path | None, quiet: bool, wishes: dict[str, Any]
) -> Result:
    """The result; where a folder is wanted, its chunks are kept until the folder is whole."""
    if destination is None:
        return _simulated(plan, quiet, **wishes)
    with saying(lambda: _stopped(destination)), _tidied(destination):
        result = _simulated(plan, quiet, **wishes, chunks=chunks_of(destination))
        _write(result, destination, plan)
        forget(destination)
    return result


@contextmanager
def _tidied(destination: Path) -> Iterator[None]:
    """A run that fails leaves no chunks that nothing can be made of, and names those it leaves."""
    try:
        yield
    except Exception as error:
        from resynapse.engine.checkpoint_error import CheckpointError
        from resynapse.trial.arm_run import DivergenceError

        if isinstance(error, CheckpointError):
            raise  # another process may be at work there, or it waits for room on the disk
        number = finished(destination)
        if number == 0 or isinstance(error, DivergenceError):
            forget(destination)
        else:
            print(f"Note: {_to_go_on(destination, number)}", file=sys.stderr)
        raise


def _stopped(destination: Path) -> str:
    """What a person reads who has interrupted the run."""
    number = finished(destination)
    if number == 0:
        forget(destination)
        return message()
    return f"Interrupted; {_to_go_on(destination, number)}"


def _to_go_on(destination: Path, number: int) -> str:
    """How many chunks are kept, and what makes use of them."""
    chunks = f"{number} finished chunk{'s are' if number > 1 else ' is'} kept"
    return f"{chunks}. To go on: {shlex.join([*COMMAND, str(destination)])}"


def _simulated(plan: Protocol, quiet: bool, **wishes: Any) -> Result:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.trial.simulate import simulate

        return simulate(plan, progress=progress.show, **wishes)


def _write(result: Result, destination: Path, plan: Protocol) -> None:
    from resynapse.exchange import write
    from resynapse.protocol import dump
    from resynapse.report import render

    page = render(result)
    with tidying():
        write(result, destination, protocol_text=dump(plan), report_html=page)


def _print_json(result: Result, written: Path | None) -> None:
    from resynapse.exchange import as_dict

    json.dump(as_dict(result, written), sys.stdout, allow_nan=False)
    sys.stdout.write("\n")
