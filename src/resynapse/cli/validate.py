"""How does a person see where the model was right, and where wrong?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.run import AsJson, Quiet

if TYPE_CHECKING:
    from resynapse.inference.sites_left_out import SitesLeftOut
    from resynapse.inference.validation import Endpoint, Validation

QUICK = 96

Quick = Annotated[bool, typer.Option("--quick", help="Fewer simulated draws of each trial.")]
Stored = Annotated[
    bool, typer.Option("--stored", help="What this version ships, without simulating again.")
]
Add = Annotated[
    str | None,
    typer.Option("--add", metavar="STUDY.yaml", help="Instead: judge a study of your own."),
]
Sites = Annotated[
    bool,
    typer.Option("--sites", help="Only: leave sites of CTN-0030 and CTN-0027 out and fit again."),
]
Plot = Annotated[
    Path | None, typer.Option("--plot", help="File for the forest plot, SVG; by default none.")
]


def validate(
    quick: Quick = False, stored: Stored = False, sites: Sites = False, add: Add = None,
    plot: Plot = None, as_json: AsJson = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Forecast every published trial that was left out, and score the model beside rivals."""
    if plot is not None and plot.suffix != ".svg":
        raise InputError(f"--plot {plot}: give a file that ends in .svg.")
    if sum((stored, quick, sites, add is not None)) > 1:
        raise InputError("--stored, --quick, --sites and --add are ways to validate. Give one.")
    if add is not None:
        return _own(add, as_json, quiet)
    if sites:
        return _sites(as_json, quiet)
    found = _stored() if stored else _validated(quick, quiet)
    if plot is not None:
        from resynapse.report.forest import forest

        plot.write_text(forest(found), encoding="utf-8")
    from resynapse.inference import sites_left_out
    from resynapse.inference.validated import as_dict

    held = sites_left_out.stored()
    _warn(held.model, "Sites left out were")
    if as_json:
        told, at_sites = as_dict(found), sites_left_out.as_dict(held)
        told["endpoints"] += at_sites.pop("endpoints")
        json.dump(told | {"sites_left_out": at_sites}, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        print("\n".join([text(found), "", "Sites left out", "", *sites_text(held)]))


def _sites(as_json: bool, quiet: bool) -> None:
    """Stages b and c without each third of the sites, beside what the sites showed."""
    from resynapse.cli.progress import Progress
    from resynapse.inference.extra import ensure_installed

    ensure_installed("numpyro")
    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference import sites_left_out

        found = sites_left_out.judge(progress.show)
    if as_json:
        print(json.dumps(sites_left_out.as_dict(found), allow_nan=False))
    else:
        print("\n".join(sites_text(found)))


def sites_text(found: SitesLeftOut) -> list[str]:
    """Words, then every site, then scores."""
    from resynapse.inference.sites_left_out import rows, words

    return [*words(found), "", *_endpoints(found.endpoints), "", *rows(found)]


def _own(name: str, as_json: bool, quiet: bool) -> None:
    """A user's study beside what the shipped posterior forecast for it."""
    from resynapse.cli.progress import Progress

    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.added import added
        from resynapse.inference.own_study import judge

        one = added(name)
        found = judge(one, progress=progress.show)
    aside = [said for said in one.aside if "set aside" in said]
    hits = sum(each.hit90 for each in found)
    words = (
        f"{hits} of {len(found)} published values of {one.study.id} lie within the 90 % interval of"
        " a forecast that was not fitted to it. Values of one study hang together."
    )
    if as_json:
        told = {"endpoints": [asdict(each) for each in found], "words": [words], "set_aside": aside}
        print(json.dumps(told, allow_nan=False))
    else:
        print("\n".join([words, *aside, "", *_endpoints(found)]))


def _stored() -> Validation:
    from resynapse.inference.validated import stored

    found = stored()
    _warn(found.model, "Trials left out were")
    return found


def _warn(model: str, what: str) -> None:
    """Say so where what is stored is of another model."""
    from resynapse.trial.model_hash import model_hash

    if model != model_hash():
        print(
            f"Note: {what} stored for model {model[:12]}; this one is {model_hash()[:12]}. Leave"
            " --stored out, or give --sites, to do it again.",
            file=sys.stderr,
        )


def _validated(quick: bool, quiet: bool) -> Validation:
    from resynapse.cli.progress import Progress
    from resynapse.inference.extra import ensure_installed

    ensure_installed("numpyro")
    with Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.validation import validate as run

        return run(progress.show, **({"most": QUICK} if quick else {}))


def text(found: Validation) -> str:
    """Words first, then hits and misses, then scores."""
    parts = ("", *_endpoints(found.endpoints), "", *_hypotheses(found), "", *_told_apart(found))
    return "\n".join([*found.words(), *parts])


def _endpoints(found: Sequence[Endpoint]) -> list[str]:
    """Published values beside their forecasts."""
    lines = ["| study | quantity | published | forecast, 90 % | PIT | within | role |"]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
    for one in found:
        what = f"{one.endpoint}, {one.arm}" + (f" v {one.reference}" if one.reference else "")
        lines.append(
            f"| {one.protocol} | {what}, {one.measure} | {one.published:.3g} | {one.median:.3g}"
            f" ({one.low90:.3g} to {one.high90:.3g}) | {one.pit:.2f} |"
            f" {'yes' if one.hit90 else '**no**'} | {one.role} |"
        )
    return lines


def _hypotheses(found: Validation) -> Iterator[str]:
    """Scores of every hypothesis, and differences from the calibrated model with their errors."""
    yield (
        "| hypothesis | within 90 % | CRPS | less calibrated (SE) | log score, less calibrated (SE)"
        " | energy, less calibrated (SE) | Brier | width | weight |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    against = found.differences()
    for name, one in found.scores.items():
        gap = against.get(name, {})
        cells = [
            f"{one.coverage:.2f}", f"{one.crps:.3f}", _gap(gap, "crps", "standard_error"),
            _gap(gap, "log", "log_error"), _gap(gap, "energy", "energy_error"),
            "-" if one.brier is None else f"{one.brier:.3f}", f"{one.width90:.2f}",
            f"{one.weight:.2f}",
        ]  # fmt: skip
        yield f"| {name} | {' | '.join(cells)} |"


def _gap(gap: dict[str, float], key: str, error: str) -> str:
    return f"{gap[key]:+.3f} ({gap[error]:.3f})" if key in gap else "-"


def _told_apart(found: Validation) -> Iterator[str]:
    """The power of each trial to tell the calibrated model from each other hypothesis."""
    if not found.power:
        return
    studies = list(next(iter(found.power.values())))
    yield f"| calibrated model right, told from | {' | '.join(studies)} |"
    yield "| --- |" + " --- |" * len(studies)
    for name, one in found.power.items():
        yield f"| {name} | {' | '.join(f'{one[study]:.0%}' for study in studies)} |"
