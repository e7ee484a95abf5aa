"""Which numbers does the model rest on, and who measured them?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from resynapse.parameter import Entry

Words = Annotated[
    list[str] | None,
    typer.Argument(
        help="Show only those that hold all of these words: lapse, Zarate, assumed.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def parameters(words: Words = None, as_json: JsonOption = False) -> None:
    """List every number of the model with unit, prior, what was fitted, source and status."""
    from resynapse.patient import SWITCHES

    chosen, fitted = _chosen(words or []), _fitted()
    if as_json:
        switches = [
            {key: getattr(switch, key) for key in ("name", "question", "default", "reason")}
            for switch in SWITCHES.values()
        ]
        found = [parameter_record(one) | {"fitted": fitted.get(one.path)} for one in chosen]
        print(json.dumps({"parameters": found, "switches": switches}, allow_nan=False))
        return
    from rich.markup import escape
    from rich.table import Table

    from resynapse.cli.summary import screen

    numbers = Table("Parameter", "Value", "Unit", "Prior", "Fitted", "Status", "Source")
    for entry in chosen:
        declared = entry.declared
        told = _in_words(fitted.get(entry.path))
        cells = [declared.unit, str(declared.prior), told, declared.status, str(declared.source)]
        numbers.add_row(entry.path, f"{entry.value:g}", *map(escape, cells))
    contested = Table("Switch", "Question", "Default", "Why")
    for switch in SWITCHES.values():
        default = "on" if switch.default else "off"
        contested.add_row(switch.name, escape(switch.question), default, escape(switch.reason))
    screen().print(numbers, *(() if words else (contested,)))


def _chosen(words: list[str]) -> list[Entry]:
    """Parameters whose path, unit, prior, status or source hold all of these words."""
    from resynapse.input_error import InputError
    from resynapse.patient import parameters as entries

    found = [entry for entry in entries() if _holds(entry, words)]
    if not found:
        raise InputError(
            f"No parameter holds {' and '.join(map(repr, words))}; `resynapse parameters` without"
            " words lists all."
        )
    return found


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
    return f"{fitted['median']:.3g} ({low:.3g} to {high:.3g}), {fitted['stage']}"


def _holds(entry: Entry, words: list[str]) -> bool:
    declared = entry.declared
    told = (entry.path, declared.unit, declared.prior, declared.status, declared.source)
    return all(word.lower() in " ".join(map(str, told)).lower() for word in words)


def parameter_record(entry: Entry) -> dict[str, Any]:
    """A parameter as other programs read it."""
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
        "source": asdict(declared.source),
    }
