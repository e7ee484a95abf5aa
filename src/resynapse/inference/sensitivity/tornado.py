"""Which single numbers would move a result most, each within what is known of it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch

from resynapse.inference.sensitivity.quantity import Quantity, QuantityError, chance_error
from resynapse.parameter import Entry, replace
from resynapse.trial.site_numbers import ensure_general

SHARE = 0.9
"""of the prior; its ends are tried"""
REPEATS = 8
"""other seeds, from which the error of chance is taken"""
NOISE = 2.0
"""a swing below so many errors of chance tells nothing"""

Listener = Callable[[float, str], None]


@dataclass(frozen=True)
class Swing:
    """The quantity with one parameter at each end of its prior, all others at their defaults."""

    path: str
    unit: str
    status: str
    source: str
    low: float
    """parameter, 5 % of its prior"""
    high: float
    """parameter, 95 % of its prior"""
    at_low: float
    """quantity with the parameter there"""
    at_high: float

    @property
    def size(self) -> float:
        """How far apart the ends put the quantity."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Tornado:
    """All swings, largest first, with the quantity at the defaults and the error of chance."""

    quantity: Quantity
    unit: str
    default: float
    error: float
    """standard deviation over other people and other chance, same parameters"""
    swings: tuple[Swing, ...]

    def tells(self, swing: Swing) -> bool:
        """Whether the swing is more than chance; strict, as the same people are compared."""
        return swing.size > NOISE * self.error


def tornado(
    quantity: Quantity, only: tuple[str, ...] = (), progress: Listener | None = None
) -> Tornado:
    """Every parameter that is not fixed, or those whose path matches a pattern of ``only``."""
    quantity.ensure_known()
    patient = quantity.patient()
    ensure_general(quantity.protocol, only)
    chosen = chosen_of(quantity.free(patient), only)
    default = quantity.value(patient)
    error = chance_error(quantity, patient, REPEATS)
    swings = []
    for number, entry in enumerate(chosen):
        low, high = entry.interval(SHARE)
        ends = [quantity.value(replace(patient, {entry.path: end})) for end in (low, high)]
        declared = entry.declared
        swings.append(
            Swing(
                entry.path, declared.unit, declared.status, str(declared.source), low, high, *ends
            )
        )
        if progress:
            progress((number + 1) / len(chosen), f"{entry.path}, {number + 1} of {len(chosen)}")
    ordered = sorted(swings, key=lambda swing: -swing.size)
    return Tornado(quantity, quantity.unit(), default, error, tuple(ordered))


def chosen_of(free: list[Entry], only: tuple[str, ...]) -> list[Entry]:
    """Those whose path matches a pattern; all where none is given."""
    for pattern in only:
        if not any(fnmatch(entry.path, pattern) for entry in free):
            raise QuantityError(
                f"--only {pattern}: no parameter with a prior matches. `resynapse parameters`"
                " lists all paths; * stands for anything, as in 'learning.*'."
            )
    return [entry for entry in free if not only or any(fnmatch(entry.path, p) for p in only)]
