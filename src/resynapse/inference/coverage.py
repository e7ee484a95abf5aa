"""How many published values lay within their 90 % interval, counted in each way that one may?

A pair of counts is one fact, however often it is written: as two shares, their difference, odds
or a ratio of logs. Which way of counting is asked for was left open, and this split was made after
the misses had been seen, so every way is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.stats import binomtest

from resynapse.evidence import study
from resynapse.evidence.study import Number
from resynapse.inference.scored import PRIMARY
from resynapse.inference.words import SEEN

if TYPE_CHECKING:
    from resynapse.inference.validation import Endpoint

COMPUTED = "computed"
"""how a number was seen that no publication printed: computed from counts or means that one did"""
AFTER = (
    "Only the first count was chosen before the misses had been seen; exact intervals take values"
    " for independent, which they are not."
)


@dataclass(frozen=True)
class Reading:
    """Hits in one way of counting."""

    counted: str
    hits: int
    values: int
    trials: int
    low95: float
    """exact (Clopper and Pearson 1934), as if values were independent"""
    high95: float
    trust: str
    """what this count can be trusted for"""


def readings(endpoints: Sequence[Endpoint]) -> tuple[Reading, ...]:
    """All ways; values of studies that set a prior are in none."""
    tests = [one for one in endpoints if one.role != SEEN]
    return tuple(one for one in _ways(tests) if one.values)


def _ways(tests: Sequence[Endpoint]) -> Iterator[Reading]:
    derived = [one for one in tests if seen(one) == COMPUTED]
    printed = [one for one in tests if one not in derived]
    ratios = [one for one in tests if is_primary(one)]
    yield _reading(
        "every value", [(one.protocol, one.hit90) for one in tests],
        "the bar as it was set; a pair of counts enters up to five times, so its exact interval is"
        " too narrow",
    )  # fmt: skip
    yield _reading(
        "values that were published as such", [(one.protocol, one.hit90) for one in printed],
        "nothing of ours is in it; but two shares count as two hits while their contrast, which the"
        " trial was for, counts nowhere: it flatters",
    )  # fmt: skip
    yield _reading(
        "contrasts that we computed from them", [(one.protocol, one.hit90) for one in derived],
        "shows where the misses are; one pair of counts enters up to three times: too harsh",
    )  # fmt: skip
    yield _reading(
        "comparisons, missed if in any writing", list(_comparisons(tests, strict=True)),
        "effects alone, each once, read against the model",
    )  # fmt: skip
    yield _reading(
        "comparisons, by the ratio fixed beforehand where there is one",
        list(_comparisons(tests, strict=False)),
        "effects alone, each once, by a rule older than the forecasts",
    )  # fmt: skip
    yield _reading(
        "one ratio a trial, fixed beforehand", [(one.protocol, one.hit90) for one in ratios],
        "the nearest to independent tests, and too few to tell 50 from 95 %",
    )  # fmt: skip
    yield _reading(
        "trials without a miss", list(_by_trial(tests)),
        "the harshest: whoever forecasts many values of a trial rightly misses one at times",
    )  # fmt: skip


def _reading(counted: str, found: Sequence[tuple[str, bool]], trust: str) -> Reading:
    hits, trials = sum(hit for _, hit in found), len({protocol for protocol, _ in found})
    low, high = _exact(hits, len(found))
    return Reading(counted, hits, len(found), trials, low, high, trust)


def _exact(hits: int, values: int) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    ends = binomtest(hits, values).proportion_ci(0.95, "exact")
    return float(ends.low), float(ends.high)


def seen(one: Endpoint) -> str:
    """How the published number was seen: abstract, table, figure, secondary or computed."""
    return number(one).seen


def number(one: Endpoint) -> Number:
    """What stands in the file of the study."""
    return next(
        found for found in study(one.study).numbers
        if found.comparable and (found.endpoint, found.arm, found.reference, found.measure)
        == (one.endpoint, one.arm, one.reference, one.measure)
    )  # fmt: skip


def is_primary(one: Endpoint) -> bool:
    """Whether it is the ratio by which its trial is scored, fixed before the first forecast."""
    return PRIMARY.get(one.protocol) == (one.endpoint, one.measure)


def _comparisons(tests: Iterable[Endpoint], *, strict: bool) -> Iterator[tuple[str, bool]]:
    """A contrast for each pair of arms and endpoint; an interaction follows from the others."""
    found: dict[tuple[str, ...], list[Endpoint]] = {}
    for one in tests:
        if one.reference and one.measure != "interaction":
            what = one.protocol, one.endpoint, one.arm, one.reference
            found.setdefault(what, []).append(one)
    for (protocol, *_), writings in found.items():
        fixed = [] if strict else [one for one in writings if is_primary(one)]
        yield protocol, all(one.hit90 for one in fixed or writings)


def _by_trial(tests: Iterable[Endpoint]) -> Iterator[tuple[str, bool]]:
    found: dict[str, bool] = {}
    for one in tests:
        found[one.protocol] = found.get(one.protocol, True) and one.hit90
    yield from found.items()


def rows(found: Iterable[Reading]) -> Iterator[str]:
    """The table."""
    yield "| counted | within 90 % | share | 95 %, exact | trials | what it can be trusted for |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in found:
        yield (
            f"| {one.counted} | {one.hits} of {one.values} | {one.hits / one.values:.0%} |"
            f" {one.low95:.0%} to {one.high95:.0%} | {one.trials} | {one.trust} |"
        )


def sentences(found: Sequence[Reading]) -> Iterator[str]:
    """All counts in one sentence, so that none stands alone."""
    if found:
        told = "; ".join(f"{one.counted} {one.hits} of {one.values}" for one in found)
        yield f"Counted otherwise: {told}. {AFTER}"
