"""How does a person see where the model was right, and where wrong?"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resynapse.cli.faults import InputError
from resynapse.cli.interruption import saying
from resynapse.cli.run import AsJson, Quiet
from resynapse.cli.written import write_json

if TYPE_CHECKING:
    from resynapse.inference.sites_left_out import SitesLeftOut
    from resynapse.inference.validation import Endpoint, Validation

QUICK = 96
FEWEST = 32

Quick = Annotated[
    bool, typer.Option("--quick", help=f"At most {QUICK} simulated draws of each trial.")
]
Draws = Annotated[
    int | None,
    typer.Option(min=FEWEST, help="At most so many simulated draws of each trial; by default 512."),
]
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
Weeks = Annotated[
    bool,
    typer.Option("--weeks", help="Only: weeks of CTN-0027 under the sets that ship, and its bars."),
]
Plot = Annotated[
    Path | None, typer.Option("--plot", help="File for the forest plot, SVG; by default none.")
]
Output = Annotated[
    Path | None, typer.Option(help="File for all that was found, JSON; by default none.")
]


def validate(
    quick: Quick = False, draws: Draws = None, stored: Stored = False, sites: Sites = False,
    weeks: Weeks = False, add: Add = None, plot: Plot = None, output: Output = None,
    as_json: AsJson = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Forecast every published trial that was left out, and score the model beside rivals.

    What is simulated and fitted is kept, so that a call that was stopped goes on where it was.
    """
    for option, file, ending in (("plot", plot, ".svg"), ("output", output, ".json")):
        _ensure_writable(option, file, ending)
    if sum((stored, quick, draws is not None, sites, weeks, add is not None)) > 1:
        raise InputError(
            "--stored, --quick, --draws, --sites, --weeks and --add are ways to validate. Give one."
        )
    if output is not None and (stored or add is not None):
        raise InputError("--output is for what is found anew. Leave it, or --stored or --add, out.")
    if add is not None:
        return _own(add, as_json, quiet)
    if sites:
        return _sites(output, as_json, quiet)
    if weeks:
        return _weeks(output, as_json, quiet)
    found = _stored() if stored else _validated(QUICK if quick else draws, quiet)
    if plot is not None:
        from resynapse.report.forest import forest

        plot.write_text(forest(found), encoding="utf-8")
    _tell(found, output, as_json)


def _ensure_writable(option: str, file: Path | None, ending: str) -> None:
    if file is None:
        return
    if file.suffix != ending:
        raise InputError(f"--{option} {file}: give a file that ends in {ending}.")
    if not file.parent.is_dir():
        raise InputError(f"--{option} {file}: there is no folder {file.parent}. Make it first.")


def _tell(found: Validation, output: Path | None, as_json: bool) -> None:
    """Trials, and beside them what is stored of sites."""
    from resynapse.inference import sites_left_out, weeks_judged
    from resynapse.inference.validated import as_dict

    told = as_dict(found)
    write_json(output, told)
    held, weeks = sites_left_out.stored(), weeks_judged.stored()
    _warn(held.model, "Sites left out were", "give --sites")
    late = weeks_judged.earlier(weeks)
    if late:
        print(f"Note: {late}", file=sys.stderr)
    if as_json:
        at_sites = sites_left_out.as_dict(held)
        told["endpoints"] += at_sites.pop("endpoints")
        told |= {"sites_left_out": at_sites, "weeks": weeks_judged.as_dict(weeks)}
        json.dump(told, sys.stdout, allow_nan=False)
        sys.stdout.write("\n")
    else:
        parts = ["Sites left out", "", *sites_text(held), "", *weeks_judged.words(weeks)]
        print("\n".join([text(found), "", *parts]))


