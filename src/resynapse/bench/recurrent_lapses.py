"""Workload W2: fifteen slow states over a year, with lapses that come back and change them.

A hazard depends on the state; where its integral meets an exponential threshold a lapse happens,
jumps the state and is felt afterwards. Round numbers made up for measuring speed: nothing fitted,
time in days.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine import random
from resynapse.engine.dynamics.grid import CLOSE, Band, Infusion
from resynapse.parameter import Scalar
from resynapse.purpose import Purpose

DAYS = 365
DOSE_DAYS = (0, 3, 7, 10, 14, 17)
STRENGTH = 1.2
"""of the drive that a dose gives, which fades with a time constant of a day"""
SPREAD = 0.25
"""sd of the logarithm of every parameter"""
QUANTITIES = ("craving", "old_pathway")
BANDS = (Band(2.0, 0.25), Band(6.0, 0.5), Band(1.0e9, 1.0))
"""d since the last dose, longest step"""


class State(NamedTuple):
    """All about 0 to 1."""

    old: Scalar = 0.8
    new: Scalar = 0.1
    plasticity: Scalar = 0.0
    mood: Scalar = 0.0
    withdrawal: Scalar = 0.7
    craving: Scalar = 0.6
    tolerance: Scalar = 0.7
    stress: Scalar = 0.4
    efficacy: Scalar = 0.3
    sleep: Scalar = 0.4
    skill: Scalar = 0.1
    support: Scalar = 0.4
    medication: Scalar = 0.5
    load: Scalar = 0.6
    setpoint: Scalar = 0.3


class Person(NamedTuple):
    """Rates of the states, 1/d; baseline hazard, 1/d, with its weights; sizes of the jumps."""

    rate: State
    baseline: Scalar
    craving_weight: Scalar
    stress_weight: Scalar
    old_jump: Scalar
    efficacy_jump: Scalar
    craving_jump: Scalar
    tolerance_jump: Scalar


TYPICAL = Person(
    rate=State(
        old=0.02, new=0.03, plasticity=0.5, mood=0.2, withdrawal=0.1, craving=0.3, tolerance=0.02,
        stress=0.1, efficacy=0.05, sleep=0.1, skill=0.03, support=0.02, medication=0.3, load=0.01,
        setpoint=0.02,
    ),
    baseline=0.04, craving_weight=2.0, stress_weight=1.5, old_jump=0.35, efficacy_jump=0.25,
    craving_jump=0.3, tolerance_jump=0.1,
)  # fmt: skip


class RecurrentLapses(eqx.Module):
    """The equations of W2; k is the rate of each state, u the drive, sigma the logistic function.

    dM/dt = k (-M (1 + 3 P) + 0.3 sigma(6 (C - 0.5))),  dN/dt = k (K (1 + 4 P) (1 - N) - 0.2 N)
    dP/dt = k (u (1 - P) - P),                          dD/dt = k (0.6 P + 0.2 N - 0.3 A - D)
    dW/dt = k (0.4 T - B - W),   dC/dt = k (0.5 M + 0.3 W + 0.3 S - 0.5 N - 0.2 D - 0.3 B - C)
    dT/dt = -k T,                dS/dt = k (0.4 A + 0.2 W - 0.3 U - 0.2 D + 0.2 - S)
    dE/dt = k (N + 0.3 D - E),   dL/dt = k (0.5 - 0.3 W - 0.3 S - L)
    dK/dt = k (0.6 + 0.6 P) (1 - K),                    dU/dt = k (0.5 E - U + 0.2)
    dB/dt = k (0.6 - B),         dA/dt = k (0.3 W + 0.2 S - A)
    dF/dt = k (0.4 + 0.3 D - 0.3 A - F)
    hazard = baseline exp(b_C C + b_S S / 2 - 2 E)                                      1/d
    a lapse: M + j_M (1 - M) / 2,  E (1 - j_E),  C + j_C (1.2 - C) / 2,  T + j_T (1 - T)
    """

    typical: Person = TYPICAL
    dose_days: tuple[float, ...] = eqx.field(static=True, default=DOSE_DAYS)
    purpose: int = eqx.field(static=True, default=int(Purpose.LAPSE))

    def signal(self, begin: Scalar, time: Scalar) -> tuple[Scalar]:
        """u = 1.2 sum over the doses given of exp(day - t)"""
        given = sum(jnp.where(begin >= day - CLOSE, math.exp(day), 0.0) for day in self.dose_days)
        return (STRENGTH * given * jnp.exp(-time),)

    def person(self, seed: Scalar, key: Scalar) -> Person:
        """Log-normal parameters of the person of this number."""
        leaves, structure = jax.tree.flatten(self.typical)
        drawn = [
            value * jnp.exp(SPREAD * random.normal(seed, int(Purpose.PARAMETERS), key, n))
            for n, value in enumerate(leaves)
        ]
        return jax.tree.unflatten(structure, drawn)

    def no_amounts(self) -> tuple:
        return ()

    def begin(self, person: Person) -> State:
        return State()

    def amount_rate(self, person: Person, amounts: tuple, inflow: Scalar) -> tuple:
        return ()

    def drive(self, person: Person, amounts: tuple, signal: tuple[Scalar]) -> tuple[Scalar]:
        return signal

    def rate(self, person: Person, state: State, drive: tuple[Scalar]) -> State:
        k, (u,) = person.rate, drive
        M, N, P, D, W, C, T, S, E, L, K, U, B, A, F = state
        return State(
            old=k.old * (-M * (1.0 + 3.0 * P) + 0.3 * jax.nn.sigmoid(6.0 * (C - 0.5))),
            new=k.new * (K * (1.0 + 4.0 * P) * (1.0 - N) - 0.2 * N),
            plasticity=k.plasticity * (u * (1.0 - P) - P),
            mood=k.mood * (0.6 * P + 0.2 * N - 0.3 * A - D),
            withdrawal=k.withdrawal * (0.4 * T - B - W),
            craving=k.craving * (0.5 * M + 0.3 * W + 0.3 * S - 0.5 * N - 0.2 * D - 0.3 * B - C),
            tolerance=-k.tolerance * T,
            stress=k.stress * (0.4 * A + 0.2 * W - 0.3 * U - 0.2 * D + 0.2 - S),
            efficacy=k.efficacy * (N + 0.3 * D - E),
            sleep=k.sleep * (0.5 - 0.3 * W - 0.3 * S - L),
            skill=k.skill * (0.6 + 0.6 * P) * (1.0 - K),
            support=k.support * (0.5 * E - U + 0.2),
            medication=k.medication * (0.6 - B),
            load=k.load * (0.3 * W + 0.2 * S - A),
            setpoint=k.setpoint * (0.4 + 0.3 * D - 0.3 * A - F),
        )

    def hazard(self, person: Person, state: State) -> Scalar:
        """1/d."""
        pull = person.craving_weight * state.craving + 0.5 * person.stress_weight * state.stress
        return person.baseline * jnp.exp(pull - 2.0 * state.efficacy)

    def jump(self, person: Person, state: State) -> State:
        """What a lapse does; it saturates, so no path explodes."""
        return state._replace(
            old=state.old + 0.5 * person.old_jump * (1.0 - state.old),
            efficacy=state.efficacy * (1.0 - person.efficacy_jump),
            craving=state.craving + 0.5 * person.craving_jump * (1.2 - state.craving),
            tolerance=state.tolerance + person.tolerance_jump * (1.0 - state.tolerance),
        )

    def observe(self, person: Person, amounts: tuple, state: State) -> tuple[Scalar, ...]:
        """``QUANTITIES``."""
        return state.craving, state.old


def instants(days: int = DAYS) -> np.ndarray:
    """Days at whose end people are looked at."""
    return np.arange(1.0, days + 1.0)


def doses(dose_days: tuple[float, ...] = DOSE_DAYS) -> tuple[Infusion, ...]:
    """Instants after which steps are fine; nothing flows in."""
    return tuple(Infusion(float(day), 0.0, 0.0) for day in dose_days)
