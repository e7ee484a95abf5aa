"""How does a person fit the model to published trials?"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.calibrate_stage import (
    KETAMINE,
    LETTERS,
    PARTS,
    calibrate_stage,
    sampler_said,
    stage_named,
)
from resynapse.cli.faults import InputError
from resynapse.cli.run import AsJson, Quiet

if TYPE_CHECKING:
    from resynapse.inference.added import Added
    from resynapse.inference.calibration import Calibration
    from resynapse.inference.identified import Identified
    from resynapse.inference.predictive import Predictive

Stage = Annotated[
    str,
    typer.Option(
        metavar="NAME|LETTER",
        help="a kinetics, b natural-history, c medications (its parts counselling, naltrexone by"
        " name), d mood, or e ketamine.",
    ),
]
KETAMINE_SAMPLES = 2000

Quick = Annotated[bool, typer.Option("--quick", help="Fewer simulated draws: minutes, wider.")]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Insist on going on from what an earlier call simulated."),
]
Add = Annotated[
    list[str] | None,
    typer.Option("--add", metavar="STUDY.yaml", help="Fit a study too: its file, or its protocol."),
]
Samples = Annotated[
    int | None,
    typer.Option(min=100, help="Samples of each of four chains; 2000 for ketamine, else 500."),
]
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
    Path | None, typer.Option(help="File for the fitted set, JSON; by default none is written.")
]


def calibrate(
    stage: Stage = "ketamine",
    quick: Quick = False,
    resume: Resume = False,
    add: Add = None,
    samples: Samples = None,
    check: Check = False,
    beside: Beside = False,
    sites: Sites = False,
    output: Output = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fit one stage of the model to published data; by default the last, that of ketamine.

    What is simulated is kept, so that a call that was stopped goes on where it was.
    """
    name = _named(stage)
    if output is not None and output.suffix != ".json":
        raise InputError(f"--output {output}: give a file that ends in .json.")
    from resynapse.inference.extra import ensure_installed

    ensure_installed("numpyro")
    if sites:
        _ensure_sites(name, output)
    if name != KETAMINE:
        given = {
            "--quick": quick, "--resume": resume, "--add": add, "--check": check,
            "--beside": beside,
        }  # fmt: skip
        _ensure_none(name, given)
        if sites:
            return _sites(samples, as_json, quiet)
        return calibrate_stage(name, samples, output, as_json, quiet)
    if check:
        return _check(as_json, quiet)
    if beside:
        return _beside(quick, samples or KETAMINE_SAMPLES, as_json, quiet)
    extra = _added(add or [])
    done = _done(extra, quick, resume, samples or KETAMINE_SAMPLES, quiet)
    _tell(done, _write(done, output, quick, add) if output else None, as_json)


