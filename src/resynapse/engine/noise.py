"""What happens to a person by chance between events, the same on every time grid?

A slow disturbance is an exact Ornstein-Uhlenbeck path on fixed knots, straight between them.
Shots are points in time, each adding the same jump that fades exponentially.
"""

from __future__ import annotations

from typing import NamedTuple

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
    lagged: tuple[Scalar, ...]
    """the same for what follows the shots: with its time constant instead of theirs"""


class NoiseLaw(eqx.Module):
    """Strength and speed of both kinds of noise."""

    sd: Scalar
    time_constant: Scalar
    shot_rate: Scalar
    shot_size: Scalar
    shot_time: Scalar
    lag: Scalar
    """time constant, d, of what follows the shots"""
    disturbance_lag: Scalar
    """time constant, d, of what follows the disturbance"""


class Shots(NamedTuple):
    """Shots as one constant over a step, for what follows them with the lag of their law."""

    mean: Scalar
    """what gives it the right mean over the step"""
    end: Scalar
    """what brings it to the right place at the end"""


NEVER = 1.0e9


def begin(law: NoiseLaw, seed: Scalar, patient: Scalar, purpose: int) -> Noise:
    """Before the first knot: the disturbance drawn from its stationary law, no shots."""
    first = law.sd * random.normal(seed, purpose, patient, 0)
    none = 0.0 * first
    return Noise(
        left=first, right=first, shot=none, times=(NEVER + none,) * SHOTS, jumps=(none,) * SHOTS,
        lagged=(none,) * SHOTS,
    )  # fmt: skip


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
    times, jumps, lagged, probability, below = [], [], [], jnp.exp(-mean), jnp.exp(-mean)
    lag = apart(law)
    for k in range(SHOTS):
        place = random.uniform(seed, purposes[1], patient, knot * (SHOTS + 1) + k + 1)
        there = u > below
        times.append(jnp.where(there, time + KNOT * place, NEVER))
        after = KNOT * jnp.where(there, place, 0.0)
        jump = jnp.where(there, law.shot_size, 0.0)
        jumps.append(jump * jnp.exp(after / law.shot_time))
        lagged.append(jump * jnp.exp(after / lag))
        probability = probability * mean / (k + 1)
        below = below + probability
    return Noise(noise.right, right, noise.shot, tuple(times), tuple(jumps), tuple(lagged))


def between(noise: Noise, time: Scalar, last_knot: Scalar) -> Scalar:
    """The disturbance now, on the straight line between its knots."""
    return noise.left + (noise.right - noise.left) * (time - last_knot) / KNOT


def apart(law: NoiseLaw) -> Scalar:
    """The lag, moved by a thousandth where it would equal the time constant of the shots."""
    ratio = law.lag / law.shot_time
    return law.lag * jnp.where(jnp.abs(ratio - 1.0) < 1.0e-3, 1.001 / ratio, 1.0)


def pass_time(
    noise: Noise, law: NoiseLaw, time: Scalar, step: Scalar, last_knot: Scalar
) -> tuple[Noise, Shots]:
    """Noise after ``step`` days, and the shots over them (exact).

    q(s) are the shots, s days after ``time``; what follows them is y' = (q - y) / lag.

    q_mean = mean of q over the step                                      1
    y_h    = y after the step, from 0                                     1
    keep   = exp(-step / lag)                                             1
    end    = y_h / (1 - keep)                                             1
    mean   = (q_mean - lag / step y_h) / (1 - lag / step (1 - keep))      1
    """
    stop, lag = time + step, apart(law)
    fresh, count, followed = 0.0, 0.0, 0.0
    for at, jump, lagged in zip(noise.times, noise.jumps, noise.lagged, strict=True):
        inside = (at > time) & (at <= stop)
        fresh = fresh + jnp.where(inside, jump, 0.0)
        count = count + jnp.where(inside, law.shot_size, 0.0)
        followed = followed + jnp.where(inside, lagged, 0.0)
    faded = noise.shot * jnp.exp(-step / law.shot_time)
    faded = faded + fresh * jnp.exp((last_knot - stop) / law.shot_time)
    z = jnp.where(step > 0.0, step, 1.0) / lag
    q_mean = law.shot_time / lag * (noise.shot + count - faded) / z
    followed = followed * jnp.exp((last_knot - stop) / lag)
    y_h = faded - noise.shot * jnp.exp(-z) - followed
    y_h = y_h * law.shot_time / (law.shot_time - lag)
    gone = -jnp.expm1(-z)
    mean = (q_mean - y_h / z) / (1.0 - gone / z)
    return eqx.tree_at(lambda n: n.shot, noise, faded), Shots(mean, y_h / gone)


def centres(z: Scalar) -> tuple[Scalar, Scalar]:
    """At which shares of a step a straight line counts, for what follows it.

    z is the length of the step over the lag. First the share that gives what follows the right
    mean over the step, then the one that brings it to the right place at the end.

    end    = 1 - 1/z + 1/(exp(z) - 1)                                     1
    mean   = (1/2 - end (1 - exp(-z)) / z) / (1 - (1 - exp(-z)) / z)      1
    """
    small = z < 1.0e-2
    safe = jnp.where(small, 1.0, z)
    end = jnp.where(small, 0.5 + z / 12.0, 1.0 - 1.0 / safe + 1.0 / jnp.expm1(safe))
    gone = -jnp.expm1(-safe) / safe
    mean = jnp.where(small, 1.0 / 3.0 + z / 36.0, (0.5 - end * gone) / (1.0 - gone))
    return mean, end
