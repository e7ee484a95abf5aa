"""Do the units of a link's formula fit together?

A link is traced with ``jax.make_jaxpr`` to its list of scalar operations, and units travel through
that list instead of numbers: sums and comparisons need equal units, exponentials and logarithms
need none, products and powers combine them. A unit has a size, a day is 24 hours, so that a
forgotten conversion shows too. A bare 24, 60 or 1000 in a formula is a conversion: the house allows
no other bare number of that kind.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jax.extend import core

from resynapse.parameter import entries


class UnitsDiffer(Exception):
    """An operation that its units forbid."""


@dataclass(frozen=True)
class Unit:
    """A size times a product of powers of basic symbols."""

    powers: tuple[tuple[str, Fraction], ...] = ()
    size: Fraction = Fraction(1)

    def __mul__(self, other: Unit) -> Unit:
        total = dict(self.powers)
        for symbol, power in other.powers:
            total[symbol] = total.get(symbol, Fraction(0)) + power
        left = tuple(sorted((s, p) for s, p in total.items() if p))
        return Unit(left, self.size * other.size)

    def __pow__(self, exponent: Fraction | int) -> Unit:
        exponent = Fraction(exponent)
        if exponent.denominator != 1 and self.size != 1:
            raise UnitsDiffer(f"no root is taken of {self}, which is no basic unit")
        size = self.size**exponent.numerator if exponent.denominator == 1 else self.size
        return Unit(tuple((s, p * exponent) for s, p in self.powers if exponent), size)

    def __truediv__(self, other: Unit) -> Unit:
        return self * Unit(tuple((s, -p) for s, p in other.powers), 1 / other.size)

    def __str__(self) -> str:
        size = [] if self.size == 1 else [str(self.size)]
        return " ".join(size + [s if p == 1 else f"{s}^{p}" for s, p in self.powers]) or "1"


PURE = Unit()
ANY = None
"""The unit of 0 and of infinity, which are the same in every unit."""

Found = Unit | None

_SIZES = {
    **{"d": ("h", Fraction(24)), "min": ("h", Fraction(1, 60))},
    **{
        "ng": ("mg", Fraction(1, 10**6)),
        "ug": ("mg", Fraction(1, 1000)),
        "g": ("mg", Fraction(1000)),
    },
    **{"mL": ("L", Fraction(1, 1000)), "mmol": ("umol", Fraction(1000))},
}
"""Units that are so many of a basic one. Body weight in kg stays apart from drug in mg."""
CONVERSIONS = (24.0, 60.0, 1000.0)

_COUNTED = {"half-effect dose": "1"}
"""Multiples of a reference amount are pure numbers."""


def unit(text: str) -> Unit:
    """The unit that is written so: ``mg/L``, ``L/(umol d)``, ``1/d``, ``m^2``, ``1``."""
    written = _COUNTED.get(text, text)
    try:
        joined = re.sub(r"(?<=[A-Z])-(?=[A-Z])", "_", written)
        formula = ast.parse(re.sub(r"\s+", "*", joined).replace("^", "**"), mode="eval")
        return _read(formula.body)
    except SyntaxError as error:
        raise ValueError(f"{text!r} is not a unit") from error


def _read(node: ast.expr) -> Unit:
    match node:
        case ast.Name(symbol):
            basic, size = _SIZES.get(symbol, (symbol, Fraction(1)))
            return Unit(((basic, Fraction(1)),), size)
        case ast.Constant(1):
            return PURE
        case ast.BinOp(left, ast.Mult(), right):
            return _read(left) * _read(right)
        case ast.BinOp(left, ast.Div(), right):
            return _read(left) / _read(right)
        case ast.BinOp(left, ast.Pow(), exponent):
            return _read(left) ** Fraction(str(ast.literal_eval(exponent)))
    raise SyntaxError


def result_units(function: Callable[..., Any], *arguments: Any) -> Any:
    """The units of what a function returns, for arguments whose leaves are units as text.

    An ``eqx.Module`` with declared parameters may stand among the arguments as it is.
    """
    units = [unit(leaf) for leaf in jax.tree.leaves([_with_units(each) for each in arguments])]
    numbers = [_with_numbers(each) for each in arguments]
    traced, shape = jax.make_jaxpr(function, return_shape=True)(*numbers)
    found = _propagate(traced.jaxpr, [_of_constant(value) for value in traced.consts], units)
    return jax.tree.unflatten(jax.tree.structure(shape), [_Shown(each) for each in found])


class _Shown:
    """A unit as a leaf of a tree: ANY is kept apart from an empty branch."""

    def __init__(self, found: Found) -> None:
        self.unit = found

    def __eq__(self, other: object) -> bool:
        expected = unit(other) if isinstance(other, str) else other
        return self.unit is ANY or self.unit == expected

    def __hash__(self) -> int:
        return hash(self.unit)

    def __repr__(self) -> str:
        return "any unit" if self.unit is ANY else str(self.unit)


def _with_units(argument: Any) -> Any:
    declared = list(entries(argument)) if isinstance(argument, eqx.Module) else []
    return [entry.declared.unit for entry in declared] if declared else argument


def _with_numbers(argument: Any) -> Any:
    return jax.tree.map(lambda leaf: 0.5 if isinstance(leaf, str) else float(leaf), argument)


def _of_constant(value: Any) -> Found:
    """A bare number is pure, but 0 and infinity fit every unit, and a conversion makes one larger.

    What was counted in days is counted in hours once it is multiplied by 24.
    """
    value = np.asarray(value)
    if value.dtype == bool:
        return PURE
    if value.shape == () and float(value) in CONVERSIONS:
        return Unit(size=1 / Fraction(float(value)))
    return ANY if np.all((value == 0) | ~np.isfinite(value)) else PURE


def _propagate(jaxpr: core.Jaxpr, constants: list[Found], arguments: list[Found]) -> list[Found]:
    known: dict[core.Var, Found] = dict(zip(jaxpr.constvars, constants, strict=True))
    known.update(zip(jaxpr.invars, arguments, strict=True))

    def read(atom: Any) -> Found:
        return _of_constant(atom.val) if isinstance(atom, core.Literal) else known[atom]

    for equation in jaxpr.eqns:
        operands = [read(atom) for atom in equation.invars]
        known.update(zip(equation.outvars, _apply(equation, operands), strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _apply(equation: core.JaxprEqn, operands: list[Found]) -> list[Found]:
    """Units of an operation's results, or the reason why it has none."""
    name = equation.primitive.name
    for names, rule in _RULES:
        if name in names:
            return [rule(equation, operands)] * len(equation.outvars)
    inner = equation.params.get("jaxpr") or equation.params.get("call_jaxpr")
    if inner is not None and name in _CALLS:
        closed = inner if isinstance(inner, core.ClosedJaxpr) else core.ClosedJaxpr(inner, [])
        return _propagate(closed.jaxpr, [_of_constant(each) for each in closed.consts], operands)
    raise UnitsDiffer(f"no rule says what {name} does to units")


