"""How are points simulated that do not depend on each other, so that no core is idle?

In threads: kernels and NumPy let others run beside them. What one point gives does not depend on
what else goes on, so that it is the same bit for bit, however many go at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from resynapse.engine.cores import cores

AT_ONCE = 2
"""at most: a third to two thirds of a point is Python, which runs in one thread at a time"""

Item = TypeVar("Item")
Made = TypeVar("Made")


def hands() -> int:
    """How many things go on at once where nobody says: one a core, AT_ONCE at most."""
    return min(AT_ONCE, cores())


def in_order(
    work: Callable[[Item], Made], items: Iterable[Item], threads: int | None = None
) -> Iterator[Made]:
    """What ``work`` makes of each item, in their order; what fails ends it, and no more is begun.

    As many ``threads`` as ``hands`` says by default.
    """
    threads = threads or hands()
    if threads == 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(work, items)
    finally:
        pool.shutdown(cancel_futures=True)
