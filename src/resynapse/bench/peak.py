"""How much arithmetic can this processor do in a second, and how much of that do kernels do?"""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean, median

import numpy as np
from llvmlite import ir

from resynapse.bench.workload import SEED, Workload
from resynapse.engine.dynamics.march import over_steps
from resynapse.engine.dynamics.native import Native, aligned
from resynapse.engine.dynamics.program import Program
from resynapse.engine.native.build import Loaded, machine_code
from resynapse.engine.native.emit import emit

LANES = 8
"""numbers of one register of 512 bits"""
CHAINS = 12
"""independent chains, so that none waits for itself"""
TURNS = 3_000_000
BLOCKS = 100
COUNTED = re.compile(r" = (fadd|fsub|fmul|fdiv) ")
ARGUMENTS = [ctypes.c_void_p] * 3 + [ctypes.c_int64]


def peak_kernel() -> ir.Module:
    """x = x a + c, again and again in many chains; a kernel like any other."""
    double, whole = ir.DoubleType(), ir.IntType(64)
    reals = ir.VectorType(double, LANES)
    module = ir.Module(name="peak")
    head = ir.FunctionType(ir.VoidType(), [double.as_pointer()] * 3 + [whole])
    function = ir.Function(module, head, name="peak")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    place = builder.bitcast(function.args[0], reals.as_pointer())
    factor, term = (_spread(builder, reals, value) for value in (0.9999999, 1.0e-7))
    entry, loop, done = builder.block, *(function.append_basic_block(n) for n in ("loop", "done"))
    builder.branch(loop)
    builder.position_at_end(loop)
    turn = builder.phi(whole)
    chains = [builder.phi(reals) for _ in range(CHAINS)]
    fma = ir.Function(module, ir.FunctionType(reals, [reals] * 3), name=f"llvm.fma.v{LANES}f64")
    after = [builder.call(fma, [x, factor, term]) for x in chains]
    following = builder.add(turn, ir.Constant(whole, 1))
    turn.add_incoming(ir.Constant(whole, 0), entry)
    turn.add_incoming(following, loop)
    for k, (x, new) in enumerate(zip(chains, after, strict=True)):
        x.add_incoming(_spread(builder, reals, float(k)), entry)
        x.add_incoming(new, loop)
    more = builder.icmp_unsigned("<", following, function.args[3])
    builder.cbranch(more, loop, done)
    builder.position_at_end(done)
    for k, new in enumerate(after):
        builder.store(new, builder.gep(place, [ir.Constant(whole, k)]), align=64)
    builder.ret_void()
    return module


def _spread(builder: ir.IRBuilder, reals: ir.VectorType, value: float) -> ir.Constant:
    return ir.Constant(reals, [ir.Constant(ir.DoubleType(), value)] * LANES)


class Roof:
    """The kernels of a workload beside a kernel that does nothing but multiply and add."""

    def __init__(self, workload: Workload, cores: int) -> None:
        self.cores, self.workload = cores, workload
        self.ready = Native(
            workload.system, workload.table(), SEED, workload.rule, workload.lanes, workload.vector
        )
        self.ready.through(0, workload.lanes)
        self.loaded = Loaded({"peak": machine_code(peak_kernel())})
        self.operations = self._operations()

    def _operations(self) -> float:
        """Additions, subtractions, multiplications and divisions a person, each counted once."""
        program, flows = self._program(), self.ready.path.infused
        free, infused = (
            _counted(str(emit(program.graph, program.kernels[name], program.places)))
            for name in ("free", "infused" if flows.any() else "free")
        )
        return float(np.where(flows, infused, free).sum())

    def _program(self) -> Program:
        one, table = self.workload, self.workload.table()
        return Program(one.system, one.rule, table, self.ready.stride, one.vector)

    def peak(self, turns: int = TURNS) -> float:
        """Operations a second of all cores at once."""
        run = ctypes.CFUNCTYPE(None, *ARGUMENTS)(self.loaded.address("peak"))
        arenas = [aligned(CHAINS, LANES) for _ in range(self.cores)]

        def one(n: int) -> None:
            run(*[arenas[n].ctypes.data] * 3, turns)

        return self.cores * turns * CHAINS * LANES * 2 / together(one, self.cores)

    def kernel(self, blocks: int) -> float:
        """Operations a second of the workload's kernels, all cores at once."""
        ready, lanes = self.ready, self.ready.lanes
        arenas = [self._begun() for _ in range(self.cores)]

        def one(n: int) -> None:
            over_steps(
                ready.code.free, ready.code.infused, ready.path.infused, ready.path.table,
                ready.run, arenas[n], lanes, blocks,
            )  # fmt: skip

        one(0)
        return self.cores * blocks * lanes * self.operations / together(one, self.cores)

    def _begun(self) -> np.ndarray:
        """An arena with people in it, who have gone through everything once."""
        ready = self.ready
        records = np.empty((1, ready.table.records, len(ready.made.at["seen"]), ready.lanes))
        keys = np.arange(ready.lanes, dtype=np.float64)[None]
        return ready.arena_after(keys, records, np.empty((1, 2, ready.lanes)))


def _counted(text: str) -> int:
    return len(COUNTED.findall(text))


def together(work: Callable[[int], None], cores: int) -> float:
    """Seconds of processor time that each core takes, all at once: the mean over cores.

    By the clock, other work on the machine would count for the kernel or for the peak, by chance.
    """

    def timed(n: int) -> float:
        begun = time.thread_time()
        work(n)
        return time.thread_time() - begun

    with ThreadPoolExecutor(cores) as pool:
        return fmean(pool.map(timed, range(cores)))


def fraction(workload: Workload, cores: int, turns: int) -> dict[str, float]:
    """Share of the measured peak that the workload's kernels reach; medians of turns about."""
    roof = Roof(workload, cores)
    pairs = [(roof.kernel(BLOCKS), roof.peak()) for _ in range(turns)]
    return {
        "peak_fraction": median(kernel / peak for kernel, peak in pairs),
        "kernel_gflops": median(kernel for kernel, _ in pairs) / 1e9,
        "peak_gflops": median(peak for _, peak in pairs) / 1e9,
        "operations_each": roof.operations,
    }
