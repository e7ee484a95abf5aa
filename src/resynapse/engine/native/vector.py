"""What is plain arithmetic on several patients at once, as LLVM writes it?"""

from __future__ import annotations

import math
from collections.abc import Callable

from llvmlite import ir
from numpy.polynomial import Chebyshev, Polynomial, chebyshev

CONTRACT = ("contract",)
"""x y + z may be rounded once"""


def through(function: Callable, low: float, high: float, degree: int) -> tuple[float, ...]:
    """Coefficients of the polynomial through ``function`` at Chebyshev's points."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    fitted = chebyshev.chebinterpolate(lambda t: function(middle + half * t), degree)
    made = Chebyshev(fitted, domain=[low, high]).convert(kind=Polynomial, domain=[-1, 1])
    return tuple(float(c) for c in made.coef)


class Vector:
    """Operations on vectors of so many lanes, written where they are called; ``b`` says where.

    ``single`` vectors calculate in 32 bits with numbers that are kept in 64.
    """

    def __init__(self, builder: ir.IRBuilder, lanes: int, single: bool = False) -> None:
        self.b, self.lanes, self.single = builder, lanes, single
        self.kind = ir.FloatType() if single else ir.DoubleType()
        self.reals = ir.VectorType(self.kind, lanes)
        self.kept = ir.VectorType(ir.DoubleType(), lanes)
        self.words = ir.VectorType(ir.IntType(32), lanes)
        self.longs = ir.VectorType(ir.IntType(64), lanes)
        self.truths = ir.VectorType(ir.IntType(1), lanes)
        self._spread: dict[tuple, ir.Constant] = {}

    def real(self, value: float) -> ir.Constant:
        """The same number in every lane."""
        return self._same(self.reals, self.kind, value)

    def word(self, value: int) -> ir.Constant:
        """The same 32-bit word in every lane."""
        return self._same(self.words, ir.IntType(32), value)

    def long(self, value: int) -> ir.Constant:
        """The same 64-bit word in every lane."""
        return self._same(self.longs, ir.IntType(64), value)

    def _same(self, vector: ir.VectorType, kind: ir.Type, value: float) -> ir.Constant:
        """A constant made once: writing it out costs more than most operations."""
        key = vector, value, math.copysign(1.0, value)
        if key not in self._spread:
            self._spread[key] = ir.Constant(vector, [ir.Constant(kind, value)] * self.lanes)
        return self._spread[key]

    def add(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fadd(x, y, flags=CONTRACT)

    def sub(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fsub(x, y, flags=CONTRACT)

    def mul(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fmul(x, y, flags=CONTRACT)

    def div(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fdiv(x, y, flags=CONTRACT)

    def choose(
        self, relation: str, x: ir.Value, y: ir.Value, yes: ir.Value, no: ir.Value
    ) -> ir.Value:
        """yes where x stands in this relation to y, and no elsewhere and for no number."""
        return self.b.select(self.b.fcmp_ordered(relation, x, y), yes, no)

    def fetched(self, kept: ir.Value) -> ir.Value:
        """Numbers as they are calculated with."""
        return self.b.fptrunc(kept, self.reals) if self.single else kept

    def returned(self, found: ir.Value) -> ir.Value:
        """Numbers as they are kept."""
        return self.b.fpext(found, self.kept) if self.single else found

    def logarithm(self, x: ir.Value, made: ir.Value) -> ir.Value:
        """ln x as it was made for normal numbers, and what it is for all others."""
        made = self.choose("<", x, self.real(math.inf), made, x)
        made = self.choose("==", x, self.real(0.0), self.real(-math.inf), made)
        return self.choose("<", x, self.real(0.0), self.real(math.nan), made)

    def held(self, x: ir.Value, least: float, greatest: float) -> ir.Value:
        """x between two numbers; none stays none."""
        x = self.choose("<", x, self.real(least), self.real(least), x)
        return self.choose(">", x, self.real(greatest), self.real(greatest), x)

    def greater(self, x: ir.Value, y: ir.Value) -> ir.Value:
        """max(x, y), none if either is none."""
        return self._extreme(">", x, y)

    def lesser(self, x: ir.Value, y: ir.Value) -> ir.Value:
        """min(x, y), none if either is none."""
        return self._extreme("<", x, y)

    def _extreme(self, relation: str, x: ir.Value, y: ir.Value) -> ir.Value:
        if isinstance(y, ir.Constant):
            x, y = y, x
        found = self.choose(relation, x, y, x, y)
        if isinstance(x, ir.Constant):
            return found
        return self.b.select(self.b.fcmp_unordered("uno", x, x), x, found)

    def series(self, x: ir.Value, terms: tuple[float, ...]) -> ir.Value:
        """c_0 + x (c_1 + x (c_2 + ...))"""
        total = self.real(terms[-1])
        for term in reversed(terms[:-1]):
            total = self.add(self.mul(total, x), self.real(term))
        return total

    def intrinsic(self, name: str, x: ir.Value) -> ir.Value:
        """An operation that processors have: sqrt, fabs, floor."""
        module, full = self.b.module, f"llvm.{name}.v{self.lanes}f{32 if self.single else 64}"
        declared = module.globals.get(full)
        if declared is None:
            declared = ir.Function(module, ir.FunctionType(self.reals, [self.reals]), name=full)
        return self.b.call(declared, [x])
