"""Which fitted numbers does a run use, and which of them hold for its people?

A set may say nothing of some people. What was fitted to cohorts who use opioids, baselines among
it, is used for opioids alone: across substances only effects are pooled. A number that the pack of
a disorder sets stays where the pack has it. Whatever is left keeps its prior.
"""

from __future__ import annotations

from functools import cache

from resynapse.trial.depression import holds, own_numbers
from resynapse.trial.parameter_set import (
    ALIKE,
    CALIBRATED,
    FILES,
    PRIOR,
    ParameterSet,
    ParameterSetError,
    joined,
    less,
    parameter_set,
    shipped_set,
)

OPIOIDS = ("heroin", "fentanyl")
OF_OPIOIDS = ("natural-history", "medications")
"""stages whose data are of people who use opioids"""


def fitted_for(name: str, disorder: str) -> ParameterSet | None:
    """The draws of ``--parameters name`` that hold for a disorder; None for ``prior``."""
    if ALIKE.get(name, name) == CALIBRATED:
        return _calibrated(disorder)
    found = parameter_set(name)
    if found is None:
        return None
    if not all(_holds(stage, disorder) for stage in found.stages):
        raise ParameterSetError(
            f"--parameters {name}: fitted to people who use {_whom(found)}, and says"
            f" nothing of {disorder}; give {CALIBRATED} or {PRIOR}."
        )
    return less(found, own_numbers(disorder))


@cache
def _calibrated(disorder: str) -> ParameterSet:
    """All stages that ship and hold for a disorder, joined."""
    sets = [shipped_set(one) for one in FILES if _holds(one, disorder)]
    return less(joined(sets), own_numbers(disorder))


def in_words(fitted: ParameterSet | None) -> str:
    """What a report says of its parameters in a line."""
    if fitted is None:
        return "prior, not calibrated"
    return f"{len(fitted.paths)} calibrated; all others prior, not calibrated"


def _whom(found: ParameterSet) -> str:
    of_opioids = all(stage in OF_OPIOIDS for stage in found.stages)
    return " or ".join(OPIOIDS) if of_opioids else "a drug"


def _holds(stage: str, disorder: str) -> bool:
    of_use = disorder in OPIOIDS or stage not in OF_OPIOIDS
    return of_use and holds(stage, disorder)
