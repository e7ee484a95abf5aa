"""Where in a step does an event fall, and what does it do?

A step is tried as if nothing happened. If the integrated hazard passed its threshold, the crossing
is sought on the cubic through its values and slopes at both ends (Hermite), the step is taken that
far, the jump is made, and the rest of the step is tried again, until no event is left in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp

from resynapse.engine import random
from resynapse.engine.dynamics.rule import Joint, Rule, stepped
from resynapse.parameter import Scalar

TURNS = 4
"""of Newton's rule, from the straight line; the rest is below 1e-12 of a step"""
SMALL = 1.0e-30


class Tried(NamedTuple):
    """Where a part of a step led, and the hazard at both its ends."""

    joint: Joint
    first: Scalar
    last: Scalar


class Risk(NamedTuple):
    """A point process: where it fires next, how often it did, and when first."""

    threshold: Scalar
    count: Scalar
    first: Scalar


def tried(
    system: Any, rule: Rule, person: Any, drives: Sequence, joint: Joint, begin: Scalar,
    share: Scalar, step: Scalar,
) -> Tried:  # fmt: skip
    """From ``begin`` over ``share`` of the step; drives run along the polynomial of its nodes."""
    here = [between(rule, drives, begin + share * node) for node in rule.nodes]
    after, slopes = stepped(system, rule, person, here, joint, share * step)
    return Tried(after, slopes[0].hazard, system.hazard(person, after.state))


def between(rule: Rule, drives: Sequence, at: Scalar) -> tuple[Scalar, ...]:
    """Drives at a share of the step, by Lagrange's polynomial."""
    weights = []
    for k, node in enumerate(rule.nodes):
        weight = 1.0
        for other in (n for j, n in enumerate(rule.nodes) if j != k):
            weight = weight * (at - other) / (node - other)
        weights.append(weight)
    return tuple(
        sum(w * value for w, value in zip(weights, values, strict=True))
        for values in zip(*drives, strict=True)
    )


def located(threshold: Scalar, before: Scalar, made: Tried, length: Scalar) -> Scalar:
    """The share of this length after which the integrated hazard meets its threshold."""
    rise = made.joint.hazard - before
    a, b = length * made.first, length * made.last
    wanted = threshold - before
    s = wanted / jnp.maximum(rise, SMALL)
    for _ in range(TURNS):
        value = s * (a + s * (3.0 * rise - 2.0 * a - b + s * (a + b - 2.0 * rise)))
        slope = a + s * (2.0 * (3.0 * rise - 2.0 * a - b) + 3.0 * s * (a + b - 2.0 * rise))
        s = jnp.clip(s - (value - wanted) / jnp.maximum(slope, SMALL), 0.0, 1.0)
    return s


def fired(
    system: Any, seed: Scalar, person: Any, key: Scalar, joint: Joint, risk: Risk, time: Scalar
) -> tuple[Joint, Risk]:
    """The jump, and a new threshold."""
    count = risk.count + 1.0
    threshold = random.exponential(seed, system.purpose, key, random.word(count))
    first = jnp.where(risk.count < 0.5, time, risk.first)
    return Joint(system.jump(person, joint.state), 0.0), Risk(threshold, count, first)
