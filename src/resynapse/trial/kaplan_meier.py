"""When does it happen, in people who are not all followed to the end?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from resynapse.trial.estimate import CONFIDENCE, wilson

SAME = 1e-9
"""Two shares closer than this differ by rounding only."""


class SurvivalError(ValueError):
    """Times from which no curve can be drawn."""


@dataclass(frozen=True)
class KaplanMeier:
    """The share of people without the event, as a step curve with its interval."""

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
    low_before: float = 1.0
    """Lower limit after time 0 and before the first observed time: Wilson's"""

    def at(self, times: np.ndarray | float) -> np.ndarray:
        """Share without the event at these times; 1 before the first, carried on after the last."""
        return self._step(self.survival, times)

    def interval(self, times: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """The limits of ``at``."""
        low = self._step(self.low, times)
        unseen = (np.asarray(times) > 0.0) & (np.asarray(times) < self.time[0])
        return np.where(unseen, self.low_before, low), self._step(self.high, times)

    def error(self, times: np.ndarray | float) -> np.ndarray:
        """Greenwood's standard error of ``at``: S sqrt(sum(d / (n (n - d))))."""
        n, d = self.at_risk(self.time), np.diff(self.events(self.time), prepend=0)
        terms = np.where(n > d, d / (n * np.maximum(n - d, 1)), 0.0)
        place = np.searchsorted(self.time, times, side="right")
        return np.append(0.0, self.survival * np.sqrt(np.cumsum(terms)))[place]

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


def kaplan_meier(
    time: np.ndarray, event: np.ndarray, confidence: float = CONFIDENCE
) -> KaplanMeier:
    """The Kaplan-Meier estimate with Greenwood's error on the log-log scale.

    S   = prod(1 - d / n)                                     1
    V   = sum(d / (n (n - d))) / (ln S)^2                     1
    low, high = S^exp(+-Z sqrt(V))                            1
    """
    time, event = checked(time, event)
    order = np.argsort(time, kind="stable")
    observed, happened = time[order], event[order]
    distinct, first = np.unique(observed, return_index=True)
    n = len(observed) - first
    d = np.add.reduceat(happened.astype(float), first)
    S = np.cumprod(1 - d / n)
    S[S < SAME] = 0.0
    Z = float(special.ndtri(0.5 + 0.5 * confidence))
    low, high = _log_log_interval(S, n, d, Z)
    before = wilson(len(observed), len(observed), Z)[0]
    return KaplanMeier(distinct, S, low, high, observed, happened, before)


def _log_log_interval(
    S: np.ndarray, n: np.ndarray, d: np.ndarray, Z: float
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the curve; where nothing or everything has happened, Wilson's for those at risk."""
    low, high = np.ones_like(S), np.ones_like(S)
    inside = (S > 0.0) & (d.cumsum() > 0.0)
    greenwood = np.cumsum(np.where(n > d, d / (n * np.maximum(n - d, 1.0)), 0.0))[inside]
    V = greenwood / np.log(S[inside]) ** 2
    low[inside] = S[inside] ** np.exp(Z * np.sqrt(V))
    high[inside] = S[inside] ** np.exp(-Z * np.sqrt(V))
    for place in np.flatnonzero(d.cumsum() == 0.0):
        low[place] = wilson(int(n[place]), int(n[place]), Z)[0]
    for place in np.flatnonzero(S == 0.0):
        before = high[place - 1] if place else 1.0
        low[place], high[place] = 0.0, min(before, wilson(0, int(n[place]), Z)[1])
    return low, high


def checked(time: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times and events as arrays; refused where they cannot be a person's each."""
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
