"""How does a person fit a stage that comes before that of ketamine, and what are they told?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.inference.stage_fit import Check, StageFit
    from resynapse.trial.parameter_set import ParameterSet

KETAMINE = "ketamine"
ALL = "all"
"""every stage that ships, one after the other"""
LETTERS = {
    "a": "kinetics", "b": "natural-history", "c": "medications", "d": "mood", "e": KETAMINE,
}  # fmt: skip
PARTS = ("counselling", "naltrexone")
"""of stage c, each fitted alone"""
STAGES = (*LETTERS.values(), *PARTS)
OVER = {"medications": "natural-history"}
"""stages that start from the set of an earlier one, and which"""


def stage_named(text: str) -> str | None:
    """The name of a stage given by letter or name; None where there is no such stage."""
    name = LETTERS.get(text.lower(), text.lower().replace("_", "-"))
    return name if name in (*STAGES, ALL) else None


def ensure_place(output: Path, stage: str) -> None:
    """Refuse, before anything is fitted, a place where nothing could be written."""
    folder = stage == ALL and not output.suffix
    if output.suffix != ".json" and not folder:
        whole = ", or a folder" if stage == ALL else ""
        raise InputError(f"--output {output}: give a file that ends in .json{whole}.")
    if folder and output.exists() and not output.is_dir():
        raise InputError(f"--output {output}: a file of this name is there; give a folder.")
    if not folder and not output.parent.is_dir():
        raise InputError(
            f"--output {output}: there is no folder {output.parent}; make it first, or give"
            " another."
        )


def command(stage: str, quick: bool, add: Sequence[str] = (), samples: int | None = None) -> str:
    """What made a set, for others to type."""
    words = [
        f"resynapse calibrate{stage}",
        *["--quick"] * quick,
        *([] if samples is None else [f"--samples {samples}"]),
        *(f"--add {name}" for name in add),
    ]
    return " ".join(words)


def calibrate_stage(
    name: str, wishes: dict[str, Any], output: Path | None, as_json: bool, quiet: bool
) -> None:
    """Fit one stage, write it if asked, and tell what was learned."""
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        module = import_module(f"resynapse.inference.stages.{name.replace('-', '_')}")
        done = module.calibrate(progress=progress.show, **wishes)
    if output is not None:
        made_by = command(f" --stage {name}", wishes["quick"], samples=wishes["samples"])
        fitted_set(done, made_by, _shipped_before(name)).write(output)
    told = as_dict(done, str(output) if output else None)
    if as_json:
        json.dump(told, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print(text(told))


def fitted_set(done: StageFit, made_by: str, earlier: ParameterSet | None) -> ParameterSet:
    """The set of a fit, which says over which set of an earlier stage it was fitted."""
    from resynapse.inference.stage_fit import as_parameter_set
    from resynapse.trial import parameter_set

    one = as_parameter_set(done, made_by)
    if earlier is None:
        return one
    over = {earlier.stages[0]: earlier.content}
    return replace(one, made={**one.made, parameter_set.OVER: over})


def _shipped_before(name: str) -> ParameterSet | None:
    from resynapse.trial.parameter_set import shipped_set

    return shipped_set(OVER[name]) if name in OVER else None


def as_dict(done: StageFit, written: str | None) -> dict[str, Any]:
    """What was learned, as JSON."""
    return {
        "stage": done.stage.name,
        "studies": list(done.protocols),
        "free": [_number(done, k) for k in range(len(done.stage.free))],
        "checks": [_check(one) for one in done.checks],
        "divergences": done.posterior.divergences,
        "unidentified": list(done.unidentified),
        "over_studies": _over_studies(done),
        "written": written,
    }


def _over_studies(done: StageFit) -> list[dict[str, Any]]:
    """What the study's own baselines say of all studies, a row each."""
    import numpy as np

    from resynapse.inference.stage_fit import handed_on

    over = handed_on(done.stage, done.posterior.draws)[1]
    if over is None:
        return []
    ends = [np.percentile(values, (5, 50, 95), axis=0).T for values in (over.own, over.general)]
    return [
        {"path": path, "own": list(own), "general": list(general),
         "effective_sample": over.effective}
        for path, own, general in zip(done.stage.own, *(one.tolist() for one in ends), strict=True)
    ]  # fmt: skip


