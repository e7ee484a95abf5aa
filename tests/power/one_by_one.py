"""What do trials find, one after the other, each with people whom no other trial has?

``power.power`` draws many trials from each batch of people instead, which takes fewer people for
the same error. Here no two trials share anybody, so the error of a share is binomial: an oracle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from resynapse.engine.cache import keep_compiled
from resynapse.input_error import InputError
from resynapse.patient import configured
from resynapse.protocol import Protocol
from resynapse.trial.analysis.many_trials import analyse_many
from resynapse.trial.arm_run import Passage
from resynapse.trial.conduct import Conduct
from resynapse.trial.everyone import Keep
from resynapse.trial.fitted import fitted_for
from resynapse.trial.parameter_set import CALIBRATED, middle
from resynapse.trial.pilots import arms_felt
from resynapse.trial.power.people import two_arms
from resynapse.trial.time_to_event import EVENTS

SIDE_KEYS = 2**30
"""People of the arm that is asked about are numbered from here: nobody is in two arms"""
MOST_PEOPLE = SIDE_KEYS // 2
TOGETHER = 2048
"""people of an arm that are simulated at once, whole trials"""


class RepeatsError(InputError):
    """A question that no repetition can answer."""


@dataclass(frozen=True)
class Question:
    """Which arm is compared, by which event, with how many people in each arm."""

    arm: str
    event: str
    sizes: tuple[int, ...]
    """rising; a trial of the last size holds the smaller ones as its first people"""

    @property
    def largest(self) -> int:
        """People in each arm of the largest trial."""
        return self.sizes[-1]


@dataclass(frozen=True)
class Found:
    """What so many trials found: [trials, sizes], NaN where a trial has no answer."""

    z: np.ndarray
    """log-rank; negative where the event comes later in the arm than in the reference"""
    log_hazard_ratio: np.ndarray
    """Cox, arm against reference"""


def ensure_askable(protocol: Protocol, asked: Question, trials: int) -> None:
    """Refuse, with what is allowed, a question that cannot be answered."""
    ids = [arm.id for arm in protocol.arms if arm.id != protocol.reference]
    if asked.arm not in ids:
        raise RepeatsError(
            f"arm {asked.arm!r} cannot be compared with the reference {protocol.reference!r}. "
            f"Name one of: {', '.join(ids) or 'none, as there is one arm only; add another'}."
        )
    if asked.event not in EVENTS:
        raise RepeatsError(f"event {asked.event!r}: name one of {', '.join(EVENTS)}.")
    rising = all(a < b for a, b in zip(asked.sizes, asked.sizes[1:], strict=False))
    if not asked.sizes or not rising or asked.sizes[0] < 2:
        raise RepeatsError("sizes: give rising numbers of people in each arm, each at least 2.")
    if trials * asked.largest > MOST_PEOPLE:
        raise RepeatsError(
            f"{trials} trials of {asked.largest} people in each arm are more than the "
            f"{MOST_PEOPLE} people who can be told apart. Ask for fewer trials."
        )


def repeats(
    protocol: Protocol, asked: Question, trials: int, seed: int = 1, done: int = 0,
    parameters: str = CALIBRATED,
) -> Iterator[Found]:  # fmt: skip
    """Trials number ``done`` to ``trials`` in small lots, at the middle parameters.

    A trial is fixed by the seed and its number: where a run was cut off does not change it. Trials
    share nobody, so the error of a share is binomial.
    """
    ensure_askable(protocol, asked, trials)
    keep_compiled()
    short = two_arms(protocol, asked.arm).model_copy(update={"endpoints": ()})
    sides = _sides(short, asked, seed, parameters)
    together = max(1, TOGETHER // asked.largest)
    for first in range(done, trials, together):
        many = min(together, trials - first)
        yield _compared(short, asked, [_times(side, asked, first, many) for side in sides])


def _sides(protocol: Protocol, asked: Question, seed: int, parameters: str) -> list[Passage]:
    """The reference and the arm that is compared with it, ready for people."""
    base = middle(protocol.disorder, fitted_for(parameters, protocol.disorder))
    patient = configured(base, protocol.switches.chosen, None)
    felt = arms_felt(protocol, patient, seed)
    sides = zip((protocol.reference, asked.arm), (0, SIDE_KEYS), strict=True)
    return [
        Passage.of(
            Conduct(protocol, patient, seed, first_key=first), protocol.arm(id), felt[id]
        )
        for id, first in sides
    ]  # fmt: skip


def _times(
    side: Passage, asked: Question, first: int, many: int
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Times to the event and whether it was seen, of the people of so many trials."""
    people = side.take(first * asked.largest, many * asked.largest, Keep(0, rows=False))
    shape = many, asked.largest
    return (
        people[f"time/{asked.event}"].reshape(shape),
        people[f"event/{asked.event}"].reshape(shape),
    )


def _compared(
    protocol: Protocol, asked: Question, sides: list[tuple[np.ndarray, np.ndarray]]
) -> Found:
    found = []
    for size in asked.sizes:
        time, event = (
            np.concatenate([side[part][:, :size] for side in sides], axis=1) for part in (0, 1)
        )
        treated = np.repeat([False, True], size)
        one = analyse_many(time, event, treated, protocol.follow_up_days)
        found.append((one.log_rank_z, one.log_hazard_ratio))
    z, ratio = (np.stack([pair[k] for pair in found], axis=1) for k in (0, 1))
    return Found(z, ratio)
