"""What is known of the error of a time grid, because somebody measured it at any time before?

An error is kept under all that decides it: what of a protocol moves a path, the parameters, the
code of the steps, the back end and the grid. It stands in the user's cache folder, and the
library's protocols bring theirs along (``grids/``, made by ``docs/measure_grids.py``).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from resynapse.engine.back_end import DEFAULT
from resynapse.engine.cache import folder, not_kept, tell
from resynapse.patient import Patient
from resynapse.protocol import Protocol
from resynapse.trial.grid import DAYS, grid_error
from resynapse.trial.plan import kept_days, measured_days
from resynapse.trial.provenance import parameter_hash, version
from resynapse.trial.site_numbers import at_site
from resynapse.trial.steps_hash import steps_hash

SHIPPED = Path(__file__).with_name("grids")
KIND = "grids"
SILENT = {
    "name", "title", "source", "study", "state", "origin", "reference", "endpoints", "visits",
    "conduct", "estimands", "beyond_evidence",
}  # fmt: skip
"""fields of a protocol that say how it is called and analysed, and move no path"""
SILENT_OF_ARM, SILENT_OF_PEOPLE = {"label", "n"}, {"patients_per_arm", "csv"}
HERE, BROUGHT = "on this machine", "shipped with the package"


class Found(NamedTuple):
    """An error that was measured, and where that stands."""

    subject: dict[str, Any]
    """all that decides it"""
    error: dict[str, Any]
    """as ``grid_error`` tells it"""
    made: dict[str, str]
    """version, date and where"""


def subject(protocol: Protocol, patient: Patient, backend: str, cut: int) -> dict[str, Any]:
    """All that decides the error of a grid in given people over given days."""
    return {
        "protocol": _moves(protocol),
        "parameters": parameter_hash(at_site(protocol, patient)),
        "code": steps_hash(backend),
        "backend": backend,
        "cut": cut,
    }


def measured(
    protocol: Protocol, patient: Patient, seed: int, *, backend: str = DEFAULT,
    people: int, days: float = DAYS, first: int = 0, cut: int = 1,
) -> dict[str, Any]:  # fmt: skip
    """What ``grid_error`` tells of these people: read if that was measured, else measured, kept."""
    about = subject(protocol, patient, backend, cut)
    until = min(days, protocol.follow_up_days)
    asked = seed, [first, first + people - 1], until
    for found in known(about):
        if asked == tuple(found.error[name] for name in ("seed", "people", "days")):
            return found.error
    error = grid_error(
        protocol, patient, seed, backend=backend, people=people, days=days, first=first, cut=cut
    )
    _keep(about, error)
    return error


def known(about: dict[str, Any]) -> list[Found]:
    """Every error of this subject that was measured, here and then shipped."""
    return [found for found in (*_here(about), *_brought()) if found.subject == about]


def otherwise(about: dict[str, Any]) -> tuple[Found, list[str]] | None:
    """What ships of the same protocol, back end and grid, and what is another there."""
    for found in _brought():
        differs = [name for name, value in found.subject.items() if about[name] != value]
        if not {"protocol", "backend", "cut"} & set(differs):
            return found, differs
    return None


def nearest(found: list[Found], seed: int) -> Found | None:
    """Of several the one of this seed, then of most people, then of those nothing was chosen on."""

    def rank(one: Found) -> tuple[bool, int, int]:
        first, last = one.error["people"]
        return one.error["seed"] == seed, last - first, first

    return max(found, key=rank, default=None)


def sealed(about: dict[str, Any], errors: list[dict[str, Any]]) -> str:
    """Errors of one subject as the text of a file, with a checksum."""
    told = {"subject": about, "errors": errors, "made": made_now()}
    return json.dumps({**told, "content": _digest(told)}, separators=(",", ":")) + "\n"


def opened(place: Path, where: str) -> list[Found]:
    """What such a file says; nothing where it is not whole."""
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
        content = told.pop("content")
        if content != _digest(told):
            raise ValueError
        made = {**told["made"], "where": where}
        return [Found(told["subject"], error, made) for error in told["errors"]]
    except OSError:
        return []
    except (ValueError, KeyError, TypeError, AttributeError):
        tell(f"{place} is damaged, so what it says of a grid counts as not measured.")
        return []


def _here(about: dict[str, Any]) -> Iterator[Found]:
    store = folder(KIND)
    for place in sorted(store.glob(f"{_digest(about)[:24]}-*.json")) if store else ():
        yield from opened(place, HERE)


def _brought() -> tuple[Found, ...]:
    return _all_in(SHIPPED)


@cache
def _all_in(shipped: Path) -> tuple[Found, ...]:
    return tuple(one for file in sorted(shipped.glob("*.json")) for one in opened(file, BROUGHT))


def _keep(about: dict[str, Any], error: dict[str, Any]) -> None:
    """Written whole or not at all."""
    store = folder(KIND)
    if store is None:
        return
    first, last = error["people"]
    name = f"{_digest(about)[:24]}-{error['seed']}-{first}-{last}-{error['days']:g}.json"
    part = store / f"{name}.{os.getpid()}.part"
    try:
        part.write_text(sealed(about, [error]), encoding="utf-8")
        part.replace(store / name)
    except OSError as fault:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        not_kept(store.parent, fault)


def _moves(protocol: Protocol) -> str:
    """Hash of what of a protocol moves a path, the instants at which people are seen among it."""
    told = protocol.model_dump(mode="json", exclude_none=True, exclude=SILENT)
    told["arms"] = [_without(arm, SILENT_OF_ARM) for arm in told["arms"]]
    told["population"] = _without(told["population"], SILENT_OF_PEOPLE)
    table = protocol.population.csv
    people = hashlib.sha256(Path(table).read_bytes()).hexdigest() if table else ""
    return _digest([told, people, measured_days(protocol), kept_days(protocol)])


def _without(told: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}


def made_now() -> dict[str, str]:
    """What tells a measurement of this moment."""
    return {"version": version(), "date": datetime.now(UTC).strftime("%Y-%m-%d")}


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
