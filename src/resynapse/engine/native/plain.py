"""How are exp and log computed for several patients at once, on any processor?

exp: x = n ln 2 + r with |r| <= ln 2 / 2, and a polynomial for (exp r - 1 - r) / r^2.
log: x = 2^k m with m between sqrt(1/2) and sqrt(2), ln m = 2 artanh s, s = (m - 1) / (m + 1), and a
polynomial in s^2. Both polynomials go through the functions at Chebyshev's points; numbers of 32
bits have shorter ones.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from llvmlite import ir

from resynapse.engine.native.vector import Vector, through


def exp_rest(r: np.ndarray) -> np.ndarray:
    """(exp r - 1 - r) / r^2 by its series."""
    return sum(r**k / math.factorial(k + 2) for k in range(18))


def log_rest(z: np.ndarray) -> np.ndarray:
    """(2 artanh s - 2 s) / s^3, z = s^2, by its series."""
    return sum(2.0 * z**k / (2 * k + 3) for k in range(18))


@dataclass(frozen=True)
class Format:
    """How numbers of one length are written, and how far polynomials go in it."""

    integer: str
    real: str
    fraction: int
    """bits of the fraction"""
    bias: int
    """of the exponent"""
    ln2_high: float
    """ln 2 in two parts, the first so short that a whole number times it is exact"""
    ln2_low: float
    exp_terms: int
    log_terms: int
    least: float
    """exp below this is not a normal number"""
    greatest: float

    @property
    def round(self) -> float:
        """Added and taken away again, it rounds to whole numbers."""
        return 1.5 * 2.0**self.fraction

    def bits(self, value: float) -> int:
        """The number's bits, as a whole number."""
        return int(struct.unpack(f"<{self.integer}", struct.pack(f"<{self.real}", value))[0])

    @cached_property
    def exp_series(self) -> tuple[float, ...]:
        """Of ``exp_rest``."""
        return through(exp_rest, -0.5 * math.log(2.0), 0.5 * math.log(2.0), self.exp_terms)

    @cached_property
    def log_series(self) -> tuple[float, ...]:
        """Of ``log_rest``."""
        return through(log_rest, 0.0, (3.0 - 2.0 * math.sqrt(2.0)) ** 2, self.log_terms)


DOUBLE = Format(
    "q", "d", 52, 1023, 0.6931471803691238, 1.9082149292705877e-10, 9, 6, -708.0, 709.0
)  # fmt: skip
"""first terms left out below 2e-17"""
SINGLE = Format("i", "f", 23, 127, 0.693359375, math.log(2.0) - 0.693359375, 4, 2, -87.0, 88.0)
"""first terms left out below 1e-8"""


class Plain:
    """exp and log of vectors by polynomials, in 64 bits or, where the vector is single, in 32."""

    def __init__(self, vector: Vector) -> None:
        self.v, self.format = vector, SINGLE if vector.single else DOUBLE
        self.least, self.greatest = self.format.least, self.format.greatest
        self.integers = vector.words if vector.single else vector.longs
        self.whole = vector.word if vector.single else vector.long

    def reduced(self, x: ir.Value) -> tuple[ir.Value, ir.Value]:
        """exp r - 1, and 2^n, for x within reach of exp."""
        v, f = self.v, self.format
        t = v.b.fadd(v.mul(x, v.real(1.0 / math.log(2.0))), v.real(f.round))
        n = v.b.fsub(t, v.real(f.round))
        r = v.sub(x, v.mul(n, v.real(f.ln2_high)))
        r = v.sub(r, v.mul(n, v.real(f.ln2_low)))
        rest = v.mul(v.mul(r, r), v.series(r, f.exp_series))
        bits = v.b.shl(v.b.bitcast(t, self.integers), self.whole(f.fraction))
        bits = v.b.add(bits, self.whole(f.bias << f.fraction))
        return v.add(r, rest), v.b.bitcast(bits, v.reals)

    def log(self, x: ir.Value) -> ir.Value:
        """ln x of a normal number; -inf at 0, none below."""
        v, b, f, whole = self.v, self.v.b, self.format, self.whole
        root = whole(f.bits(math.sqrt(0.5)))
        above = b.sub(b.bitcast(x, self.integers), root)
        k = b.ashr(above, whole(f.fraction))
        bits = b.add(b.and_(above, whole((1 << f.fraction) - 1)), root)
        m = b.bitcast(bits, v.reals)
        count = b.add(k, whole(f.bits(f.round)))
        count = b.fsub(b.bitcast(count, v.reals), v.real(f.round))
        s = v.div(v.sub(m, v.real(1.0)), v.add(m, v.real(1.0)))
        z = v.mul(s, s)
        tail = v.mul(v.mul(s, z), v.series(z, f.log_series))
        small = v.add(tail, v.mul(count, v.real(f.ln2_low)))
        made = v.add(v.mul(count, v.real(f.ln2_high)), v.add(v.add(s, s), small))
        return v.logarithm(x, made)
