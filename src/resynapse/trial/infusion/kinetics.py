"""What is linear in where ketamine goes, as matrices of many people at once?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy.linalg import expm

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Fixed, Scalar, parameter
from resynapse.patient import Patient
from resynapse.pharmacology import ketamine
from resynapse.pharmacology.ketamine import KetamineDisposition

STEP_SECONDS = 10.0
"""of a pump's clock"""
STEP_HOURS = STEP_SECONDS / 3600.0
PARENT = ("central", "shallow", "deep", "venous_fast", "venous_slow", "effect_site")
"""what an infusion reaches before metabolites"""


class Linear(NamedTuple):
    """dx/dt = M x + b u in each of many people; u is racemic ketamine, mg/h."""

    matrix: np.ndarray
    """[people, states, states], per hour"""
    inflow: np.ndarray
    """[people, states]"""
    plasma: np.ndarray
    """[people, states]: arterial racemic ketamine, ng/mL, is this times x"""
    effect: np.ndarray
    """[people, states]: the same at the effect site"""

    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """What takes x over one step of the pump, and what a rate held over it adds."""
        people, n = self.inflow.shape
        joint = np.zeros((people, n + 1, n + 1))
        joint[:, :n, :n], joint[:, :n, n] = self.matrix, self.inflow
        once = expm(joint * STEP_HOURS)
        return once[:, :n, :n], once[:, :n, n]


class Domino(eqx.Module):
    """The set of Domino 1984 as target-controlled pumps carry it; not a belief of ours.

    V1       = v WT                                                       L
    u        = infusion                                                   mg/h
    dA1/dt   = u - (k10 + k12 + k13) A1 + k21 A2 + k31 A3                 mg/h
    dA2/dt   = k12 A1 - k21 A2                                            mg/h
    dA3/dt   = k13 A1 - k31 A3                                            mg/h
    ke0      = ln 2 / t_e                                                 1/h
    dCe/dt   = ke0 (A1 / V1 - Ce)                                         mg/L/h

    t_e is ours: the ke0 that pumps carry for ketamine are guesses by their authors.
    """

    volume: Scalar = parameter(Fixed(0.063), "L/kg", sources.domino1984)
    """v"""
    elimination: Scalar = parameter(Fixed(26.286), "1/h", sources.domino1984)
    """k10 (0.4381 /min)"""
    to_second: Scalar = parameter(Fixed(35.526), "1/h", sources.domino1984)
    """k12 (0.5921 /min)"""
    to_third: Scalar = parameter(Fixed(35.4), "1/h", sources.domino1984)
    """k13 (0.59 /min)"""
    from_second: Scalar = parameter(Fixed(14.82), "1/h", sources.domino1984)
    """k21 (0.247 /min)"""
    from_third: Scalar = parameter(Fixed(0.876), "1/h", sources.domino1984)
    """k31 (0.0146 /min)"""

    def linear(self, weight_kg: np.ndarray, effect_site_half_life: float) -> Linear:
        """For people of these weights; states are A1, A2, A3 and Ce."""
        k10, k12, k13 = self.elimination, self.to_second, self.to_third
        k21, k31 = self.from_second, self.from_third
        V1, ke0 = self.volume * weight_kg, np.log(2.0) / effect_site_half_life
        M = np.zeros((len(weight_kg), 4, 4))
        M[:, 0, :3] = [-(k10 + k12 + k13), k21, k31]
        M[:, 1, :2] = [k12, -k21]
        M[:, 2, 0], M[:, 2, 2] = k13, -k31
        M[:, 3, 0], M[:, 3, 3] = ke0 / V1, -ke0
        plasma, effect, inflow = (np.zeros((len(weight_kg), 4)) for _ in range(3))
        inflow[:, 0], plasma[:, 0], effect[:, 3] = 1.0, 1000.0 / V1, 1000.0
        return Linear(M, inflow, plasma, effect)


def both(patient: Patient, s: KetamineDisposition, r: KetamineDisposition, people: int) -> Linear:
    """S and R side by side in people with these dispositions; the states of S come first."""
    mass = float(patient.molar_mass.ketamine)
    with jax.enable_x64(True):
        parts = [tuple(map(np.asarray, _matrices(_spread(one, people)))) for one in (s, r)]
    n = len(PARENT)
    M, inflow = np.zeros((people, 2 * n, 2 * n)), np.zeros((people, 2 * n))
    plasma, effect = np.zeros((people, 2 * n)), np.zeros((people, 2 * n))
    for k, (one, (matrix, into)) in enumerate(zip((s, r), parts, strict=True)):
        own = slice(k * n, (k + 1) * n)
        M[:, own, own], inflow[:, own] = matrix, into * (500.0 / mass)
        plasma[:, k * n] = mass / np.asarray(one.body.central_volume)
        effect[:, (k + 1) * n - 1] = mass
    return Linear(M, inflow, plasma, effect)


def venous(patient: Patient, s: KetamineDisposition) -> np.ndarray:
    """[people, states]: what a sample from the arm shows, ng/mL, is this times x."""
    phi = np.atleast_1d(np.asarray(s.body.venous_slow_share, float))
    mass, n = float(patient.molar_mass.ketamine), len(PARENT)
    found = np.zeros((len(phi), 2 * n))
    for k in (0, n):
        found[:, k + 3], found[:, k + 4] = mass * (1.0 - phi), mass * phi
    return found


def _spread(disposition: KetamineDisposition, people: int) -> Any:
    """Every number of the disposition as one a person."""
    return jax.tree.map(
        lambda x: jnp.broadcast_to(jnp.asarray(x, jnp.float64), (people,)), disposition
    )


@eqx.filter_jit
@eqx.filter_vmap
def _matrices(disposition: KetamineDisposition) -> tuple[jax.Array, jax.Array]:
    nothing = jax.tree.map(jnp.float64, ketamine.zero())

    def change(x: jax.Array, inflow: jax.Array) -> jax.Array:
        amount = replace(nothing, **dict(zip(PARENT, x, strict=True)))
        rate = disposition.rate(amount, inflow)
        return jnp.stack([getattr(rate, name) for name in PARENT])

    return jax.jacfwd(change, argnums=(0, 1))(jnp.zeros(len(PARENT)), jnp.float64(0.0))
