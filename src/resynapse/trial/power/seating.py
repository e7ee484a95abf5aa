"""Who of a batch is in each trial, in which arm, and on which day did they enter?

Without a section ``conduct`` in the protocol, arms have the sizes that were asked for and people
enter evenly. With it, people enter and are randomised one after the other as ``trial.trials``
does it; the trial of n people is the first n of the largest, so that larger trials keep the
people, days and arms of smaller ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.accrual import Recruitment
from resynapse.trial.allocation import levels
from resynapse.trial.power.batch import CONTROL, TREATED, Sizes, seats
from resynapse.trial.power.outcome import Kind, Outcome
from resynapse.trial.randomisation import adapted, complete, dealt, minimised
from resynapse.trial.streams import Draw, Streams
from resynapse.trial.trials import recruited

AT_ONCE = 4_000_000
"""People of trials in memory at once"""
EMPTY = np.inf
"""Day of entry of a chair that nobody took"""
NOT_YET = -1.0
"""Time of people who have not entered; they are at risk of nothing"""
MOST_TRIALS = 1 << 20
"""Of a batch; keeps the random numbers of batches apart"""


@dataclass(frozen=True)
class Seated:
    """Trials of one size, a row a trial: rows of the batch in each arm, and days of entry."""

    treated: np.ndarray
    control: np.ndarray
    entry: np.ndarray
    """[trials, treated and control chairs], d; ``EMPTY`` where nobody sits"""

    def outcomes(self, arms: Mapping[str, Outcome]) -> tuple[Outcome, Outcome]:
        """What the people of both arms show; an empty chair shows nothing."""
        there = np.isfinite(self.entry)
        both = there[:, : self.treated.shape[1]], there[:, self.treated.shape[1] :]
        rows = self.treated, self.control
        treated, control = (
            _emptied(arms[name].some(row), taken)
            for name, row, taken in zip((TREATED, CONTROL), rows, both, strict=True)
        )
        return treated, control

    def people(self, trial: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the treated and of the controls of one trial."""
        there = np.isfinite(self.entry[trial])
        width = self.treated.shape[1]
        return self.treated[trial][there[:width]], self.control[trial][there[width:]]


def _emptied(one: Outcome, taken: np.ndarray) -> Outcome:
    if taken.all():
        return one
    return replace(one, seen=np.where(taken, one.seen, NOT_YET), event=one.event & taken)


class Seating(Protocol):
    """Where trials of any size of a batch come from."""

    def parts(self, size: Sizes, arms: Mapping[str, Outcome]) -> Iterator[Seated]:
        """All trials of a size, some at a time; ``arms`` is what people show in each."""
        ...


