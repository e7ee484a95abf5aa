"""How are exp and log computed on processors with AVX-512, whose registers hold small tables?

A table of sixteen numbers is read in one operation, so that a short polynomial suffices and log
needs no division. exp: x = (n + j / 16) ln 2 + r with |r| <= ln 2 / 32, exp x = 2^n 2^(j/16) exp r.
log: x = 2^k m with m between 3/4 and 3/2, r = m c_j - 1 where c_j is about 1 / m and 1 beside
m = 1, ln x = k ln 2 - ln c_j + ln(1 + r).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import numpy as np
from llvmlite import ir

from resynapse.engine.native.vector import CONTRACT, Vector, through

TABLE = 16
"""entries, and the least share of a power of two"""
_HALF = 0.5 * math.log(2.0) / TABLE
_ROUND = 6755399441055744.0 / TABLE
"""1.5 2^48: added and taken away again, it rounds to whole sixteenths"""
_WORD = (1 << 64) - 1
_LANES = 8
"""numbers of one register"""


def _exp_rest(r: np.ndarray) -> np.ndarray:
    """(exp r - 1) / r by its series."""
    return sum(r**k / math.factorial(k + 1) for k in range(12))


def _log_rest(r: np.ndarray) -> np.ndarray:
    """(ln(1 + r) - r) / r^2 by its series."""
    return sum((-1.0) ** (k + 1) * r**k / (k + 2) for k in range(30))


_EXP_SERIES = through(_exp_rest, -_HALF, _HALF, 4)
"""first term left out below 5e-13"""
_LOG_SERIES = through(_log_rest, -1.0 / 32.0, 1.0 / 16.0, 6)
"""first term left out, times r^2, below 5e-15"""


def _powers() -> list[int]:
    """Bits of 2^(j/16), less what j adds to them when it is shifted into the exponent."""
    words = (struct.unpack("<Q", struct.pack("<d", 2.0 ** (j / TABLE)))[0] for j in range(TABLE))
    return [(word - (j << 48)) & _WORD for j, word in enumerate(words)]


def _inverses() -> list[float]:
    """c_j for the sixteen stretches between 1 and 2, of which the upper half is m = 3/4 to 1."""
    middles = [1.0 + (j + 0.5) / TABLE for j in range(TABLE)]
    inverses = [1.0 / (m if j < 8 else 0.5 * m) for j, m in enumerate(middles)]
    return [1.0, *inverses[1:-1], 1.0]


class Tabled:
    """exp and log of vectors whose number of lanes is a multiple of eight."""

    least, greatest = -708.0, 709.0

    def __init__(self, vector: Vector) -> None:
        self.v = vector
        inverses = _inverses()
        offsets = [
            -math.log(c) + (math.log(2.0) if j >= 8 else 0.0) for j, c in enumerate(inverses)
        ]
        self._powers = self._table(ir.IntType(64), _powers())
        self._inverses = self._table(ir.DoubleType(), inverses)
        self._offsets = self._table(ir.DoubleType(), offsets)

    @staticmethod
    def _table(kind: ir.Type, numbers: list) -> list[ir.Constant]:
        """Sixteen numbers in two registers."""
        register = ir.VectorType(kind, _LANES)
        return [
            ir.Constant(register, [ir.Constant(kind, x) for x in numbers[at : at + _LANES]])
            for at in (0, _LANES)
        ]

    def reduced(self, x: ir.Value) -> tuple[ir.Value, ir.Value]:
        """exp r - 1, and exp(x - r), for x within reach of exp."""
        v = self.v
        t = v.b.fadd(v.mul(x, v.real(1.0 / math.log(2.0))), v.real(_ROUND), flags=CONTRACT)
        n = v.b.fsub(t, v.real(_ROUND))
        r = v.sub(x, v.mul(n, v.real(math.log(2.0))))
        bits = v.b.bitcast(t, v.longs)
        power = self._look_up("q", v.longs, self._powers, bits)
        scale = v.b.add(power, v.b.shl(bits, v.long(48)))
        return v.mul(r, v.series(r, _EXP_SERIES)), v.b.bitcast(scale, v.reals)

    def log(self, x: ir.Value) -> ir.Value:
        """ln x; -inf at 0, none below."""
        v = self.v
        place = v.b.lshr(v.b.bitcast(x, v.longs), v.long(48))
        power = self._parts("getexp", x)
        r = v.sub(v.mul(self._parts("getmant", x), self._real(self._inverses, place)), v.real(1.0))
        tail = v.mul(v.mul(r, r), v.series(r, _LOG_SERIES))
        head = v.add(v.mul(power, v.real(math.log(2.0))), self._real(self._offsets, place))
        return v.add(head, v.add(r, tail))

    def _real(self, table: list[ir.Constant], place: ir.Value) -> ir.Value:
        return self._look_up("pd", self.v.reals, table, place)

    def _look_up(
        self, kind: str, made: ir.Type, table: list[ir.Constant], place: ir.Value
    ) -> ir.Value:
        """The entries whose numbers are the last four bits of ``place``."""
        low, high = table
        name = f"llvm.x86.avx512.vpermi2var.{kind}.512"
        return self._each(name, made, lambda part: [low, part, high], place)

    def _parts(self, which: str, x: ir.Value) -> ir.Value:
        """The exponent of x as a number, or m; none of a number below 0."""
        v, byte, word = self.v, ir.IntType(8), ir.IntType(32)
        none = ir.Constant(ir.VectorType(ir.DoubleType(), _LANES), ir.Undefined)
        all_, current = ir.Constant(byte, -1), ir.Constant(word, 4)
        three_quarters = ir.Constant(word, 0b1011)

        def arguments(part: ir.Value) -> list[ir.Value]:
            how = [three_quarters] if which == "getmant" else []
            return [part, *how, none, all_, current]

        return self._each(f"llvm.x86.avx512.mask.{which}.pd.512", v.reals, arguments, x)

    def _each(
        self, name: str, made: ir.Type, arguments: Callable[[ir.Value], list], x: ir.Value
    ) -> ir.Value:
        """An operation of the processor on eight lanes after the others."""
        b, lanes = self.v.b, self.v.lanes
        parts = []
        for first in range(0, lanes, _LANES):
            part = x if lanes == _LANES else b.shuffle_vector(x, x, self._mask(first, _LANES))
            given = arguments(part)
            parts.append(b.call(self._declared(name, made.element, given), given))
        while len(parts) > 1:
            size = lanes // len(parts) * 2
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [b.shuffle_vector(low, high, self._mask(0, size)) for low, high in pairs]
        return parts[0]

    @staticmethod
    def _mask(first: int, size: int) -> ir.Constant:
        numbers = list(range(first, first + size))
        return ir.Constant(ir.VectorType(ir.IntType(32), size), numbers)

    def _declared(self, name: str, element: ir.Type, arguments: list[ir.Value]) -> ir.Function:
        module = self.v.b.module
        declared = module.globals.get(name)
        if declared is None:
            kind = ir.FunctionType(ir.VectorType(element, _LANES), [a.type for a in arguments])
            declared = ir.Function(module, kind, name=name)
        return declared
