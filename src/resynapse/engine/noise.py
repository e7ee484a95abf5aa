"""What happens to a person by chance between events, the same on every time grid?

A slow disturbance is an exact Ornstein-Uhlenbeck path on fixed knots, straight between them.
Shots are points in time, each adding the same jump that fades exponentially.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.engine import random
from resynapse.parameter import Scalar

KNOT = 0.25
"""days between knots"""
SHOTS = 4
"""most shots between two knots"""


class Noise(eqx.Module):
    """Disturbance at the two knots around now; shots since the last knot."""

    left: Scalar
    right: Scalar
    shot: Scalar
    """sum of the faded jumps at the present time"""
    times: tuple[Scalar, ...]
    """times of the shots between these knots, days; far in the future where there is none"""
    jumps: tuple[Scalar, ...]
    """their jumps as if they had come at the knot: each times exp((time - knot) / time constant)"""


class NoiseLaw(eqx.Module):
    """Strength and speed of both kinds of noise."""

    sd: Scalar
    time_constant: Scalar
    shot_rate: Scalar
    shot_size: Scalar
    shot_time: Scalar


NEVER = 1.0e9


def begin(law: NoiseLaw, seed: Scalar, patient: Scalar, purpose: int) -> Noise:
    """Before the first knot: the disturbance drawn from its stationary law, no shots."""
    first = law.sd * random.normal(seed, purpose, patient, 0)
    none = 0.0 * first
    return Noise(
        left=first, right=first, shot=none, times=(NEVER + none,) * SHOTS, jumps=(none,) * SHOTS
    )


def next_knot(
    noise: Noise, law: NoiseLaw, seed: Scalar, patient: Scalar, purposes: tuple[int, int],
    knot: Scalar, time: Scalar
) -> Noise:  # fmt: skip
    """Step over a knot: draw the disturbance at the next one and the shots before it."""
    keep = jnp.exp(-KNOT / law.time_constant)
    step = law.sd * jnp.sqrt(1.0 - keep * keep)
    right = noise.right * keep + step * random.normal(seed, purposes[0], patient, knot + 1)
    mean = law.shot_rate * KNOT
    u = random.uniform(seed, purposes[1], patient, knot * (SHOTS + 1))
    times, jumps, probability, below = [], [], jnp.exp(-mean), jnp.exp(-mean)
    for k in range(SHOTS):
        place = random.uniform(seed, purposes[1], patient, knot * (SHOTS + 1) + k + 1)
        there = u > below
        times.append(jnp.where(there, time + KNOT * place, NEVER))
        grown = jnp.exp(KNOT * jnp.where(there, place, 0.0) / law.shot_time)
        jumps.append(jnp.where(there, law.shot_size * grown, 0.0))
        probability = probability * mean / (k + 1)
        below = below + probability
    return Noise(noise.right, right, noise.shot, tuple(times), tuple(jumps))


def between(noise: Noise, time: Scalar, last_knot: Scalar) -> Scalar:
    """The disturbance now, on the straight line between its knots."""
    return noise.left + (noise.right - noise.left) * (time - last_knot) / KNOT


def pass_time(
    noise: Noise, law: NoiseLaw, time: Scalar, step: Scalar, last_knot: Scalar
) -> tuple[Noise, Scalar]:
    """Noise after ``step`` days, and the mean of the shots over them (exact)."""
    end = time + step
    fresh, count = 0.0, 0.0
    for at, jump in zip(noise.times, noise.jumps, strict=True):
        inside = (at > time) & (at <= end)
        fresh = fresh + jnp.where(inside, jump, 0.0)
        count = count + jnp.where(inside, law.shot_size, 0.0)
    faded = noise.shot * jnp.exp(-step / law.shot_time)
    faded = faded + fresh * jnp.exp((last_knot - end) / law.shot_time)
    safe = jnp.where(step > 0.0, step, 1.0)
    mean = law.shot_time * (noise.shot + count - faded) / safe
    return eqx.tree_at(lambda n: n.shot, noise, faded), mean