def _tell(done: Calibration, written: str | None, as_json: bool) -> None:
    if as_json:
        json.dump(_as_dict(done, written), sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print(_text(done, written))


def _named(stage: str) -> str:
    name = stage_named(stage)
    if name is None:
        known = ", ".join([*(f"{letter} ({one})" for letter, one in LETTERS.items()), *PARTS])
        raise InputError(f"--stage {stage}: there is no such stage. Give one of {known}.")
    return name


def _ensure_none(stage: str, given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise InputError(
                f"{option} is for --stage ketamine only, and {stage} was asked for. Leave {option}"
                " out."
            )


def _check(as_json: bool, quiet: bool) -> None:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.simulation_based import checked

        right, wrong = checked(progress.show)
    told = {"right": right.told(), "too sure": wrong.told()}
    if as_json:
        json.dump(told, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
        return
    print(
        "| sampler | number | p of uniform ranks | in 50 % | in 90 % | truth v median, Spearman |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for sampler, rows in told.items():
        for name, row in rows.items():
            print(
                f"| {sampler} | {name} | {row['p']:.2g} | {row['in50']:.2f} | {row['in90']:.2f} |"
                f" {row['correlation']:.2f} |"
            )


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


def _beside(quick: bool, samples: int, as_json: bool, quiet: bool) -> None:
    from resynapse.cli.calibrate_beside import calibrate_beside
    from resynapse.inference.calibration import DRAWS, QUICK_DRAWS

    calibrate_beside(QUICK_DRAWS if quick else DRAWS, samples, as_json, quiet)


def _added(names: list[str]) -> tuple[Added, ...]:
    """The studies that are added; what is set aside is told on standard error."""
    if not names:
        return ()
    from resynapse.inference.added import added, ensure_fitted

    found = tuple(ensure_fitted(added(name)) for name in names)
    for one in found:
        for said in one.aside:
            print(f"{one.protocol.name}, {said}", file=sys.stderr)
    return found


def _done(
    extra: tuple[Added, ...], quick: bool, resume: bool, samples: int, quiet: bool
) -> Calibration:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.calibration import DRAWS, QUICK_DRAWS, calibrate, kept

        if resume and not kept():
            raise InputError(
                "--resume: no simulation of this model and these trials is kept, so there is"
                " nothing to go on from. Leave --resume out."
            )
        draws = QUICK_DRAWS if quick else DRAWS
        return calibrate(extra, draws=draws, samples=samples, progress=progress.show)


def _write(done: Calibration, output: Path, quick: bool, add: list[str] | None) -> str:
    from resynapse.inference.calibration import as_parameter_set

    words = ["resynapse calibrate"] + ["--quick"] * quick + [f"--add {name}" for name in add or ()]
    as_parameter_set(done, " ".join(words)).write(output)
    return str(output)


def _as_dict(done: Calibration, written: str | None) -> dict[str, Any]:
    from resynapse.inference.predictive import predictive

    free = done.problem.world.free
    return {
        "stage": "ketamine",
        "studies": list(dict.fromkeys(t.wanted.protocol for t in done.problem.targets)),
        "free": [_number(done, k) for k in range(len(free))],
        "predictive": [_expected(one) for one in predictive(done)],
        "divergences": done.posterior.divergences,
        "emulator": {
            "degree": done.problem.emulator.degree,
            "held_back": [float(v) for v in done.problem.emulator.held_back],
        },
        "log_evidence": done.log_evidence,
        "unidentified": [one.name for one in done.identified if not one.learned],
        "written": written,
    }


def _number(done: Calibration, k: int) -> dict[str, Any]:
    import numpy as np

    one, number = done.identified[k], done.problem.world.free[k]
    diagnosis = done.posterior.diagnoses[k]
    low, middle, high = np.percentile(done.posterior.draws[:, k], (5, 50, 95))
    return {
        "name": one.name, "label": number.label, "unit": number.unit,
        "moves": dict(number.moves), "prior": str(number.prior),
        "median": float(middle), "low90": float(low), "high90": float(high),
        "probability_on_before": one.on_before, "probability_on": one.on_after,
        "contraction": one.contraction, "profile": [list(row) for row in one.profile],
        "learned": one.learned, "r_hat": diagnosis.r_hat,
        "effective_sample": diagnosis.effective_sample,
    }  # fmt: skip


def _expected(one: Predictive) -> dict[str, Any]:
    number = one.number
    return {
        "protocol": one.protocol, "endpoint": number.endpoint, "arm": number.arm,
        "measure": number.measure, "published": number.value, "prior90": list(one.before),
        "posterior90": list(one.after), "within": one.within,
    }  # fmt: skip


def _text(done: Calibration, written: str | None) -> str:
    told = _as_dict(done, written)
    lines = [_verdict(done.identified), ""]
    lines.append("| number | posterior, 90 % | P(not zero), before and after | contraction |")
    lines.append("| --- | --- | --- | --- |")
    for row in told["free"]:
        lines.append(
            f"| {row['label']} | {row['median']:.3g} ({row['low90']:.3g} to {row['high90']:.3g})"
            f" {row['unit'] if row['unit'] != '1' else ''} | {row['probability_on_before']:.2f},"
            f" {row['probability_on']:.2f} | {row['contraction']:.2f} |"
        )
    lines += ["", "| fitted number | published | prior, 90 % | posterior, 90 % | within |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for row in told["predictive"]:
        lines.append(
            f"| {row['protocol']}: {row['endpoint']}, {row['arm']}, {row['measure']} |"
            f" {row['published']:.3g} | {_range(row['prior90'])} | {_range(row['posterior90'])} |"
            f" {'yes' if row['within'] else '**no**'} |"
        )
    lines += ["", f"Fitted to {', '.join(told['studies'])}; everything else keeps its prior."]
    lines.append(sampler_said(told))
    if written:
        lines.append(f"Written: {written}. Use it with --parameters {written}.")
    return "\n".join(lines)


def _verdict(found: tuple[Identified, ...]) -> str:
    """What was learned, in a sentence, the unidentified numbers by name."""
    from resynapse.inference.identified import LEAST_DROP

    firm = [one.name for one in found if one.drop >= LEAST_DROP]
    little = [one.name for one in found if one.learned and one.name not in firm]
    silent = [one.name for one in found if not one.learned]
    words = []
    if firm:
        words.append(f"The published trials exclude part of the prior of {', '.join(firm)}.")
    if little:
        words.append(
            f"The published trials move {', '.join(little)} a little and exclude no value at 95 %,"
            " zero included."
        )
    if silent:
        words.append(f"They say next to nothing about {', '.join(silent)}: not identified.")
    return " ".join(words)


def _range(found: list[float]) -> str:
    low, middle, high = found
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"
