"""What does the model find on a claim, how sure is it, and what does expectancy alone give?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from resynapse.inference.claims.claim import Asked, Claim
from resynapse.patient import Patient
from resynapse.protocol import load
from resynapse.trial.comparison import HAZARDS, Comparison, comparisons
from resynapse.trial.parameter_set import CALIBRATED, parameter_set
from resynapse.trial.provenance import parameter_hash
from resynapse.trial.result import ArmResult, Result
from resynapse.trial.simulate import simulate

PEOPLE, DRAWS, SEED = 512, 20, 1
PARAMETERS = CALIBRATED
STORED = "findings.json"
Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Finding:
    """One quantity: at the default parameters, over knowledge, and where expectancy acts alone."""

    arm: str
    reference: str | None
    endpoint: str
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
    progress: Listener | None = None,
) -> tuple[Finding, ...]:  # fmt: skip
    """Simulate the claim's trial; one finding for each quantity asked, in order."""
    references = dict.fromkeys(one.reference for one in claim.asked)
    results = {name: _simulated(claim, name, people, draws, seed, progress) for name in references}
    return tuple(_finding(one, results[one.reference]) for one in claim.asked)


def stored(claim: Claim) -> dict[str, Any] | None:
    """What was found when the package was made: findings, people, draws, seed, parameters' hash."""
    text = resources.files("resynapse.inference.claims").joinpath(STORED).read_text("utf-8")
    return json.loads(text).get(claim.id)


def record(findings: tuple[Finding, ...], people: int, draws: int, seed: int) -> dict:
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


def _simulated(
    claim: Claim, reference: str | None, people: int, draws: int, seed: int,
    progress: Listener | None,
) -> Result:  # fmt: skip
    """One run serves all quantities of the same reference arm."""
    plan = load(claim.protocol)
    asked = [one.endpoint for one in claim.asked if one.reference == reference]
    names = tuple(dict.fromkeys(name for name in asked if name not in HAZARDS))
    changed = {"endpoints": names, "reference": reference or plan.reference}
    return simulate(
        plan.model_copy(update=changed), patients=people, seed=seed, draws=draws,
        parameters=PARAMETERS, progress=progress,
    )  # fmt: skip


def _finding(asked: Asked, result: Result) -> Finding:
    if asked.reference is None:
        return _of_one_arm(asked, result)
    here = _compared(asked, result.arms, result.protocol.reference)
    there = _compared(asked, result.rival, result.protocol.reference)
    width = result.knowledge.get(
        f"{asked.arm} against {asked.reference}: {asked.endpoint} {here.measure}", {}
    )
    return Finding(
        asked.arm, asked.reference, asked.endpoint, here.measure, here.value, here.low, here.high,
        width.get("low"), width.get("high"), there.value,
    )  # fmt: skip


def _of_one_arm(asked: Asked, result: Result) -> Finding:
    here = result.arms[asked.arm].endpoints[asked.endpoint]
    width = result.knowledge.get(f"{asked.arm}: {asked.endpoint}", {})
    rival = result.rival[asked.arm].endpoints[asked.endpoint].value
    return Finding(
        asked.arm, None, asked.endpoint, here.unit, here.value, here.low, here.high,
        width.get("low"), width.get("high"), rival,
    )  # fmt: skip


def _compared(asked: Asked, arms: dict[str, ArmResult], reference: str) -> Comparison:
    names = dict.fromkeys(name for arm in arms.values() for name in arm.endpoints)
    return next(
        one for one in comparisons(arms, reference, names)
        if one.arm == asked.arm and one.endpoint == asked.endpoint
    )  # fmt: skip
