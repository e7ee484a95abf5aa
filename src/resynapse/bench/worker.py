"""One engine in a process of its own, which does what it is told line by line.

The first line that it writes says what starting cost. Then each line that it reads,
``{"first": 0, "count": 64}``, runs these people and is answered with seconds; ``"save"`` beside
them names a file for what came out.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from resynapse.bench.engines import Engine, engine
from resynapse.bench.workload import WORKLOADS
from resynapse.engine.cache import keep_compiled

FEW = 8
"""people of the first runs, which wait for what must be compiled"""


def main(workload: str, size: dict[str, int], name: str, cores: int) -> None:
    """Serve until there is nothing more to read."""
    one = engine(name)
    _import(one)
    keep_compiled()
    begun = time.perf_counter()
    through = one.prepared(WORKLOADS[workload](**size), cores)
    through(0, FEW)
    start = time.perf_counter() - begun
    _say({"start_seconds": max(0.0, start - _seconds(through, 0, FEW))})
    for line in sys.stdin:
        _say(_answer(through, json.loads(line)))


def _import(one: Engine) -> None:
    """What only loads libraries, so that it does not count as compiling."""
    for name in (one.module, *one.needs):
        import_module(name)
    if one.backend is not None:
        import_module(f"resynapse.engine.dynamics.{one.backend}")


def _answer(through: Callable, asked: dict[str, Any]) -> dict[str, float]:
    begun, used = time.perf_counter(), _processor_seconds(through)
    seen = through(asked["first"], asked["count"])
    found = {
        "seconds": time.perf_counter() - begun,
        "processor_seconds": _processor_seconds(through) - used,
        "events": float(np.sum(seen.count)),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
        + getattr(through, "memory_mb", 0.0),
    }
    if "save" in asked:
        np.savez(asked["save"], records=seen.by_person(), first=seen.first, count=seen.count)
    return found


def _seconds(through: Callable, first: int, count: int) -> float:
    begun = time.perf_counter()
    through(first, count)
    return time.perf_counter() - begun


def _processor_seconds(through: Callable) -> float:
    """Until now; that of a process beside this one, which it answers for, is counted too."""
    return time.process_time() + getattr(through, "used", 0.0)


def _say(what: dict[str, float]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
