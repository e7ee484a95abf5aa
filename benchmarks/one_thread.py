"""How do the operations of a graph look in C, for one thread a patient?

An experiment, no back end. The graphs that engine/native writes as SIMD kernels are printed in the
C that CUDA compiles; a thread holds its patient's rows of the arena itself, so that columns, turns
of a loop and seats on the way through events all go. Without a GPU the same text is compiled for
the processor, one patient after another: slow, but it shows that the text is right.
"""

from __future__ import annotations

import ctypes
import math
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from resynapse.engine.native.emit import Kernel, Places, boundary
from resynapse.engine.native.graph import Graph, Level, Node

BLOCK = 128
"""threads of a block"""
KINDS = {"f": "T", "b": "bool", "u": "word", "i": "word"}
FORMS = {
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}",
    "abs": "fabs({0})", "sqrt": "sqrt({0})", "floor": "floor({0})", "exp": "exp({0})",
    "expm1": "expm1({0})", "log": "log({0})", "log1p": "log1p({0})", "pow": "pow({0}, {1})",
    "tanh": "tanh({0})", "logistic": "T(1) / (T(1) + exp(-{0}))",
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
"""
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


def printed(graph: Graph, kernel: Kernel, places: Places, single: bool = False) -> str:
    """``name(a, run, step)``: from rows of ``a``, entries of ``run`` and of this step, to rows.

    ``places.run`` and ``places.step`` are filled as entries are asked for. Calculates in the
    numbers of the arena if ``single``, in 64 bits otherwise.
    """
    ends = set(boundary(graph, kernel))
    lines = [
        f"DEVICE void {kernel.name}(real* a, const double* run, const double* step) {{",
        f"  typedef {'real' if single else 'double'} T;",
    ]
    for number in graph.needed(kernel.outputs.values(), Level.LANE):
        node = graph[number]
        if node.operation != "constant":
            found = _read(number, node, places) if number in ends else _done(graph, node)
            lines.append(f"  const {KINDS[node.kind]} x{number} = {found};")
    for row, number in kernel.outputs.items():
        lines.append(f"  a[{row}] = real({_word(graph, number)});")
    return "\n".join([*lines, "}", ""])


def per_patient(name: str, arguments: dict[str, str], body: str) -> str:
    """A kernel of this body, which may use ``p``, ``many`` and the arguments: name -> type."""
    head = ", ".join(f"{kind} {one}" for one, kind in arguments.items())
    text = f"DEVICE void {name}_one(long long p, long long many, {head}) {{\n{body}}}\n"
    return text + RUN.format(name=name, head=head, names=", ".join(arguments), block=BLOCK)


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
        self.text = HEAD.format(real=real) + "\n".join(texts)
        self.device = device
        if device:
            import cupy

            self.xp, self.real = cupy, np.dtype({"double": "f8", "float": "f4"}[real])
            self.module = cupy.RawModule(code=self.text, options=("--std=c++17",))
            self.module.compile()
        else:
            self.xp, self.real = np, np.dtype({"double": "f8", "float": "f4"}[real])
            self.module = _on_processor(self.text)

    def array(self, values: Any) -> Any:
        """These numbers, on the device if there is one."""
        return self.xp.asarray(np.ascontiguousarray(values))

    def get(self, values: Any) -> np.ndarray:
        """The same numbers, on the host."""
        return values.get() if self.device else values

    def call(self, name: str, many: int, *arguments: Any) -> None:
        """A kernel on so many patients; done when this returns."""
        if self.device:
            kernel = self.module.get_function(name)
            kernel((-(-many // BLOCK),), (BLOCK,), (np.int64(many), *arguments))
            self.xp.cuda.Device().synchronize()
            return
        given = [a.ctypes.data_as(ctypes.c_void_p) if hasattr(a, "ctypes") else a
                 for a in (_plain(a) for a in arguments)]  # fmt: skip
        getattr(self.module, name)(ctypes.c_longlong(many), *given)


def _plain(value: Any) -> Any:
    return ctypes.c_longlong(int(value)) if np.ndim(value) == 0 else value


def _on_processor(text: str) -> ctypes.CDLL:
    """The text as a library of this processor."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "made.cpp", Path(folder) / "made.so"
        source.write_text(text, "utf-8")
        options = ["-O0", "-ffp-contract=off", "-shared", "-fPIC", "-w", "-o", str(made)]
        subprocess.run(["g++", *options, str(source)], check=True)
        return ctypes.CDLL(str(made))
