"""How does a person see where the model was right, and where wrong?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.run import AsJson, Quiet

if TYPE_CHECKING:
    from resynapse.inference.validation import Validation

QUICK = 96

Quick = Annotated[bool, typer.Option("--quick", help="Fewer simulated draws of each trial.")]
Plot = Annotated[
    Path | None, typer.Option("--plot", help="File for the forest plot, SVG; by default none.")
]


def validate(
    quick: Quick = False, plot: Plot = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    """Forecast every published trial that was left out, and score the model beside rivals."""
    if plot is not None and plot.suffix != ".svg":
        raise InputError(f"--plot {plot}: give a file that ends in .svg.")
    from resynapse.inference.extra import ensure_installed

    ensure_installed("numpyro")
    found = _validated(quick, quiet)
    if plot is not None:
        from resynapse.report.forest import forest

        plot.write_text(forest(found), encoding="utf-8")
    if as_json:
        json.dump(as_dict(found), sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print(text(found))


def _validated(quick: bool, quiet: bool) -> Validation:
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.validation import validate as run

        return run(progress.show, **({"most": QUICK} if quick else {}))


def as_dict(found: Validation) -> dict[str, Any]:
    """What ``--json`` prints."""
    scores = {name: asdict(one) for name, one in found.scores.items()}
    model = scores.pop("calibrated")
    return {
        "endpoints": [asdict(one) for one in found.endpoints],
        "coverage": model["coverage"],
        "crps": model["crps"],
        "weight": model["weight"],
        "rivals": scores,
        "studies": list(found.studies),
        "differences": found.differences(),
        "words": list(found.words()),
    }


def text(found: Validation) -> str:
    """Words first, then hits and misses, then scores."""
    lines = [*found.words(), ""]
    lines += ["| study | quantity | published | forecast, 90 % | PIT | within | role |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for one in found.endpoints:
        what = f"{one.endpoint}, {one.arm}" + (f" v {one.reference}" if one.reference else "")
        lines.append(
            f"| {one.protocol} | {what}, {one.measure} | {one.published:.3g} | {one.median:.3g}"
            f" ({one.low90:.3g} to {one.high90:.3g}) | {one.pit:.2f} |"
            f" {'yes' if one.hit90 else '**no**'} | {one.role} |"
        )
    lines += ["", "| hypothesis | within 90 % | CRPS | less calibrated (SE) | width | weight |"]
    lines += ["| --- | --- | --- | --- | --- | --- |"]
    against = found.differences()
    for name, score in found.scores.items():
        gap = against.get(name)
        apart = f"{gap['crps']:+.3f} ({gap['standard_error']:.3f})" if gap else "-"
        lines.append(
            f"| {name} | {score.coverage:.2f} | {score.crps:.3f} | {apart} |"
            f" {score.width90:.2f} | {score.weight:.2f} |"
        )
    return "\n".join(lines)
