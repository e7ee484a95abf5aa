"""Workload W3: how fast does the whole chain run, in which back end, at which cost to start?

Each back end runs in fresh processes of its own: one with an empty cache, one with what the first
left there. A rate is of everything that a user waits for after start-up: people drawn, kinetics
made ready, every arm run, its table and its endpoints made; years are those of follow-up, the
simulated run-in before it is not counted. Rates of one call compare; another call may meet other
load.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from resynapse.bench.process import BenchError, cores

PROTOCOL = "scenario-heroin-ketamine"
SEED = 1
DAYS_A_YEAR = 365.25
FIRST = 64
"""people of the first chunk, which waits for what must be compiled"""
PEOPLE = {"native": 2048, "xla": 256}
"""people an arm of a measured run, so that it lasts some seconds"""


def chain(
    sizes: dict[str, int], listener: Callable[[str], None], until: float = math.inf
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A row for each back end on the whole chain, with so many people an arm; whom time left out.

    ``until`` (time.monotonic()) whoever is not done by then is ended.
    """
    results, left_out = [], {}
    for engine, many in sizes.items():
        try:
            results.append(_both_starts(engine, many, listener, until))
        except subprocess.TimeoutExpired:
            left_out[engine] = "not measured in the time that was left; give more --minutes"
            listener(f"W3: {engine} is left out")
    return results, left_out


def _both_starts(
    engine: str, people: int, listener: Callable[[str], None], until: float
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="resynapse-bench-") as cache:
        listener(f"W3: {engine} starts with nothing compiled")
        cold = _alone(engine, FIRST, cache, until)
        listener(f"W3: {engine} starts again, {people} people an arm")
        warm = _alone(engine, people, cache, until)
    return _row(engine, people, cold, warm)


def _row(
    engine: str, people: int, cold: dict[str, float], warm: dict[str, float]
) -> dict[str, Any]:
    return {
        "workload": "W3",
        "engine": "resynapse",
        "backend": engine,
        "precision": "f64",
        "cores": cores(),
        "rate": warm["patient_years"] / warm["seconds"],
        "rate_unit": "patient-years/s",
        "rate_per_processor_second": warm["patient_years"] / warm["processor_seconds"],
        "people": people,
        "events_each": warm["bouts"] / warm["patient_years"],
        "max_error": None,
        "peak_memory_mb": warm["peak_memory_mb"],
        "compile_cold_seconds": cold["start_seconds"],
        "compile_cached_seconds": warm["start_seconds"],
    }


def _alone(engine: str, people: int, cache: str, until: float) -> dict[str, float]:
    """Measured in a process of its own, with its caches in this folder."""
    places = {"RESYNAPSE_CACHE": cache, "NUMBA_CACHE_DIR": os.path.join(cache, "numba")}
    left = None if math.isinf(until) else max(0.0, until - time.monotonic())
    done = subprocess.run(
        [sys.executable, "-m", "resynapse.bench.chain", engine, str(people)],
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
        timeout=left,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise BenchError(f"The {engine} back end did not finish its measurement: {last[0]}")
    return json.loads(done.stdout.splitlines()[-1])


def measured(engine: str, people: int) -> dict[str, float]:
    """All arms of the workload in this process: seconds, patient-years, bouts, memory."""
    from resynapse.engine.cache import keep_compiled
    from resynapse.patient import Patient
    from resynapse.population.disorder import apply
    from resynapse.protocol import load
    from resynapse.trial.arm_run import run_arm
    from resynapse.trial.arm_setting import unknown_arms
    from resynapse.trial.conduct import Conduct

    keep_compiled()
    protocol = load(PROTOCOL)
    conduct = Conduct(protocol, apply(Patient(), protocol.disorder), SEED, backend=engine)

    def run(count: int) -> tuple[float, float, float]:
        begun, used, bouts = time.monotonic(), time.process_time(), 0.0
        for arm in protocol.arms:
            done = run_arm(conduct, arm, unknown_arms(protocol, arm), count, lambda _: None)
            bouts += float(done.result.patients["bouts"].sum())
        return time.monotonic() - begun, time.process_time() - used, bouts

    first, again = run(FIRST)[0], run(FIRST)[0]
    seconds, processor, bouts = run(people)
    years = len(protocol.arms) * people * protocol.follow_up_days / DAYS_A_YEAR
    return {
        "start_seconds": max(0.0, first - again),
        "seconds": seconds,
        "processor_seconds": processor,
        "patient_years": years,
        "bouts": bouts,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
