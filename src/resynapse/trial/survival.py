"""When does it happen, in people who are not all followed to the end?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.estimate import Z, wilson

SAME = 1e-9
"""Two shares closer than this differ by rounding only."""


class SurvivalError(ValueError):
    """Times from which no curve can be drawn."""


@dataclass(frozen=True)
class KaplanMeier:
    """The share of people without the event, as a step curve with a 95 % interval."""

    time: np.ndarray
    """Distinct observed times, ascending, d"""
    survival: np.ndarray
    """Share without the event just after each time"""
    low: np.ndarray
    high: np.ndarray
    observed: np.ndarray
    """Every person's time, ascending, d"""
    happened: np.ndarray
    """Whether the event happened then, in the order of ``observed``"""

    def at(self, times: np.ndarray | float) -> np.ndarray:
        """Share without the event at these times; 1 before the first, carried on after the last."""
        return self._step(self.survival, times)

    def interval(self, times: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """The limits of ``at``."""
        return self._step(self.low, times), self._step(self.high, times)

    def at_risk(self, times: np.ndarray | float) -> np.ndarray:
        """Number still followed without the event just before these times."""
        return len(self.observed) - np.searchsorted(self.observed, times, side="left")

    def events(self, times: np.ndarray | float) -> np.ndarray:
        """Number of people with the event up to and including these times."""
        return np.searchsorted(self.observed[self.happened], times, side="right")

    def censored(self, times: np.ndarray | float) -> np.ndarray:
        """Number of people who left without the event up to and including these times."""
        return np.searchsorted(self.observed[~self.happened], times, side="right")

    @property
    def median(self) -> tuple[float | None, float | None, float | None]:
        """Time by which half had the event, with its interval (Brookmeyer and Crowley); or None."""
        return (
            self._first_below_half(self.survival),
            self._first_below_half(self.low),
            self._first_below_half(self.high),
        )

    def _step(self, values: np.ndarray, times: np.ndarray | float) -> np.ndarray:
        place = np.searchsorted(self.time, times, side="right")
        return np.concatenate([[1.0], values])[place]

    def _first_below_half(self, values: np.ndarray) -> float | None:
        below = np.flatnonzero(values <= 0.5 + SAME)
        return float(self.time[below[0]]) if len(below) else None


def kaplan_meier(time: np.ndarray, event: np.ndarray) -> KaplanMeier:
    """The Kaplan-Meier estimate with Greenwood's error on the log-log scale.

    S   = prod(1 - d / n)                                     1
    V   = sum(d / (n (n - d))) / (ln S)^2                     1
    low, high = S^exp(+-Z sqrt(V))                            1
    """
    time, event = _checked(time, event)
    order = np.argsort(time, kind="stable")
    observed, happened = time[order], event[order]
    distinct, first = np.unique(observed, return_index=True)
    n = len(observed) - first
    d = np.add.reduceat(happened.astype(float), first)
    S = np.cumprod(1 - d / n)
    S[S < SAME] = 0.0
    low, high = _log_log_interval(S, n, d)
    return KaplanMeier(distinct, S, low, high, observed, happened)


def _log_log_interval(S: np.ndarray, n: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the curve; where nothing or everything has happened, Wilson's for those at risk."""
    low, high = np.ones_like(S), np.ones_like(S)
    inside = (S > 0.0) & (d.cumsum() > 0.0)
    greenwood = np.cumsum(np.where(n > d, d / (n * np.maximum(n - d, 1.0)), 0.0))[inside]
    V = greenwood / np.log(S[inside]) ** 2
    low[inside] = S[inside] ** np.exp(Z * np.sqrt(V))
    high[inside] = S[inside] ** np.exp(-Z * np.sqrt(V))
    for place in np.flatnonzero(d.cumsum() == 0.0):
        low[place] = wilson(int(n[place]), int(n[place]))[0]
    for place in np.flatnonzero(S == 0.0):
        before = high[place - 1] if place else 1.0
        low[place], high[place] = 0.0, min(before, wilson(0, int(n[place]))[1])
    return low, high


@dataclass(frozen=True)
class LogRank:
    """Do two arms differ in their time to the event?"""

    statistic: float | None
    """Chi-square with one degree of freedom; None where no event tells the arms apart"""
    p_value: float | None


def log_rank(time: np.ndarray, event: np.ndarray, treated: np.ndarray) -> LogRank:
    """The log-rank test of two arms.

    n, d       = number at risk, number of events, of which n_1, d_1 treated
    expected   = sum(d n_1 / n)
    variance   = sum(d (n_1 / n) (1 - n_1 / n) (n - d) / (n - 1))
    statistic  = (sum(d_1) - expected)^2 / variance
    """
    time, event = _checked(time, event)
    treated = np.asarray(treated, dtype=bool)
    moments, d = np.unique(time[event], return_counts=True)
    n = _number_at_risk(time, moments)
    n_1 = _number_at_risk(time[treated], moments)
    expected = np.sum(d * n_1 / n)
    variance = np.sum(d * (n_1 / n) * (1 - n_1 / n) * (n - d) / np.maximum(n - 1, 1))
    if variance <= 0.0:
        return LogRank(None, None)
    statistic = float((np.count_nonzero(event & treated) - expected) ** 2 / variance)
    return LogRank(statistic, float(special.chdtrc(1, statistic)))


def _number_at_risk(time: np.ndarray, moments: np.ndarray) -> np.ndarray:
    return len(time) - np.searchsorted(np.sort(time), moments, side="left")


def _checked(time: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    time, event = np.asarray(time, dtype=float), np.asarray(event, dtype=bool)
    if len(time) == 0 or len(time) != len(event):
        raise SurvivalError(
            f"{len(time)} times and {len(event)} events were given; "
            "one of each is needed for every person, and at least one person."
        )
    if not np.all(np.isfinite(time)) or np.any(time < 0.0):
        raise SurvivalError(
            "A time to an event is negative or missing; count days from the origin, "
            "and give people without the event the day on which they were last followed."
        )
    return time, event
