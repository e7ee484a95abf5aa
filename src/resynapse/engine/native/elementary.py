"""How are exp, log and their like computed for several patients at once?

Plain arithmetic on vectors, so that no call leaves the loop. exp: x = n ln 2 + r with |r| <= ln 2 / 2,
and the Taylor series of exp r, whose first term left out, r^14 / 14!, is below 5e-18. log: x = 2^k m
with m between sqrt(1/2) and sqrt(2), and ln m = 2 artanh s, s = (m - 1) / (m + 1), whose first term
left out, 2 s^23 / 23, is below 3e-19. A number that is none stays none; log of 0 is -inf.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

from llvmlite import ir

LANES = 8
"""numbers in one vector: eight real numbers fill a register of 512 bits"""
REAL = ir.VectorType(ir.DoubleType(), LANES)
WORD = ir.VectorType(ir.IntType(32), LANES)
TRUTH = ir.VectorType(ir.IntType(1), LANES)
_LONG = ir.VectorType(ir.IntType(64), LANES)

CONTRACT = ("contract",)
"""x y + z may be rounded once"""
_ROUND = 6755399441055744.0
"""1.5 2^52: added and taken away again, it rounds to whole numbers"""
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts, the first of 33 bits, so that a whole number times it is exact"""
_EXP_SERIES = tuple(1.0 / math.factorial(k) for k in range(2, 14))
_LOG_SERIES = tuple(2.0 / (2 * k + 1) for k in range(1, 11))
_OVERFLOW, _UNDERFLOW = 709.782712893384, -708.0
_SQRT_HALF_BITS = struct.unpack("<q", struct.pack("<d", math.sqrt(0.5)))[0]

Make = Callable[..., ir.Value]


def real(value: float) -> ir.Constant:
    """The same number in every lane."""
    return ir.Constant(REAL, [ir.Constant(ir.DoubleType(), value)] * LANES)


def _long(value: int) -> ir.Constant:
    return ir.Constant(_LONG, [ir.Constant(ir.IntType(64), value)] * LANES)


class Elementary:
    """Functions of vectors, written where they are called; ``b`` says where."""

    def __init__(self, builder: ir.IRBuilder) -> None:
        self.b = builder

    def add(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fadd(x, y, flags=CONTRACT)

    def sub(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fsub(x, y, flags=CONTRACT)

    def mul(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fmul(x, y, flags=CONTRACT)

    def div(self, x: ir.Value, y: ir.Value) -> ir.Value:
        return self.b.fdiv(x, y, flags=CONTRACT)

    def choose(self, relation: str, x: ir.Value, y: ir.Value, yes: ir.Value, no: ir.Value):
        """yes where x stands in this relation to y, and no elsewhere and for no number."""
        return self.b.select(self.b.fcmp_ordered(relation, x, y), yes, no)

    def _series(self, x: ir.Value, terms: tuple[float, ...]) -> ir.Value:
        """c_0 + x (c_1 + x (c_2 + ...))"""
        total = real(terms[-1])
        for term in reversed(terms[:-1]):
            total = self.add(self.mul(total, x), real(term))
        return total

    def _reduced(self, x: ir.Value) -> tuple[ir.Value, ir.Value, ir.Value]:
        """r, exp r - 1 - r, and 2^n, for x within reach of exp."""
        b = self.b
        t = b.fadd(self.mul(x, real(1.0 / math.log(2.0))), real(_ROUND))
        n = b.fsub(t, real(_ROUND))
        r = self.sub(x, self.mul(n, real(_LN2_HIGH)))
        r = self.sub(r, self.mul(n, real(_LN2_LOW)))
        rest = self.mul(self.mul(r, r), self._series(r, _EXP_SERIES))
        bits = b.add(b.shl(b.bitcast(t, _LONG), _long(52)), _long(1023 << 52))
        return r, rest, b.bitcast(bits, REAL)

    def exp(self, x: ir.Value) -> ir.Value:
        """exp x; 0 below -708, infinite where it is."""
        held = self.choose("<", x, real(_UNDERFLOW), real(_UNDERFLOW), x)
        held = self.choose(">", held, real(709.0), real(709.0), held)
        r, rest, scale = self._reduced(held)
        made = self.mul(self.add(real(1.0), self.add(r, rest)), scale)
        beyond = self.mul(made, self.add(real(1.0), self.sub(x, held)))
        made = self.choose(">", x, real(709.0), beyond, made)
        made = self.choose(">", x, real(_OVERFLOW), real(math.inf), made)
        return self.choose("<", x, real(_UNDERFLOW), real(0.0), made)

    def expm1(self, x: ir.Value) -> ir.Value:
        """exp x - 1, exact to the last digits near 0; x up to 709."""
        held = self.choose("<", x, real(-60.0), real(-60.0), x)
        held = self.choose(">", held, real(709.0), real(709.0), held)
        r, rest, scale = self._reduced(held)
        return self.add(self.mul(scale, self.add(r, rest)), self.sub(scale, real(1.0)))

    def log(self, x: ir.Value) -> ir.Value:
        """ln x of a normal number; -inf at 0, none below."""
        b = self.b
        above = b.sub(b.bitcast(x, _LONG), _long(_SQRT_HALF_BITS))
        k = b.ashr(above, _long(52))
        bits = b.add(b.and_(above, _long((1 << 52) - 1)), _long(_SQRT_HALF_BITS))
        m = b.bitcast(bits, REAL)
        magic = struct.unpack("<q", struct.pack("<d", _ROUND))[0]
        count = b.fsub(b.bitcast(b.add(k, _long(magic)), REAL), real(_ROUND))
        s = self.div(self.sub(m, real(1.0)), self.add(m, real(1.0)))
        z = self.mul(s, s)
        tail = self.mul(self.mul(s, z), self._series(z, _LOG_SERIES))
        small = self.add(tail, self.mul(count, real(_LN2_LOW)))
        made = self.add(self.mul(count, real(_LN2_HIGH)), self.add(self.add(s, s), small))
        made = self.choose("<", x, real(math.inf), made, x)
        made = self.choose("==", x, real(0.0), real(-math.inf), made)
        return self.choose("<", x, real(0.0), real(math.nan), made)

    def log1p(self, x: ir.Value) -> ir.Value:
        """ln(1 + x) = ln(u) x / (u - 1), u = 1 + x as it is rounded."""
        u = self.b.fadd(real(1.0), x)
        over = self.b.fsub(u, real(1.0))
        safe = self.choose("==", over, real(0.0), real(1.0), over)
        return self.choose("==", over, real(0.0), x, self.mul(self.log(u), self.div(x, safe)))

    def logistic(self, x: ir.Value) -> ir.Value:
        """1 / (1 + exp(-x))"""
        return self.div(real(1.0), self.add(real(1.0), self.exp(self.b.fneg(x))))

    def tanh(self, x: ir.Value) -> ir.Value:
        """(exp(2 x) - 1) / (exp(2 x) + 1)"""
        held = self.choose(">", x, real(20.0), real(20.0), x)
        e = self.expm1(self.add(held, held))
        return self.div(e, self.add(e, real(2.0)))

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
        module, full = self.b.module, f"llvm.{name}.v{LANES}f64"
        declared = module.globals.get(full)
        if declared is None:
            declared = ir.Function(module, ir.FunctionType(REAL, [REAL]), name=full)
        return self.b.call(declared, [x])
