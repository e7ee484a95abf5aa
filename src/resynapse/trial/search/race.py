"""Which designs are still worth simulating after so many draws of the parameters?

All designs meet the same people in the same draws, so that two of them are compared by the mean of
their differences, draw by draw. After 8, 16, 32, ... draws those go that cannot be on the front:

  beaten          another design that keeps the limits and is no more of a burden does better
  past a limit    the acute effect is too frequent

each beyond chance, by a one-sided t-test over draws. A design that belongs on the front goes in the
k-th sorting with probability alpha / (k (k + 1)) at most, all tests against it together
(Bonferroni); these sum to alpha.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from resynapse.trial.search.limit import Limit

FIRST = 8
"""draws before the first sorting"""
ALPHA = 0.05


@dataclass
class Race:
    """What one hypothesis says of every design, draw by draw; NaN where a design had gone."""

    burden: np.ndarray
    """[designs]"""
    limits: Sequence[Limit]
    """the acute ones"""
    gain: np.ndarray
    """[designs, draws]: mean over people of the benefit against the reference"""
    halves: np.ndarray
    """[designs, draws, 2]: the same in either half of the people"""
    chance: np.ndarray
    """[designs, draws]: variance of the mean over people"""
    above: np.ndarray
    """[designs, draws, limits]: share of people past each limit"""
    left: np.ndarray = field(init=False)
    """[designs]: draws after which a design went; 0 for those that stayed"""
    why: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.left = np.zeros(len(self.burden), dtype=int)
        self.why = [""] * len(self.burden)

    @classmethod
    def of(cls, burden: np.ndarray, limits: Sequence[Limit], draws: int) -> Race:
        """Before the first draw."""
        k = len(burden)
        shapes = ((k, draws), (k, draws, 2), (k, draws), (k, draws, len(limits)))
        return cls(burden, limits, *(np.full(shape, np.nan) for shape in shapes))

    @property
    def staying(self) -> np.ndarray:
        """Numbers of the designs that are still simulated."""
        return np.flatnonzero(self.left == 0)

    def take(self, design: int, draw: int, gain: np.ndarray, acute: np.ndarray) -> None:
        """What people, [people] and [people, limits], showed of a design in a draw."""
        half = len(gain) // 2
        self.gain[design, draw] = gain.mean()
        self.halves[design, draw] = gain[:half].mean(), gain[half:].mean()
        self.chance[design, draw] = gain.var(ddof=1) / len(gain)
        self.above[design, draw] = (acute > [one.value for one in self.limits]).mean(axis=0)

    def keeps(self, draws: int | None = None) -> np.ndarray:
        """[designs]: whether the mean over draws keeps every limit."""
        most = [one.probability for one in self.limits]
        return np.all(np.nanmean(self.above[:, :draws], axis=1) <= most, axis=1)

    def sort(self, done: int) -> None:
        """Let those go that cannot be on the front, where it is time to look."""
        stage = np.log2(done / FIRST) + 1
        if stage < 1 or stage != int(stage) or done == self.gain.shape[1]:
            return
        alpha = ALPHA / (stage * (stage + 1))
        there = self.staying
        tests = max(1, len(there) - 1 + len(self.limits))
        quantile = float(stats.t.ppf(1 - alpha / tests, done - 1))
        keeps = self.keeps(done)
        for one in there:
            if self._past(one, done, quantile):
                self._go(one, done, "past a limit")
            elif any(self._beats(j, one, done, quantile) for j in there if keeps[j]):
                self._go(one, done, "beaten")

    def _past(self, design: int, done: int, quantile: float) -> bool:
        found = self.above[design, :done]
        error = found.std(axis=0, ddof=1) / np.sqrt(done)
        most = np.array([one.probability for one in self.limits])
        return bool(np.any(found.mean(axis=0) - quantile * error > most))

    def _beats(self, better: int, design: int, done: int, quantile: float) -> bool:
        if better == design or self.burden[better] > self.burden[design]:
            return False
        gap = self.gain[better, :done] - self.gain[design, :done]
        return bool(gap.mean() > quantile * gap.std(ddof=1) / np.sqrt(done) > 0.0)

    def _go(self, design: int, done: int, why: str) -> None:
        self.left[design], self.why[design] = done, why
