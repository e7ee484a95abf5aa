"""How fast is every engine on a workload, at which error, beside the others?

All engines stand ready at once, in processes of their own, and run one after another, again and
again: medians of these turns are compared, so that a busy machine is as busy for each of them.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from resynapse.bench.engines import ENGINES, Engine, engine
from resynapse.bench.peers.scipy_lsoda import tight
from resynapse.bench.process import BenchError, OutOfTimeError, Running
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
    """time.monotonic() when it must be over"""

    @property
    def left(self) -> float:
        """Seconds until then."""
        return self.until - time.monotonic()

    def part(self, share: float) -> Effort:
        """As much, in a share of the time that is left."""
        return replace(self, until=time.monotonic() + share * self.left)


STARTS = 0.6
"""share of the time in which engines start; in the rest they are measured"""
MOST_OF_STARTS = 0.5
"""share of what is left of it that one engine may take, but for the first, our own"""
QUICK = Effort(turns=1, seconds=0.2, checked=8)


def compared(
    name: str, engines: Sequence[str], cores: int, effort: Effort, listener: Listener
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A row for every engine that is installed, or for those of these keys; whom time left out."""
    there = [e for e in ENGINES if name in e.workloads and not e.missing()]
    chosen = [e for e in there if not engines or e.key in engines]
    chosen.sort(key=lambda e: e.slow_start)
    with tempfile.TemporaryDirectory(prefix="resynapse-bench-") as folder:
        comparison = _Comparison(name, cores, effort, listener, Path(folder))
        rows = comparison.rows(chosen)
    for row in rows:
        row["ratio_to"] = {
            other["backend"] or other["engine"]: row["rate"] / other["rate"]
            for other in rows
            if other is not row
        }
    return rows, comparison.left_out


@dataclass
class _Standing:
    """An engine that stands ready, and what was measured of it."""

    running: Running
    cold: float
    """s, the first start"""
    cached: float | None
    """s, the second; None where there was no time for one"""
    count: int = 0
    """people of a turn"""
    turns: list[dict[str, float]] = field(default_factory=list)
    error: dict[str, Any] = field(default_factory=dict)


class _Comparison:
    """One workload while it is measured."""

    def __init__(self, name, cores, effort, listener, folder):
        self.name, self.cores, self.effort, self.listener = name, cores, effort, listener
        self.folder = folder
        self.workload: Workload = WORKLOADS[name]()
        self.truth = tight(self.workload)(0, effort.checked)
        self.left_out: dict[str, str] = {}

    def rows(self, engines):
        starts = self.effort.part(STARTS)
        standing, measured = [], []
        for place, one in enumerate(engines):
            with self.in_time(one.key, "started"):
                most = starts.part(MOST_OF_STARTS if place else 1.0)
                standing.append(self.started(one, most))
        for each in standing:
            with self.in_time(each.running.engine.key, "measured"):
                self.measure(each)
                measured.append(each)
        with suppress(OutOfTimeError):
            self.further_turns(measured)
        for each in standing:
            each.running.end()
        return [self.row(each) for each in measured]

    def further_turns(self, measured: list[_Standing]) -> None:
        """As long as another one fits."""
        for turn in range(1, self.effort.turns if measured else 0):
            if sum(each.turns[-1]["seconds"] for each in measured) > self.effort.left:
                return
            self.listener(f"{self.name}: turn {turn + 1} of {self.effort.turns}")
            for each in measured:
                each.turns.append(each.running.run(HELD_OUT, each.count))

    @contextmanager
    def in_time(self, key: str, done: str) -> Iterator[None]:
        """Whoever does not get it done, in time or at all, is left out; ours must."""
        try:
            yield
        except OutOfTimeError:
            self.left_out[key] = f"not {done} in the time that was left; give more --minutes"
            self.listener(f"{self.name}: {key} is left out")
        except BenchError as fault:
            if engine(key).backend is not None:
                raise
            self.left_out[key] = f"not {done}: {fault}"
            self.listener(f"{self.name}: {key} is left out ({fault})")

    def started(self, one: Engine, starts: Effort) -> _Standing:
        """In a second start, after the first, with nothing compiled, or in the first."""
        self.listener(f"{self.name}: {one.key} starts")
        place = self.folder / one.key
        running = Running(one, self.name, place, self.cores, starts.until)
        cold, cached = running.start_seconds, None
        if starts.left > cold:
            running.end()
            running = Running(one, self.name, place, self.cores, starts.until)
            cached = running.start_seconds
        running.until = self.effort.until
        return _Standing(running, cold, cached)

    def measure(self, each: _Standing) -> None:
        """How many people a turn takes, the first turn, and the error."""
        self.listener(f"{self.name}: turn 1 of {self.effort.turns}, {each.running.engine.key}")
        each.count = self.enough(each.running)
        each.turns.append(each.running.run(HELD_OUT, each.count))
        each.error = error(each.running.outcome(self.effort.checked), self.truth)

    def enough(self, running: Running) -> int:
        """So many people that a run lasts as long as it is meant to."""
        count = 16
        while count < MOST:
            seconds = running.run(HELD_OUT, count)["seconds"]
            if seconds > 0.3 * self.effort.seconds:
                return max(16, min(MOST, round(count * self.effort.seconds / seconds)))
            count *= 4
        return MOST

    def row(self, measured: _Standing) -> dict[str, Any]:
        one, each = measured.running.engine, self.workload.units_each
        count, turns = measured.count, measured.turns
        seconds = median(turn["seconds"] for turn in turns)
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
            **measured.error,
            "peak_memory_mb": max(turn["peak_memory_mb"] for turn in turns),
            "compile_cold_seconds": measured.cold,
            "compile_cached_seconds": measured.cached,
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
