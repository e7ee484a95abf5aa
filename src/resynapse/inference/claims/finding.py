"""What does the model find on a claim, how sure is it, and what does expectancy alone give?"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

import numpy as np

from resynapse.inference.claims.claim import Asked, Claim, claims
from resynapse.inference.claims.contrast import quantity
from resynapse.inference.claims.worlds import PARAMETERS, Listener, Run, Worlds, simulated
from resynapse.patient import Patient
from resynapse.trial.knowledge import INTERVAL
from resynapse.trial.parameter_set import parameter_set
from resynapse.trial.provenance import parameter_hash

PEOPLE, DRAWS, SEED = 512, 20, 1
STORED = "findings.json"
Place = tuple[str, str | None, str, str, str | None, str | None]
PLACE = ("arm", "reference", "endpoint", "protocol", "severity", "than")
"""the fields that say which quantity a finding is of"""


@dataclass(frozen=True)
class Finding:
    """One quantity: at the default parameters, over knowledge, and where expectancy acts alone."""

    arm: str
    reference: str | None
    endpoint: str
    protocol: str
    severity: str | None
    """of craving and withdrawal at entry; None as in the protocol"""
    than: str | None
    """the severity at which the same comparison stands against this one"""
    measure: str
    value: float | None
    low: float | None
    """95 % over people, default parameters"""
    high: float | None
    knowledge_low: float | None
    """5 % over draws of the parameters"""
    knowledge_high: float | None
    rival: float | None
    """the same quantity where ketamine acts by expectancy alone"""


def find(
    claim: Claim, people: int = PEOPLE, draws: int = DRAWS, seed: int = SEED,
    progress: Listener | None = None, known: dict[Run, Worlds] | None = None,
) -> tuple[Finding, ...]:  # fmt: skip
    """Simulate what the claim asks; one finding for each quantity, in order.

    One trial at one severity is simulated once for all that any claim asks of it, so that claims
    agree; ``known`` keeps what was simulated with these numbers, for the next claim.
    """
    found = {} if known is None else known
    runs = list(dict.fromkeys(run for one in claim.asked for run in _runs(claim, one)))
    for number, run in enumerate(runs):
        if run not in found:
            part = progress and _part(progress, number, len(runs))
            found[run] = simulated(*run, _wanted(claim, run), people, draws, seed, part)
    return tuple(_finding(claim, one, found) for one in claim.asked)


def stored(claim: Claim) -> dict[str, Any] | None:
    """What was found when the package was made: findings, people, draws, seed, parameters' hash.

    None where nothing is stored, or something else than the claim asks now.
    """
    text = resources.files("resynapse.inference.claims").joinpath(STORED).read_text("utf-8")
    kept = json.loads(text).get(claim.id)
    asked = [_place(claim, one) for one in claim.asked]
    if kept is None or [tuple(map(row.get, PLACE)) for row in kept["findings"]] != asked:
        return None
    return kept


def _place(claim: Claim, asked: Asked) -> Place:
    """Which quantity of which trial is asked for, in the order of ``PLACE``."""
    trial = asked.protocol or claim.protocol
    return asked.arm, asked.reference, asked.endpoint, trial, asked.severity, asked.than


def record(findings: tuple[Finding, ...], people: int, draws: int, seed: int = SEED) -> dict:
    """As it is stored."""
    return {
        "people_per_arm": people, "draws": draws, "seed": seed, "parameters": PARAMETERS,
        "parameters_hash": parameters_hash(), "findings": [asdict(one) for one in findings],
    }  # fmt: skip


def parameters_hash() -> str:
    """Of what findings hold for: every declared value, and the draws that were fitted."""
    fitted = parameter_set(PARAMETERS)
    told = parameter_hash(Patient()) + (fitted.content if fitted else "")
    return hashlib.sha256(told.encode()).hexdigest()


def _runs(claim: Claim, asked: Asked) -> tuple[Run, ...]:
    """Protocol and severity of the trials that a quantity needs."""
    return tuple((asked.protocol or claim.protocol, one) for one in asked.severities)


def _wanted(claim: Claim, run: Run) -> tuple[Asked, ...]:
    """What this claim and all others ask of one trial."""
    return tuple(
        one for whose in (claim, *claims()) for one in whose.asked if run in _runs(whose, one)
    )


def _part(progress: Listener, number: int, runs: int) -> Listener:
    return lambda done, text: progress((number + done) / runs, text)


def _finding(claim: Claim, asked: Asked, found: dict[Run, Worlds]) -> Finding:
    runs = {run[1]: found[run] for run in _runs(claim, asked)}
    here = quantity(asked, {one: worlds.default for one, worlds in runs.items()})
    there = quantity(asked, {one: worlds.rival for one, worlds in runs.items()})
    sets = zip(*(worlds.draws for worlds in runs.values()), strict=True)
    drawn = [quantity(asked, dict(zip(runs, one, strict=True))).value for one in sets]
    low, high = _middle([value for value in drawn if value is not None])
    return Finding(
        *_place(claim, asked), here.measure, here.value, here.low, here.high, low, high, there.value
    )


def _middle(values: list[float]) -> tuple[float | None, float | None]:
    """The central 90 %; none without draws."""
    if not values:
        return None, None
    low, _, high = np.percentile(values, INTERVAL)
    return float(low), float(high)
