"""What differs between heroin, fentanyl, alcohol, cocaine and methamphetamine?

The equations are the same; a pack sets some of their parameters. Heroin is the base. One table
says what differs, from where, and how much of it is assumed.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from resynapse.input_error import InputError
from resynapse.parameter import lookup, replace
from resynapse.patient import Patient
from resynapse.pharmacology.substance import EffectTimes

DISORDERS = ("heroin", "fentanyl", "alcohol", "cocaine", "methamphetamine")


class DisorderError(InputError):
    """A disorder that has no pack."""


@dataclass(frozen=True)
class Row:
    """One parameter of one pack."""

    disorder: str
    path: str
    value: float
    unit: str
    status: str
    source: str


@dataclass(frozen=True)
class Pack:
    """A disorder: how it differs from heroin."""

    name: str
    rows: tuple[Row, ...]

    @property
    def overrides(self) -> dict[str, float]:
        """Path -> value."""
        return {row.path: row.value for row in self.rows}

    @property
    def statuses(self) -> dict[str, int]:
        """How many numbers of the pack are measured, derived or assumed."""
        return {
            status: sum(row.status == status for row in self.rows)
            for status in ("measured", "derived", "assumed")
        }


@cache
def _read() -> dict[str, Any]:
    from ruamel.yaml import YAML

    text = files("resynapse.population").joinpath("packs.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)


def pack(name: str) -> Pack:
    """The pack of this disorder."""
    if name not in DISORDERS:
        near = difflib.get_close_matches(name, DISORDERS, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise DisorderError(f"No disorder {name!r}.{hint} There are {', '.join(DISORDERS)}.")
    rows = [
        Row(name, path, float(entry["value"]), entry["unit"], entry["status"], entry["source"])
        for path, entry in (_read().get(name) or {}).items()
    ]
    return Pack(name, tuple(rows))


def table() -> list[Row]:
    """Every difference of every disorder, in one table."""
    return [row for name in DISORDERS for row in pack(name).rows]


def apply(patient: Patient, name: str) -> Patient:
    """The patient with the parameters of this disorder; heroin changes nothing."""
    chosen = pack(name)
    for path in chosen.overrides:
        lookup(patient, path)
    times = EffectTimes()
    effect = {} if name == "heroin" else {"opioid.time_constant": float(getattr(times, name))}
    return replace(patient, effect | chosen.overrides)
