"""How are exp, log and their like computed for several patients at once?

Plain arithmetic on vectors, so that no call leaves the loop. exp: x = n ln 2 + r with
|r| <= ln 2 / 2, and a polynomial for (exp r - 1 - r) / r^2. log: x = 2^k m with m between
sqrt(1/2) and sqrt(2), ln m = 2 artanh s, s = (m - 1) / (m + 1), and a polynomial in s^2. Both
polynomials go through the functions at Chebyshev's points. A number that is none stays none.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numpy.polynomial import Chebyshev, Polynomial, chebyshev

CONTRACT = ("contract",)
"""x y + z may be rounded once"""
_ROUND = 6755399441055744.0
"""1.5 2^52: added and taken away again, it rounds to whole numbers"""
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts, the first of 33 bits, so that a whole number times it is exact"""
_GREATEST, _LEAST = 709.0, -708.0
"""exp is held between exp(-708) and exp(709), the range of normal numbers"""
_SQRT_HALF_BITS = struct.unpack("<q", struct.pack("<d", math.sqrt(0.5)))[0]


def _through(function: Callable, low: float, high: float, degree: int) -> tuple[float, ...]:
    """Coefficients of the polynomial through ``function`` at Chebyshev's points."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    fitted = chebyshev.chebinterpolate(lambda t: function(middle + half * t), degree)
    made = Chebyshev(fitted, domain=[low, high]).convert(kind=Polynomial, domain=[-1, 1])
    return tuple(float(c) for c in made.coef)


def _exp_rest(r: np.ndarray) -> np.ndarray:
    """(exp r - 1 - r) / r^2 by its series."""
    return sum(r**k / math.factorial(k + 2) for k in range(18))


def _log_rest(z: np.ndarray) -> np.ndarray:
    """(2 artanh s - 2 s) / s^3, z = s^2, by its series."""
    return sum(2.0 * z**k / (2 * k + 3) for k in range(18))


_EXP_SERIES = _through(_exp_rest, -0.5 * math.log(2.0), 0.5 * math.log(2.0), 9)
"""first term left out below 2e-17"""
_LOG_SERIES = _through(_log_rest, 0.0, (3.0 - 2.0 * math.sqrt(2.0)) ** 2, 6)
"""first term left out below 1e-17"""


class Elementary:
    """Functions of vectors of so many lanes, written where they are called; ``b`` says where."""

    def __init__(self, builder: ir.IRBuilder, lanes: int) -> None:
        self.b, self.lanes = builder, lanes
        self.reals = ir.VectorType(ir.DoubleType(), lanes)
        self.words = ir.VectorType(ir.IntType(32), lanes)
        self.truths = ir.VectorType(ir.IntType(1), lanes)
        self._longs = ir.VectorType(ir.IntType(64), lanes)

    def real(self, value: float) -> ir.Constant:
        """The same number in every lane."""
        return ir.Constant(self.reals, [ir.Constant(ir.DoubleType(), value)] * self.lanes)

    def long(self, value: int) -> ir.Constant:
        """The same 64-bit word in every lane."""
        return ir.Constant(self._longs, [ir.Constant(ir.IntType(64), value)] * self.lanes)

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

    def _series(self, x: ir.Value, terms: tuple[float, ...]) -> ir.Value:
        """c_0 + x (c_1 + x (c_2 + ...))"""
        total = self.real(terms[-1])
        for term in reversed(terms[:-1]):
            total = self.add(self.mul(total, x), self.real(term))
        return total

    def _reduced(self, x: ir.Value) -> tuple[ir.Value, ir.Value, ir.Value]:
        """r, exp r - 1 - r, and 2^n, for x within reach of exp."""
        b = self.b
        t = b.fadd(self.mul(x, self.real(1.0 / math.log(2.0))), self.real(_ROUND))
        n = b.fsub(t, self.real(_ROUND))
        r = self.sub(x, self.mul(n, self.real(_LN2_HIGH)))
        r = self.sub(r, self.mul(n, self.real(_LN2_LOW)))
        rest = self.mul(self.mul(r, r), self._series(r, _EXP_SERIES))
        bits = b.add(b.shl(b.bitcast(t, self._longs), self.long(52)), self.long(1023 << 52))
        return r, rest, b.bitcast(bits, self.reals)

    def held(self, x: ir.Value, least: float) -> ir.Value:
        """x between ``least`` and where exp ends."""
        x = self.choose("<", x, self.real(least), self.real(least), x)
        return self.choose(">", x, self.real(_GREATEST), self.real(_GREATEST), x)

    def exp(self, x: ir.Value) -> ir.Value:
        """exp x, between exp(-708) and exp(709)."""
        r, rest, scale = self._reduced(self.held(x, _LEAST))
        return self.mul(self.add(self.real(1.0), self.add(r, rest)), scale)

    def expm1(self, x: ir.Value) -> ir.Value:
        """exp x - 1, exact to the last digits near 0."""
        r, rest, scale = self._reduced(self.held(x, -60.0))
        return self.add(self.mul(scale, self.add(r, rest)), self.sub(scale, self.real(1.0)))

    def log(self, x: ir.Value) -> ir.Value:
        """ln x of a normal number; -inf at 0, none below."""
        b = self.b
        above = b.sub(b.bitcast(x, self._longs), self.long(_SQRT_HALF_BITS))
        k = b.ashr(above, self.long(52))
        bits = b.add(b.and_(above, self.long((1 << 52) - 1)), self.long(_SQRT_HALF_BITS))
        m = b.bitcast(bits, self.reals)
        magic = struct.unpack("<q", struct.pack("<d", _ROUND))[0]
        count = b.fsub(b.bitcast(b.add(k, self.long(magic)), self.reals), self.real(_ROUND))
        s = self.div(self.sub(m, self.real(1.0)), self.add(m, self.real(1.0)))
        z = self.mul(s, s)
        tail = self.mul(self.mul(s, z), self._series(z, _LOG_SERIES))
        small = self.add(tail, self.mul(count, self.real(_LN2_LOW)))
        made = self.add(self.mul(count, self.real(_LN2_HIGH)), self.add(self.add(s, s), small))
        made = self.choose("<", x, self.real(math.inf), made, x)
        made = self.choose("==", x, self.real(0.0), self.real(-math.inf), made)
        return self.choose("<", x, self.real(0.0), self.real(math.nan), made)

    def log1p(self, x: ir.Value) -> ir.Value:
        """ln(1 + x) = ln(u) x / (u - 1), u = 1 + x as it is rounded."""
        u = self.b.fadd(self.real(1.0), x)
        over = self.b.fsub(u, self.real(1.0))
        safe = self.choose("==", over, self.real(0.0), self.real(1.0), over)
        return self.choose("==", over, self.real(0.0), x, self.mul(self.log(u), self.div(x, safe)))

    def logistic(self, x: ir.Value) -> ir.Value:
        """1 / (1 + exp(-x))"""
        return self.div(self.real(1.0), self.add(self.real(1.0), self.exp(self.b.fneg(x))))

    def tanh(self, x: ir.Value) -> ir.Value:
        """(exp(2 x) - 1) / (exp(2 x) + 1)"""
        held = self.choose(">", x, self.real(20.0), self.real(20.0), x)
        e = self.expm1(self.add(held, held))
        return self.div(e, self.add(e, self.real(2.0)))

    def pow(self, x: ir.Value, y: ir.Value) -> ir.Value:
        """x^y = exp(y ln x) for x >= 0; none for x < 0."""
        return self.exp(self.mul(y, self.log(x)))

    def greater(self, x: ir.Value, y: ir.Value) -> ir.Value:
        """max(x, y), none if either is none."""
        larger = self.b.select(self.b.fcmp_unordered(">", x, y), x, y)
        return self.b.select(self.b.fcmp_unordered("uno", y, y), y, larger)

    def lesser(self, x: ir.Value, y: ir.Value) -> ir.Value:
        """min(x, y), none if either is none."""
        smaller = self.b.select(self.b.fcmp_unordered("<", x, y), x, y)
        return self.b.select(self.b.fcmp_unordered("uno", y, y), y, smaller)

    def intrinsic(self, name: str, x: ir.Value) -> ir.Value:
        """An operation that processors have: sqrt, fabs, floor."""
        module, full = self.b.module, f"llvm.{name}.v{self.lanes}f64"
        declared = module.globals.get(full)
        if declared is None:
            declared = ir.Function(module, ir.FunctionType(self.reals, [self.reals]), name=full)
        return self.b.call(declared, [x])
