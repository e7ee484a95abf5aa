"""How does the cost of our native engine grow with people, days and doses?"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from resynapse.bench.comparison import HELD_OUT, Effort
from resynapse.bench.ours import native
from resynapse.bench.workload import WORKLOADS

PEOPLE = (256, 1024, 4096, 16_384)
DAYS = {"W1": (21, 28, 56, 112), "W2": (91, 182, 365, 730)}
DOSES = {"W1": (1, 3, 6, 12), "W2": (1, 3, 6, 12)}
USUAL = 4096
"""people while days or doses change"""


def scaling(name: str, cores: int, effort: Effort) -> dict[str, list[dict[str, float]]]:
    """Seconds for each number of people, of days and of doses, the others as usual.

    What there is no time left for is missing.
    """
    share = 1.0 if effort.turns > 1 else 1.0 / 16.0
    many = [max(128, round(n * share)) for n in PEOPLE]
    usual = max(128, round(USUAL * share))
    plans: dict[str, list[tuple[int, dict[str, int], int]]] = {
        "people": [(n, {}, n) for n in many],
        "days": [(n, {"days": n}, usual) for n in DAYS[name]],
        "doses": [(n, {"doses": n}, usual) for n in DOSES[name]],
    }
    return {
        kind: [
            {kind: float(value), "seconds": _seconds(name, size, count, cores, effort.turns)}
            for value, size, count in plan
            if effort.left > 0.0
        ]
        for kind, plan in plans.items()
    }


def _seconds(name: str, size: dict[str, int], count: int, cores: int, turns: int) -> float:
    through = native(WORKLOADS[name](**size), cores)
    through(HELD_OUT, 1)
    return median(_once(through, count) for _ in range(turns))


def _once(through: Any, count: int) -> float:
    begun = time.perf_counter()
    through(HELD_OUT, count)
    return time.perf_counter() - begun
