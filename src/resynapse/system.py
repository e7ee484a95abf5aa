"""Which few words does the engine use when it asks a model something?"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from resynapse.parameter import Scalar


class Relaxation(NamedTuple):
    """A state that relaxes: dx/dt = (to - x) / time_constant, with both held over a step."""

    to: Scalar
    time_constant: Scalar


def relaxes(*, to: Scalar, time_constant: Scalar) -> Relaxation:
    """Declare that a state moves towards ``to`` with this time constant, in days."""
    return Relaxation(to, time_constant)


def gains_and_fades(*, gain: Scalar, time_constant: Scalar, floor: Scalar = 0.0) -> Relaxation:
    """dx/dt = gain (1 - x) - (x - floor) / time_constant, written as a relaxation."""
    rate = gain + 1.0 / time_constant
    return Relaxation((gain + floor / time_constant) / rate, 1.0 / rate)


def relaxed(state: Any, relaxation: Any, step: Scalar) -> Any:
    """The state after ``step`` days if targets and time constants stayed as they are.

    x(t + h) = x + (to - x) (1 - exp(-h / time_constant))
    """

    def one(x: Scalar, r: Relaxation) -> Scalar:
        return x - (r.to - x) * jnp.expm1(-step / r.time_constant)

    return jax.tree.map(one, state, relaxation, is_leaf=lambda node: isinstance(node, Relaxation))
