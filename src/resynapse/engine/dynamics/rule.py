"""By which rule does a patient get from one end of a step to the other?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax

from resynapse.parameter import Scalar


class Rule(NamedTuple):
    """An explicit Runge-Kutta rule; shares of the step."""

    nodes: tuple[float, ...]
    """instants at which a drive is asked for, from 0 to 1"""
    at: tuple[int, ...]
    """which node each stage stands at"""
    before: tuple[tuple[float, ...], ...]
    """weights of earlier slopes that lead to each stage"""
    weights: tuple[float, ...]
    """of all slopes in the result"""


CLASSIC = Rule(
    nodes=(0.0, 0.5, 1.0),
    at=(0, 1, 1, 2),
    before=((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
    weights=(1 / 6, 1 / 3, 1 / 3, 1 / 6),
)
"""Kutta 1901, order 4; the drive enters by Simpson's rule"""
FIFTH = Rule(
    nodes=(0.0, 0.25, 0.5, 0.75, 1.0),
    at=(0, 1, 1, 2, 3, 4),
    before=(
        (),
        (1 / 4,),
        (1 / 8, 1 / 8),
        (0.0, -1 / 2, 1.0),
        (3 / 16, 0.0, 0.0, 9 / 16),
        (-3 / 7, 2 / 7, 12 / 7, -12 / 7, 8 / 7),
    ),
    weights=(7 / 90, 0.0, 32 / 90, 12 / 90, 32 / 90, 7 / 90),
)
"""Lawson 1966, order 5; the drive enters by Boole's rule, of order 6"""


class Joint(NamedTuple):
    """States, and the integrated hazard of the point process."""

    state: Any
    hazard: Scalar


def slope(system: Any, person: Any, joint: Joint, drive: tuple[Scalar, ...]) -> Joint:
    """d/dt of everything."""
    risk = system.hazard(person, joint.state) if system.purpose >= 0 else 0.0
    return Joint(system.rate(person, joint.state, drive), risk)


def stepped(
    system: Any, rule: Rule, person: Any, drives: Sequence, joint: Joint, length: Scalar
) -> tuple[Joint, list[Joint]]:
    """``joint`` after this length, and the slopes at the stages; ``drives`` at the nodes.

    k_i = slope(y + length (a_i1 k_1 + a_i2 k_2 + ...)),  y' = y + length (b_1 k_1 + b_2 k_2 + ...)
    """
    slopes: list[Joint] = []
    for node, weights in zip(rule.at, rule.before, strict=True):
        here = _moved(joint, weights, slopes, length)
        slopes.append(slope(system, person, here, drives[node]))
    return _moved(joint, rule.weights, slopes, length), slopes


def _moved(joint: Joint, weights: Sequence[float], slopes: list[Joint], length: Scalar) -> Joint:
    used = [(weight * length, k) for weight, k in zip(weights, slopes, strict=True) if weight]

    def one(x: Scalar, *changes: Scalar) -> Scalar:
        for (share, _), change in zip(used, changes, strict=True):
            x = x + share * change
        return x

    return jax.tree.map(one, joint, *(k for _, k in used))
