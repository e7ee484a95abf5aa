"""How is an engine kept in processes of its own, and asked to run?"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np

from resynapse.bench.engines import Engine

KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000"}
"""for glibc: every engine keeps the memory of its last run. The host of a virtual machine takes
back what lies idle while others have their turn, and asking for it again took as long as a run"""


class BenchError(RuntimeError):
    """A measurement that did not end well."""


class OutOfTimeError(BenchError):
    """A measurement that was ended, since the time for it was over."""


class Running:
    """The processes of one engine: one, or one a core where it has no threads.

    They are ended if an answer is not there at ``until`` (time.monotonic()).
    """

    def __init__(
        self, one: Engine, workload: str, cache: Path, cores: int, until: float = math.inf,
        **size: int,
    ) -> None:  # fmt: skip
        self.engine, self.folder, self.until, self.stopped = one, cache, until, False
        cache.mkdir(parents=True, exist_ok=True)
        places = {
            "RESYNAPSE_CACHE": str(cache), "NUMBA_CACHE_DIR": str(cache / "numba"),
            "OMP_NUM_THREADS": "1", **KEPT,
        }  # fmt: skip
        many = cores if one.alone else 1
        call = [sys.executable, "-m", "resynapse.bench.worker", workload, json.dumps(size), one.key]
        self.processes: list[Any] = [
            self._started([*call, str(cores)], places, n) for n in range(many)
        ]
        self.start_seconds = max(a["start_seconds"] for a in self._answers())

    def _started(self, call: list[str], places: dict[str, str], n: int) -> subprocess.Popen:
        with (self.folder / f"stderr-{n}").open("w") as said:
            return subprocess.Popen(
                call, env=os.environ | places, text=True, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=said,
            )  # fmt: skip

    def run(self, first: int, count: int) -> dict[str, float]:
        """Seconds and memory of a run of these people, shared between the processes."""
        cuts = np.linspace(first, first + count, len(self.processes) + 1).astype(int)
        begun = time.perf_counter()
        for n, process in enumerate(self.processes):
            self._ask(process, {"first": int(cuts[n]), "count": int(cuts[n + 1] - cuts[n])})
        found = self._answers()
        return {
            "seconds": time.perf_counter() - begun,
            "processor_seconds": sum(a["processor_seconds"] for a in found),
            "events": sum(a["events"] for a in found),
            "peak_memory_mb": sum(a["peak_memory_mb"] for a in found),
        }

    def outcome(self, count: int) -> dict[str, np.ndarray]:
        """What became of the first people."""
        place = self.folder / "outcome.npz"
        self._ask(self.processes[0], {"first": 0, "count": count, "save": str(place)})
        with self._in_time():
            self._answer(0)
        with np.load(place) as found:
            return dict(found)

    def end(self) -> None:
        """Let the processes go."""
        for process in self.processes:
            process.stdin.close()
            process.wait(timeout=60)
            process.stdout.close()

    def _ask(self, process: Any, what: dict[str, Any]) -> None:
        process.stdin.write(json.dumps(what) + "\n")
        process.stdin.flush()

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        if math.isinf(self.until):
            yield
            return
        alarm = Timer(max(0.0, self.until - time.monotonic()), self._stop)
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()

    def _stop(self) -> None:
        self.stopped = True
        for process in self.processes:
            process.kill()

    def _answers(self) -> list[dict[str, float]]:
        with self._in_time():
            return [self._answer(n) for n in range(len(self.processes))]

    def _answer(self, n: int) -> dict[str, float]:
        line = self.processes[n].stdout.readline()
        if line:
            return json.loads(line)
        self.processes[n].wait()
        if self.stopped:
            raise OutOfTimeError(self.engine.key)
        said = (self.folder / f"stderr-{n}").read_text().strip().splitlines()
        last = said[-1] if said else "no message"
        raise BenchError(f"{self.engine.key} did not finish its measurement: {last}")
