"""Which fitted numbers does a run use, and which of them hold for its people?

A set may say nothing of some people. What was fitted to cohorts who use opioids, baselines among
it, is used for opioids alone: across substances only effects are pooled. A number that the pack of
a disorder sets stays where the pack has it, and one that a site has for itself where the protocol
has it. Whatever is left keeps its prior.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from resynapse.protocol import Protocol
from resynapse.protocol.vocabulary import OPIOID_DISORDERS
from resynapse.trial.depression import own_numbers
from resynapse.trial.parameter_set import (
    ALIKE,
    CALIBRATED,
    FILES,
    OF_OPIOIDS,
    PRIOR,
    ParameterSet,
    ParameterSetError,
    holds,
    joined,
    less,
    sets_of,
    shipped_set,
)
from resynapse.trial.site_draws import with_site
from resynapse.trial.site_numbers import site_numbers


def fitted_for(name: str, disorder: str) -> ParameterSet | None:
    """The draws of ``--parameters name`` that hold for a disorder; None for ``prior``."""
    if ALIKE.get(name, name) == CALIBRATED:
        return _calibrated(disorder)
    if name == PRIOR:
        return None
    held = that_hold(sets_of(name), disorder)
    if held is None:
        raise ParameterSetError(
            f"--parameters {name}: fitted to people who use {_whom(sets_of(name))}, and says"
            f" nothing of {disorder}; give {CALIBRATED} or {PRIOR}."
        )
    return held


def that_hold(sets: Iterable[ParameterSet], disorder: str) -> ParameterSet | None:
    """Those of the sets that say anything of people with a disorder, joined; None where none does.

    Without what the disorder's pack sets.
    """
    held = [one for one in sets if all(holds(stage, disorder) for stage in one.stages)]
    return less(joined(held), own_numbers(disorder)) if held else None


def fitted_at(name: str, protocol: Protocol) -> ParameterSet | None:
    """The draws that hold for a protocol: for its disorder, less what its site has for itself.

    With how its site differs, where it is the site of a fitted trial.
    """
    found = fitted_for(name, protocol.disorder)
    return found and with_site(less(found, site_numbers(protocol)), protocol)


@cache
def _calibrated(disorder: str) -> ParameterSet | None:
    """All stages that ship and hold for a disorder, joined."""
    return that_hold(map(shipped_set, FILES), disorder)


def in_words(fitted: ParameterSet | None) -> str:
    """What a report says of its parameters in a line."""
    if fitted is None:
        return "prior, not calibrated"
    return f"{len(fitted.paths)} calibrated; all others prior, not calibrated"


def _whom(sets: Sequence[ParameterSet]) -> str:
    of_opioids = all(stage in OF_OPIOIDS for one in sets for stage in one.stages)
    return " or ".join(OPIOID_DISORDERS) if of_opioids else "a drug"
