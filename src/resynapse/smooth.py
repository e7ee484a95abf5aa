"""How do thresholds and limits look without a kink?

Every function is exactly zero where its hard counterpart is zero at the origin, so that
no drug means no effect, bit for bit.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from resynapse.parameter import Scalar


def softplus(x: Scalar, width: Scalar) -> Scalar:
    """max(x, 0) rounded over ``width``: width * ln(1 + exp(x / width)), in the unit of x."""
    return width * jax.nn.softplus(x / width)


def rectified(x: Scalar, width: Scalar) -> Scalar:
    """max(x, 0) rounded over ``width`` and exactly 0 at 0: x / (1 + exp(-x / width))."""
    return x * jax.nn.sigmoid(x / width)


def excess(x: Scalar, threshold: Scalar, width: Scalar) -> Scalar:
    """max(x - threshold, 0) rounded over ``width`` and exactly 0 at x = 0, in the unit of x.

    softplus(x - threshold) - softplus(-threshold)
    = width ln(1 + (exp(x / width) - 1) / (1 + exp(threshold / width)))
    """
    return width * jnp.log1p(jnp.expm1(x / width) * jax.nn.sigmoid(-threshold / width))


def unit_clip(x: Scalar, width: Scalar) -> Scalar:
    """x held between 0 and 1, rounded over ``width``.

    softplus(x) - softplus(x - 1) = width [max(a, 0) - max(b, 0)
    + ln((1 + exp(-|a|)) / (1 + exp(-|b|)))], a = x / width, b = (x - 1) / width
    """
    a = x / width
    b = (x - 1.0) / width
    hard = jnp.maximum(a, 0.0) - jnp.maximum(b, 0.0)
    return width * (hard + jnp.log((1.0 + jnp.exp(-jnp.abs(a))) / (1.0 + jnp.exp(-jnp.abs(b)))))


def hill(x: Scalar, half: Scalar, steepness: Scalar) -> Scalar:
    """x^n / (x^n + half^n) for x >= 0, from 0 to 1; exactly 0 at 0."""
    ratio = jnp.abs(x / half)
    positive = jnp.where(ratio > 0.0, ratio, 1.0)
    power = jnp.where(ratio > 0.0, jnp.exp(steepness * jnp.log(positive)), 0.0)
    return power / (1.0 + power)
