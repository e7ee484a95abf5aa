"""Which forecasts were written down before a trial was read out, and are they still as written?

A forecast is one JSON file with the hash of its own content. It is never written over: a newer one
has a newer date.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from resynapse import __version__
from resynapse.inference.forecasts.forecast import Foreseen
from resynapse.inference.forecasts.question import Questions
from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import Protocol, dump
from resynapse.trial.endpoint import definition
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import ParameterSet
from resynapse.trial.provenance import parameter_hash
from resynapse.trial.time_to_event import EVENTS

FOLDER = "frozen"
EVENT = "Time to the event; people who left are censored."
TOLD = (
    "50 and 90 % intervals hold knowledge (all parameters as fitted or from their priors, sites, a"
    " study's own effect with log sd 0.3) and the sampling of a trial of the planned size;"
    " knowledge_ intervals leave the sampling out. Not for dosing anybody."
)


class ForecastError(InputError):
    """A frozen forecast that is not there, was changed, or would be written over."""


def forecasts() -> tuple[dict[str, Any], ...]:
    """All that are frozen in the package, by trial and then by date."""
    place = resources.files("resynapse.inference.forecasts").joinpath(FOLDER)
    files = sorted((one for one in place.iterdir() if one.name.endswith(".json")), key=str)
    return tuple(_read(one.read_text("utf-8"), one.name) for one in files)


def forecast_of(trial: str, date: str | None = None) -> dict[str, Any]:
    """The first that was frozen for a trial, or that of a date: the first is the test."""
    found = [one for one in forecasts() if one["trial"] == trial]
    if not found:
        known = ", ".join(dict.fromkeys(one["trial"] for one in forecasts()))
        raise ForecastError(f"Nothing is frozen for {trial!r}. There is: {known}.")
    for one in found:
        if date in (None, one["date"]):
            return one
    dates = ", ".join(one["date"] for one in found)
    raise ForecastError(f"Nothing is frozen for {trial} on {date}. Its dates: {dates}.")


def record(
    protocol: Protocol, asked: Questions, found: Sequence[Foreseen], fitted: ParameterSet | None,
    made: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The forecast as it is written, dated today."""
    return {
        "trial": protocol.name,
        "study": protocol.study,
        "title": protocol.title,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "version": __version__,
        "model_hash": model_hash(),
        "parameters": "calibrated" if fitted else "prior",
        "parameter_hash": fitted.content if fitted else None,
        "default_hash": parameter_hash(apply(Patient(), protocol.disorder)),
        "fitted_to": list(fitted.studies) if fitted else [],
        "protocol_hash": _digest(dump(protocol)),
        **made,
        "rival": "ketamine acts by expectancy alone; all parameters from their priors",
        "told": TOLD,
        "primary": asked.primary,
        "assumed": list(asked.assumed),
        "planned": {arm.id: arm.n for arm in protocol.arms},
        "pools": {name: list(arms) for name, arms in asked.pools.items()},
        "quantities": [_row(one) for one in found],
    }


def _row(one: Foreseen) -> dict[str, Any]:
    told = {key: value for key, value in asdict(one.question).items() if value not in (None, ())}
    if "of" in told:
        told["of"] = list(told["of"])
    name = one.question.endpoint
    what = definition(name).split(" (95")[0] + "." if name not in EVENTS else EVENT
    return {**told, "definition": what, "model": asdict(one.model), "rival": asdict(one.rival)}


def write(content: dict[str, Any], folder: Path) -> Path:
    """Freeze it in a new file; one that is there is never touched."""
    if not folder.is_dir():
        raise ForecastError(f"{folder} is no folder. Make it, or give --output another.")
    place = folder / f"{content['trial']}-{content['date']}.json"
    text = json.dumps({**content, "content": _digest(content)}, indent=1, allow_nan=False) + "\n"
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ForecastError(
            f"{place} is there already, and a frozen forecast is never written over. Give --output"
            " another folder."
        ) from None
    return place


def _read(text: str, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    if content.pop("content", None) != _digest(content):
        raise ForecastError(
            f"{name} was changed after it was frozen: its hash does not match. Take the file of a"
            " release, or freeze a new one with `resynapse forecasts freeze`."
        )
    return content


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
