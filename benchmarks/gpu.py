"""How fast do W1, W2 and the whole chain run on a GPU, through XLA and one thread a patient?

python benchmarks/gpu.py [--rows xla/W1/f64/65536 ...] [--few] [--device gpu|cpu] [--turns 3]

A row is engine/workload/precision/people, or several numbers of people with commas between them.
``xla`` is the back end, ``one_thread`` the experiment of one_thread.py. W3 is an arm of the whole
chain over a year, W3b the one with daily medication. Every row has a process of its own, which
writes a line of JSON for each number of people. Rates count what happens on the device, from
people (for the chain, their parameters) to results; ``rate_whole`` also the drawing of people on
the host and the way of results to it. Errors are differences from the native back end in 64 bits,
of the first people. Memory of ``one_thread`` is all that is in use on the device. With ``--device
cpu`` XLA uses the processor and the experiment's text is compiled for it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np

ROWS = [
    f"{engine}/{work}/{precision}/{people}"
    for engine, sizes in {
        "one_thread": {"W1": "16384,131072,524288", "W2": "16384,131072,524288",
                       "W3": "65536,1048576", "W3b": "262144"},
        "xla": {"W1": "16384,131072", "W2": "16384,131072", "W3": "4096,32768"},
    }.items()
    for work, people in sizes.items()
    for precision in ("f64", "f32")
]  # fmt: skip
FEW = ["one_thread/W2/f64/64", "one_thread/W2/f32/64", "xla/W1/f64/64"]
"""for a processor"""
CHECKED = 1024
"""people who are compared with the native back end"""
ARMS = {"W3": "ketamine-1-therapy", "W3b": "ketamine-1-buprenorphine"}
DAYS_A_YEAR = 365.25


class Case:
    """A row while it is measured."""

    def __init__(self, work: str, precision: str, device: str) -> None:
        self.work, self.single, self.gpu = work, precision == "f32", device == "gpu"
        self.real, self.people = "float" if self.single else "double", 0


class Dynamics(Case):
    """W1 or W2."""

    def ready(self, engine: str) -> Callable[[], Any]:
        """What runs everybody and leaves results where they were made."""
        from resynapse.bench.workload import SEED, WORKLOADS

        work = self.workload = WORKLOADS[self.work]()
        self.steps, self.units, self.unit = len(work.table().step), work.units_each, work.unit
        if engine == "one_thread":
            from one_thread_dynamics import OneThread

            ready = OneThread(work, self.real, self.gpu)
            return lambda: (ready.left_there(0, self.people), ready.module.get)
        from resynapse.engine.dynamics.xla import on_device

        through = on_device(work.system, work.table(), SEED, work.rule, self.single)
        return lambda: (_there(through(0, self.people)), np.asarray)

    def draw(self) -> None:
        """People are drawn on the device."""

    def error(self, made: tuple) -> dict[str, float]:
        """Against the native back end."""
        from resynapse.bench.ours import native

        many = min(CHECKED, self.people)
        truth = native(self.workload, os.cpu_count() or 1)(0, many)
        records, ends = made[0], made[1:] if len(made) == 3 else (made[1][1], made[1][0])
        exact = truth.by_person()
        apart = np.abs(np.moveaxis(records[..., :many], 2, 0) - exact)
        top = np.abs(exact).max(axis=1, keepdims=True)
        same = ends[1][:many] == truth.count
        return {
            "max_error": float((apart / top).max()),
            "first_event_max_error": float(np.abs(ends[0][:many] - truth.first)[same].max()),
            "same_counts": float(same.mean()),
        }


class Chain(Case):
    """An arm of the whole chain."""

    def ready(self, engine: str) -> Callable[[], Any]:
        """What runs everybody and leaves results where they were made."""
        from one_thread_arm import Arm

        from resynapse.bench.chain import PROTOCOL
        from resynapse.protocol import load

        arm = self.arm = Arm(load(PROTOCOL), ARMS[self.work])
        self.steps, self.units, self.unit = arm.steps, arm.days / DAYS_A_YEAR, "patient-years/s"
        if engine == "one_thread":
            ready = arm.one_thread(arm.persons(64), self.real, self.gpu)
            self.to_device = ready.given
            return lambda: (ready.left_there(self.given, self.people), ready.module.get)
        self.to_device = lambda persons: persons
        through = arm.xla(self.single)
        return lambda: (_there(through(self.given)), np.asarray)

    def draw(self) -> None:
        """People, on the host."""
        self.persons = self.arm.persons(self.people)
        self.given = self.to_device(self.persons)

    def error(self, made: tuple) -> dict[str, float]:
        """Against the native back end."""
        return self.arm.apart(self.persons, made, min(CHECKED, self.people))


def _there(made: Any) -> Any:
    import jax

    return jax.block_until_ready(jax.tree.leaves(made))


def measured(row: str, device: str, turns: int) -> Iterator[dict[str, Any]]:
    """One row, in this process."""
    engine, work, precision, sizes = row.split("/")
    case = (Chain if work in ARMS else Dynamics)(work, precision, device)
    begun = time.perf_counter()
    run = case.ready(engine)
    made = time.perf_counter() - begun
    for people in map(int, sizes.split(",")):
        case.people = people
        drawing, _ = _timed(case.draw)
        first, _ = _timed(run)
        results, fetch = None, None
        seconds = []
        for _ in range(turns):
            results = None
            took, (results, fetch) = _timed(run)
            seconds.append(took)
        fetching, found = _timed(lambda: tuple(map(fetch, results)))  # noqa: B023
        units, least = case.units * people, median(seconds)
        yield {
            "engine": engine, "workload": work, "precision": precision, "people": people,
            "device": _device(device), "steps": case.steps, "rate": units / least,
            "rate_whole": units / (drawing + least + fetching), "rate_unit": case.unit,
            "seconds": seconds, "drawing_seconds": drawing, "fetching_seconds": fetching,
            "start_seconds": made + first - least, "memory_mb": _memory(engine, device),
            **case.error(found),
        }  # fmt: skip


def _timed(function: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    made = function()
    return time.perf_counter() - begun, made


def _device(device: str) -> str:
    if device == "cpu":
        return "processor"
    asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def _memory(engine: str, device: str) -> float:
    """Most memory of the device that was used; of the process on a processor. MB."""
    if device == "cpu":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    if engine == "xla":
        import jax

        return jax.devices()[0].memory_stats()["peak_bytes_in_use"] / 2.0**20
    import cupy

    free, total = cupy.cuda.runtime.memGetInfo()
    return (total - free) / 2.0**20


def alone(row: str, device: str, turns: int) -> None:
    """One row in a process of its own, which writes what it finds."""
    command = [sys.executable, __file__, "--alone", row, "--device", device, "--turns", str(turns)]
    places = {"JAX_PLATFORMS": "cpu"} if device == "cpu" else {}
    settings = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | places
    done = subprocess.run(command, env=os.environ | settings, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        print(json.dumps({"row": row, "failed": last}), flush=True)


def main() -> None:
    """Print a line a row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", nargs="*")
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        from resynapse.engine.cache import keep_compiled

        keep_compiled()
        for found in measured(given.alone, given.device, given.turns):
            print(json.dumps(found), flush=True)
        return
    for row in given.rows or (FEW if given.few else ROWS):
        alone(row, given.device, given.turns)


if __name__ == "__main__":
    main()
