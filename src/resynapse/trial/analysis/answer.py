"""What does an analysis report?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from resynapse.trial.analysis.failed_fit import FailedFit


@dataclass(frozen=True)
class Estimate:
    """One number with its error, interval and test against its null value; None where undefined."""

    quantity: str
    """What, of whom, against whom: "hazard_ratio, high against low" """
    estimate: float
    standard_error: float | None = None
    """On the scale of ``scale``"""
    low: float | None = None
    high: float | None = None
    statistic: float | None = None
    degrees_of_freedom: float | None = None
    """Of Student's t; None where the statistic is standard normal"""
    p_value: float | None = None
    scale: str = "identity"
    """``log`` where error and interval were made on the log scale"""


@dataclass(frozen=True)
class Test:
    """One test of one or more hypotheses at once."""

    __test__ = False  # pytest, this is no test of yours

    name: str
    statistic: float | None
    degrees_of_freedom: float | None
    p_value: float | None
    denominator: float | None = None
    """Denominator degrees of freedom, where the statistic is an F"""


@dataclass(frozen=True)
class MarginTest:
    """A comparison held against a margin: non-inferiority, or equivalence by two such tests."""

    __test__ = False

    name: str
    """ "non-inferiority, hazard ratio, high against low" """
    null: tuple[float, ...]
    """The effect on the edge of H0; two for equivalence"""
    statistic: float | None
    """Of equivalence, the one of two that is nearer to none"""
    degrees_of_freedom: float | None
    p_value: float | None
    """Of one side; of equivalence the larger of two; None where the effect has no error"""
    alpha: float
    """Of one side: (1 - confidence) / 2, so that test and interval agree"""
    shown: bool | None
    """By itself, at ``alpha``"""
    said: str
    """H0, p, interval and verdict in a sentence"""
    shown_together: bool | None = None
    """With all hypotheses of multiplicity; None without, or where it is none of them"""


@dataclass(frozen=True)
class Answer:
    """What one analysis of a plan found, or why it found nothing."""

    name: str
    method: str
    description: str
    """The method in a sentence, with the options that were used"""
    n: int
    """People, or rows where people are not named"""
    events: int | None = None
    estimates: tuple[Estimate, ...] = ()
    tests: tuple[Test, ...] = ()
    margins: tuple[MarginTest, ...] = ()
    """Tests against the plan's margin, for every arm but the reference"""
    log_likelihood: float | None = None
    notes: tuple[str, ...] = ()
    failed: str | None = None
    """Why there is no estimate"""
    details: dict = field(default_factory=dict)


LARGEST_LOG = 600.0
"""ln of a ratio beyond which its interval says nothing, and soon overflows"""


def wald(
    quantity: str,
    value: float,
    error: float,
    confidence: float,
    degrees: float | None = None,
    *,
    scale: str = "identity",
    null: float = 0.0,
) -> Estimate:
    """An estimate with Wald's interval and two-sided test; ``log`` gives the ratio e^value.

    Raises FailedFit where the error is none, or the interval has no end.
    """
    if not (error > 0.0 and math.isfinite(value) and math.isfinite(error)):
        raise FailedFit(f"the data do not determine the error of the {quantity}")
    statistic = (value - null) / error
    upper = 0.5 + 0.5 * confidence
    if degrees is None:
        quantile, p_value = special.ndtri(upper), 2 * special.ndtr(-abs(statistic))
    else:
        quantile = special.stdtrit(degrees, upper)
        p_value = 2 * special.stdtr(degrees, -abs(statistic))
    limits = value, value - quantile * error, value + quantile * error
    if scale == "log" and max(map(abs, limits)) > LARGEST_LOG:
        raise FailedFit(f"the interval of the {quantity} has no end: the data hardly determine it")
    shown = [math.exp(x) for x in limits] if scale == "log" else [float(x) for x in limits]
    return Estimate(
        quantity, shown[0], float(error), shown[1], shown[2], float(statistic), degrees,
        float(p_value), scale,
    )  # fmt: skip


FEW_GROUPS = 40
"""Groups of rows below which a variance robust to them is said to be too small; a rule of thumb"""


def few_groups(many: int) -> tuple[str, ...]:
    """A sentence where a robust variance that is not corrected rests on few groups of rows."""
    if many >= FEW_GROUPS:
        return ()
    return (
        f"the robust variance rests on {many} groups of rows; of fewer than about {FEW_GROUPS} it "
        "is too small as a rule",
    )


def effects(
    labels: Sequence[str],
    coefficients: np.ndarray,
    covariance: np.ndarray,
    confidence: float,
    scale: str = "log",
) -> tuple[Estimate, ...]:
    """Wald's estimate for each coefficient."""
    errors = np.sqrt(np.diag(covariance))
    rows = zip(labels, coefficients, errors, strict=True)
    return tuple(wald(name, float(b), float(e), confidence, scale=scale) for name, b, e in rows)
