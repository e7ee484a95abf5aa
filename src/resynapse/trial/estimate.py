"""How large is a quantity in a simulated arm, and how sure can a trial of this size be of it?

Every interval here is between patients: what a trial with as many people would report. What is
not known about the parameters is a different uncertainty and stands in ``Result.knowledge``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

CONFIDENCE = 0.95
"""Share of repeated trials whose interval holds the value, by convention."""

Z = float(special.ndtri(0.5 + 0.5 * CONFIDENCE))
"""The standard normal quantile of that convention."""


@dataclass(frozen=True)
class Estimate:
    """A value with unit, 95 % interval and the number of people behind it; None where undefined."""

    value: float | None
    unit: str
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Difference:
    """One estimate minus another, in their common unit."""

    value: float | None
    low: float | None
    high: float | None


def undefined(unit: str, n: int = 0) -> Estimate:
    """An estimate that cannot be given."""
    return Estimate(None, unit, None, None, n)


def wilson(count: float, n: int, Z: float = Z) -> tuple[float, float]:
    """Wilson's score interval of a proportion.

    share  = count / n                                                        1
    middle = (share + Z^2 / (2 n)) / (1 + Z^2 / n)                            1
    half   = Z sqrt(share (1 - share) / n + Z^2 / (4 n^2)) / (1 + Z^2 / n)    1
    """
    share = count / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return (0.0 if count == 0 else middle - half), (1.0 if count == n else middle + half)


def proportion(yes: np.ndarray) -> Estimate:
    """The share of people for whom it is true, with Wilson's interval."""
    n = len(yes)
    if n == 0:
        return undefined("proportion")
    count = int(np.count_nonzero(yes))
    return Estimate(count / n, "proportion", *wilson(count, n), n)


def mean(
    values: np.ndarray, unit: str, bounds: tuple[float, float] = (-math.inf, math.inf)
) -> Estimate:
    """The mean over people with a value, with Student's t interval kept within what is possible."""
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    n = len(known)
    if n == 0:
        return undefined(unit)
    middle = float(known.mean())
    if n == 1:
        return Estimate(middle, unit, None, None, n)
    quantile = float(special.stdtrit(n - 1, 0.5 + 0.5 * CONFIDENCE))
    half = quantile * float(known.std(ddof=1)) / math.sqrt(n)
    return Estimate(middle, unit, max(middle - half, bounds[0]), min(middle + half, bounds[1]), n)


def rate(events: np.ndarray, exposure: np.ndarray, unit: str) -> Estimate:
    """Events per unit of exposure; events may be counts or expected numbers, one row a person.

    ratio = sum(events) / sum(exposure)                                              unit
    error = sqrt(n / (n - 1) sum((events - ratio exposure)^2)) / sum(exposure)       unit
    low, high = ratio exp(-+ Z error / ratio)                                        unit
    """
    n, total = len(events), float(np.sum(exposure))
    if n == 0 or total <= 0.0:
        return undefined(unit, n)
    ratio = float(np.sum(events)) / total
    if n == 1 or ratio == 0.0:
        return Estimate(ratio, unit, None, None, n)
    residuals = np.asarray(events) - ratio * np.asarray(exposure)
    error = math.sqrt(n / (n - 1) * float(residuals @ residuals)) / total
    low, high = ratio * math.exp(-Z * error / ratio), ratio * math.exp(Z * error / ratio)
    return Estimate(ratio, unit, low, high, n)


def difference(this: Estimate, that: Estimate) -> Difference:
    """This minus that for two independent arms, with the interval recovered from their own.

    Newcombe's hybrid score interval for proportions, and the usual one for means:

    value = this - that
    low   = value - sqrt((this - this.low)^2 + (that.high - that)^2)
    high  = value + sqrt((this.high - this)^2 + (that - that.low)^2)
    """
    if this.value is None or that.value is None:
        return Difference(None, None, None)
    value = this.value - that.value
    if this.low is None or this.high is None or that.low is None or that.high is None:
        return Difference(value, None, None)
    low = value - math.hypot(this.value - this.low, that.high - that.value)
    high = value + math.hypot(this.high - this.value, that.value - that.low)
    return Difference(value, low, high)


def rate_ratio(this: Estimate, that: Estimate) -> Difference:
    """This rate divided by that of an independent arm, with the interval on the log scale.

    value = this / that                                                              1
    half  = hypot(ln(this.high / this), ln(that.high / that))                        1
    low, high = value exp(-+ half)                                                   1
    """
    if not this.value or not that.value:
        return Difference(None, None, None)
    value = this.value / that.value
    if this.high is None or that.high is None:
        return Difference(value, None, None)
    half = math.hypot(math.log(this.high / this.value), math.log(that.high / that.value))
    return Difference(value, value * math.exp(-half), value * math.exp(half))
