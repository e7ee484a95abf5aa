"""Which numbers that were set by hand are outside of what their priors hold likely?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from resynapse.input_error import InputError
from resynapse.parameter import Entry
from resynapse.patient import SWITCHES, parameters
from resynapse.patient.registry import spread

USUAL: Final = 0.99
"""Share of the prior outside which a number is used but named"""
MOST: Final = 1000.0
"""A number this many times as far from 0 as the ends of that share is taken for a slip (assumed);
where both ends are 0, this many itself"""

DIVISORS: Final = ("lapse.greatest", "opioid.dose", "window.trigger_time")
"""Numbers that formulas divide by or scale with: 0 gives no number, or nobody who ever uses"""


def usual(entry: Entry) -> tuple[float, float]:
    """The ends of the central ``USUAL`` of a prior; of a half-spike of its slab."""
    prior = spread(entry)
    return prior.quantile(0.5 - USUAL / 2), prior.quantile(0.5 + USUAL / 2)


def beyond(value: float, entry: Entry) -> str | None:
    """Where a number lies if not where its prior expects it, in words that follow its name."""
    low, high = usual(entry)
    if low <= value <= high or value in _switched(entry.path):
        return None
    if low == high:
        return f"is fixed at {low:g} in the model ({entry.declared.source})"
    declared = entry.declared
    unit = "" if declared.unit == "1" else f" {declared.unit}"
    return (
        f"lies outside {low:.3g} to {high:.3g}{unit}, where its prior puts {USUAL:.0%}"
        f" ({declared.source})"
    )


def implausible(settings: Mapping[str, float] | None) -> list[str]:
    """A sentence for each number that its prior hardly holds."""
    found = ((path, beyond(value, entry), value) for path, value, entry in _set(settings))
    return [f"{path}={value:g} {said}." for path, said, value in found if said]


def ensure_conceivable(settings: Mapping[str, float] | None) -> None:
    """Refuse numbers that are slips by their size, with which results soon are no numbers."""
    for path, value, entry in _set(settings):
        if path in DIVISORS and value <= 0.0:
            raise InputError(
                f"{path}={value:g}: formulas divide by this number, so it must be above 0"
                f" (the model has {entry.value:g}). Give one above 0."
            )
        prior = spread(entry)
        most = MOST * (max(map(abs, usual(entry))) or 1.0)
        if abs(value) > most:
            least, most_of_all = prior.quantile(0.0), prior.quantile(1.0)
            low = max(-most, least) if least < most_of_all else -most
            raise InputError(
                f"{path}={value:g} {beyond(value, entry)}; from {low:.3g} to {most:.3g},"
                f" {MOST:g} times as far, is taken. Give a number nearer to its prior."
            )


def _switched(path: str) -> set[float]:
    """Values that a position of a switch gives a number."""
    sides = [side for one in SWITCHES.values() for side in (one.when_on, one.when_off)]
    return {side[path] for side in sides if path in side}


def _set(settings: Mapping[str, float] | None) -> list[tuple[str, float, Entry]]:
    """Path, value and entry of each number of the model that was set; others are told elsewhere."""
    if not settings:
        return []
    known = {entry.path: entry for entry in parameters()}
    return [
        (path, value, known[path])
        for path, value in settings.items()
        if path in known and isinstance(value, int | float)
    ]
