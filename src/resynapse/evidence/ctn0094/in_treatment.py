"""Week by week in those still in treatment (CTN-0027): who uses, for how long, and who is not seen?

Somebody is in treatment in a week if a dose was taken on its last day or later. Weeks are those of
``weekly``; a mixed week counts as positive. Of weeks that follow each other, and of weeks eight
apart, only pairs count that both were tested, with the person in treatment in the later one. Each
share carries the people and the weeks it stands for; the covariance is that of resampled people,
so that weeks of one person count as what they are.

    scaled = ln(-ln p)     of a share retained                           1
    scaled = ln(p / (1-p)) of every other share                          1
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

import numpy as np

from resynapse.evidence.ctn0094.folds import FOLDS, fold_of_sites
from resynapse.evidence.ctn0094.records import START, Person
from resynapse.evidence.ctn0094.retention import retained
from resynapse.evidence.ctn0094.sampling import FEWEST, RESAMPLES, SEED, shown
from resynapse.evidence.ctn0094.weekly import WEEKS, states

HEADER = ("arm", "left_out", "quantity", "people", "n", "count", "share")
COVARIANCE_HEADER = ("arm", "quantity", "other", "people", "covariance")
DAYS = (7, 14, 28, 56, 84, 112, 140, 161)
URINE_WEEKS = (2, 4, 8, 12, 16, 20)
PAIRS = {"weeks 2 to 8": (1, 2, 8), "weeks 8 to 21": (1, 8, 21), "8 weeks later": (8, 2, 21)}
"""How far apart two weeks are, the first week of the first and the last of the second"""
TESTED = ("negative", "positive")
NOTHING = "none"
"""Of the folds, where everybody counts"""


def _after(state: str, pair: str) -> str:
    return f"positive after {state}, {pair}"


QUANTITIES = (
    *(f"retained at {day} d" for day in DAYS),
    *(f"positive in week {week}" for week in URINE_WEEKS),
    *(_after(state, pair) for pair in PAIRS for state in TESTED),
    "missing, weeks 2 to 21",
    *(f"missing after {state}" for state in TESTED),
    _after("missing", "weeks 2 to 21"),
)


def rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Every share of both arms, of everybody and less each fold of sites."""
    folds = fold_of_sites(people, START)
    found: list[tuple[str, ...]] = []
    for arm in START:
        chosen = [one for one in people if one.arm == arm]
        counts = np.array([tally(one) for one in chosen])
        fold = np.array([folds.get(one.site, 0) for one in chosen])
        for out in (0, *FOLDS):
            here = fold != out if out else np.full(len(chosen), True)
            found += [(arm, str(out) if out else NOTHING, *row) for row in _shares(counts, here)]
    return found


def covariance_rows(people: Sequence[Person]) -> list[tuple[str, ...]]:
    """Covariance of scaled shares over resampled people, each pair of quantities once."""
    found: list[tuple[str, ...]] = []
    for arm in START:
        counts = np.array([tally(one) for one in people if one.arm == arm])
        covariance = _resampled(counts)
        found += [
            (arm, one, QUANTITIES[j], str(len(counts)), f"{covariance[i, j]:.4e}")
            for i, one in enumerate(QUANTITIES)
            for j in range(i, len(QUANTITIES))
        ]
    return found


def tally(person: Person) -> list[tuple[int, int]]:
    """For each of QUANTITIES, how often it was seen in this person, and of how many times."""
    path, last = states(person), sum(retained(person, 7 * week) for week in range(1, WEEKS + 1))
    in_treatment = path[:last]
    found = [(int(retained(person, day)), 1) for day in DAYS]
    for week in URINE_WEEKS:
        found.append(_positive(in_treatment[week - 1 : week]))
    for lag, first, end in PAIRS.values():
        pairs = _pairs(in_treatment[first - 1 : end], lag)
        found += [_positive([b for a, b in pairs if a == state]) for state in TESTED]
    found.append((in_treatment[1:].count("missing"), len(in_treatment[1:])))
    pairs = _pairs(in_treatment[1:], 1)
    for state in TESTED:
        following = [b for a, b in pairs if a == state]
        found.append((following.count("missing"), len(following)))
    found.append(_positive([b for a, b in pairs if a == "missing"]))
    return found


def _pairs(path: Sequence[str], lag: int) -> list[tuple[str, str]]:
    return list(zip(path, path[lag:], strict=False))


def _positive(weeks: Sequence[str]) -> tuple[int, int]:
    """Positive, and tested."""
    count = sum(one == "positive" for one in weeks)
    return count, count + sum(one == "negative" for one in weeks)


def _shares(counts: np.ndarray, here: np.ndarray) -> Iterator[tuple[str, ...]]:
    """Quantity, people, n, count and share; blank where a part or its complement is small."""
    for k, quantity in enumerate(QUANTITIES):
        parts = [counts[chosen, k].sum(axis=0) for chosen in (here, ~here)]
        small = any(min(count, n - count) < FEWEST for count, n in parts[: 1 + (not here.all())])
        count, n = parts[0]
        people = str(int((counts[here, k, 1] > 0).sum()))
        values = ("", "") if small else (str(count), shown(count / n))
        yield (quantity, people, str(n), *values)


def _resampled(counts: np.ndarray) -> np.ndarray:
    """Covariance of scaled shares, [quantities, quantities]."""
    draw, size = random.Random(SEED), len(counts)
    values = []
    for _ in range(RESAMPLES):
        drawn = np.bincount([int(draw.random() * size) for _ in range(size)], minlength=size)
        total = np.tensordot(drawn, counts, axes=1)
        values.append([scaled(q, int(a), int(n)) for q, (a, n) in
                       zip(QUANTITIES, total, strict=True)])  # fmt: skip
    return np.cov(np.array(values).T)


def scaled(quantity: str, count: int, n: int) -> float:
    """A share on its scale."""
    p = count / n
    return math.log(-math.log(p)) if quantity.startswith("retained") else math.log(p / (1.0 - p))
