"""Where do a result's numbers come from, and how is the run made again?"""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from resynapse.engine.back_end import DEFAULT as BACK_END
from resynapse.parameter import entries
from resynapse.patient import Patient
from resynapse.protocol import Protocol, dump
from resynapse.trial.commit import commit
from resynapse.trial.implausible import implausible
from resynapse.trial.parameter_set import CALIBRATED, PRIOR, QUICK, ParameterSet
from resynapse.trial.result import IMPLAUSIBLE, RIVALS_NOT_RUN, RIVALS_RUN

SITE = "site"
"""who set a number that the protocol's site has for itself"""
Interval = tuple[float, float]
NO_SITE: Mapping[str, Interval | None] = MappingProxyType({})
"""of a protocol whose site has no number of its own"""


def parameter_rows(
    patient: Patient, fitted: ParameterSet | None = None, asked: Collection[str] = (),
    of_site: Mapping[str, Interval | None] = NO_SITE,
) -> list[dict[str, Any]]:  # fmt: skip
    """Every parameter with value, unit, prior, central 90 %, status, source, and who set it.

    ``set_by`` is ``prior``, the stage that fitted it, whose central 90 % stands for that of the
    prior, ``asked`` where a switch or an option of the run set it, or ``site`` where the people of
    the protocol's site have their own, with the central 90 % of its draws, or none where it is the
    same in all.
    """
    rows = []
    stages, ranges = (fitted.stage_of, fitted.intervals()) if fitted else ({}, {})
    for entry in entries(patient):
        given = entry.path in asked
        here = entry.path in of_site
        low, high = (not given and ranges.get(entry.path)) or entry.interval()
        if here:
            low, high = of_site[entry.path] or (None, None)
        declared = entry.declared
        rows.append(
            {
                "path": entry.path, "value": float(entry.value), "unit": declared.unit,
                "prior": str(declared.prior), "low": low, "high": high,
                "status": declared.status, "source": declared.source.citation,
                "set_by": _set_by(entry.path, given, here, stages),
            }
        )  # fmt: skip
    return rows


def _set_by(path: str, given: bool, here: bool, stages: Mapping[str, str]) -> str:
    if here:
        return SITE
    return "asked" if given else stages.get(path, PRIOR)


def counts(patient: Patient) -> dict[str, tuple[int, float | None]]:
    """Parameters by status; their share of a result's width is not computed here."""
    found = Counter(entry.declared.status for entry in entries(patient))
    return {status: (found[status], None) for status in ("measured", "derived", "assumed")}


def manifest(
    protocol: Protocol, patient: Patient, seed: int, patients: int, backend: str,
    switches: dict[str, bool] | None, settings: dict[str, float] | None, draws: int,
    parameters: str = CALIBRATED, file: str | None = None, rivals: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """Version, commit, hashes, date and the command that reproduces the run."""
    run: dict[str, Any] = {"patients": patients, "draws": draws, "file": file}
    run |= {"parameters": parameters, "rivals": rivals}
    return {
        "version": version(),
        "commit": commit(),
        "protocol_hash": _hash(dump(protocol)),
        "parameter_hash": parameter_hash(patient),
        "seed": seed,
        "patients": patients,
        "draws": draws,
        "rivals": RIVALS_RUN if rivals else RIVALS_NOT_RUN,
        "backend": backend,
        "python": platform.python_version(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": command(protocol, seed, backend, switches, settings, **run),
        **({IMPLAUSIBLE: far} if (far := implausible(settings)) else {}),
    }


def version() -> str:
    """The version of this package."""
    return import_module("resynapse").__version__


def of_parameters(fitted: ParameterSet | None, name: str) -> dict[str, Any]:
    """What the manifest says of a fitted set; nothing where every parameter keeps its prior."""
    if fitted is None:
        return {}
    return {
        "calibrated_to": list(fitted.studies),
        "calibrated_parameters": list(fitted.paths),
        "calibrated_by": fitted.stage_of,
        "parameter_set": {
            "name": as_given(name), "model": fitted.model, "data": fitted.data,
            "draws": fitted.content, **({QUICK: True} if fitted.quick else {}),
        },
    }  # fmt: skip


def as_given(name: str) -> str:
    """A name, or a file as it was given; of an absolute path its name alone, for others to read."""
    return Path(name).name if Path(name).is_absolute() else name


def command(
    protocol: Protocol, seed: int, backend: str, switches: dict[str, bool] | None,
    settings: dict[str, float] | None, patients: int | None = None, draws: int | None = None,
    parameters: str = CALIBRATED, file: str | None = None, rivals: bool = True,
) -> str:  # fmt: skip
    """What to type to run a protocol so; ``file``: the one it was read from, if not the library."""
    words = ["resynapse", "run", file or protocol.name]
    for name, number in (("patients", patients), ("seed", seed), ("draws", draws)):
        words += [] if number is None else [f"--{name}", str(number)]
    if backend != BACK_END:
        words += ["--backend", backend]
    words += ["--parameters", as_given(parameters)]
    for name, state in (switches or {}).items():
        words += ["--switch", f"{name}={'on' if state else 'off'}"]
    for path, value in (settings or {}).items():
        words += ["--set", f"{path}={value!r}"]
    words += [] if rivals else ["--rivals", "off"]
    return shlex.join(words)


def parameter_hash(patient: Patient) -> str:
    """SHA-256 of every parameter's path and value."""
    values = {entry.path: float(entry.value) for entry in entries(patient)}
    return _hash(json.dumps(values, sort_keys=True))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