def _elsewhere(row: dict[str, Any]) -> str:
    own, general = (
        f"{middle:.3g} ({low:.3g} to {high:.3g})"
        for low, middle, high in (row["own"], row["general"])
    )
    return f"{row['path']}: {own} in this study's people, and so {general} for a run of others."


def _number(done: StageFit, k: int) -> dict[str, Any]:
    import numpy as np

    number, one, diagnosis = (
        done.stage.free[k], done.identified[k], done.posterior.diagnoses[k],
    )  # fmt: skip
    low, middle, high = np.percentile(done.posterior.draws[:, k], (5, 50, 95))
    return {
        "name": number.name, "label": number.label, "unit": number.unit,
        "moves": dict(number.moves), "prior": str(number.prior), "why": number.why,
        "median": float(middle), "low90": float(low), "high90": float(high),
        "contraction": one.contraction, "drop": one.drop, "learned": one.learned,
        "profile": [list(row) for row in one.profile], "r_hat": diagnosis.r_hat,
        "effective_sample": diagnosis.effective_sample,
    }  # fmt: skip


def _check(one: Check) -> dict[str, Any]:
    return {
        "quantity": one.quantity, "published": one.published,
        "band95": list(one.band) if one.band else None, "median": one.median,
        "low90": one.low90, "high90": one.high90, "within": one.within, "fitted": one.fitted,
    }  # fmt: skip


def text(told: dict[str, Any]) -> str:
    """The same as tables."""
    lines = [_verdict(told), "", "| number | prior | posterior, 90 % | contraction |"]
    lines.append("| --- | --- | --- | --- |")
    for row in told["free"]:
        unit = "" if row["unit"] == "1" else f" {row['unit']}"
        lines.append(
            f"| {row['label']} | {row['prior']} | {row['median']:.3g} ({row['low90']:.3g} to"
            f" {row['high90']:.3g}){unit} | {row['contraction']:.2f} |"
        )
    lines += ["", "| quantity | published, band | posterior, 90 % | within |"]
    lines.append("| --- | --- | --- | --- |")
    lines += [_row(row) for row in told["checks"]]
    lines += ["", f"Fitted to {', '.join(told['studies'])}; everything else is held."]
    lines.append(sampler_said(told))
    lines += [_elsewhere(row) for row in told["over_studies"]]
    if told["written"]:
        lines.append(f"Written: {told['written']}. Use it with --parameters {told['written']}.")
    return "\n".join(lines)


def sampler_said(told: dict[str, Any]) -> str:
    """Whether the sampler can be believed, in a line."""
    worst = max(row["r_hat"] for row in told["free"])
    least = min(row["effective_sample"] for row in told["free"])
    return (
        f"Sampler: greatest R-hat {worst:.4f}, least effective sample size {least:.0f},"
        f" {told['divergences']} divergences."
    )


def _row(row: dict[str, Any]) -> str:
    band = row["band95"]
    seen = f"{row['published']:.3g}" + (f" ({band[0]:.3g} to {band[1]:.3g})" if band else "")
    within = {True: "yes", False: "**no**", None: "no band"}[row["within"]]
    within += "" if row["fitted"] else ", not fitted"
    return (
        f"| {row['quantity']} | {seen} | {row['median']:.3g} ({row['low90']:.3g} to"
        f" {row['high90']:.3g}) | {within} |"
    )


def _verdict(told: dict[str, Any]) -> str:
    """What was learned, in sentences, misses and unidentified numbers by name."""
    judged = [row for row in told["checks"] if row["within"] is not None and row["fitted"]]
    missed = [row["quantity"] for row in judged if not row["within"]]
    learned = [row["label"] for row in told["free"] if row["learned"]]
    silent = [row["label"] for row in told["free"] if not row["learned"]]
    words = [
        f"The data teach something about {', '.join(learned)}." if learned else "Nothing learned.",
        f"{len(judged) - len(missed)} of {len(judged)} fitted values are met: the posterior median"
        " lies in the band (95 % of the published value; 5 points for CTN-0027).",
    ]
    if missed:
        words.append(f"Missed: {'; '.join(missed)}.")
    beside = [row for row in told["checks"] if row["within"] is not None and not row["fitted"]]
    if beside:
        hits = sum(row["within"] for row in beside)
        words.append(f"Of values that were not fitted {hits} of {len(beside)} lie in their band.")
    if silent:
        words.append(f"Not identified: {', '.join(silent)}.")
    return " ".join(words)