def _sites(output: Path | None, as_json: bool, quiet: bool) -> None:
    """Stages b and c without each third of the sites, beside what the sites showed."""
    from resynapse.cli.progress import Progress
    from resynapse.inference.extra import ensure_installed

    ensure_installed("numpyro")
    with saying(_goes_on), Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference import sites_left_out

        found = sites_left_out.judge(progress.show)
    told = sites_left_out.as_dict(found)
    write_json(output, told)
    print(json.dumps(told, allow_nan=False) if as_json else "\n".join(sites_text(found)))


def _weeks(output: Path | None, as_json: bool, quiet: bool) -> None:
    """CTN-0027 week by week as a run of it has it, against the bars set beforehand."""
    from resynapse.cli.progress import Progress

    with saying(_goes_on), Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference import weeks_judged

        found = weeks_judged.judge(progress.show)
    told = weeks_judged.as_dict(found)
    write_json(output, told)
    shown = [*weeks_judged.words(found), "", *weeks_judged.rows(found)]
    print(json.dumps(told, allow_nan=False) if as_json else "\n".join(shown))


def _goes_on() -> str:
    """What a person reads who interrupts."""
    again = shlex.join(["resynapse", *sys.argv[1:]])
    return f"Interrupted; what was simulated and fitted so far is kept. To go on: {again}"


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
        print("\n".join([words, *_by_rounding(found), *aside, "", *_endpoints(found)]))


def _stored() -> Validation:
    from resynapse.inference.validated import stored

    found = stored()
    _warn(found.model, "Trials left out were", "leave --stored out")
    return found


def _warn(model: str, what: str, again: str) -> None:
    """Say so where what is stored is of another model."""
    from resynapse.trial.model_hash import model_hash

    if model != model_hash():
        print(
            f"Note: {what} stored for model {model[:12]}; this one is {model_hash()[:12]}. To"
            f" do it again, {again}.",
            file=sys.stderr,
        )


def _validated(draws: int | None, quiet: bool) -> Validation:
    from resynapse.cli.progress import Progress
    from resynapse.inference.extra import ensure_installed

    ensure_installed("numpyro")
    with saying(_goes_on), Progress(quiet) as progress:
        progress.show(0.0, "loading the model")
        from resynapse.inference.validation import validate as run

        return run(progress.show, **({} if draws is None else {"most": draws}))


def text(found: Validation) -> str:
    """Words first, then hits and misses, then scores."""
    tables = (
        _endpoints(found.endpoints), coverages(found), _hypotheses(found), pooled(found),
        kinds(found), beyond(found), _told_apart(found),
    )  # fmt: skip
    return "\n".join([*found.words(), *(line for one in tables for line in ("", *one))])


def coverages(found: Validation) -> Iterator[str]:
    """Hits in every way of counting values."""
    from resynapse.inference.coverage import rows

    yield from rows(found.coverage_by())


def pooled(found: Validation) -> Iterator[str]:
    """Whether what is said of the meta-analysis hangs on how it forecasts."""
    from resynapse.inference.other_pooling import sentences

    yield sentences(found.scores)


def beyond(found: Validation) -> Iterator[str]:
    """What trials showed beyond the model."""
    from resynapse.inference.discrepancy_told import by_trial, rows

    yield from (*rows(found.discrepancy, found.scores), "", *by_trial(found.discrepancy))


def kinds(found: Validation) -> Iterator[str]:
    """Levels and effects apart."""
    from resynapse.inference.by_kind import rows

    if found.kinds:
        yield from rows(found.kinds)


def _by_rounding(found: Sequence[Endpoint]) -> Iterator[str]:
    """What lies outside its interval by no more than half of its last digit."""
    from resynapse.inference.words import end_at_rounding

    for one in found:
        end = end_at_rounding(one)
        if end is not None:
            yield (
                f"{one.endpoint}, {one.arm}, {one.measure}: the interval ends at {end:.6g}, so"
                f" that {one.published:g} may lie outside by its rounding alone. Give more digits"
                " (a share of people as its count over n)."
            )


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
            f"{one.hits} of {one.values}", f"{one.crps:.3f}",
            _gap(gap, "crps", "standard_error"),
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
