"""Who compiles the loops around the kernels while the kernels themselves are still being written?

The first time, Numba takes about 11 s of a processor for the loops and holds Python up meanwhile,
as writing the kernels does. So a process of its own compiles the loops into Numba's cache, beside
the one that asks ``begin`` for it and later has to ``wait``. Where it cannot, or where nobody asks,
they are compiled when they are first called.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
import numpy as np

from resynapse.engine.native import driver
from resynapse.engine.native.kinetics import exponentials

LONGEST = driver.drive
"""the loop that takes longest to compile"""
_under_way: list[subprocess.Popen] = []
"""the process that compiles, from when it is started until somebody has waited for it"""


def begin() -> None:
    """Start to compile the loops in a process of its own, unless they are kept or under way.

    A process that was started to share work leaves it to the one that started it.
    """
    if _under_way or _kept() or multiprocessing.parent_process() is not None:
        return
    with suppress(OSError):
        _under_way.append(
            subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip


def wait() -> None:
    """Until nobody compiles the loops beside this process; at once where nobody does."""
    for process in _under_way[:]:
        process.wait()
        with suppress(ValueError):
            _under_way.remove(process)


def compile_all() -> None:
    """The loops, for what ``run`` and ``propagation`` give them, into Numba's cache."""
    for loop, given in loops().items():
        loop.compile(tuple(map(numba.typeof, given)))


def loops() -> dict[Any, tuple]:
    """Each loop called from outside, as it is needed, and what looks like what it is given."""
    whole, short = np.zeros(1, np.int64), np.zeros(1, np.int32)
    real, truth = np.zeros(1), np.zeros(1, bool)
    table, wholes = np.zeros((1, 1)), np.zeros((1, 1), np.int64)
    kernels = driver.Kernels(*(0,) * 8, whole, whole, whole, whole)
    rows = {"changed", "fired", "gathered", "driven_lane"}
    places = driver.Places(*(whole if name in rows else 0 for name in driver.Places._fields))
    steps = driver.Steps(real, real, truth, whole, truth, table)
    segments = driver.Segments(short, short, truth, short, truth, table)
    kinetics = driver.Kinetics(whole, whole, truth, whole, wholes, table)
    records = np.zeros((1, 1, 1), np.float32)
    run = (kernels, places, steps, segments, kinetics, 0, 1, True, real, table, table)
    matrices = (table, real, whole, whole, table, np.zeros((1, 1, 1)))
    return {
        exponentials: (whole, whole, whole, *matrices),
        driver.drive: (*run, np.zeros((1, 1), np.uint8), records),
    }


def _kept() -> bool:
    """Whether the longest of the loops is here already, or Numba's cache holds it.

    What of other code was kept has been forgotten as the loop was made (``made_of``).
    """
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    there = Path(LONGEST.stats.cache_path).glob(f"driver.drive-*.{version}.nbi")
    return bool(LONGEST.signatures) or any(there)


if __name__ == "__main__":
    compile_all()
