"""How are exp, log and their like computed for several patients at once?

Plain arithmetic on vectors, so that no call leaves the loop; two functions, exp r - 1 of a small r
and log, carry all others. A number that is none stays none.
"""

from __future__ import annotations

from typing import Protocol

from llvmlite import ir

from resynapse.engine.native.plain import Plain
from resynapse.engine.native.tabled import Tabled
from resynapse.engine.native.vector import Vector


class Basis(Protocol):
    """What the other functions are made of."""

    least: float
    greatest: float
    """exp is held between exp(least) and exp(greatest), the range of normal numbers"""

    def reduced(self, x: ir.Value) -> tuple[ir.Value, ir.Value]:
        """exp r - 1 of a small r, and exp(x - r), for x within reach of exp."""

    def log(self, x: ir.Value) -> ir.Value:
        """ln x; -inf at 0, none below."""


class Elementary:
    """Functions of vectors, by tables where the processor holds them in registers."""

    def __init__(self, vector: Vector, tables: bool) -> None:
        self.v = vector
        kind = Tabled if tables and not vector.single else Plain
        self.basis: Basis = kind(vector)

    def _held(self, x: ir.Value) -> ir.Value:
        return self.v.held(x, self.basis.least, self.basis.greatest)

    def exp(self, x: ir.Value) -> ir.Value:
        """exp x, held within the range of normal numbers."""
        rest, scale = self.basis.reduced(self._held(x))
        return self.v.add(scale, self.v.mul(scale, rest))

    def expm1(self, x: ir.Value) -> ir.Value:
        """exp x - 1, exact to the last digits near 0."""
        rest, scale = self.basis.reduced(self._held(x))
        less_one = self.v.b.fsub(scale, self.v.real(1.0))
        return self.v.add(self.v.mul(scale, rest), less_one)

    def log(self, x: ir.Value) -> ir.Value:
        """ln x; -inf at 0, none below."""
        return self.basis.log(x)

    def log1p(self, x: ir.Value) -> ir.Value:
        """ln(1 + x) = ln(u) + (x - (u - 1)) / u, u = 1 + x as it is rounded.

        What was lost by rounding matters where u is near 1 only, and division by u does not there.
        """
        v = self.v
        u = v.b.fadd(v.real(1.0), x)
        lost = v.b.fsub(x, v.b.fsub(u, v.real(1.0)))
        return v.b.fadd(self.log(u), v.choose("<", u, v.real(2.0), lost, v.real(0.0)))

    def logistic(self, x: ir.Value) -> ir.Value:
        """1 / (1 + exp(-x))"""
        one = self.v.real(1.0)
        return self.v.div(one, self.v.add(one, self.exp(self.v.b.fneg(x))))

    def tanh(self, x: ir.Value) -> ir.Value:
        """(exp(2 x) - 1) / (exp(2 x) + 1)"""
        held = self.v.choose(">", x, self.v.real(20.0), self.v.real(20.0), x)
        e = self.expm1(self.v.add(held, held))
        return self.v.div(e, self.v.add(e, self.v.real(2.0)))

    def pow(self, x: ir.Value, y: ir.Value) -> ir.Value:
        """x^y = exp(y ln x) for x >= 0; none for x < 0."""
        return self.exp(self.v.mul(y, self.log(x)))
