"""Which parameters does the model have, and how is one changed by name?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from resynapse.parameter import Entry, entries, replace
from resynapse.patient.chain import Patient
from resynapse.patient.hypotheses import SWITCHES, settings


class ParameterError(ValueError):
    """A parameter or switch that does not exist."""


def parameters(patient: Patient | None = None) -> Iterator[Entry]:
    """Every parameter with value, unit, prior, source and status."""
    return entries(patient or Patient())


def configured(
    patient: Patient,
    switches: dict[str, bool] | None = None,
    values: dict[str, float] | None = None,
) -> Patient:
    """The patient with switches set, then single parameters."""
    for name in switches or {}:
        if name not in SWITCHES:
            raise ParameterError(_unknown("switch", name, list(SWITCHES)))
    wanted = settings(switches or {}) | (values or {})
    known = [entry.path for entry in parameters(patient)]
    for path in wanted:
        if path not in known:
            raise ParameterError(_unknown("parameter", path, known))
    return replace(patient, wanted)


def _unknown(kind: str, name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    where = "resynapse parameters" if kind == "parameter" else "resynapse run --help"
    return f"There is no {kind} {name!r}.{hint} {where} lists all of them."
