"""How does a function of one patient, written with jax.numpy, become scalar operations?"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from resynapse.engine.native.graph import Graph

Numbers = Any
"""the number of a node, or an array of them in the shape of the array that they make up"""

_SAME = {
    "add": "add", "add_any": "add", "sub": "sub", "mul": "mul", "div": "div", "neg": "neg",
    "abs": "abs", "max": "max", "min": "min", "sqrt": "sqrt", "floor": "floor", "sign": "sign",
    "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p", "tanh": "tanh",
    "logistic": "logistic", "lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "eq": "eq", "ne": "ne",
    "and": "and", "or": "or", "xor": "xor", "not": "not", "pow": "pow",
    "shift_left": "shift_left", "shift_right_logical": "shift_right",
}  # fmt: skip
"""primitive of JAX -> operation of a graph"""
_ELEMENTWISE = ("select_n", "convert_element_type", "integer_pow", "square", "rsqrt", "clamp")
"""primitives of several operations, on each element by itself"""
_CALLS = ("jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call", "checkpoint")
_NOTHING = ("copy", "copy_p", "stop_gradient", "optimization_barrier")


class LoweringError(TypeError):
    """A function uses what a kernel does not have."""


def lower(graph: Graph, function: Callable, *trees: Any) -> Any:
    """``function`` of trees of nodes, as a tree of nodes; all leaves are arrays of numbers."""
    leaves, structure = jax.tree.flatten(trees)
    shapes = tuple((np.shape(x), _dtype(graph, x)) for x in leaves)
    trace = _kept if function.__closure__ is None else _traced
    closed, shape = trace(function, structure, shapes)
    made = _Inliner(graph).inline(closed.jaxpr, closed.consts, [_plain(x) for x in leaves])
    return jax.tree.unflatten(shape, [np.asarray(x) for x in made])


def _plain(numbers: Any) -> Numbers:
    """A number alone as it is: most are, and an array of one would cost more than what is done."""
    array = np.asarray(numbers)
    return array if array.ndim else int(array)


def _traced(function: Callable, structure: Any, shapes: tuple) -> tuple[Any, Any]:
    """The operations of a function and the structure of what it gives."""

    def flat(*values: Any) -> Any:
        return function(*jax.tree.unflatten(structure, values))

    arrays = [jax.ShapeDtypeStruct(*shape) for shape in shapes]
    with jax.enable_x64(True):
        closed, made = jax.make_jaxpr(flat, return_shape=True)(*arrays)
    return closed, jax.tree.structure(made)


_kept = cache(_traced)
"""functions of a module are traced once for all that look alike"""


def _dtype(graph: Graph, numbers: Numbers) -> Any:
    kinds = {"f": np.float64, "b": np.bool_, "u": np.uint32, "i": np.int64}
    return kinds[graph[int(np.ravel(numbers)[0])].kind]


def loop_sizes(parameters: dict) -> tuple[int, int]:
    """How many inputs of a loop stay as they are, and how many are carried from turn to turn.

    From version 0.11 on, JAX keeps the structure of the inputs in place of both numbers.
    """
    if "ft_in" in parameters:
        fixed, carried, _ = map(len, parameters["ft_in"].unpack())
        return fixed, carried
    return parameters["num_consts"], parameters["num_carry"]


class _Inliner:
    """Walks through the operations of a traced function, calls included."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def inline(self, jaxpr: Any, consts: list, arguments: list[Numbers]) -> list[Numbers]:
        known = dict(zip(jaxpr.constvars, map(self.constants, consts), strict=True))
        known.update(zip(jaxpr.invars, arguments, strict=True))
        constants = self.constants
        for equation in jaxpr.eqns:
            inputs = [
                constants(x.val) if isinstance(x, Literal) else known[x] for x in equation.invars
            ]
            same = _SAME.get(equation.primitive.name)
            if same is None:
                results = self.equation(equation, inputs)
                known.update(zip(equation.outvars, results, strict=True))
            else:
                made = equation.outvars[0]
                known[made] = self.each(same, _KINDS[made.aval.dtype.kind], *inputs)
        return [constants(x.val) if isinstance(x, Literal) else known[x] for x in jaxpr.outvars]

    def constants(self, value: Any) -> Numbers:
        array = np.asarray(value)
        kind = _kind(array.dtype)
        if not array.ndim:
            return self.graph.constant(array.item(), kind)
        numbers = [self.graph.constant(x, kind) for x in array.ravel()]
        return np.array(numbers, np.int64).reshape(array.shape)

    def equation(self, equation: Any, inputs: list[Numbers]) -> list[Numbers]:
        """What a kernel does not have as an operation of its own."""
        name, parameters = equation.primitive.name, equation.params
        if name in _CALLS:
            inner = parameters.get("jaxpr") or parameters["call_jaxpr"]
            open_, consts = (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, [])
            return self.inline(open_, consts, inputs)
        if name == "scan":
            return self.unrolled(parameters, inputs)
        if name in _NOTHING:
            return [inputs[0]]
        shaped = getattr(self, f"_{name}", None)
        if name in _ELEMENTWISE:
            return [shaped(parameters, *inputs)]
        if shaped is not None:
            return [_plain(shaped(parameters, *map(np.asarray, inputs)))]
        raise LoweringError(
            f"A kernel has no operation {name!r}, used at {_place(equation)}. Write the formula"
            " with elementwise functions of scalars: jnp.where instead of if or cond, sums instead"
            " of array functions."
        )

    def unrolled(self, parameters: dict, inputs: list[Numbers]) -> list[Numbers]:
        """A loop of known length, one turn after another."""
        fixed, carried = loop_sizes(parameters)
        constants, carry = inputs[:fixed], inputs[fixed : fixed + carried]
        rows, inner, made = [*map(np.asarray, inputs[fixed + carried :])], parameters["jaxpr"], []
        turns = range(parameters["length"])
        for turn in reversed(turns) if parameters["reverse"] else turns:
            given = [*constants, *carry, *(_plain(x[turn]) for x in rows)]
            found = self.inline(inner.jaxpr, inner.consts, given)
            carry = found[:carried]
            made.append(found[carried:])
        if parameters["reverse"]:
            made.reverse()
        return [*carry, *(np.stack(parts) for parts in zip(*made, strict=True))]

    def each(self, operation: str, kind: str, *inputs: Numbers) -> Numbers:
        """An operation on every element."""
        for x in inputs:
            if isinstance(x, np.ndarray):
                break
        else:
            return self.graph.apply(operation, inputs, kind)
        inputs = np.broadcast_arrays(*inputs)
        made = [
            self.graph.apply(operation, tuple(int(n) for n in numbers), kind)
            for numbers in zip(*(x.ravel() for x in inputs), strict=True)
        ]
        return np.array(made, np.int64).reshape(inputs[0].shape)

    def kind_of(self, numbers: Numbers) -> str:
        return self.graph[int(np.ravel(numbers)[0])].kind

    def _select_n(self, _: dict, which: Numbers, *cases: Numbers) -> Numbers:
        if len(cases) != 2 or self.kind_of(which) != "b":
            raise LoweringError("A kernel can choose between two cases by a truth only.")
        return self.each("select", self.kind_of(cases[0]), which, cases[1], cases[0])

    def _convert_element_type(self, parameters: dict, x: Numbers) -> Numbers:
        was, to = self.kind_of(x), _kind(parameters["new_dtype"])
        if was == to:
            return x
        if {was, to} == {"u", "i"}:
            return self.each("to_word" if to == "u" else "to_whole", to, x)
        if was == "b" and to == "f":
            return self.each("select", "f", x, self.constants(1.0), self.constants(0.0))
        operation = {"f": "to_real", "u": "to_word"}.get(to)
        if operation is None or was == "b":
            raise LoweringError(
                f"A kernel cannot make a number of kind {to!r} of one of kind {was!r}, as if and"
                " lax.cond do. Write jnp.where."
            )
        return self.each(operation, to, x)

    def _integer_pow(self, parameters: dict, x: Numbers) -> Numbers:
        power = int(parameters["y"])
        made = x
        for _ in range(abs(power) - 1):
            made = self.each("mul", "f", made, x)
        return made if power > 0 else self.each("div", "f", self.constants(1.0), made)

    def _square(self, _: dict, x: Numbers) -> Numbers:
        return self.each("mul", "f", x, x)

    def _rsqrt(self, _: dict, x: Numbers) -> Numbers:
        return self.each("div", "f", self.constants(1.0), self.each("sqrt", "f", x))

    def _clamp(self, _: dict, low: Numbers, x: Numbers, high: Numbers) -> Numbers:
        return self.each("min", "f", high, self.each("max", "f", low, x))

    def _broadcast_in_dim(self, parameters: dict, x: Numbers) -> Numbers:
        shape = parameters["shape"]
        inner = [1] * len(shape)
        for place, size in zip(parameters["broadcast_dimensions"], x.shape, strict=True):
            inner[place] = size
        return np.broadcast_to(x.reshape(inner), shape)

    def _reshape(self, parameters: dict, x: Numbers) -> Numbers:
        return x.reshape(parameters["new_sizes"])

    def _squeeze(self, parameters: dict, x: Numbers) -> Numbers:
        return x.squeeze(tuple(parameters["dimensions"]))

    def _transpose(self, parameters: dict, x: Numbers) -> Numbers:
        return x.transpose(parameters["permutation"])

    def _concatenate(self, parameters: dict, *parts: Numbers) -> Numbers:
        return np.concatenate(parts, axis=parameters["dimension"])

    def _slice(self, parameters: dict, x: Numbers) -> Numbers:
        first, last = parameters["start_indices"], parameters["limit_indices"]
        steps = parameters["strides"] or (1,) * x.ndim
        return x[tuple(slice(*part) for part in zip(first, last, steps, strict=True))]

    def _dynamic_slice(self, parameters: dict, x: Numbers, *starts: Numbers) -> Numbers:
        first = [self.graph.value(int(s.ravel()[0])) for s in starts]
        if None in first:
            raise LoweringError("A kernel cannot pick an element by a number known only later.")
        sizes = parameters["slice_sizes"]
        return x[tuple(slice(f, f + n) for f, n in zip(first, sizes, strict=True))]

    def _reduce_sum(self, parameters: dict, x: Numbers) -> Numbers:
        for axis in sorted(parameters["axes"], reverse=True):
            parts = np.moveaxis(x, axis, 0)
            x = parts[0]
            for part in parts[1:]:
                x = self.each("add", "f", x, part)
        return _plain(x)


_KINDS = {"f": "f", "b": "b", "u": "u", "i": "i"}
"""kind as NumPy calls it -> kind of a node"""


def _kind(dtype: Any) -> str:
    return _KINDS[np.dtype(dtype).kind]


def _place(equation: Any) -> str:
    """File and line of the user's code; JAX offers no public way to ask."""
    from jax._src import source_info_util

    return source_info_util.summarize(equation.source_info)
