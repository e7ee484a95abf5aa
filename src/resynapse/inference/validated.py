"""What did the validation find when the package was made, and how is it kept?"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from importlib import resources
from typing import Any

from resynapse.inference import by_kind, discrepancy
from resynapse.inference.scored import PRIMARY, Score
from resynapse.inference.validation import Endpoint, Validation
from resynapse.inference.words import OWN

STORED = "validated.json"


def as_dict(found: Validation) -> dict[str, Any]:
    """As programs read it: the calibrated model's scores at the top, rivals and baselines below."""
    scores = {name: asdict(one) for name, one in found.scores.items()}
    model = scores.pop(OWN)
    return {
        "model_hash": found.model,
        "most_draws": found.most,
        "made": dict(found.made),
        "endpoints": [asdict(one) for one in found.endpoints],
        **model,
        "rivals": scores,
        "studies": list(found.studies),
        "differences": found.differences(),
        "power": {name: dict(one) for name, one in found.power.items()},
        "kinds": {
            kind: {name: asdict(one) for name, one in made.items()}
            for kind, made in found.kinds.items()
        },
        "coverage_by": [asdict(one) for one in found.coverage_by()],
        "discrepancy": asdict(found.discrepancy) if found.discrepancy.of_all else None,
        "words": list(found.words()),
    }


def stored() -> Validation:
    """What ships; `resynapse validate --output` wrote it."""
    return restored(json.loads(stored_text()))


def stored_text() -> str:
    """The same, as it is kept."""
    return resources.files("resynapse.inference").joinpath(STORED).read_text("utf-8")


def restored(told: dict[str, Any]) -> Validation:
    """The inverse of ``as_dict``."""
    asked = sum(one["protocol"] in PRIMARY for one in told["endpoints"])
    scores = {OWN: _score(told, asked)}
    scores |= {name: _score(one, asked) for name, one in told["rivals"].items()}
    return Validation(
        tuple(Endpoint(**one) for one in told["endpoints"]), tuple(told["studies"]), scores,
        told["power"], told["model_hash"], told["most_draws"], by_kind.restored(told["kinds"]),
        told["made"], discrepancy.restored(told["discrepancy"], _score),
    )  # fmt: skip


def _score(told: dict[str, Any], asked: int = len(PRIMARY)) -> Score:
    """A file that was written before scores said of how many values they are had all ``asked``.

    But for baselines, and for what trials show beyond the model, which have one a study.
    """
    of = len(PRIMARY) if told["energy_by_study"] is None else asked
    rows = {"values": of} | {one.name: told[one.name] for one in fields(Score) if one.name in told}
    known: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in rows.items()}
    return Score(**known)
