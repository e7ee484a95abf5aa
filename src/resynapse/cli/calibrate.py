"""How does a person fit the model to published trials?"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.calibrate_all import added_studies, calibrate_all
from resynapse.cli.calibrate_ketamine import as_dict, text
from resynapse.cli.calibrate_stage import (
    ALL,
    KETAMINE,
    LETTERS,
    PARTS,
    calibrate_stage,
    command,
    ensure_place,
    stage_named,
)
from resynapse.cli.faults import InputError
from resynapse.cli.run import AsJson, Quiet, whole

if TYPE_CHECKING:
    from resynapse.inference.added import Added
    from resynapse.inference.calibration import Calibration

Stage = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|LETTER|all",
        help="all (b to e, in order; the default), a kinetics, b natural-history, c medications"
        " (its parts counselling, naltrexone by name), d mood, or e ketamine.",
    ),
]
KETAMINE_SAMPLES = 2000

Quick = Annotated[
    bool,
    typer.Option("--quick", help="Fewer points, people and samples: for a look; never ships."),
]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Insist on going on from what an earlier call left."),
]
Add = Annotated[
    list[str] | None,
    typer.Option("--add", metavar="STUDY.yaml", help="Fit a study too: its file, or its protocol."),
]
Samples = Annotated[
    int | None,
    typer.Option(
        min=100,
        help="Samples of each of four chains; 2000 for ketamine, else 500; quick 1000, 300.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        parser=whole("workers"), metavar="N",
        help="Processes that fit stages side by side. Default: one a core, 2 at most.",
    ),
]  # fmt: skip
Check = Annotated[
    bool,
    typer.Option("--check", help="Instead: infer from 200 simulated trials whose truth is known."),
]
Beside = Annotated[
    bool,
    typer.Option(
        "--beside", help="Instead: ketamine over draws of stage b, and both fitted as one."
    ),
]
Sites = Annotated[
    bool,
    typer.Option("--sites", help="Instead: stage c fitted without some sites, and judged there."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        help="JSON file for what is fitted or, by a check, found; of all stages also a folder."
        " Default: none."
    ),
]


def calibrate(
    stage: Stage = None,
    quick: Quick = False,
    resume: Resume = False,
    add: Add = None,
    samples: Samples = None,
    workers: Workers = None,
    check: Check = False,
    beside: Beside = False,
    sites: Sites = False,
    output: Output = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit the model to published data: all stages that ship, or one stage.

    What is simulated is kept, so that a call that was stopped goes on where it was.
    """
    name = _named(stage or (KETAMINE if check or beside else ALL))
    if output is not None:
        ensure_place(output, name)
    from resynapse.inference.extra import ensure_installed

    ensure_installed("numpyro")
    wishes = {"quick": quick, "samples": samples}
    _ensure_fit(name, sites, output, resume, add, {"--check": check, "--beside": beside})
    _ensure_all(name, workers)
    if sites:
        return _sites(samples, as_json, quiet)
    if name == ALL:
        return calibrate_all(add or [], wishes, resume, workers, output, as_json, quiet)
    if name != KETAMINE:
        return calibrate_stage(name, wishes, output, as_json, quiet)
    if check:
        _ensure_plain({"--quick": quick, "--samples": samples, "--add": add, "--resume": resume})
        return _check(output, as_json, quiet)
    if beside:
        return _beside(quick, samples, output, as_json, quiet)
    done = _done(added_studies(add or []), wishes, resume, quiet)
    _tell(done, _write(done, output, wishes, add) if output else None, as_json)


def _ensure_fit(
    name: str, sites: bool, output: Path | None, resume: bool, add: list[str] | None,
    of_ketamine: Mapping[str, object],
) -> None:  # fmt: skip
    """Refuse options that are for another stage."""
    if sites:
        _ensure_sites(name, output)
    if name != KETAMINE:
        _ensure_none(name, of_ketamine)
    if name not in (KETAMINE, ALL):
        _ensure_none(name, {"--resume": resume, "--add": add})


def _tell(done: Calibration, written: str | None, as_json: bool) -> None:
    if as_json:
        json.dump(as_dict(done, written), sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print(text(as_dict(done, written)))


def _named(stage: str) -> str:
    name = stage_named(stage)
    if name is None:
        letters = [f"{letter} ({one})" for letter, one in LETTERS.items()]
        known = ", ".join([*letters, *PARTS, ALL])
        raise InputError(f"--stage {stage}: there is no such stage. Give one of {known}.")
    return name


def _ensure_none(stage: str, given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise InputError(
                f"{option} is for --stage ketamine{_too(option)}, and {stage} was asked for. Leave"
                f" {option} out."
            )


def _ensure_plain(given: Mapping[str, object]) -> None:
    """``--check`` has one size, so that what is kept of it can be told by its command."""
    for option, value in given.items():
        if value:
            raise InputError(f"--check has no use for {option}. Leave {option} out.")


def _ensure_all(stage: str, workers: int | None) -> None:
    if workers is not None and stage != ALL:
        raise InputError(
            f"--workers is for all stages together, and {stage} was asked for. Leave --workers out:"
            " points of one stage are simulated in threads."
        )


def _too(option: str) -> str:
    return " only" if option in ("--check", "--beside") else f" or {ALL} only"


def _check(output: Path | None, as_json: bool, quiet: bool) -> None:
    from resynapse.cli.calibrate_check import calibrate_check

    calibrate_check(output, as_json, quiet)


def _ensure_sites(stage: str, output: Path | None) -> None:
    if stage != LETTERS["c"]:
        raise InputError(
            f"--sites is for --stage c only, and {stage} was asked for. Leave --sites out, or look"
            " at resynapse validate --sites."
        )
    if output is not None:
        raise InputError("--sites writes no set, so --output has no use. Leave one of them out.")


def _sites(samples: int | None, as_json: bool, quiet: bool) -> None:
    from resynapse.cli.calibrate_sites import calibrate_sites
    from resynapse.inference.smooth_stage import SAMPLES

    calibrate_sites(samples or SAMPLES, as_json, quiet)


def _beside(
    quick: bool, samples: int | None, output: Path | None, as_json: bool, quiet: bool
) -> None:
    from resynapse.cli.calibrate_beside import calibrate_beside
    from resynapse.inference.calibration import DRAWS, QUICK_DRAWS

    made_by = command(" --beside", quick, samples=samples)
    draws = QUICK_DRAWS if quick else DRAWS
    calibrate_beside(draws, samples or KETAMINE_SAMPLES, made_by, output, as_json, quiet)


def _done(
    extra: tuple[Added, ...], wishes: dict[str, Any], resume: bool, quiet: bool
) -> Calibration:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.calibration import calibrate, kept

        if resume and not kept(wishes["quick"]):
            raise InputError(
                "--resume: no simulation of this model and these trials is kept, so there is"
                " nothing to go on from. Leave --resume out."
            )
        return calibrate(extra, progress=progress.show, **wishes)


def _write(done: Calibration, output: Path, wishes: dict[str, Any], add: list[str] | None) -> str:
    from resynapse.inference.calibration import as_parameter_set

    made_by = command(f" --stage {KETAMINE}", wishes["quick"], add or (), wishes["samples"])
    as_parameter_set(done, made_by).write(output)
    return str(output)
