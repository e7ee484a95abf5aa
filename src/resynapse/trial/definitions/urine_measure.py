"""What may be asked of weeks of urines: a run, a count, a share, an index?

Weeks hold the use of each week that counts: 0 negative, 1 positive, between them mixed, NaN missing
where a rule keeps missing weeks as such. A measure says in ``words`` what it asks.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np

from resynapse.trial.definitions.days import Timed

Gives = Literal["time", "yes or no", "number"]
ROUNDING = 1e-12


@dataclass(frozen=True)
class Weeks:
    """The weeks that count, in order."""

    number: np.ndarray
    """Calendar weeks, 1 the first of treatment, (weeks,)"""
    use: np.ndarray
    """0 to 1, NaN missing, (weeks,)"""

    def between(self, first: int, last: int | None) -> Weeks:
        """Those from one calendar week to another, both included."""
        chosen = (self.number >= first) & (self.number <= (np.inf if last is None else last))
        return Weeks(self.number[chosen], self.use[chosen])

    def __len__(self) -> int:
        return len(self.number)


class AbstractMeasure:
    """What is asked of weeks."""

    gives: ClassVar[Gives]
    worst: ClassVar[Any] = None
    """What a person gets who did not stay as long as a rule requires"""

    @property
    @abstractmethod
    def words(self) -> str:
        """The question, without weeks and recoding."""

    @abstractmethod
    def __call__(self, weeks: Weeks) -> Any:
        """The answer: Timed in weeks, a truth value, or a number."""


@dataclass(frozen=True)
class FirstWindow(AbstractMeasure):
    """When do so many of so many weeks in a row have use, or are missing?"""

    at_least: int
    of: int
    letter: Literal["positive", "missing"] = "positive"
    dated: int = 1
    """Week of the window that the event is dated to"""
    gives: ClassVar[Gives] = "time"

    @property
    def words(self) -> str:
        if self.of == 1:
            return f"First week {self.letter}"
        run = f"{self.of} consecutive weeks"
        if self.at_least < self.of:
            run = f"{self.of} weeks with {self.at_least} or more"
        if self.dated == 1:
            return f"Week in which the first {run} {self.letter} begin"
        return f"Week {self.dated} of the first {run} {self.letter}"

    def __call__(self, weeks: Weeks) -> Timed:
        """Week of the event, or the last week in which it could begin; 1 in too short a word."""
        hit = np.isnan(weeks.use) if self.letter == "missing" else weeks.use == 1.0
        total = np.concatenate([[0], np.cumsum(hit)])
        within = total[self.of :] - total[: -self.of]
        if len(weeks) < self.of:
            return Timed(1.0, False)
        found = np.flatnonzero(within >= self.at_least)
        start = found[0] if len(found) else len(within) - 1
        return Timed(float(weeks.number[start + self.dated - 1]), bool(len(found)))


@dataclass(frozen=True)
class NegativeRun(AbstractMeasure):
    """Were so many weeks in a row negative?"""

    weeks: int
    gives: ClassVar[Gives] = "yes or no"
    worst: ClassVar[Any] = False

    @property
    def words(self) -> str:
        return f"A run of {self.weeks} negative weeks"

    def __call__(self, weeks: Weeks) -> bool:
        return _longest(weeks.use == 0.0) >= self.weeks


@dataclass(frozen=True)
class LongestNegative(AbstractMeasure):
    """How long was the longest run of negative weeks?"""

    gives: ClassVar[Gives] = "number"

    @property
    def words(self) -> str:
        return "Weeks of the longest run of negative weeks"

    def __call__(self, weeks: Weeks) -> int:
        return _longest(weeks.use == 0.0)


@dataclass(frozen=True)
class NegativeWeeks(AbstractMeasure):
    """How many weeks were negative?"""

    gives: ClassVar[Gives] = "number"

    @property
    def words(self) -> str:
        return "Number of negative weeks"

    def __call__(self, weeks: Weeks) -> float:
        return float(np.sum(1.0 - weeks.use))


@dataclass(frozen=True)
class ShareNegative(AbstractMeasure):
    """Which share of weeks was negative?"""

    gives: ClassVar[Gives] = "number"
    worst: ClassVar[Any] = 0.0

    @property
    def words(self) -> str:
        return "Share of weeks negative, 0 to 1"

    def __call__(self, weeks: Weeks) -> float:
        """NaN where no week counts."""
        return float(np.mean(1.0 - weeks.use)) if len(weeks) else float("nan")


@dataclass(frozen=True)
class Mostly(AbstractMeasure):
    """Was at least such a share of weeks negative?"""

    least: float
    gives: ClassVar[Gives] = "yes or no"

    @property
    def words(self) -> str:
        if self.least == 1.0:
            return "Every week negative"
        return f"At least {100 * self.least:.0f} % of weeks negative"

    def __call__(self, weeks: Weeks) -> bool:
        """False where no week counts."""
        return bool(len(weeks)) and float(np.mean(1.0 - weeks.use)) >= self.least - ROUNDING


@dataclass(frozen=True)
class EachMostly(AbstractMeasure):
    """Was at least such a share negative in each of several spans of weeks?"""

    spans: tuple[tuple[int, int, float], ...]
    """First and last calendar week, and the least share"""
    gives: ClassVar[Gives] = "yes or no"

    @property
    def words(self) -> str:
        parts = [
            f"{Fraction(share).limit_denominator(99)} of weeks {a} to {b}" if a < b else f"week {a}"
            for a, b, share in self.spans
        ]
        return f"Negative in at least {', '.join(parts)}"

    def __call__(self, weeks: Weeks) -> bool:
        return all(Mostly(least)(weeks.between(a, b)) for a, b, least in self.spans)


@dataclass(frozen=True)
class NoneButMissing(AbstractMeasure):
    """Was no week positive, and were at most so many missing?"""

    missing: int
    gives: ClassVar[Gives] = "yes or no"

    @property
    def words(self) -> str:
        return f"No week positive and at most {self.missing} missing"

    def __call__(self, weeks: Weeks) -> bool:
        unknown = np.isnan(weeks.use)
        return bool(np.sum(unknown) <= self.missing and np.all(weeks.use[~unknown] == 0.0))


@dataclass(frozen=True)
class NegativeAtTheEnd(AbstractMeasure):
    """Was the last week negative, and at least so many of those before it?"""

    at_least: int
    of: int
    gives: ClassVar[Gives] = "yes or no"

    @property
    def words(self) -> str:
        return f"The last week negative, and {self.at_least} or more of the {self.of} before it"

    def __call__(self, weeks: Weeks) -> bool:
        negative = weeks.use == 0.0
        before = negative[-1 - self.of : -1]
        return bool(len(negative) > self.of and negative[-1] and before.sum() >= self.at_least)


@dataclass(frozen=True)
class IndexOfUse(AbstractMeasure):
    """How little was used, on a scale to 120 on which later use weighs more?

    index = 120 (1 - sum_k u_k / sum_k max(w p_k, m))
    u_k   = w x_k p_k where week k has use x_k, m where it is missing
    p_k   = 1 to 5 from the first week to the last, in five steps or evenly
    """

    positive: float
    """w"""
    missing: float
    """m"""
    steps: bool
    gives: ClassVar[Gives] = "number"
    worst: ClassVar[Any] = 0.0

    @property
    def words(self) -> str:
        rise = "in five steps" if self.steps else "evenly"
        return (
            f"Index from 0 to 120 (no use): a positive week weighs {self.positive:g}, times 1 "
            f"to 5 rising {rise}, a missing one {self.missing:g}"
        )

    def __call__(self, weeks: Weeks) -> float:
        w, m, x, k = self.positive, self.missing, weeks.use, weeks.number
        first, last = k[0], k[-1]
        p = 1.0 + 4.0 * (k - first) / max(last - first, 1)
        if self.steps:
            p = 1.0 + (5 * (k - first)) // (last - first + 1)
        u = np.where(np.isnan(x), m, w * x * p)
        return float(120.0 * (1.0 - np.sum(u) / np.sum(np.maximum(w * p, m))))


def _longest(hit: np.ndarray) -> int:
    longest = now = 0
    for one in hit:
        now = now + 1 if one else 0
        longest = max(longest, now)
    return longest
