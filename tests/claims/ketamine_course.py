"""How do tests follow a linear amount in time? Exactly, by the matrix exponential."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from scipy.linalg import expm

from resynapse.pharmacology import ketamine
from resynapse.pharmacology.ketamine import KetamineDisposition
from resynapse.pharmacology.route import MolarMass, bioavailable, split

MASS = MolarMass()


class Linear(NamedTuple):
    """dA/dt = M A + b u as matrices."""

    matrix: np.ndarray
    inflow: np.ndarray
    unravel: Callable[[Any], Any]

    def advanced(self, vector: np.ndarray, hours: float, rate: float = 0.0) -> np.ndarray:
        """The amounts after some hours with a constant inflow."""
        n = len(self.inflow)
        joint = np.zeros((n + 1, n + 1))
        joint[:n, :n], joint[:n, n] = self.matrix, self.inflow
        return (expm(joint * hours) @ np.append(vector, rate))[:n]

    def total(self, vector: np.ndarray) -> Any:
        """The integral of the amounts from now on without inflow."""
        return self.unravel(jnp.asarray(np.linalg.solve(-self.matrix, vector)))


def linear(rate: Callable[[Any, Any], Any], zero: Any) -> Linear:
    """The matrices of a linear ``rate``."""
    flat, unravel = ravel_pytree(jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), zero))

    def change(vector: Any, inflow: Any) -> Any:
        return ravel_pytree(rate(unravel(vector), inflow))[0]

    nothing = jnp.asarray(0.0)
    matrix = jax.jacfwd(change)(flat, nothing)
    inflow = jax.jacfwd(change, argnums=1)(flat, nothing)
    return Linear(np.asarray(matrix), np.asarray(inflow), unravel)


@cache
def _system(*numbers: float) -> Linear:
    """The matrices of the person with these numbers, made once."""
    shape = jax.tree.structure(ketamine.s_ketamine())
    return linear(jax.tree.unflatten(shape, numbers).rate, ketamine.zero())


class Course:
    """One enantiomer in one person after one dose."""

    def __init__(self, disposition: KetamineDisposition) -> None:
        self.disposition = disposition
        self.system = _system(*(float(leaf) for leaf in jax.tree.leaves(disposition)))
        self.size = len(self.system.inflow)

    def infusion(self, umol: float, hours: float) -> Callable[[float], Any]:
        """Amounts at a time after the start of an infusion."""
        at_end = self.system.advanced(np.zeros(self.size), hours, umol / hours)

        def at(time: float) -> Any:
            if time <= hours:
                vector = self.system.advanced(np.zeros(self.size), time, umol / hours)
            else:
                vector = self.system.advanced(at_end, time - hours)
            return self.system.unravel(jnp.asarray(vector))

        return at

    def start(self, route: str, drug: str, mg: float, umol: float) -> np.ndarray:
        """The vector of amounts right after a dose without infusion."""
        deposit = bioavailable(route, drug, mg)
        amounts = ketamine.zero()
        filled = {
            name: float(getattr(deposit, name)) * umol if hasattr(deposit, name) else 0.0
            for name in vars(amounts)
        }
        return np.asarray(ravel_pytree(type(amounts)(**filled))[0])

    def dose(self, route: str, drug: str, mg: float, umol: float) -> Callable[[float], Any]:
        """Amounts at a time after a dose without infusion."""
        start = self.start(route, drug, mg, umol)
        return lambda time: self.system.unravel(jnp.asarray(self.system.advanced(start, time)))

    def exposure(self, route: str, drug: str, mg: float, umol: float) -> float:
        """Area under the arterial concentration to infinity, umol h/L."""
        total = self.system.total(self.start(route, drug, mg, umol))
        return float(self.disposition.arterial(total))


def racemate(mg: float) -> float:
    """umol of S (and as many of R) in so many mg of racemate."""
    return float(split("ketamine", mg).s)
