"""How far would a figure move if other people had been enrolled?"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

RESAMPLES = 1000
SEED = 94
FEWEST = 5
"""A cell with fewer people than this is left blank"""


def bootstrap_band(
    people: Sequence[Any], statistic: Callable[[Sequence[Any]], Sequence[float]]
) -> list[tuple[float, float]]:
    """The 2.5 and 97.5 % points of each value of a statistic over resamples of people.

    The draws are those of Python's ``random.Random(SEED)``, the same on every machine.
    """
    draw = random.Random(SEED)
    count = len(people)
    found = [
        statistic([people[int(draw.random() * count)] for _ in range(count)])
        for _ in range(RESAMPLES)
    ]
    ordered = [sorted(values) for values in zip(*found, strict=True)]
    low, high = round(0.025 * (RESAMPLES - 1)), round(0.975 * (RESAMPLES - 1))
    return [(values[low], values[high]) for values in ordered]


def wilson(count: int, n: int) -> tuple[float, float]:
    """The Wilson 95 % interval of a share.

    centre = (p + z^2/2n) / (1 + z^2/n)                                     share
    half   = z sqrt(p (1-p)/n + z^2/4n^2) / (1 + z^2/n)                      share
    """
    z, p = 1.959963984540054, count / n
    scale = 1.0 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * math.sqrt(p * (1.0 - p) / n + z * z / (4 * n * n)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def share_row(count: int, n: int) -> tuple[str, str, str, str, str]:
    """n, count, share, low and high as text; blank where fewer than FEWEST people stand in it."""
    if n < FEWEST or count < FEWEST or n - count < FEWEST:
        return (str(n) if n >= FEWEST else "", "", "", "", "")
    low, high = wilson(count, n)
    return (str(n), str(count), shown(count / n), shown(low), shown(high))


def partition_rows(counts: Sequence[int]) -> list[tuple[str, str, str, str, str]]:
    """A row for each part of a whole; all blank if one is, or subtraction would give it away."""
    n = sum(counts)
    rows = [share_row(count, n) for count in counts]
    if all(row[1] for row in rows):
        return rows
    return [(row[0], "", "", "", "") for row in rows]


def shown(value: float) -> str:
    """A share with four decimals."""
    return f"{value:.4f}"
