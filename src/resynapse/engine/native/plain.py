"""How are exp and log computed for several patients at once, on any processor?

exp: x = n ln 2 + r with |r| <= ln 2 / 2, and a polynomial for (exp r - 1 - r) / r^2.
log: x = 2^k m with m between sqrt(1/2) and sqrt(2), ln m = 2 artanh s, s = (m - 1) / (m + 1), and a
polynomial in s^2. Both polynomials go through the functions at Chebyshev's points.
"""

from __future__ import annotations

import math
import struct

import numpy as np
from llvmlite import ir

from resynapse.engine.native.vector import Vector, through

_ROUND = 6755399441055744.0
"""1.5 2^52: added and taken away again, it rounds to whole numbers"""
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts, the first of 33 bits, so that a whole number times it is exact"""
_SQRT_HALF_BITS = struct.unpack("<q", struct.pack("<d", math.sqrt(0.5)))[0]
_ROUND_BITS = struct.unpack("<q", struct.pack("<d", _ROUND))[0]


def exp_rest(r: np.ndarray) -> np.ndarray:
    """(exp r - 1 - r) / r^2 by its series."""
    return sum(r**k / math.factorial(k + 2) for k in range(18))


def log_rest(z: np.ndarray) -> np.ndarray:
    """(2 artanh s - 2 s) / s^3, z = s^2, by its series."""
    return sum(2.0 * z**k / (2 * k + 3) for k in range(18))


_EXP_SERIES = through(exp_rest, -0.5 * math.log(2.0), 0.5 * math.log(2.0), 9)
"""first term left out below 2e-17"""
_LOG_SERIES = through(log_rest, 0.0, (3.0 - 2.0 * math.sqrt(2.0)) ** 2, 6)
"""first term left out below 1e-17"""


class Plain:
    """exp and log of vectors by polynomials."""

    least, greatest = -708.0, 709.0

    def __init__(self, vector: Vector) -> None:
        self.v = vector

    def reduced(self, x: ir.Value) -> tuple[ir.Value, ir.Value]:
        """exp r - 1, and 2^n, for x within reach of exp."""
        v = self.v
        t = v.b.fadd(v.mul(x, v.real(1.0 / math.log(2.0))), v.real(_ROUND))
        n = v.b.fsub(t, v.real(_ROUND))
        r = v.sub(x, v.mul(n, v.real(_LN2_HIGH)))
        r = v.sub(r, v.mul(n, v.real(_LN2_LOW)))
        rest = v.mul(v.mul(r, r), v.series(r, _EXP_SERIES))
        bits = v.b.add(v.b.shl(v.b.bitcast(t, v.longs), v.long(52)), v.long(1023 << 52))
        return v.add(r, rest), v.b.bitcast(bits, v.reals)

    def log(self, x: ir.Value) -> ir.Value:
        """ln x of a normal number; -inf at 0, none below."""
        v, b = self.v, self.v.b
        above = b.sub(b.bitcast(x, v.longs), v.long(_SQRT_HALF_BITS))
        k = b.ashr(above, v.long(52))
        bits = b.add(b.and_(above, v.long((1 << 52) - 1)), v.long(_SQRT_HALF_BITS))
        m = b.bitcast(bits, v.reals)
        count = b.fsub(b.bitcast(b.add(k, v.long(_ROUND_BITS)), v.reals), v.real(_ROUND))
        s = v.div(v.sub(m, v.real(1.0)), v.add(m, v.real(1.0)))
        z = v.mul(s, s)
        tail = v.mul(v.mul(s, z), v.series(z, _LOG_SERIES))
        small = v.add(tail, v.mul(count, v.real(_LN2_LOW)))
        made = v.add(v.mul(count, v.real(_LN2_HIGH)), v.add(v.add(s, s), small))
        return v.logarithm(x, made)
