"""How does one trial go at one severity: as it is, by expectancy alone, and under each draw?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from resynapse.inference.claims.claim import Asked
from resynapse.inference.claims.contrast import Arms
from resynapse.patient import configured
from resynapse.patient import settings as switched
from resynapse.protocol import Protocol, load
from resynapse.protocol.vocabulary import Degree
from resynapse.trial.comparison import HAZARDS
from resynapse.trial.fitted import fitted_at
from resynapse.trial.knowledge import PEOPLE, drawn_arms
from resynapse.trial.parameter_set import CALIBRATED, middle
from resynapse.trial.simulate import simulate

PARAMETERS = CALIBRATED
Listener = Callable[[float, str], None]
Run = tuple[str, Degree | None]
"""name of a protocol, and the severity of craving and withdrawal where it is not the protocol's"""


@dataclass(frozen=True)
class Worlds:
    """The arms of one trial, arm by arm."""

    default: Arms
    rival: Arms
    """where ketamine acts by expectancy alone"""
    draws: Sequence[Arms]
    """under each draw of the parameters; the arms that are asked about"""


def simulated(
    name: str, severity: Degree | None, asked: Sequence[Asked], people: int, draws: int, seed: int,
    progress: Listener | None = None,
) -> Worlds:  # fmt: skip
    """``people`` an arm by default, at most 256 of them under each draw."""
    plan = _plan(name, severity, asked)

    def halfway(done: float, text: str) -> None:
        if progress:
            progress(0.5 * done, text)

    result = simulate(
        plan, patients=people, seed=seed, draws=0, parameters=PARAMETERS, progress=halfway
    )
    found = []
    for number in range(draws):
        if progress:
            progress(0.5 + 0.5 * number / draws, f"draw {number} of the parameters")
        found.append(_drawn(plan, asked, seed, number, min(people, PEOPLE)))
    return Worlds(result.arms, result.rival, found)


def _plan(name: str, severity: Degree | None, asked: Sequence[Asked]) -> Protocol:
    """The protocol, with what is asked of it."""
    plan = load(name)
    names = dict.fromkeys(one.endpoint for one in asked if one.endpoint not in HAZARDS)
    plan = plan.model_copy(update={"endpoints": tuple(names)})
    if severity is None:
        return plan
    degrees = {"craving": severity, "withdrawal": severity}
    changed = plan.severity.model_copy(update=degrees)
    return plan.model_copy(update={"severity": changed})


def _drawn(plan: Protocol, asked: Sequence[Asked], seed: int, number: int, people: int) -> Arms:
    """What a run's own draw gives, of the arms asked about."""
    fitted = fitted_at(PARAMETERS, plan)
    patient = configured(middle(plan.disorder, fitted), plan.switches.chosen)
    only = {id for one in asked for id in (one.arm, one.reference) if id}
    fixed = switched(plan.switches.chosen)
    runs = drawn_arms(plan, patient, seed, number, fixed, fitted, people, only)
    return {id: run.result for id, run in runs.items()}
