"""How are exp and log computed in numbers of 32 bits?

As in plain.py, with shorter polynomials: x = n ln 2 + r, and ln m = 2 artanh s.
"""

from __future__ import annotations

import math
import struct

from llvmlite import ir

from resynapse.engine.native.plain import exp_rest, log_rest
from resynapse.engine.native.vector import Vector, through

_ROUND = 12582912.0
"""1.5 2^23: added and taken away again, it rounds to whole numbers"""
_LN2_HIGH, _LN2_LOW = 0.693359375, math.log(2.0) - 0.693359375
"""ln 2 in two parts, the first of 10 bits, so that a whole number times it is exact"""
_SQRT_HALF_BITS = struct.unpack("<i", struct.pack("<f", math.sqrt(0.5)))[0]
_ROUND_BITS = struct.unpack("<i", struct.pack("<f", _ROUND))[0]
_EXP_SERIES = through(exp_rest, -0.5 * math.log(2.0), 0.5 * math.log(2.0), 4)
"""first term left out below 1e-8"""
_LOG_SERIES = through(log_rest, 0.0, (3.0 - 2.0 * math.sqrt(2.0)) ** 2, 2)
"""first term left out below 1e-8"""


class Single:
    """exp and log of vectors of numbers of 32 bits."""

    least, greatest = -87.0, 88.0

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
        bits = v.b.add(v.b.shl(v.b.bitcast(t, v.words), v.word(23)), v.word(127 << 23))
        return v.add(r, rest), v.b.bitcast(bits, v.reals)

    def log(self, x: ir.Value) -> ir.Value:
        """ln x of a normal number; -inf at 0, none below."""
        v, b = self.v, self.v.b
        above = b.sub(b.bitcast(x, v.words), v.word(_SQRT_HALF_BITS))
        k = b.ashr(above, v.word(23))
        bits = b.add(b.and_(above, v.word((1 << 23) - 1)), v.word(_SQRT_HALF_BITS))
        m = b.bitcast(bits, v.reals)
        count = b.fsub(b.bitcast(b.add(k, v.word(_ROUND_BITS)), v.reals), v.real(_ROUND))
        s = v.div(v.sub(m, v.real(1.0)), v.add(m, v.real(1.0)))
        z = v.mul(s, s)
        tail = v.mul(v.mul(s, z), v.series(z, _LOG_SERIES))
        made = v.add(v.mul(count, v.real(math.log(2.0))), v.add(v.add(s, s), tail))
        return v.logarithm(x, made)
