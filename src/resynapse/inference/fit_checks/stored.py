"""What did the checks of the fit of ketamine find when they were last run, and of which model?

``resynapse calibrate --check --output FILE`` and ``--beside --output FILE`` write them. They take
many minutes, so what ships is what was found then, with the hash of its model and of the sets of
the stages before that it lay over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from resynapse import __version__
from resynapse.inference.stages.ketamine import BEFORE
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import shipped_set

CHECK, BESIDE = "check", "beside"
"""simulation-based calibration; ketamine over the stages before, held, and fitted as one"""
SHORT = 12
"""letters of a hash that are printed"""


def stamped(told: Mapping[str, Any], command: str) -> dict[str, Any]:
    """What was found, with all that says of which model and sets it is."""
    return {
        "model_hash": model_hash(),
        "over": {stage: shipped_set(stage).content for stage in BEFORE},
        "made": {
            "command": command, "version": __version__,
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        },
        **told,
    }  # fmt: skip


def stored(name: str) -> dict[str, Any]:
    """What ships of a check, CHECK or BESIDE."""
    place = resources.files(__package__).joinpath(f"{name}.json")
    found: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return found


def earlier(told: Mapping[str, Any]) -> str:
    """A sentence where it is of another model or of other sets than ship; "" where it is not."""
    again = f"`{told['made']['command']}` does it again."
    was, now = told["model_hash"], model_hash()
    if was != now:
        return (
            f"It is of an earlier model ({was[:SHORT]}; the present one is {now[:SHORT]}) and was"
            f" not run again: {again}"
        )
    moved = [one for one in BEFORE if told["over"].get(one) != shipped_set(one).content]
    if moved:
        others = ", ".join(moved)
        return f"It lay over other sets of {others} than ship and was not run again: {again}"
    return ""