@dataclass(frozen=True)
class Even:
    """Arms of the sizes asked for; people enter evenly over the accrual."""

    order: np.ndarray
    """[trials, people]: the order in which people come to each trial"""
    accrual: float
    """d"""
    seed: int
    number: int
    """Of the batch"""

    def parts(self, size: Sizes, arms: Mapping[str, Outcome]) -> Iterator[Seated]:
        """All trials of a size, some at a time."""
        draw = np.random.default_rng([self.seed, self.number, 2])
        rows = max(1, AT_ONCE // size.total)
        for start in range(0, len(self.order), rows):
            treated, control = seats(self.order[start : start + rows], size)
            entry = self.accrual * draw.random((len(treated), size.total))
            yield Seated(treated, control, entry)


@dataclass(frozen=True)
class Response:
    """When a person's response is known, where the allocation follows it."""

    kind: Kind
    known: float
    """d from entry until a value is known"""
    origin: float
    """d from entry to day 0 of a time"""

    def of(self, one: Outcome, success_day: float) -> tuple[np.ndarray, np.ndarray]:
        """Success of each person, and days from entry until it is known.

        Of a time: no event seen, and still there, up to the day of success.
        """
        if self.kind != "time":
            return one.seen > 0.5, np.full(len(one), self.known)
        told = one.seen if one.learned is None else one.learned
        return one.seen >= success_day, self.origin + np.minimum(told, success_day)


@dataclass(frozen=True)
class Conducted:
    """People recruited and randomised one after the other, as the protocol's conduct says."""

    order: np.ndarray
    """[trials, people]: the order in which people come to each trial"""
    how: TrialConduct
    """Its ratio has two parts, control and treated, and its blocks hold it"""
    baseline: Mapping[str, np.ndarray]
    """What is known of everybody of the batch at entry"""
    seed: int
    number: int
    """Of the batch"""
    largest: int
    """People of the largest trial that is asked for"""
    response: Response

    def parts(self, size: Sizes, arms: Mapping[str, Outcome]) -> Iterator[Seated]:
        """All trials of a size, some at a time; response-adaptive ones from what ``arms`` show."""
        rows, entry = max(1, AT_ONCE // size.total), self._entry
        if self.how.randomisation.method == "response-adaptive":
            treated = self._adapted(size, arms)
        else:
            treated = self._treated
        for start in range(0, len(self.order), rows):
            some = slice(start, start + rows)
            yield seated(
                self.order[some, : size.total], treated[some, : size.total],
                entry[some, : size.total],
            )  # fmt: skip

    @cached_property
    def _streams(self) -> list[Streams]:
        first = self.number * MOST_TRIALS
        return [Streams(self.seed, first + row) for row in range(len(self.order))]

    @cached_property
    def _entered(self) -> list[Recruitment]:
        return [recruited(self.how, self.largest, one) for one in self._streams]

    @cached_property
    def _entry(self) -> np.ndarray:
        """[trials, people] Day of entry."""
        return np.stack([one.entry_day for one in self._entered])

    @cached_property
    def _treated(self) -> np.ndarray:
        """[trials, people] Whether each is treated, whatever anybody shows."""
        rows, strata = self.order[:, : self.largest], self.how.randomisation.strata
        factors = [
            levels({**self._of(row), "site": one.site}, strata)
            for row, one in zip(rows, self._entered, strict=True)
        ]
        draws = [one.of(Draw.ALLOCATION) for one in self._streams]
        return allocation(self.how, np.stack(factors), draws) == 1

    def _adapted(self, size: Sizes, arms: Mapping[str, Outcome]) -> np.ndarray:
        """[trials, people] Whether each is treated, from what those before have shown."""
        people, rule, asked = size.total, self.how.randomisation, self.response
        draws = [one.of(Draw.ALLOCATION) for one in self._streams]
        parts = [asked.of(arms[name], rule.success_day) for name in (CONTROL, TREATED)]
        rows, entry = self.order[:, :people], self._entry[:, :people]
        success, after = (
            np.stack([p[rows] for p in part], axis=2) for part in zip(*parts, strict=True)
        )
        u = np.stack([draw.random(people) for draw in draws])
        known = entry[:, :, None] + after
        return adapted(success, entry, known, rule.ratio, rule.burn_in, rule.least, u)[0] == 1

    def _of(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return {name: column[rows] for name, column in self.baseline.items()}


def allocation(
    how: TrialConduct, factors: np.ndarray, draws: Sequence[np.random.Generator]
) -> np.ndarray:
    """[trials, people] The arm of each, 1 where treated; ``factors`` [trials, people, factors]."""
    rule, people = how.randomisation, factors.shape[1]
    if rule.method == "complete":
        return np.stack([complete(people, rule.ratio, draw).arm for draw in draws])
    if rule.method == "minimisation":
        u = np.stack([draw.random(people) for draw in draws])
        return minimised(factors, rule.ratio, rule.probability, u)[0]
    arm = np.zeros(factors.shape[:2], dtype=int)
    for trial, draw in enumerate(draws):
        stratum = np.unique(factors[trial], axis=0, return_inverse=True)[1].ravel()
        for here, deck, _ in dealt(stratum, rule.ratio, rule.block_sizes, draw):
            arm[trial, here] = deck[: len(here)]
    return arm


def seated(people: np.ndarray, treated: np.ndarray, entry: np.ndarray) -> Seated:
    """Trials with arms of different sizes, padded with empty chairs to the largest of each."""
    (one, first), (two, second) = (_side(people, side, entry) for side in (treated, ~treated))
    return Seated(one, two, np.concatenate([first, second], axis=1))


def joined(parts: list[Seated]) -> Seated:
    """All trials of all parts; arms are padded to the largest of each."""
    if len(parts) == 1:
        return parts[0]
    one, two = (max(getattr(p, side).shape[1] for p in parts) for side in ("treated", "control"))
    entries = [np.split(part.entry, [part.treated.shape[1]], axis=1) for part in parts]
    return Seated(
        np.concatenate([_wide(part.treated, one, 0) for part in parts]),
        np.concatenate([_wide(part.control, two, 0) for part in parts]),
        np.concatenate(
            [np.hstack([_wide(a, one, EMPTY), _wide(b, two, EMPTY)]) for a, b in entries]
        ),
    )


def _wide(rows: np.ndarray, width: int, fill: float) -> np.ndarray:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=fill)


def _side(
    people: np.ndarray, chosen: np.ndarray, entry: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    width = int(chosen.sum(axis=1).max())
    place = np.argsort(~chosen, axis=1, kind="stable")[:, :width]
    taken = np.take_along_axis(chosen, place, axis=1)
    return (
        np.take_along_axis(people, place, axis=1),
        np.where(taken, np.take_along_axis(entry, place, axis=1), EMPTY),
    )
