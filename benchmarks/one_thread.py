"""How do the operations of a graph look in C, for one thread a patient?

An experiment, no back end. The graphs that engine/native writes as SIMD kernels are printed in the
C that CUDA compiles (CuPy and nvcc must be there); a thread has its patient's rows of the arena to
itself. Without a GPU the same text is compiled for the processor, one patient after another: slow,
but it shows that the text is right.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from one_thread_functions import functions

from resynapse.engine.cache import folder
from resynapse.engine.native.emit import Kernel, Places, boundary
from resynapse.engine.native.graph import Graph, Level, Node

BLOCK = 128
"""threads of a block"""
OPTIONS = ("-arch=sm_90", "-cubin", "--std=c++17")
"""of nvcc"""
NEAR = 64
"""patients of a block whose numbers fit into the memory that a block shares"""
TILE = 32
"""patients whose numbers of one row lie side by side: those of a warp"""
KINDS = {"f": "T", "b": "bool", "u": "word", "i": "word"}
FORMS = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "over({0}, {1})",
    "neg": "-{0}", "abs": "fabs({0})", "sqrt": "sqrt({0})", "floor": "floor({0})",
    "exp": "exp_of({0})", "expm1": "expm1_of({0})", "log": "log_of({0})", "log1p": "log1p_of({0})",
    "pow": "pow_of({0}, {1})", "tanh": "tanh_of({0})", "logistic": "logistic_of({0})",
    "max": "({0} > {1} || {0} != {0}) ? {0} : {1}", "min": "({0} < {1} || {0} != {0}) ? {0} : {1}",
    "sign": "{0} > T(0) ? T(1) : {0} < T(0) ? T(-1) : {0}", "select": "{0} ? {1} : {2}",
    "lt": "{0} < {1}", "le": "{0} <= {1}", "gt": "{0} > {1}", "ge": "{0} >= {1}",
    "eq": "{0} == {1}", "ne": "{0} != {1}", "and": "{0} & {1}", "or": "{0} | {1}",
    "xor": "{0} ^ {1}", "not": "!{0}", "shift_left": "{0} << {1}", "shift_right": "{0} >> {1}",
    "to_word": "word({0})", "to_whole": "{0}", "to_real": "T({0})",
}  # fmt: skip
"""operation -> C"""
HEAD = """
#ifdef __CUDACC__
#define DEVICE __device__
#ifndef INFINITY
#define INFINITY (1.0 / 0.0)
#define NAN (0.0 / 0.0)
#endif
#else
#define DEVICE
#include <cmath>
using namespace std;
#endif
typedef unsigned int word;
typedef {real} real;
struct Rows {{
  real* at;
  DEVICE real& operator[](int row) const {{ return at[row * {tile}]; }}
}};
DEVICE Rows rows_of(real* arena, long long p, int rows) {{
  Rows a = {{arena + p / {tile} * ({tile}ll * rows) + p % {tile}}};
  return a;
}}
struct Near {{
  double* at;
  DEVICE double& operator[](int row) const {{ return at[row * {near}]; }}
}};
DEVICE int next(int* count) {{
#ifdef __CUDACC__
  return atomicAdd(count, 1);
#else
  return (*count)++;
#endif
}}
"""
FENCE = '  } asm volatile("" ::: "memory");'
"""nothing that was read before is taken to be known after it"""
RUN = """
#ifdef __CUDACC__
extern "C" __global__ void __launch_bounds__({block}) {name}(long long many, {head}) {{
  long long p = blockIdx.x * (long long)blockDim.x + threadIdx.x;
  if (p < many) {name}_one(p, many, {names});
}}
#else
extern "C" void {name}(long long many, {head}) {{
  for (long long p = 0; p < many; ++p) {name}_one(p, many, {names});
}}
#endif
"""


def printed(
    graph: Graph, kernel: Kernel, places: Places, single: bool = False, rows: str = "real*",
    groups: Iterable[list[int]] | None = None,
) -> str:  # fmt: skip
    """``name(a, run, step)``: from rows of ``a``, entries of ``run`` and of this step, to rows.

    ``places.run`` and ``places.step`` are filled as entries are asked for. Calculates in the
    numbers of the arena if ``single``, in 64 bits otherwise. ``rows`` is what holds the rows.
    Rows of one of the ``groups`` are put down before the next is begun, and what it reads is read
    anew, so that few numbers need a register at once; none of these rows may be read.
    """
    ends = set(boundary(graph, kernel))
    text = [
        f"DEVICE void {kernel.name}({rows} a, const double* run, const double* step) {{",
        f"  typedef {'real' if single else 'double'} T;",
    ]
    kept = "real" if rows in ("real*", "Rows") else "double"

    def made(group: Iterable[int]) -> list[str]:
        found = []
        for number in graph.needed([kernel.outputs[row] for row in group], Level.LANE):
            node = graph[number]
            if node.operation != "constant":
                value = _read(number, node, places) if number in ends else _done(graph, node)
                found.append(f"  const {KINDS[node.kind]} x{number} = {value};")
        rows = ((row, _word(graph, kernel.outputs[row])) for row in group)
        return [*found, *(f"  a[{row}] = {kept}({word});" for row, word in rows)]

    if groups is None:
        text += made(kernel.outputs)
    else:
        text += (line for group in groups for line in ("  {", *made(group), FENCE))
    return "\n".join([*text, "}", ""])


def per_patient(name: str, arguments: dict[str, str], body: str, block: int = BLOCK) -> str:
    """A kernel of this body, which may use ``p``, ``many`` and the arguments: name -> type."""
    head = ", ".join(f"{kind} {one}" for one, kind in arguments.items())
    text = f"DEVICE void {name}_one(long long p, long long many, {head}) {{\n{body}}}\n"
    return text + RUN.format(name=name, head=head, names=", ".join(arguments), block=block)


def lines(pairs: Iterable[tuple[str, str]]) -> str:
    """Assignments."""
    return "".join(f"  {target} = {source};\n" for target, source in pairs)


def _read(number: int, node: Node, places: Places) -> str:
    if node.level == Level.RUN:
        place = f"run[{places.run.setdefault(number, len(places.run))}]"
    elif node.level == Level.STEP:
        place = f"step[{places.step.setdefault(number, len(places.step))}]"
    else:
        place = f"a[{places.rows[number]}]"
    return f"{place} != 0" if node.kind == "b" else f"{KINDS[node.kind]}({place})"


def _done(graph: Graph, node: Node) -> str:
    return FORMS[node.operation].format(*(_word(graph, number) for number in node.arguments))


def _word(graph: Graph, number: int) -> str:
    node = graph[number]
    if node.operation != "constant":
        return f"x{number}"
    value = node.arguments[0]
    if node.kind == "b":
        return str(value).lower()
    if node.kind in "ui":
        return f"word({value}u)"
    if math.isnan(value):
        return "T(NAN)"
    return f"T({value!r})" if math.isfinite(value) else f"T({'-' if value < 0 else ''}INFINITY)"


class Module:
    """Compiled text; ``array`` puts numbers where its kernels find them."""

    def __init__(self, texts: Iterable[str], real: str, device: bool) -> None:
        head = HEAD.format(real=real, tile=TILE, near=NEAR) + functions()
        self.text = head + "\n".join(texts)
        self.device = device
        if device:
            import cupy

            self.xp, self.real = cupy, np.dtype({"double": "f8", "float": "f4"}[real])
            self.kernels: dict[str, Any] = {}
            self.processors = cupy.cuda.Device().attributes["MultiProcessorCount"]
            self.module = cupy.RawModule(path=str(for_device(self.text)))
        else:
            self.xp, self.real = np, np.dtype({"double": "f8", "float": "f4"}[real])
            self.module, self.processors = _on_processor(self.text), 1

    def array(self, values: Any) -> Any:
        """These numbers, on the device if there is one."""
        return self.xp.asarray(np.ascontiguousarray(values))

    def get(self, values: Any) -> np.ndarray:
        """The same numbers, on the host."""
        return values.get() if self.device else values

    def call(self, name: str, many: int, *arguments: Any) -> None:
        """A kernel on so many patients; done when this returns."""
        self.begin(name, many, arguments)
        if self.device:
            self.xp.cuda.Device().synchronize()

    def begin(
        self, name: str, many: int, arguments: tuple, block: int = BLOCK, near: int = 0
    ) -> None:
        """The same, not waited for: what is begun later comes after it.

        ``near``: bytes of memory that a block shares.
        """
        if self.device:
            if name not in self.kernels:
                self.kernels[name] = self.module.get_function(name)
                self.kernels[name].max_dynamic_shared_size_bytes = near
            given = np.int64(many), *arguments
            self.kernels[name]((-(-many // block),), (block,), given, shared_mem=near)
            return
        given = [a.ctypes.data_as(ctypes.c_void_p) if hasattr(a, "ctypes") else a
                 for a in (_plain(a) for a in arguments)]  # fmt: skip
        getattr(self.module, name)(ctypes.c_longlong(many), *given)


def _plain(value: Any) -> Any:
    return ctypes.c_longlong(int(value)) if np.ndim(value) == 0 else value


def for_device(text: str) -> Path:
    """The text as a file of machine code for a Hopper GPU, made by nvcc or kept from before."""
    place = folder("one_thread") or Path(tempfile.mkdtemp())
    made = place / f"{hashlib.sha256(' '.join((text, *OPTIONS)).encode()).hexdigest()[:40]}.cubin"
    if not made.exists():
        source, half = made.with_suffix(".cu"), made.with_suffix(".half")
        source.write_text(text, "utf-8")
        subprocess.run(["nvcc", *OPTIONS, "-o", str(half), str(source)], check=True)
        half.replace(made)
    return made


def _on_processor(text: str) -> ctypes.CDLL:
    """The text as a library of this processor."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "made.cpp", Path(folder) / "made.so"
        source.write_text(text, "utf-8")
        options = ["-O0", "-ffp-contract=off", "-shared", "-fPIC", "-w", "-o", str(made)]
        subprocess.run(["g++", *options, str(source)], check=True)
        return ctypes.CDLL(str(made))
