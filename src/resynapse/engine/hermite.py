"""What lies between the two ends of a step?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from resynapse.parameter import Scalar

Two = tuple[Any, Any]
"""something at the start of a step and at its end"""


def between(values: Two, rates: Two, bends: Two, h: Scalar) -> Callable[[Scalar], Any]:
    """A function of the share s of a step of length h: the polynomial of order 5 through its ends.

    Values A, first and second derivatives r and r' are given at both ends (0 and 1).

    v    = h r
    w    = h^2 r'
    a    = A_1 - A_0 - v_0 - w_0 / 2
    b    = v_1 - v_0 - w_0
    c    = w_1 - w_0
    A(s) = A_0 + s (v_0 + s (w_0 / 2 + s (10 a - 4 b + c / 2
           + s (7 b - 15 a - c + s (6 a - 3 b + c / 2)))))
    """

    def at(s: Scalar) -> Any:
        return jax.tree.map(lambda *ends: _one(h, s, *ends), *values, *rates, *bends)

    return at


@jax.jit
def _one(h, s, A_0, A_1, r_0, r_1, q_0, q_1):
    """A(s) of one amount; asked for hundreds of them, so its operations are traced once."""
    v_0, v_1, w_0, w_1 = h * r_0, h * r_1, h * h * q_0, h * h * q_1
    a = A_1 - A_0 - v_0 - 0.5 * w_0
    b = v_1 - v_0 - w_0
    c = w_1 - w_0
    third = 10.0 * a - 4.0 * b + 0.5 * c
    rest = 7.0 * b - 15.0 * a - c + s * (6.0 * a - 3.0 * b + 0.5 * c)
    return A_0 + s * (v_0 + s * (0.5 * w_0 + s * (third + s * rest)))
