"""Which designs does a search look at?

A space is a grid of values that somebody listed. It is gone through whole where it is small, and
sampled by a scrambled Sobol sequence where it is large: points that fill it evenly, whatever the
outcome, so that the chance of a lucky find does not depend on where the search had looked before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product

import numpy as np
from scipy.stats import qmc

from resynapse.input_error import InputError
from resynapse.protocol.vocabulary import did_you_mean

MOST_VALUES = 50
MOST_DESIGNS = 10_000


@dataclass(frozen=True)
class Point:
    """One value of each factor; None leaves what the arm says."""

    dose: float | None = None
    """in the unit of the arm's dose"""
    infusions: int | None = None
    """how many doses of ketamine, by whatever route"""
    spacing: float | None = None
    """d between infusions"""
    therapy: float | None = None
    """d from an infusion to the first session after it"""
    minutes: float | None = None
    """length of an infusion"""

    @property
    def settled(self) -> Point:
        """The same where spacing means nothing: one infusion has none."""
        return replace(self, spacing=None) if self.infusions == 1 else self


@dataclass(frozen=True)
class Factor:
    """What may be varied, and between which values."""

    words: str
    low: float
    high: float
    whole: bool = False


FACTORS = {
    "dose": Factor("amount of each dose, in the unit of the arm's dose", 0.0, 1e6),
    "infusions": Factor("number of doses of ketamine", 1, 100, whole=True),
    "spacing": Factor("days between doses", 1.0, 366.0),
    "therapy": Factor("days from a dose to the first session after it", 0.0, 366.0),
    "minutes": Factor("minutes of an infusion", 1.0, 1440.0),
}
assert list(FACTORS) == [one.name for one in fields(Point)]

Space = dict[str, tuple[float, ...]]
"""Factor -> its values, rising"""


def space(given: Iterable[str]) -> Space:
    """What ``--vary NAME=VALUES`` says: 0.2,0.5,0.8 or LOW:HIGH:STEP, each factor once."""
    found: Space = {}
    for text in given:
        name, equals, values = text.partition("=")
        name = name.strip()
        if not equals or name not in FACTORS:
            raise InputError(
                f"--vary {text}: write NAME=VALUES with a name from {', '.join(FACTORS)}, as "
                f"dose=0.2,0.5,0.8 or spacing=3:14:1.{did_you_mean(name, FACTORS)}"
            )
        if name in found:
            raise InputError(f"--vary {text}: {name} is given twice; list all its values at once.")
        found[name] = _values(text, values, FACTORS[name])
    if not found:
        raise InputError(
            f"--vary: name what to search over, one of {', '.join(FACTORS)}, with its values, as "
            "--vary dose=0.2,0.5,0.8."
        )
    return found


def points(space: Space, most: int, seed: int) -> tuple[list[Point], int]:
    """The designs that are looked at, at most so many, and how many the space holds."""
    if not 2 <= most <= MOST_DESIGNS:
        raise InputError(f"--designs {most}: give 2 to {MOST_DESIGNS}.")
    size = int(np.prod([float(len(values)) for values in space.values()]))
    if size > 1_000_000:
        raise InputError(
            f"--vary: {size} combinations are more than anybody could read; list fewer values."
        )
    every = _distinct(product(*space.values()), space)
    if len(every) <= most:
        return every, len(every)
    with_chance = qmc.Sobol(len(space), rng=np.random.default_rng(seed))
    wide = with_chance.random_base2(int(np.ceil(np.log2(8 * most))))
    levels = [np.array(values) for values in space.values()]
    rows = ([v[int(u * len(v))] for v, u in zip(levels, row, strict=True)] for row in wide)
    return _distinct(rows, space)[:most], len(every)


def _distinct(rows: Iterable[Sequence[float]], space: Space) -> list[Point]:
    named = (dict(zip(space, row, strict=True)) for row in rows)
    return list(dict.fromkeys(_point(one).settled for one in named))


def _point(values: dict[str, float]) -> Point:
    whole = {name: int(v) if FACTORS[name].whole else float(v) for name, v in values.items()}
    return Point(**whole)


def _values(text: str, values: str, factor: Factor) -> tuple[float, ...]:
    parts = values.split(":" if ":" in values else ",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if ":" in values and len(numbers) == 3:
        numbers = _stepped(text, *numbers)
    elif ":" in values:
        numbers = []
    if not numbers or not all(np.isfinite(numbers)):
        raise InputError(
            f"--vary {text}: give numbers, as 0.2,0.5,0.8, or LOW:HIGH:STEP, as 3:14:1."
        )
    wrong = [v for v in numbers if not factor.low <= v <= factor.high]
    if wrong or (factor.whole and any(v != round(v) for v in numbers)):
        kind = "whole numbers" if factor.whole else "numbers"
        raise InputError(
            f"--vary {text}: {factor.words} takes {kind} from {factor.low:g} to {factor.high:g}."
        )
    return tuple(sorted(set(numbers)))


def _stepped(text: str, low: float, high: float, step: float) -> list[float]:
    if not (step > 0.0 and high > low and (high - low) / step < MOST_VALUES):
        raise InputError(
            f"--vary {text}: LOW:HIGH:STEP needs LOW below HIGH and a step that makes at most "
            f"{MOST_VALUES} values."
        )
    return [round(low + k * step, 9) for k in range(int((high - low) / step + 1e-9) + 1)]
