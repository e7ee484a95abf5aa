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
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.randomisation import adapted, complete, dealt, minimised
from resynapse.trial.streams import Draw, Streams
from resynapse.trial.testable import Kind
from resynapse.trial.trials import recruited

AT_ONCE = 4_000_000
"""People of trials in memory at once"""
EMPTY = np.inf
"""Day of entry of a chair that nobody took"""
NOT_YET = -1.0
"""Time of people who have not entered; they are at risk of nothing"""
SITE = "site"
MOST_TRIALS = 1 << 20
"""Of a batch; keeps the random numbers of batches apart"""


@dataclass(frozen=True)
class Seated:
    """Trials of one size, a row a trial: rows of the batch in each arm, and days of entry."""

    treated: np.ndarray
    control: np.ndarray
    entry: np.ndarray
    """[trials, treated and control chairs], d; ``EMPTY`` where nobody sits"""
    site: np.ndarray | None = None
    """[trials, treated and control chairs] By number; None without a conduct"""
    stratum: np.ndarray | None = None
    """[trials, treated and control chairs] By number, in which stratum each is analysed"""

    def outcomes(self, arms: Mapping[str, Outcome]) -> tuple[Outcome, Outcome]:
        """What the people of both arms show; an empty chair shows nothing."""
        there = np.isfinite(self.entry)
        both, strata = self._by_arm(there), (None, None)
        if self.stratum is not None:
            strata = self._by_arm(self.stratum)
        treated, control = (
            replace(_emptied(arms[name].some(row), taken), stratum=stratum)
            for name, row, taken, stratum in zip(
                (TREATED, CONTROL), (self.treated, self.control), both, strata, strict=True
            )
        )
        return treated, control

    def _by_arm(self, chairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        width = self.treated.shape[1]
        return chairs[:, :width], chairs[:, width:]

    def people(self, trial: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the treated and of the controls of one trial."""
        one, other = self._by_arm(np.isfinite(self.entry))
        return self.treated[trial][one[trial]], self.control[trial][other[trial]]

    def marks(self, name: str, trial: int) -> tuple[np.ndarray | None, np.ndarray | None]:
        """``site`` or ``stratum`` of the same people; None where there is none."""
        marks = getattr(self, name)
        if marks is None:
            return None, None
        (one, other), (there, too) = (self._by_arm(x) for x in (marks, np.isfinite(self.entry)))
        return one[trial][there[trial]], other[trial][too[trial]]


def _emptied(one: Outcome, taken: np.ndarray) -> Outcome:
    if taken.all():
        return one
    return replace(one, seen=np.where(taken, one.seen, NOT_YET), event=one.event & taken)


class Seating(Protocol):
    """Where trials of any size of a batch come from."""

    def parts(self, size: Sizes, arms: Mapping[str, Outcome]) -> Iterator[Seated]:
        """All trials of a size, some at a time; ``arms`` is what people show in each."""
        ...

    @property
    def everybody(self) -> np.ndarray | None:
        """[people] The stratum of everybody of the batch, sites aside; None without strata."""
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

    @property
    def everybody(self) -> None:
        """No strata."""
        return


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
    strata: tuple[str, ...] = ()
    """What the analysis is stratified by"""

    def parts(self, size: Sizes, arms: Mapping[str, Outcome]) -> Iterator[Seated]:
        """All trials of a size, some at a time; response-adaptive ones from what ``arms`` show."""
        rows, entry = max(1, AT_ONCE // size.total), self._entry
        if self.how.randomisation.method == "response-adaptive":
            treated = self._adapted(size, arms)
        else:
            treated = self._treated
        for start in range(0, len(self.order), rows):
            some = slice(start, start + rows)
            here = slice(0, size.total)
            marks = [self._site[some, here]]
            marks += [self._stratum[some, here]] if self.strata else []
            yield seated(self.order[some, here], treated[some, here], entry[some, here], *marks)

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
    def _site(self) -> np.ndarray:
        """[trials, people] By number."""
        return np.stack([one.site for one in self._entered])

    @cached_property
    def _treated(self) -> np.ndarray:
        """[trials, people] Whether each is treated, whatever anybody shows."""
        draws = [one.of(Draw.ALLOCATION) for one in self._streams]
        return allocation(self.how, self._levels(self.how.randomisation.strata), draws) == 1

    @cached_property
    def _stratum(self) -> np.ndarray:
        """[trials, people] In which stratum each is analysed."""
        return combined(self._levels(self.strata))

    @property
    def everybody(self) -> np.ndarray | None:
        """[people] The stratum of everybody of the batch, sites aside; None without strata."""
        if not self.strata:
            return None
        own = [name for name in self.strata if name != SITE]
        return combined(levels(self.baseline, own))

    def _levels(self, strata: Sequence[str]) -> np.ndarray:
        """[trials, people, factors]"""
        rows = self.order[:, : self.largest]
        return np.stack(
            [
                levels({**self._of(row), SITE: site}, strata)
                for row, site in zip(rows, self._site, strict=True)
            ]
        )

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


def combined(factors: np.ndarray) -> np.ndarray:
    """[..., factors] -> [...]: a number for every combination of levels, from 0."""
    shape = factors.shape[:-1]
    rows = factors.reshape(-1, factors.shape[-1])
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(shape)


def seated(
    people: np.ndarray, treated: np.ndarray, entry: np.ndarray, *marks: np.ndarray
) -> Seated:
    """Trials with arms of different sizes, padded with empty chairs to the largest of each.

    ``marks`` are site and stratum of each person, where there are such.
    """
    one, two = (_side(side, people, entry, *marks) for side in (treated, ~treated))
    columns = [np.concatenate(pair, axis=1) for pair in zip(one[1:], two[1:], strict=True)]
    return Seated(one[0], two[0], *columns)


def joined(parts: list[Seated]) -> Seated:
    """All trials of all parts; arms are padded to the largest of each."""
    if len(parts) == 1:
        return parts[0]
    one, two = (max(getattr(p, side).shape[1] for p in parts) for side in ("treated", "control"))

    def chairs(name: str, fill: float) -> np.ndarray | None:
        if getattr(parts[0], name) is None:
            return None
        split = [np.split(getattr(p, name), [p.treated.shape[1]], axis=1) for p in parts]
        return np.concatenate([np.hstack([_wide(a, one, fill), _wide(b, two, fill)])
                               for a, b in split])  # fmt: skip

    entry = chairs("entry", EMPTY)
    assert entry is not None
    return Seated(
        np.concatenate([_wide(part.treated, one, 0) for part in parts]),
        np.concatenate([_wide(part.control, two, 0) for part in parts]),
        entry, chairs("site", 0), chairs("stratum", 0),
    )  # fmt: skip


def _wide(rows: np.ndarray, width: int, fill: float) -> np.ndarray:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=fill)


def _side(
    chosen: np.ndarray, people: np.ndarray, entry: np.ndarray, *marks: np.ndarray
) -> list[np.ndarray]:
    """People, days of entry and marks of those chosen, in order, with empty chairs behind them."""
    width = int(chosen.sum(axis=1).max())
    place = np.argsort(~chosen, axis=1, kind="stable")[:, :width]
    taken = np.take_along_axis(chosen, place, axis=1)
    who, when, *more = (np.take_along_axis(x, place, axis=1) for x in (people, entry, *marks))
    return [who, np.where(taken, when, EMPTY), *more]
