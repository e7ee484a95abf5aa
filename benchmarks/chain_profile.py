"""Where does the time of the whole chain (W3) go, and what would another rate need?

    python benchmarks/chain_profile.py --people 2048 [--arms ketamine-3-therapy]

Each arm by itself in one thread, ``native``, in processor time. Calls of each kernel are counted in
512 people: every kernel is called by way of a function that counts. What a kernel does for a person
is a straight line, so operations and instructions are counted in its code. Samples of the clock by
kernel need ``perf`` (Debian: linux-perf) and leave to use it. The peak is that of ``resynapse
bench``, on one core, in the same process.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from one_thread_arm import SEED, Arm

from resynapse.bench.chain import DAYS_A_YEAR, PROTOCOL
from resynapse.bench.peak import ARGUMENTS, CHAINS, COUNTED, LANES, TURNS, peak_kernel
from resynapse.engine.linear import ORDER, SQUARINGS
from resynapse.engine.native import driver, run
from resynapse.engine.native.blueprint import _flows
from resynapse.engine.native.build import Loaded, machine_code
from resynapse.engine.native.emit import emit
from resynapse.engine.native.graph import Level
from resynapse.engine.native.kinetics import TILE, product_kernels
from resynapse.engine.native.processor import machine
from resynapse.engine.native.program import NARROW, ROOM, Program
from resynapse.engine.native.propagation import Kinetics, aligned
from resynapse.protocol import load
from resynapse.trial import arm_run

CALL = ctypes.CFUNCTYPE(None, *ARGUMENTS)
WIDE = ("knot", "inflow", "node", "peaks", "seen", "day")
AROUND_EVENTS = ("fire", "goal")
OF_KIND = ("whole", "part", "alone", "beside")
GROUPS = {
    "whole steps": ("whole",), "pieces around events": ("part", "goal", "fire"),
    "driven states apart": ("driven", "beside"), "knots, days, records": WIDE,
    "propagators": ("taylor", "last", "square"),
}  # fmt: skip
FUNCTIONS = ("exp", "expm1", "log", "log1p", "tanh", "logistic", "pow")
ARITHMETIC = re.compile(r"^v(add|sub|mul|div|fn?m(add|sub)\w*?)\d*pd$")
FEW = 64
"""people who go first, so that everything is compiled and loaded"""


class Profiled:
    """One arm, ready."""

    def __init__(self, name: str) -> None:
        self.one = one = Arm(load(PROTOCOL), name)
        self.people = one.persons(ROOM)
        self.made = run.Prepared(one.model, one.setting, self.people, one.course, SEED)
        self.years = one.conduct.protocol.follow_up_days / DAYS_A_YEAR

    def names(self) -> dict[int, str]:
        """Address -> kernel."""
        at = self.made.ready.loaded.address
        return {at(name): name for name in self.made.blueprint.code}

    def calls(self) -> Counter[str]:
        """How often each kernel is called for ROOM people; those of propagators by their number."""
        found: Counter[str] = Counter()
        kept, true, names = [], self.made.kernels, self.names()

        def counting(address: int) -> int:
            if not address:
                return 0
            inner, name = CALL(address), names[address]

            def one(*given: Any) -> None:
                found[name] += 1
                inner(*given)

            kept.append(CALL(one))
            return ctypes.cast(kept[-1], ctypes.c_void_p).value or 0

        of_kind = {
            kind: np.array([counting(int(a)) for a in getattr(true, kind)]) for kind in OF_KIND
        }
        single = {name: counting(getattr(true, name)) for name in WIDE + AROUND_EVENTS}
        self.made.kernels = driver.Kernels(**single, **of_kind)
        self.made.through(self.people)
        self.made.kernels = true
        return found + self._products()

    def _products(self) -> Counter[str]:
        """Calls of the kernels by which propagators are made, for ROOM people."""
        found: Counter[str] = Counter()
        for part in self.made.kinetics.parts:
            for kind, each in run_of_products():
                found[f"{kind}_{part.flow.number}"] = each * len(part.lengths) * ROOM // TILE
        return found

    def kernels(self) -> dict[str, tuple]:
        """Kernels as they are written: name -> (graph, kernel, places)."""
        one, course = self.one, self.one.course
        made = Program(one.model, one.setting, self.people, course)
        drug, driven = np.asarray(course.plan.drug), np.asarray(course.plan.driven)
        about = drug | np.vstack([np.zeros_like(drug[:1]), drug[:-1]])
        kinds, _ = run._distinct(np.column_stack([about, driven]))
        for flags in kinds:
            made.step_kernels(tuple(map(bool, flags)))
        found = {n: (made.graph, k, made.places(n)) for n, k in made.kernels.items()}
        for flow in _flows(made, kinds.any(axis=0)[:-1]):
            for written in product_kernels(flow.pattern, str(flow.number)):
                found[written[1].name] = written
        return found


def run_of_products() -> list[tuple[str, int]]:
    """How many products of each kind a propagator takes; forth and back do the same."""
    return [("taylor", ORDER - 1), ("last", 1), ("square", SQUARINGS)]


def code_of(graph: Any, kernel: Any, places: Any) -> dict[str, float]:
    """What one turn of a kernel is: operations, functions and divisions of a person; instructions.

    Of the instructions, those of arithmetic (one that multiplies and adds counted once) and those
    that look at the stack.
    """
    text = str(emit(graph, kernel, places))
    inside = [graph[n] for n in graph.needed(kernel.outputs.values(), Level.LANE)]
    lines = assembly(text)
    words = [line.split()[0] for line in lines]
    return {
        "side by side": kernel.vector,
        "operations": len(COUNTED.findall(text)),
        "functions": sum(n.operation in FUNCTIONS and n.level == Level.LANE for n in inside),
        "divisions": text.count(" = fdiv "),
        "instructions": len(words),
        "arithmetic": sum(bool(ARITHMETIC.match(word)) for word in words),
        "at the stack": sum("(%rsp)" in line or "(%rbp)" in line for line in lines),
    }


def assembly(text: str) -> list[str]:
    """Instructions of a kernel as it is compiled."""
    module = llvm.parse_assembly(text)
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    passes = llvm.create_pass_builder(machine(), options)
    passes.getModulePassManager().run(module, passes)
    lines = (line.strip() for line in machine().emit_assembly(module).splitlines())
    return [line for line in lines if line and line[0] not in ".#" and not line.endswith(":")]


def peak() -> float:
    """Operations a second of one core that does nothing else."""
    loaded = Loaded({"peak": machine_code(peak_kernel())})
    go, arena = CALL(loaded.address("peak")), aligned(CHAINS, LANES)
    best = np.inf
    for _ in range(5):
        begun = time.thread_time()
        go(*[arena.ctypes.data] * 3, TURNS)
        best = min(best, time.thread_time() - begun)
    return TURNS * CHAINS * LANES * 2 / best


@contextmanager
def timed_parts(found: dict[str, float]) -> Iterator[None]:
    """Seconds of processor time of parts of a run, each without the others within it."""
    parts = [
        (run.Prepared, "__init__", "tables of the plan"), (Kinetics, "of", "propagators"),
        (driver, "drive", "driving loop"), (arm_run, "patients_columns", "table of people"),
        (arm_run, "left_behind", "what is kept"), (arm_run, "ensure_sound", "bounds"),
        (arm_run, "reduced", "endpoints"),
    ]  # fmt: skip
    within, before = threading.local(), [getattr(place, name) for place, name, _ in parts]

    def timed(function: Callable, title: str) -> Callable:
        def one(*given: Any, **named: Any) -> Any:
            begun, outer = time.thread_time(), getattr(within, "spent", 0.0)
            within.spent = 0.0
            try:
                return function(*given, **named)
            finally:
                spent = time.thread_time() - begun
                found[title] = found.get(title, 0.0) + spent - within.spent
                within.spent = outer + spent

        return one

    for (place, name, title), function in zip(parts, before, strict=True):
        setattr(place, name, timed(function, title))
    try:
        yield
    finally:
        for (place, name, _), function in zip(parts, before, strict=True):
            setattr(place, name, function)


@contextmanager
def sampled(names: dict[int, str], sizes: dict[str, int], found: Counter[str]) -> Iterator[None]:
    """Samples of the clock by group of kernels meanwhile, where there is ``perf``."""
    if which("perf") is None:
        yield
        return
    known = Path(tempfile.gettempdir()) / f"perf-{os.getpid()}.map"
    lines = [f"{a:x} {sizes[name]:x} kernel:{name}" for a, name in sorted(names.items())]
    known.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data")
        asked = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "997", "-o", data, "-p"]
        recorder = subprocess.Popen([*asked, str(os.getpid())])
        time.sleep(1.0)
        yield
        recorder.send_signal(signal.SIGINT)
        recorder.wait()
        told = subprocess.run(
            ["perf", "script", "-i", data, "-F", "ip,sym,dso"], capture_output=True, text=True,
            check=True,
        )  # fmt: skip
    known.unlink()
    found.update(map(group_of, told.stdout.splitlines()))


def group_of(line: str) -> str:
    """What a sample belongs to."""
    if "[kernel.kallsyms]" in line or "[guest.kernel" in line:
        return "system"
    if named := re.search(r"kernel:([a-z]+)", line):
        return next(group for group, names in GROUPS.items() if named[1] in names)
    return "loops between kernels" if "/perf-" in line else "Python and libraries"


def profile(name: str, people: int) -> None:
    """Print the profile of one arm."""
    made, parts, samples = Profiled(name), dict[str, float](), Counter[str]()
    conduct, felt = made.one.conduct, made.one.felt
    conduct.threads = 1
    arm_run.run_arm(conduct, made.one.arm, felt, FEW, lambda _: None)
    conduct.persons(0, FEW)
    sizes = {n: len(code) for n, code in made.made.blueprint.code.items()}
    with sampled(made.names(), sizes, samples), timed_parts(parts):
        begun = time.process_time()
        conduct._once(0, people)
        parts["drawing people"] = time.process_time() - begun
        arm_run.run_arm(conduct, made.one.arm, felt, people, lambda _: None)
        total = time.process_time() - begun
    parts["the rest"] = total - sum(parts.values())
    print(f"\n## {name}: {made.one.steps} steps, {people} people, {total:.2f} s of processor time,")
    print(f"{people * made.years / total:.0f} patient-years a second of it")
    for title, spent in sorted(parts.items(), key=lambda pair: -pair[1]):
        print(f"  {spent / total:6.1%} {title}")
    many = sum(samples.values())
    print(f"samples of the clock: {many}")
    for title, found in samples.most_common():
        print(f"  {found / many:6.1%} {title}")
    work(made)


def work(made: Profiled) -> None:
    """Print how often each kernel is called for a person and what it does; all of it together."""
    calls, codes = made.calls(), {n: code_of(*k) for n, k in made.kernels().items()}
    print("kernel: calls a person (seats, empty ones among them, around events)")
    whole = Counter[str]()
    for name, many in calls.most_common():
        code = codes[name]
        seats = NARROW if code["side by side"] == NARROW else ROOM
        seats = TILE if name.startswith(GROUPS["propagators"]) else seats
        each = many * seats / ROOM
        print(f"  {name} {each:.0f} {code}")
        group = next(g for g, names in GROUPS.items() if name.split("_")[0] in names)
        for what in ("operations", "functions", "divisions"):
            whole[f"{group}: {what}"] += each * code[what]
            whole[f"all: {what}"] += each * code[what]
    for what, many in whole.items():
        print(f"  a patient-year: {many / made.years:.0f} {what}")


def main() -> None:
    """Print the profile of each arm, and the peak."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--people", type=int, default=2048)
    ask.add_argument("--arms", nargs="*")
    given = ask.parse_args()
    for name in given.arms or [arm.id for arm in load(PROTOCOL).arms]:
        profile(name, given.people)
    print(f"\npeak of one core: {peak() / 1e9:.1f} billion operations a second")


if __name__ == "__main__":
    main()
