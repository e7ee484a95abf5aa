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
from typing import TYPE_CHECKING, Any

from resynapse.bench.engines import WHOLE
from resynapse.bench.process import BenchError
from resynapse.engine.cores import cores

if TYPE_CHECKING:
    import numpy as np

    from resynapse.trial.conduct import Conduct

PROTOCOL = "scenario-heroin-ketamine"
SEED = 1
DAYS_A_YEAR = 365.25
FIRST = 64
"""people of the first chunk, which waits for what must be compiled"""
PEOPLE = {"native": 2048, "xla": 256}
"""people an arm of a measured run, so that it lasts some seconds"""
CHECKED, DAYS = 8, 30.0
"""people an arm whose paths are compared with those of the reference, and until which day"""
HELD_OUT = 1_000_000
"""number of the first of them; none of them was looked at when steps were chosen"""
ERROR, QUICK_ERROR = "error", "error of the first and the last arm"
UNCHECKED = {"max_error": None, "error_unit": "not measured in the time that was left"}


def chain(
    sizes: dict[str, int], listener: Callable[[str], None], until: float = math.inf,
    quick: bool = False,
) -> tuple[list[dict[str, Any]], dict[str, str]]:  # fmt: skip
    """A row for each back end on the whole chain, with so many people an arm; whom time left out.

    ``until`` (time.monotonic()) whoever is not done by then is ended. After its rate each is
    compared with the reference, in fewer arms where it is to be ``quick``.
    """
    results, left_out = [], {}
    with tempfile.TemporaryDirectory(prefix="resynapse-bench-") as caches:
        for engine, many in sizes.items():
            cache = os.path.join(caches, engine)
            try:
                row = _both_starts(engine, many, cache, listener, until)
            except subprocess.TimeoutExpired:
                left_out[engine] = "not measured in the time that was left; give more --minutes"
                listener(f"{WHOLE}: {engine} is left out")
            else:
                results.append(row | _checked(engine, cache, listener, until, quick))
    return results, left_out


def _both_starts(
    engine: str, people: int, cache: str, listener: Callable[[str], None], until: float
) -> dict[str, Any]:
    listener(f"{WHOLE}: {engine} starts with nothing compiled")
    cold = _alone(engine, FIRST, cache, until)
    listener(f"{WHOLE}: {engine} starts again, {people} people an arm")
    warm = _alone(engine, people, cache, until)
    return _row(engine, people, cold, warm)


def _checked(
    engine: str, cache: str, listener: Callable[[str], None], until: float, quick: bool
) -> dict[str, Any]:
    """How far it is from the reference, where there is time for that."""
    listener(f"{WHOLE}: {engine} beside the reference, {CHECKED} people an arm")
    try:
        return _alone(engine, CHECKED, cache, until, QUICK_ERROR if quick else ERROR)
    except subprocess.TimeoutExpired:
        listener(f"{WHOLE}: the error of {engine} is left out; give more --minutes")
        return UNCHECKED


def _row(
    engine: str, people: int, cold: dict[str, float], warm: dict[str, float]
) -> dict[str, Any]:
    return {
        "workload": WHOLE,
        "engine": "resynapse",
        "backend": engine,
        "precision": "f64",
        "cores": cores(),
        "rate": warm["patient_years"] / warm["seconds"],
        "rate_unit": "patient-years/s",
        "rate_per_processor_second": warm["patient_years"] / warm["processor_seconds"],
        "people": people,
        "events_each": warm["bouts"] / warm["patient_years"],
        "peak_memory_mb": warm["peak_memory_mb"],
        "compile_cold_seconds": cold["start_seconds"],
        "compile_cached_seconds": warm["start_seconds"],
    }


def _alone(engine: str, people: int, cache: str, until: float, what: str = "") -> dict[str, Any]:
    """Measured in a process of its own, with its caches in this folder.

    Beside it stands what the reference came to, for the next back end.
    """
    places = {"RESYNAPSE_CACHE": cache, "NUMBA_CACHE_DIR": os.path.join(cache, "numba")}
    beside = os.path.dirname(cache)
    left = None if math.isinf(until) else max(0.0, until - time.monotonic())
    done = subprocess.run(
        [sys.executable, "-m", "resynapse.bench.chain", engine, str(people), what, beside],
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
    from resynapse.trial.arm_run import run_arm
    from resynapse.trial.arm_setting import unknown_arms

    conduct = _conduct(engine)
    protocol = conduct.protocol

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


def apart(engine: str, people: int, quick: bool = False, folder: str = "") -> dict[str, Any]:
    """How far some people of every arm, or of two, are from the reference, as W2 tells it.

    The greatest and the median difference of first uses, in days, among those with one in both;
    the share of people with as many bouts. The reference's paths are kept in ``folder``.
    """
    import numpy as np

    (first, bouts), (true, as_many) = (
        _paths(_conduct(engine, HELD_OUT), people, quick),
        _true_paths(people, quick, folder),
    )
    both = (np.minimum(first, true) > 0.0) & (np.maximum(first, true) < DAYS)
    days = np.abs(first - true)[both]
    return {
        "max_error": float(days.max()) if len(days) else None,
        "median_error": float(np.median(days)) if len(days) else None,
        "error_unit": f"d, of the first use, until day {DAYS:g}",
        "same_counts": float(np.mean(bouts == as_many)),
        "checked": {
            "people_an_arm": people, "people": len(first), "first_uses": len(days),
            "first_person": HELD_OUT,
        },
    }  # fmt: skip


def _true_paths(people: int, quick: bool, folder: str) -> tuple[np.ndarray, np.ndarray]:
    """Those of the reference, as the back end before left them, or made and left for the next."""
    import numpy as np

    place = os.path.join(folder, "reference.npy")
    if folder and os.path.exists(place):
        first, bouts = np.load(place)
        return first, bouts
    first, bouts = _paths(_conduct("reference", HELD_OUT), people, quick)
    if folder:
        np.save(place, np.stack([first, bouts]))
    return first, bouts


def _paths(conduct: Conduct, people: int, quick: bool) -> tuple[np.ndarray, np.ndarray]:
    """First uses and numbers of bouts until DAYS, arm after arm."""
    import numpy as np

    from resynapse.trial.arm_setting import unknown_arms

    protocol = conduct.protocol
    chunks = [
        chunk
        for arm in (protocol.arms[:: len(protocol.arms) - 1] if quick else protocol.arms)
        for chunk in conduct.chunks(arm, unknown_arms(protocol, arm), people, DAYS)
    ]
    first = np.concatenate([chunk.marks.first_use for chunk in chunks])
    bouts = np.concatenate([chunk.bouts for chunk in chunks])
    return first, np.where(first <= DAYS, bouts, 0.0)


def _conduct(engine: str, first: int = 0) -> Conduct:
    """The workload's protocol with parameters as they are, people from this number on."""
    from resynapse.engine.cache import keep_compiled
    from resynapse.patient import Patient
    from resynapse.population.disorder import apply
    from resynapse.protocol import load
    from resynapse.trial.conduct import Conduct

    keep_compiled()
    protocol = load(PROTOCOL)
    patient = apply(Patient(), protocol.disorder)
    return Conduct(protocol, patient, SEED, first_key=first, backend=engine)


def main(engine: str, people: int, what: str, folder: str) -> dict[str, Any]:
    """What this process is asked for."""
    if what in (ERROR, QUICK_ERROR):
        return apart(engine, people, what == QUICK_ERROR, folder)
    return measured(engine, people)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])))
