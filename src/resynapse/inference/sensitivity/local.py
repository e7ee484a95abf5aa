"""How steeply does a result rise with each single parameter, at the defaults?

Results of trials have jumps (counts, status on a day, ratios of hazards), of which a derivative is
silently wrong: they are compared at both ends of the middle fifth of the prior (more of it where a
spike is wider), the same people and chance at both, in several sets of people; the error is that of
their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.inference.sensitivity.quantity import Quantity, QuantityError
from resynapse.inference.sensitivity.tornado import NOISE, chosen_of
from resynapse.parameter import Entry, replace
from resynapse.patient import Patient
from resynapse.trial.site_numbers import ensure_general

MIDDLES = (0.2, 0.5, 0.9)
"""shares of the prior over which a difference is taken: the first whose ends are two values"""
ONE_SD = 0.6827
SETS = 8
"""sets of other people in which a difference is taken"""

Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Slope:
    """How the quantity moves with one parameter, all others at their defaults."""

    path: str
    unit: str
    status: str
    source: str
    value: float
    """of the parameter"""
    slope: float
    """of the quantity, per unit of the parameter"""
    error: float
    """standard error of the slope, of the people simulated"""
    per_sd: float
    """slope times one standard deviation of the prior (half of its middle 68 %)"""
    elasticity: float | None
    """percent of the quantity per percent of the parameter; None where either is 0"""

    @property
    def tells(self) -> bool:
        """Whether it is more than chance."""
        return abs(self.slope) > NOISE * self.error


@dataclass(frozen=True)
class Local:
    """All slopes, steepest in standard deviations of the prior first."""

    quantity: Quantity
    unit: str
    default: float
    error: float
    """standard error of the default, of the people simulated"""
    slopes: tuple[Slope, ...]
    left_out: tuple[str, ...] = ()
    """parameters whose prior is one value, or where fewer than two sets of people could tell"""


def local(
    quantity: Quantity, only: tuple[str, ...] = (), progress: Listener | None = None
) -> Local:
    """Every parameter that is not fixed, or those whose path matches a pattern of ``only``."""
    say = progress or (lambda share, words: None)
    patient = quantity.patient()
    ensure_general(quantity.protocol, only)
    entries = chosen_of(quantity.free(patient), only)
    quantity.ensure_known()
    return _compared(quantity, patient, entries, say)


def _compared(quantity: Quantity, patient: Patient, entries: list[Entry], say: Listener) -> Local:
    seeds = range(quantity.seed, quantity.seed + SETS)
    default = np.array([quantity.value(patient, seed) for seed in seeds])
    if np.isfinite(default).sum() < 2:
        raise QuantityError(
            f"{quantity.endpoint} cannot be told from {quantity.people} people an arm at the"
            f" defaults: fewer than two of {SETS} sets of people tell it. Give more --people."
        )
    slopes, told = [], [one for one in entries if _ends(one)]
    for k, entry in enumerate(told):
        found = np.array(list(_differences(quantity, patient, entry, seeds)))
        if np.isfinite(found).sum() > 1:
            slopes.append(_slope(entry, found, float(np.nanmean(default))))
        say((k + 1) / len(told), f"{entry.path}, {k + 1} of {len(told)}")
    return Local(
        quantity, quantity.unit(), float(np.nanmean(default)), _error(default),
        _ordered(slopes), _untold(entries, slopes),
    )  # fmt: skip


def _untold(entries: Sequence[Entry], slopes: Sequence[Slope]) -> tuple[str, ...]:
    known = {one.path for one in slopes}
    return tuple(one.path for one in entries if one.path not in known)


def _differences(
    quantity: Quantity, patient: Patient, entry: Entry, seeds: range
) -> Iterator[float]:
    """Of each set of people, per unit of the parameter; NaN where the trial cannot tell."""
    low, high = _ends(entry)
    for seed in seeds:
        below, above = (
            quantity.value(replace(patient, {entry.path: end}), seed) for end in (low, high)
        )
        yield (above - below) / (high - low)


def _ends(entry: Entry) -> tuple[float, ...]:
    """Two values around the middle of the prior; nothing where it is one value."""
    for share in MIDDLES:
        low, high = entry.interval(share)
        if low < high:
            return low, high
    return ()


def _slope(entry: Entry, found: np.ndarray, default: float) -> Slope:
    low, high = entry.interval(ONE_SD)
    slope, declared = float(np.nanmean(found)), entry.declared
    relative = slope * entry.value / default if default and entry.value else None
    return Slope(
        entry.path, declared.unit, declared.status, str(declared.source), entry.value, slope,
        _error(found), slope * 0.5 * (high - low), relative,
    )  # fmt: skip


def _error(found: np.ndarray) -> float:
    known = found[np.isfinite(found)]
    return float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else float("inf")


def _ordered(slopes: list[Slope]) -> tuple[Slope, ...]:
    return tuple(sorted(slopes, key=lambda one: -abs(one.per_sd)))
