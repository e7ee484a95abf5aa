"""Which designs cannot be, and how is that said?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from resynapse.input_error import InputError

LEAST_APART = 1e-4
"""Share of the information by which a look must know more than the look before"""
MOST_SEEN = 10.0
"""Of what was planned in all"""
MOST_UNEVEN = 1000.0
"""People of the larger arm for each of the smaller, at most"""


def open_unit(name: str, value: float) -> None:
    """Between 0 and 1, neither included."""
    if not 0.0 < value < 1.0:
        raise InputError(f"{name} was given as {value:g}; it must lie between 0 and 1.")


def positive(name: str, value: float, remedy: str = "") -> None:
    """A finite number above 0."""
    if not (value > 0.0 and math.isfinite(value)):
        end = f" {remedy}" if remedy else ""
        raise InputError(f"{name} was given as {value:g}; it must be above 0.{end}")


def even_enough(ratio: float) -> None:
    """People treated for each control, neither arm a thousandth of the other or less."""
    positive("ratio", ratio, "Give people treated for each control, such as 2:1.")
    between("ratio", ratio, 1 / MOST_UNEVEN, MOST_UNEVEN)


def finite(name: str, value: float) -> None:
    """A number."""
    if not math.isfinite(value):
        raise InputError(f"{name} was given as {value:g}; it must be a number, such as 0.5.")


def between(name: str, value: float, low: float, high: float) -> None:
    """From low to high, both included."""
    if not low <= value <= high:
        raise InputError(f"{name} was given as {value:g}; it lies between {low:g} and {high:g}.")


def one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    """A word of a list."""
    if value not in allowed:
        raise InputError(f"{name} {value!r} is not known; choose from {', '.join(allowed)}.")


def information_fractions(rates: Sequence[float]) -> None:
    """Above 0, increasing, the last 1."""
    listed = ", ".join(f"{rate:g}" for rate in rates)
    if not rates:
        raise InputError("No look was given; a trial has at least one.")
    if len(rates) > 50:
        raise InputError(f"{len(rates)} looks were given; at most 50 are computed.")
    if not rates[0] > 0 or any(b <= a for a, b in itertools.pairwise(rates)):
        raise InputError(
            f"Information rates {listed} do not increase from above 0; "
            "each look must know more than the look before."
        )
    if any(b - a < LEAST_APART for a, b in itertools.pairwise([0.0, *rates])):
        raise InputError(
            f"Information rates {listed} lie less than {LEAST_APART:g} apart somewhere; looks that "
            "know the same are one look."
        )
    if not math.isclose(rates[-1], 1.0, abs_tol=1e-9):
        raise InputError(f"Information rates {listed} do not end at 1; the last look is the whole.")


def information_seen(seen: Sequence[float], planned: Sequence[float]) -> None:
    """What looks have seen as shares of the plan: above 0, increasing, before the looks to come."""
    listed = ", ".join(f"{rate:g}" for rate in seen)
    if not 1 <= len(seen) <= len(planned) or len(planned) < 2:
        raise InputError(
            f"{len(seen)} looks have seen {listed}; the plan has {len(planned)} looks, and a plan "
            "of several is asked for. Give what each look so far has seen."
        )
    if not seen[0] > 0 or any(not b > a for a, b in itertools.pairwise(seen)):
        raise InputError(f"Information seen, {listed}, does not increase from above 0.")
    if seen[-1] > MOST_SEEN:
        raise InputError(
            f"Information seen, {listed}, is more than {MOST_SEEN:g} times what was planned; "
            "give shares of the plan, such as 0.48."
        )
    if len(seen) < len(planned) and not seen[-1] < planned[len(seen)]:
        raise InputError(
            f"Information seen, {listed}, reaches that of the next look, "
            f"{planned[len(seen)]:g}; say so in --information-rates, or call this look the last."
        )


def whole_spent(rate: str, spent: Sequence[float] | None, whole: float, looks: int) -> None:
    """Cumulative spending of the user: one value a look, never falling, the last the whole."""
    if spent is None:
        raise InputError(
            f"User spending of {rate} needs what is spent by each look, the last {whole:g}."
        )
    listed = ", ".join(f"{value:g}" for value in spent)
    if len(spent) != looks:
        raise InputError(
            f"User spending of {rate} gives {len(spent)} values, {listed}, for {looks} looks; "
            "give one for each look."
        )
    if min(spent) < 0 or any(b < a for a, b in itertools.pairwise(spent)):
        raise InputError(
            f"User spending of {rate}, {listed}, falls or is negative; it is cumulative, so give "
            "values that never fall."
        )
    if not math.isclose(spent[-1], whole, rel_tol=1e-9):
        raise InputError(
            f"User spending of {rate} ends at {spent[-1]:g}; its last value must be {whole:g}."
        )
