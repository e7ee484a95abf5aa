"""Do trials lean away from the model, how far, and does allowing for it help a trial not seen?

What the model leaves out is given a term of its own (Kennedy and O'Hagan 2001, J R Stat Soc B
63:425), on the log of the ratio of use by which a trial is scored:

    published_j = forecast_j + lean + between_j + sampling_j

    lean        ~ Normal(0, size^2): how far is half-normal, in which direction a coin
    between_j   ~ Normal(0, 0.3^2), and sampling_j, are in the draws of forecast_j

    m_j, s_j    mean and sd of published_j - forecast_j over draws
    1 / v       = 1 / size^2 + sum_j 1 / s_j^2
    lean        | others ~ Normal(v sum_j m_j / s_j^2, v)

What is added to the forecast of a trial is learned from the others, from forecasts that were fitted
neither to it nor to themselves. Below zero is more benefit of ketamine than the model gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from resynapse.inference.forecast import Forecast
from resynapse.inference.scored import PRIMARY, Forecasts, Score, primary, score

SIZE = 0.5
"""of the lean, log units: with three trials of the published size neither tight nor vacant. Assumed
before any lean was computed, but after the misses had been read"""
OTHER_SIZES = (0.25, 1.0)
"""what the choice of ``SIZE`` does"""
SEED = (1, 7)
"""not that of a forecast, or the lean would follow its draws"""


@dataclass(frozen=True)
class Lean:
    """What trials showed beyond their forecasts, log units; below zero is more benefit."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Allowed:
    """How forecasts do that allow for the lean of the other trials."""

    size: float
    leans: Mapping[str, Lean]
    """by the trial that is forecast, of the others"""
    score: Score


@dataclass(frozen=True)
class Discrepancy:
    """What was found with each size of the prior; the first is the one stated beforehand."""

    of_all: Lean | None = None
    """of all trials, each against a forecast that was not fitted to it"""
    plain: Score | None = None
    """of the same ratios without allowance"""
    allowed: tuple[Allowed, ...] = ()


Others = Callable[[str], Forecasts]
"""forecasts of all trials that were fitted neither to the named trial nor to themselves"""


def discrepancy(model: Forecasts, others: Others) -> Discrepancy:
    """Allow for it in every scored trial, with the size stated beforehand and with others."""
    without = {name: others(name) for name in PRIMARY}
    return Discrepancy(
        lean([gap(model, name) for name in PRIMARY]),
        score({name: (primary(model[name], name),) for name in PRIMARY}),
        tuple(_allowed(model, without, size) for size in (SIZE, *OTHER_SIZES)),
    )


def gap(made: Forecasts, trial: str) -> Lean:
    """Published less forecast log ratio of one trial: mean and sd over the draws."""
    one = primary(made[trial], trial)
    off = np.log(one.number.value) - np.log(one.samples)
    return Lean(float(off.mean()), float(off.std()))


def lean(gaps: Sequence[Lean], size: float = SIZE) -> Lean:
    """What trials have in common beyond their forecasts."""
    m, s = np.array([one.mean for one in gaps]), np.array([one.sd for one in gaps])
    v = 1.0 / (1.0 / size**2 + np.sum(1.0 / s**2))
    return Lean(float(v * np.sum(m / s**2)), float(np.sqrt(v)))


def allowing(one: Forecast, beyond: Lean) -> Forecast:
    """The forecast of a ratio with the lean added to its log."""
    z = np.random.default_rng(SEED).standard_normal(len(one.samples))
    return replace(one, samples=one.samples * np.exp(beyond.mean + beyond.sd * z))


def _allowed(model: Forecasts, without: Mapping[str, Forecasts], size: float) -> Allowed:
    leans = {
        name: lean([gap(without[name], other) for other in PRIMARY if other != name], size)
        for name in PRIMARY
    }
    made = {name: (allowing(primary(model[name], name), leans[name]),) for name in PRIMARY}
    return Allowed(size, leans, score(made))


def restored(
    told: Mapping[str, Any] | None, score_of: Callable[[dict[str, Any]], Score]
) -> Discrepancy:
    """From what is kept; nothing where nothing was."""
    if told is None:
        return Discrepancy()
    return Discrepancy(
        Lean(**told["of_all"]),
        score_of(told["plain"]),
        tuple(
            Allowed(
                one["size"], {name: Lean(**each) for name, each in one["leans"].items()},
                score_of(one["score"]),
            )
            for one in told["allowed"]
        ),
    )  # fmt: skip
