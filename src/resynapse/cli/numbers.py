"""Which numbers does the model rest on, and who measured them?"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from resynapse.evidence.source import Source
    from resynapse.inference.beside import Beside
    from resynapse.parameter import Entry

Words = Annotated[
    list[str] | None,
    typer.Argument(
        help="Show only those that hold all of these words: lapse, Zarate, assumed.",
    ),
]
DrawsOption = Annotated[
    Path | None,
    typer.Option(
        "--draws", metavar="FILE.nc",
        help="Instead: write draws of what was fitted as netCDF, for ArviZ and xarray.",
    ),
]  # fmt: skip
SetOption = Annotated[
    str | None,
    typer.Option(
        "--parameters", metavar="calibrated|STAGE|FILE|FOLDER",
        help="With --draws: whose draws; by default all that ship.",
    ),
]  # fmt: skip
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def parameters(
    words: Words = None, as_json: JsonOption = False, draws: DrawsOption = None,
    parameters: SetOption = None,
) -> None:  # fmt: skip
    """List every number of the model with unit, prior, what was fitted, source and status.

    Beside the parameters of the patient stand numbers of disorders, of sites and between studies.
    """
    if draws is not None:
        return _write_draws(draws, parameters, words, as_json)
    if parameters is not None:
        from resynapse.input_error import InputError

        raise InputError(f"--parameters {parameters} is of --draws FILE.nc: give both, or neither.")
    from resynapse.patient import SWITCHES

    (chosen, others), fitted, drawn = _chosen(words or []), _fitted(), _drawn()
    if as_json:
        switches = [
            {key: getattr(switch, key) for key in ("name", "question", "default", "reason")}
            for switch in SWITCHES.values()
        ]
        found = [parameter_record(one) | {"fitted": fitted.get(one.path)} for one in chosen]
        rest = [asdict(one) | {"drawn": drawn.get(one.path)} for one in others]
        all_told = {"parameters": found, "beside": rest, "switches": switches}
        print(json.dumps(all_told, allow_nan=False))
        return
    from resynapse.cli.summary import screen

    console = screen()
    for one in [*map(_beside, chosen), *others]:
        known = _in_words(fitted.get(one.path)) or _drawn_in_words(drawn.get(one.path))
        console.print(_told(one, known))
    if not words:
        console.print(_switches())


def _write_draws(file: Path, name: str | None, words: list[str] | None, as_json: bool) -> None:
    from resynapse.exchange.draws import CHAIN, RESEARCH, write_draws
    from resynapse.input_error import InputError
    from resynapse.trial.parameter_set import CALIBRATED

    if words or as_json:
        raise InputError("--draws writes a whole set to a file: leave out words and --json.")
    print(f"{write_draws(file, name or CALIBRATED)}: {RESEARCH} {CHAIN}")


def _told(one: Beside, known: str) -> Text:
    """A number in three lines or four; its name stands alone on the left, to be searched for."""
    from rich.text import Text

    unit = one.unit if one.unit != "1" else "(unit 1)"
    known = f"prior {one.prior}" + (f"; {known}" if known else "")
    return Text.assemble(
        (one.path, "bold"), f"  {one.value:g} {unit}, {one.status}\n",
        f"    {known}\n", (f"    {one.source}", "dim"), (_where(one.source), "dim"),
    )  # fmt: skip


def _where(source: Source) -> str:
    """Where the source can be read and which study of ours it is, in a line of its own."""
    from resynapse.evidence.source import located

    command = f"resynapse evidence show {source.study}" if source.study else ""
    found = "; ".join(filter(None, (located(source).address, command)))
    return f"\n    {found}" if found else ""


def _switches() -> Table:
    """What is contested, and where each switch stands unless told otherwise."""
    from rich.markup import escape
    from rich.table import Table

    from resynapse.patient import SWITCHES

    contested = Table("Switch", "Question", "Default", "Why")
    for switch in SWITCHES.values():
        default = "on" if switch.default else "off"
        contested.add_row(switch.name, escape(switch.question), default, escape(switch.reason))
    return contested


def _beside(entry: Entry) -> Beside:
    """A parameter of the patient in the form of the numbers that stand beside it."""
    from resynapse.inference.beside import Beside

    declared = entry.declared
    return Beside(
        entry.path, entry.value, declared.unit, str(declared.prior), declared.status,
        declared.source,
    )  # fmt: skip


def _chosen(words: list[str]) -> tuple[list[Entry], list[Beside]]:
    """Numbers whose path, unit, prior, status or source hold all of these words."""
    from resynapse.inference.beside import beside
    from resynapse.input_error import InputError
    from resynapse.patient import parameters as entries

    found = [entry for entry in entries() if _all_in(words, _beside(entry))]
    others = [one for one in beside() if _all_in(words, one)]
    if not found and not others:
        raise InputError(
            f"No parameter holds {' and '.join(map(repr, words))}; `resynapse parameters` without"
            " words lists all."
        )
    return found, others


def _fitted() -> dict[str, dict[str, Any]]:
    """Path -> what a run uses in place of the prior, in people who use opioids.

    Nothing where no set belongs to this model, as while an equation is being changed.
    """
    from resynapse.trial.fitted import fitted_for
    from resynapse.trial.parameter_set import CALIBRATED, ParameterSetError

    try:
        found = fitted_for(CALIBRATED, "heroin")
    except ParameterSetError:
        return {}
    assert found is not None
    medians, ends, stages = found.medians(), found.intervals(), found.stage_of
    return {
        path: {"median": medians[path], "interval_90": list(ends[path]), "stage": stages[path]}
        for path in found.paths
    }


def _in_words(fitted: dict[str, Any] | None) -> str:
    if fitted is None:
        return ""
    low, high = fitted["interval_90"]
    return f"fitted {fitted['median']:.3g} ({low:.3g} to {high:.3g}), {fitted['stage']}"


def _drawn() -> dict[str, dict[str, Any]]:
    """Number of a site -> how draws of a run spread it, where they do; its prior does not.

    Nothing where no set belongs to this model.
    """
    from resynapse.protocol import library, load
    from resynapse.protocol.loading import text
    from resynapse.trial.fitted import fitted_at
    from resynapse.trial.parameter_set import CALIBRATED, ParameterSetError
    from resynapse.trial.site_draws import fields_drawn
    from resynapse.trial.site_numbers import FIELDS

    found: dict[str, dict[str, Any]] = {}
    for here in map(load, [one for one in library() if any(name in text(one) for name in FIELDS)]):
        try:
            fitted = fitted_at(CALIBRATED, here)
        except ParameterSetError:
            return {}
        for name, (ends, stage) in fields_drawn(here, fitted).items():
            told = {"interval_90": list(ends), "stage": stage}
            found[f"{here.name}: site.{name}"] = told
    return found


def _drawn_in_words(drawn: dict[str, Any] | None) -> str:
    if drawn is None:
        return ""
    low, high = drawn["interval_90"]
    return f"drawn as fitted, {low:.4g} to {high:.4g}, {drawn['stage']}"


def _all_in(words: list[str], one: Beside) -> bool:
    parts = (one.path, one.unit, one.prior, one.status, str(one.source), one.source.study or "")
    said = " ".join(parts).lower()
    return all(word.lower() in said for word in words)


def parameter_record(entry: Entry) -> dict[str, Any]:
    """A parameter as other programs read it; its source with the DOI and address of its study."""
    from resynapse.evidence.source import located

    declared = entry.declared
    low, high = entry.interval()
    return {
        "path": entry.path,
        "value": entry.value,
        "unit": declared.unit,
        "prior": str(declared.prior),
        "interval_90": [low, high],
        "probability_on": getattr(declared.prior, "on", None),
        "slab": str(slab) if (slab := getattr(declared.prior, "slab", None)) else None,
        "status": declared.status,
        "source": asdict(located(declared.source)),
    }
