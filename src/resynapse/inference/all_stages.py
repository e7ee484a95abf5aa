"""How are stages fitted one after the other, so that a call that was stopped goes on?

A stage that is finished is kept under the hash of all that it depends on: model, engine, the way
of inferring, studies and protocols, what was asked for, and the earlier stages it was fitted over.
What is simulated on the way is kept by the stage itself, a point at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from resynapse.inference.kept import ALONE, kept, method_hash, place_of, published_hash, read
from resynapse.input_error import InputError
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import ParameterSet
from resynapse.trial.parameter_set import read as read_set

KIND = "stages"

Listener = Callable[[float, str], None]
Before = Mapping[str, ParameterSet]
"""sets of the stages that are finished, by stage"""


@dataclass(frozen=True)
class Step:
    """A stage that is to be fitted."""

    name: str
    fit: Callable[[Before, Listener], tuple[ParameterSet, dict[str, Any]]]
    """its set, and what is told of it, as JSON"""
    asked: tuple[Any, ...] = ()
    """what else it depends on, as JSON: how many samples, and studies that were added"""
    over: tuple[str, ...] = ()
    """earlier stages whose sets it starts from"""
    seconds: float = 1.0
    """about how long it takes, beside the others"""


@dataclass(frozen=True)
class Finished:
    """A stage that is fitted."""

    set: ParameterSet
    told: dict[str, Any]


def fitted_in_order(steps: Sequence[Step], progress: Listener) -> tuple[Finished, ...]:
    """Every stage; those that were finished before are read, and ``progress`` is of the rest.

    A stage that did not converge is refused, and what came before it stays finished.
    """
    found: dict[str, Finished] = {}
    begun = 0.0
    for number, step in enumerate(steps, 1):
        before = _finished(step, found)
        if before is None:
            left = begun + sum(one.seconds for one in steps[number - 1 :])
            heard = _heard(progress, f"stage {number} of {len(steps)}, {step.name}",
                           begun / left, step.seconds / left)  # fmt: skip
            before = fit(step, found, heard)
            begun += step.seconds
        found[step.name] = before
    progress(1.0, f"{len(steps)} of {len(steps)} stages fitted")
    return tuple(found.values())


def finished(steps: Sequence[Step]) -> tuple[str, ...]:
    """Names of the stages, from the first on, that are kept: a call would not fit them again."""
    return tuple(kept_before(steps))


def kept_before(steps: Sequence[Step]) -> dict[str, Finished]:
    """The same stages, by name."""
    found: dict[str, Finished] = {}
    for step in steps:
        if all(name in found for name in step.over):
            before = _finished(step, found)
            if before is not None:
                found[step.name] = before
    return found


def _heard(progress: Listener, words: str, begin: float, size: float) -> Listener:
    return lambda share, said: progress(begin + size * share, f"{words}: {said}")


def fit(step: Step, found: Mapping[str, Finished], heard: Listener) -> Finished:
    """A stage over those that are finished: fitted and kept, or read where it was kept before."""
    heard(0.0, "begun")

    def made() -> np.ndarray:
        try:
            one, told = step.fit({name: before.set for name, before in found.items()}, heard)
        except InputError as refusal:
            raise InputError(f"Stage {step.name}: {refusal.message}") from refusal
        return np.array(json.dumps({"set": one.text, "told": told}))

    return _of_text(step, kept(KIND, _key(step, found), made))


def _finished(step: Step, found: Mapping[str, Finished]) -> Finished | None:
    before = read(place_of(KIND, _key(step, found)), (ALONE,))
    return None if before is None else _of_text(step, before[ALONE])


def _of_text(step: Step, text: np.ndarray) -> Finished:
    content = json.loads(str(text))
    return Finished(read_set(content["set"], step.name), content["told"])


def _key(step: Step, found: Mapping[str, Finished]) -> list[Any]:
    over = [found[name].set.content for name in step.over]
    return [model_hash(), method_hash(), published_hash(), step.name, *step.asked, over]
