"""What have trials shown so far, while they are still played out batch by batch?

A batch is fixed by the seed and its number, so a run that was cut off goes on at the next one.
When all are done they come to what ``power`` finds, to the last digit, and those that are done come
to what it finds with as many batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from resynapse.engine.cache import keep_compiled
from resynapse.trial.power.batch import Batch
from resynapse.trial.power.found import Extent, Found
from resynapse.trial.power.looking import Stops
from resynapse.trial.power.method import ESTIMATES
from resynapse.trial.power.power import Design, tallied, together, trials_of_a_batch
from resynapse.trial.power.question import FEWEST_BATCHES, Asked
from resynapse.trial.power.tally import Tally
from resynapse.trial.testable import Kind

AS_ASKED = "as asked"
TESTED: dict[Kind, tuple[str, ...]] = {
    "time": ("log_rank", "cox"),
    "yes or no": ("risk_difference",),
    "number": ("mean_difference",),
}
"""On each kind of endpoint: the test whose power is read, and last what is estimated"""


@dataclass(frozen=True)
class BatchShown:
    """What the trials of one batch came to, and each of those that were played as asked."""

    tallies: tuple[Tally, ...]
    z: np.ndarray
    """[trials, sizes] Of the first method; positive for a benefit, NaN without an answer"""
    estimate: np.ndarray
    """[trials, sizes] Of the last method, as ``ESTIMATES`` says"""


def shown_batches(
    design: Design, asked: Asked, much: Extent, first: int = 0
) -> Iterator[BatchShown]:
    """Batch number ``first`` and those after it, each as soon as it is done."""
    keep_compiled()
    each, name = trials_of_a_batch(asked, much), asked.methods[-1]
    assert name in ESTIMATES
    for number in range(first, much.batches):
        seen: dict[int, dict[str, Stops]] = {}

        def heard(world: str, n: int, found: dict[str, Stops], seen: dict = seen) -> None:
            if world == AS_ASKED:
                seen[n] = found

        worlds = design.people.worlds(number * much.people, much.people, None)
        told = tallied(design, asked, Batch(number, number, worlds), each, heard)
        z = np.stack([seen[n][asked.methods[0]].last.z for n in asked.n], axis=1)
        estimate = np.stack([seen[n][name].last.estimate for n in asked.n], axis=1)
        yield BatchShown(tuple(told), z, estimate)


def found_so_far(
    design: str, asked: Asked, people: int, batches: Sequence[Sequence[Tally]]
) -> Found | None:
    """What the batches that are done come to; None before there are enough to tell the error."""
    if len(batches) < FEWEST_BATCHES:
        return None
    each = [list(one) for one in batches]
    return together({design: each}, asked, Extent(people, len(batches)))