def _equal(equation: core.JaxprEqn, operands: list[Found]) -> Found:
    found = {each for each in operands if each is not ANY}
    if len(found) > 1:
        shown = " and ".join(sorted(str(each) for each in found))
        raise UnitsDiffer(f"{equation.primitive.name} of {shown}: {_place(equation)}")
    return found.pop() if found else ANY


def _compared(equation: core.JaxprEqn, operands: list[Found]) -> Found:
    _equal(equation, operands)
    return PURE


def _selected(equation: core.JaxprEqn, operands: list[Found]) -> Found:
    _pure(equation, operands[:1])
    return _equal(equation, operands[1:])


def _pure(equation: core.JaxprEqn, operands: list[Found]) -> Found:
    for each in operands:
        if each not in (ANY, PURE):
            raise UnitsDiffer(f"{equation.primitive.name} of {each}: {_place(equation)}")
    return PURE


def _same(equation: core.JaxprEqn, operands: list[Found]) -> Found:
    return operands[0]


def _times(equation: core.JaxprEqn, operands: list[Found]) -> Found:
    a, b = operands
    return ANY if a is ANY or b is ANY else a * b


def _over(equation: core.JaxprEqn, operands: list[Found]) -> Found:
    a, b = operands
    return ANY if a is ANY or b is ANY else a / b


def _raised(exponent: Callable[[core.JaxprEqn], Fraction]) -> Callable[..., Found]:
    def rule(equation: core.JaxprEqn, operands: list[Found]) -> Found:
        return ANY if operands[0] is ANY else operands[0] ** exponent(equation)

    return rule


def _place(equation: core.JaxprEqn) -> str:
    """The line of the formula in which the operation stands."""
    trace = equation.source_info.traceback
    for frame in trace.frames if trace else []:
        if "site-packages" not in frame.file_name:
            return f"{Path(frame.file_name).name} line {frame.line_num}"
    return "line unknown"


_CALLS = {"jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call", "remat", "checkpoint"}
_EQUAL = {"add", "sub", "max", "min", "add_any", "rem", "clamp", "nextafter", "concatenate"}
_COMPARED = {"eq", "ne", "lt", "le", "gt", "ge", "sign", "is_finite"}
_PURE = {
    *("exp", "exp2", "expm1", "log", "log1p", "pow", "logistic", "tanh", "sin", "cos", "tan"),
    *("sinh", "cosh", "asinh", "atan", "erf", "erfc", "erf_inv", "lgamma", "digamma"),
    *("and", "or", "not", "xor"),
}
_SAME = {
    *("neg", "abs", "copy", "stop_gradient", "convert_element_type", "broadcast_in_dim"),
    *("reshape", "squeeze", "reduce_sum", "reduce_max", "reduce_min", "reduce_and"),
}
_RULES: tuple[tuple[set[str], Callable[..., Found]], ...] = (
    (_EQUAL, _equal),
    (_COMPARED, _compared),
    ({"select_n"}, _selected),
    (_PURE, _pure),
    (_SAME, _same),
    ({"mul"}, _times),
    ({"div"}, _over),
    ({"integer_pow"}, _raised(lambda equation: Fraction(equation.params["y"]))),
    ({"square"}, _raised(lambda equation: Fraction(2))),
    ({"sqrt"}, _raised(lambda equation: Fraction(1, 2))),
    ({"rsqrt"}, _raised(lambda equation: Fraction(-1, 2))),
    ({"cbrt"}, _raised(lambda equation: Fraction(1, 3))),
)
