"""Where does a run begin that is the same as an earlier one for a while?

A halt is the state of a chunk of people before something planned happens to them. It is known by
everything that led there: kernels, parameters, seed, people, and all steps and plans until then.
So what is taken up from a halt is, bit for bit, what a run from the beginning comes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import jax
import numpy as np

from resynapse.engine.native.program import columns
from resynapse.engine.plan import Course

EACH = 16
"""before so many of the first things planned people halt each time, later before every 16th"""


@dataclass(frozen=True)
class Halt:
    """People before a segment."""

    segment: int
    rows: np.ndarray
    """of the lane, and amounts"""
    use_days: np.ndarray
    days: int
    """rows of ``use_days`` that are done"""
    records: np.ndarray
    seen: int
    """rows of ``records`` that are done"""

    @property
    def nbytes(self) -> int:
        """Its size; what it shares with the other halts of its run is shared out."""
        return self.rows.nbytes + (self.use_days.nbytes + self.records.nbytes) // EACH

    def copied_into(self, use_days: np.ndarray, records: np.ndarray) -> None:
        """What was kept of these people so far."""
        use_days[: self.days] = self.use_days[: self.days]
        records[: self.seen] = self.records[: self.seen]


def halts(course: Course, arm: Any, shared: bytes) -> list[tuple[int, bytes]]:
    """Segments before which people may halt, and a digest of all that led there but the people.

    ``shared`` tells of kernels, parameters and seed.
    """
    again, segments = course.again, course.segments
    if again is None:
        return []
    places = _places(np.asarray(segments.has_node)[: course.count])
    steps = _table(course.plan._replace(length=_lengths(course)))
    planned = _table(segments._replace(first=segments.first[:-1]))
    early, late = (shared + told(columns(one, "arm")) for one in (again.early, arm))
    found, before, led = [], 0, blake2b()
    for n in places:
        led.update(steps[segments.first[before] : segments.first[n]])
        led.update(planned[before:n])
        known = early if n <= again.segment else late
        found.append((n, blake2b(known + led.digest()).digest()))
        before = n
    return found


def told(values: dict[Any, Any]) -> bytes:
    """The bytes of all numbers, one after another."""
    return b"".join(np.asarray(value).tobytes() for value in values.values())


def digest(tree: Any) -> bytes:
    """Of all arrays of a tree."""
    made = blake2b()
    for leaf in jax.tree.leaves(tree):
        made.update(np.ascontiguousarray(leaf))
    return made.digest()


def rows_done(numbers: np.ndarray) -> int:
    """How many rows are done, after those with these numbers; -1 is none."""
    return 1 + int(np.max(numbers, initial=-1))


def _places(planned: np.ndarray) -> Iterator[int]:
    """Some of the segments that begin with something planned."""
    found = np.flatnonzero(planned)
    number = np.arange(len(found))
    return map(int, found[(found > 0) & ((number < EACH) | (number % EACH == 0))])


def _lengths(course: Course) -> np.ndarray:
    return np.asarray(course.lengths)[np.asarray(course.plan.length)]


def _table(tree: Any) -> np.ndarray:
    """All numbers of arrays that have a row a step, or a segment: [rows, numbers]."""
    leaves = [np.asarray(leaf, np.float64) for leaf in jax.tree.leaves(tree)]
    return np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1)
