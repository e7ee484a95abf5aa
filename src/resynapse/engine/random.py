"""How does every patient get the same chance in every run?

Threefry-2x32 with 20 rounds (Salmon et al. 2011, SC '11), keyed by (seed, purpose) and counting
(patient, event). A number depends on nothing else: not on the number of patients, their order,
the grid, the chunk or the back end.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtri

from resynapse.parameter import Scalar

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA


@jax.jit
def threefry(key: tuple, counter: tuple) -> tuple:
    """Two words of 32 random bits from two words of key and two of counter (uint32)."""
    k0, k1 = (jnp.asarray(word, jnp.uint32) for word in key)
    keys = (k0, k1, k0 ^ k1 ^ jnp.uint32(_PARITY))
    x0 = jnp.asarray(counter[0], jnp.uint32) + keys[0]
    x1 = jnp.asarray(counter[1], jnp.uint32) + keys[1]
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            x0 = x0 + x1
            x1 = (x1 << jnp.uint32(rotation)) | (x1 >> jnp.uint32(32 - rotation))
            x1 = x1 ^ x0
        x0 = x0 + keys[(group + 1) % 3]
        x1 = x1 + keys[(group + 2) % 3] + jnp.uint32(group + 1)
    return x0, x1


def uniform(seed: Scalar, purpose: int, patient: Scalar, event: Scalar = 0) -> Scalar:
    """A number strictly between 0 and 1: (k + 0.5) / 2^53 with 53 random bits."""
    high, low = threefry((seed, purpose), (patient, event))
    bits = (high >> jnp.uint32(5)).astype(jnp.float64) * 67108864.0
    bits = bits + (low >> jnp.uint32(6)).astype(jnp.float64)
    return (bits + 0.5) / 9007199254740992.0


def normal(seed: Scalar, purpose: int, patient: Scalar, event: Scalar = 0) -> Scalar:
    """A standard normal number."""
    return ndtri(uniform(seed, purpose, patient, event))


def exponential(seed: Scalar, purpose: int, patient: Scalar, event: Scalar = 0) -> Scalar:
    """An exponential number with mean 1: the hazard that a person withstands."""
    return -jnp.log(uniform(seed, purpose, patient, event))


def word(value: Scalar) -> jax.Array:
    """A whole number kept as a float, as a word of a key."""
    return jnp.asarray(value).astype(jnp.uint32)
