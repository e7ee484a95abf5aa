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
    return Noise(left=first, right=first, shot=0.0 * first, times=(NEVER + 0.0 * first,) * SHOTS)


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
    times, probability, below = [], jnp.exp(-mean), jnp.exp(-mean)
    for k in range(SHOTS):
        place = random.uniform(seed, purposes[1], patient, knot * (SHOTS + 1) + k + 1)
        times.append(jnp.where(u > below, time + KNOT * place, NEVER))
        probability = probability * mean / (k + 1)
        below = below + probability
    return Noise(left=noise.right, right=right, shot=noise.shot, times=tuple(times))


def between(noise: Noise, time: Scalar, last_knot: Scalar) -> Scalar:
    """The disturbance now, on the straight line between its knots."""
    return noise.left + (noise.right - noise.left) * (time - last_knot) / KNOT


def pass_time(noise: Noise, law: NoiseLaw, time: Scalar, step: Scalar) -> tuple[Noise, Scalar]:
    """Noise after ``step`` days, and the mean of the shots over them (exact)."""
    end = time + step
    faded, count = noise.shot * jnp.exp(-step / law.shot_time), 0.0
    for at in noise.times:
        inside = (at > time) & (at <= end)
        fresh = jnp.exp(-jnp.where(inside, end - at, 0.0) / law.shot_time)
        faded = faded + jnp.where(inside, law.shot_size * fresh, 0.0)
        count = count + jnp.where(inside, law.shot_size, 0.0)
    safe = jnp.where(step > 0.0, step, 1.0)
    mean = law.shot_time * (noise.shot + count - faded) / safe
    return eqx.tree_at(lambda n: n.shot, noise, faded), mean
