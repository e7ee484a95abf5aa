"""How fast is every engine on a workload, at which error, beside the others?

All engines stand ready at once, in processes of their own, and run one after another, again and
again: medians of these turns are compared, so that a busy machine is as busy for each of them.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from resynapse.bench.engines import ENGINES, Engine
from resynapse.bench.peers.scipy_lsoda import tight
from resynapse.bench.process import Running
from resynapse.bench.workload import WORKLOADS, Workload
from resynapse.engine.dynamics.system import NEVER, Seen

Listener = Callable[[str], None]
HELD_OUT = 1_000_000
"""number of the first person of a timed run; none of them was looked at when a grid was chosen"""
MOST = 65_536
"""people of a timed run"""


@dataclass(frozen=True)
class Effort:
    """How long and how often."""

    turns: int = 5
    seconds: float = 1.5
    """that a timed run is meant to last"""
    checked: int = 64
    """people whose error is measured"""
    until: float = math.inf
    """time.monotonic() after which what is left is measured once, and how cost grows is not"""

    @property
    def late(self) -> bool:
        """Whether that time has come."""
        return time.monotonic() > self.until


QUICK = Effort(turns=1, seconds=0.2, checked=8)


def compared(
    name: str, engines: Sequence[str], cores: int, effort: Effort, listener: Listener
) -> list[dict[str, Any]]:
    """A row for every engine that is installed, or for those of these keys."""
    there = [e for e in ENGINES if name in e.workloads and not e.missing()]
    chosen = [e for e in there if not engines or e.key in engines]
    with tempfile.TemporaryDirectory(prefix="resynapse-bench-") as folder:
        rows = _Comparison(name, cores, effort, listener, Path(folder)).rows(chosen)
    for row in rows:
        row["ratio_to"] = {
            other["backend"] or other["engine"]: row["rate"] / other["rate"]
            for other in rows
            if other is not row
        }
    return rows


class _Comparison:
    """One workload while it is measured."""

    def __init__(self, name, cores, effort, listener, folder):
        self.name, self.cores, self.effort, self.listener = name, cores, effort, listener
        self.folder = folder
        self.workload: Workload = WORKLOADS[name]()
        self.truth = tight(self.workload)(0, effort.checked)

    def rows(self, engines):
        ready = [self.started(one) for one in engines]
        counts = [self.enough(running) for running, _ in ready]
        turns: list[list] = [[] for _ in ready]
        for turn in range(self.effort.turns):
            if turn and self.effort.late:
                break
            self.listener(f"{self.name}: turn {turn + 1} of {self.effort.turns}")
            for (running, _), count, made in zip(ready, counts, turns, strict=True):
                made.append(running.run(HELD_OUT, count))
        rows = [
            self.row(running, cold, count, made)
            for (running, cold), count, made in zip(ready, counts, turns, strict=True)
        ]
        for running, _ in ready:
            running.end()
        return rows

    def started(self, one: Engine) -> tuple[Running, float]:
        """The engine in a second start, and what the first, with nothing compiled, cost."""
        self.listener(f"{self.name}: {one.key} starts")
        place = self.folder / one.key
        cold = Running(one, self.name, place, self.cores)
        cold.end()
        return Running(one, self.name, place, self.cores), cold.start_seconds

    def enough(self, running: Running) -> int:
        """So many people that a run lasts as long as it is meant to."""
        count = 16
        while count < MOST:
            seconds = running.run(HELD_OUT, count)["seconds"]
            if seconds > 0.3 * self.effort.seconds:
                return max(16, min(MOST, round(count * self.effort.seconds / seconds)))
            count *= 4
        return MOST

    def row(self, running: Running, cold: float, count: int, turns: list) -> dict[str, Any]:
        one, each = running.engine, self.workload.units_each
        seconds = median(turn["seconds"] for turn in turns)
        found = error(running.outcome(self.effort.checked), self.truth)
        return {
            "workload": self.name,
            "engine": one.name,
            "backend": one.backend,
            "precision": "f64",
            "cores": self.cores,
            "rate": count * each / seconds,
            "rate_unit": self.workload.unit,
            "rate_per_processor_second": count
            * each
            / median(turn["processor_seconds"] for turn in turns),
            "people": count,
            "turns": len(turns),
            "events_each": turns[-1]["events"] / (count * each),
            **found,
            "peak_memory_mb": max(turn["peak_memory_mb"] for turn in turns),
            "compile_cold_seconds": cold,
            "compile_cached_seconds": running.start_seconds,
        }


def error(outcome: dict[str, np.ndarray], truth: Seen) -> dict[str, Any]:
    """Differences from the reference in the people that were checked.

    Without events the greatest, over people, instants and quantities, as a share of the greatest
    value that a person's quantity takes. With events, of the time of the first, in days, among
    people who had one; and the share of people with as many.
    """
    records, first, count = truth.by_person(), truth.first, truth.count
    if not count.any():
        top = np.abs(records).max(axis=1, keepdims=True)
        worst = (np.abs(outcome["records"] - records) / top).max()
        return {"max_error": float(worst), "error_unit": "share of a quantity's maximum"}
    had = (first < NEVER) & (outcome["first"] < NEVER)
    apart = np.abs(outcome["first"] - first)[had]
    return {
        "max_error": float(apart.max()),
        "median_error": float(np.median(apart)),
        "error_unit": "d, of the first event",
        "same_counts": float(np.mean(outcome["count"] == count)),
    }
