"""Which parameters does the model have, and how is one changed by name?"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from html import escape

from resynapse.input_error import InputError
from resynapse.parameter import Entry, Prior, entries, replace
from resynapse.patient.chain import Patient
from resynapse.patient.hypotheses import SWITCHES, settings


class ParameterError(InputError):
    """A parameter or switch that does not exist, or a value that it cannot have."""


class Parameters(tuple[Entry, ...]):
    """Parameters in order of declaration; a table where a notebook shows it."""

    def __repr__(self) -> str:
        return f"{len(self)} parameters; `resynapse parameters` lists them, a notebook as a table"

    def _repr_html_(self) -> str:
        head = "Parameter", "Value", "Unit", "Prior", "Status", "Source"
        rows = [f"<tr>{''.join(f'<th>{one}</th>' for one in head)}</tr>"]
        for one in self:
            told, value = one.declared, f"{float(one.value):g}"
            cells = one.path, value, told.unit, told.prior, told.status, told.source
            rows.append(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>")
        return f"<table>{''.join(rows)}</table>"


def parameters(patient: Patient | None = None) -> Parameters:
    """Every parameter with value, unit, prior, source and status."""
    return Parameters(entries(patient or Patient()))


def configured(
    patient: Patient,
    switches: Mapping[str, bool] | None = None,
    values: Mapping[str, float] | None = None,
) -> Patient:
    """The patient with switches set, then single parameters."""
    for name in switches or {}:
        if name not in SWITCHES:
            raise ParameterError(_unknown("switch", name, list(SWITCHES)))
    known = {entry.path: entry for entry in parameters(patient)}
    for path, value in (values or {}).items():
        if path not in known:
            raise ParameterError(_unknown("parameter", path, list(known)))
        ensure_possible(value, known[path], f"{path}={value}")
    return replace(patient, {**settings(dict(switches or {})), **(values or {})})


def spread(entry: Entry) -> Prior:
    """The prior of a parameter; of a half-spike its slab."""
    prior = entry.declared.prior
    return getattr(prior, "slab", prior)


def ensure_possible(value: float, entry: Entry, said: str) -> None:
    """Refuse a value that the prior excludes; ``said`` is how it was given."""
    declared, prior = entry.declared, spread(entry)
    if not (isinstance(value, int | float) and math.isfinite(value)):
        raise ParameterError(f"{said}: this is not a number. Give it in {declared.unit}.")
    low, high = prior.quantile(0.0), prior.quantile(1.0)
    values = getattr(prior, "values", None)
    if values and value not in values:
        allowed = f"one of {', '.join(f'{each:g}' for each in values)}"
    elif low < high and not low <= value <= high:
        allowed = f"between {low:g} and {high:g}" if math.isfinite(high) else f"{low:g} or more"
    else:
        return
    unit = "" if declared.unit == "1" else f" {declared.unit}"
    raise ParameterError(
        f"{said}: the value must be {allowed}{unit} ({prior}; {declared.source}). "
        "Choose such a value."
    )


def _unknown(kind: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"There is no {kind} {name!r}.{hint} `resynapse parameters` lists all of them."
