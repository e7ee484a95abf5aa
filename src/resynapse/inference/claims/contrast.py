"""What does a simulated trial, or the same trial at two severities, say of one quantity?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from resynapse.inference.claims.claim import Asked
from resynapse.protocol.vocabulary import Degree
from resynapse.trial.comparison import HAZARDS, comparisons
from resynapse.trial.endpoint_name import parse
from resynapse.trial.estimate import Estimate, difference, rate_ratio
from resynapse.trial.result import ArmResult

Arms = Mapping[str, ArmResult]
RATIOS = {"hazard_ratio": "ratio_of_hazard_ratios", "rate_ratio": "ratio_of_rate_ratios"}
"""measure of a comparison on the log scale -> that of one comparison against another"""


@dataclass(frozen=True)
class Quantity:
    """A value with its 95 % interval over people; None where the trial cannot tell."""

    measure: str
    value: float | None
    low: float | None
    high: float | None


def quantity(asked: Asked, world: Mapping[Degree | None, Arms]) -> Quantity:
    """What is asked, in a world that holds the arms at each severity."""
    here = _at(asked, world[asked.severity])
    return here if asked.than is None else _against(here, _at(asked, world[asked.than]))


def _at(asked: Asked, arms: Arms) -> Quantity:
    if asked.reference is None:
        level = arms[asked.arm].endpoints[asked.endpoint]
        return Quantity(level.unit, level.value, level.low, level.high)
    pair = {id: arms[id] for id in (asked.arm, asked.reference)}
    names = () if asked.endpoint in HAZARDS else (asked.endpoint,)
    if names and parse(asked.endpoint).kind == "overdose":
        ratio = rate_ratio(*(one.endpoints[asked.endpoint] for one in pair.values()))
        return Quantity("rate_ratio", ratio.value, ratio.low, ratio.high)
    found = next(
        one for one in comparisons(pair, asked.reference, names)
        if one.endpoint == asked.endpoint
    )  # fmt: skip
    return Quantity(found.measure, found.value, found.low, found.high)


def _against(this: Quantity, that: Quantity) -> Quantity:
    """One comparison against another, as if of other people: halves of intervals add in squares.

    Ratios are divided, on the log scale; differences are subtracted.
    """
    ratios = this.measure in RATIOS
    sides = [_estimate(one, math.log if ratios else float) for one in (this, that)]
    apart = difference(*sides)
    ends = (apart.value, apart.low, apart.high)
    scaled = (math.exp(x) if ratios and x is not None else x for x in ends)
    return Quantity(RATIOS.get(this.measure, f"difference_of_{this.measure}s"), *scaled)


def _estimate(one: Quantity, scale: Callable[[float], float]) -> Estimate:
    ends = (None if x is None else scale(x) for x in (one.value, one.low, one.high))
    value, low, high = ends
    return Estimate(value, one.measure, low, high, 0)
