"""Workload W1: kinetics and dynamics of a drug in many people, no events.

Six infusions in four weeks; three compartments, a metabolite and an effect site, all linear; then
an effect that saturates, turnover, and two slow states that feed each other. Round numbers made
up for measuring speed: no drug, nothing fitted, time in hours.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from resynapse.engine import random
from resynapse.engine.dynamics.grid import Band, Infusion
from resynapse.parameter import Scalar
from resynapse.purpose import Purpose

INFUSED_MG, INFUSED_H = 40.0, 2.0 / 3.0
DOSE_DAYS = (0, 3, 7, 10, 14, 17)
DAYS = 28
AFTER_DOSE = (1 / 3, 1 / 2, 2 / 3, 1, 4 / 3, 5 / 3, 2, 2.5, 3, 4, 5, 7, 8, 10, 16)
"""h after each dose at which people are looked at"""
EVERY = 6.0
"""h, and so often besides"""
QUANTITIES = ("concentration", "effect_site", "plasticity", "benefit")
BANDS = (
    Band(2 / 3, 1 / 48), Band(1.0, 1 / 24), Band(2.0, 1 / 12), Band(4.0, 1 / 6), Band(10.0, 1 / 2),
    Band(24.0, 2 / 3), Band(36.0, 1.0), Band(1.0e9, 4 / 3),
)  # fmt: skip
"""h since the last dose, longest step"""


class Person(NamedTuple):
    """Parameters of one person: typical value, sd of its logarithm."""

    CL: Scalar
    V1: Scalar
    Q2: Scalar
    V2: Scalar
    Q3: Scalar
    V3: Scalar
    CLM: Scalar
    VM: Scalar
    FM: Scalar
    KE0: Scalar
    WN: Scalar
    EC50: Scalar
    HILL: Scalar
    KOUT: Scalar
    EMAX: Scalar
    KP: Scalar
    KDP: Scalar
    P50: Scalar
    KD: Scalar
    KDD: Scalar


TYPICAL = Person(
    CL=80.0, V1=60.0, Q2=150.0, V2=70.0, Q3=50.0, V3=180.0, CLM=60.0, VM=90.0, FM=0.8, KE0=10.0,
    WN=0.15, EC50=0.12, HILL=1.5, KOUT=0.25, EMAX=2.5, KP=0.05, KDP=1 / 72, P50=0.3, KD=0.04,
    KDD=1 / 60,
)  # fmt: skip
"""L/h, L, mg/L, 1/h"""
SPREAD = Person(
    CL=0.25, V1=0.25, Q2=0.25, V2=0.25, Q3=0.25, V3=0.25, CLM=0.3, VM=0.3, FM=0.0, KE0=0.3,
    WN=0.2, EC50=0.3, HILL=0.1, KOUT=0.2, EMAX=0.3, KP=0.3, KDP=0.25, P50=0.25, KD=0.3, KDD=0.25,
)  # fmt: skip


class Amounts(NamedTuple):
    """mg, and mg/L at the effect site."""

    plasma: Scalar
    fast: Scalar
    slow: Scalar
    metabolite: Scalar
    effect_site: Scalar


class State(NamedTuple):
    """Turnover (1 at rest), plasticity and benefit (0 to 1)."""

    turnover: Scalar
    plasticity: Scalar
    benefit: Scalar


class KineticsDynamics(eqx.Module):
    """The equations of W1.

    dA1/dt = u - (CL + Q2 + Q3) C1 + Q2 C2 + Q3 C3                     mg/h
    dA2/dt = Q2 (C1 - C2),  dA3/dt = Q3 (C1 - C3)                      mg/h
    dM/dt  = FM CL C1 - CLM CM                                         mg/h
    dCe/dt = KE0 (C1 - Ce)                                             mg/L/h
    x      = Ce + WN CM,  occupancy = 1 / (1 + (EC50 / x)^HILL)        mg/L, 1
    dG/dt  = KOUT (1 + EMAX occupancy - G)                             1/h
    dP/dt  = KP (1 + D / 2) (G - 1) (1 - P) - KDP P                    1/h
    dD/dt  = KD P^2 / (P50^2 + P^2) (1 - D) - KDD D                    1/h
    """

    typical: Person = TYPICAL
    spread: Person = SPREAD
    purpose: int = eqx.field(static=True, default=-1)

    def signal(self, begin: Scalar, time: Scalar) -> tuple:
        return ()

    def person(self, seed: Scalar, key: Scalar) -> Person:
        """Log-normal parameters of the person of this number."""
        drawn = [
            value * jnp.exp(sd * random.normal(seed, int(Purpose.KINETICS), key, n))
            for n, (value, sd) in enumerate(zip(self.typical, self.spread, strict=True))
        ]
        return Person(*drawn)

    def no_amounts(self) -> Amounts:
        return Amounts(0.0, 0.0, 0.0, 0.0, 0.0)

    def begin(self, person: Person) -> State:
        return State(1.0, 0.0, 0.0)

    def amount_rate(self, person: Person, amounts: Amounts, inflow: Scalar) -> Amounts:
        p = person
        C1, C2, C3 = amounts.plasma / p.V1, amounts.fast / p.V2, amounts.slow / p.V3
        CM = amounts.metabolite / p.VM
        return Amounts(
            plasma=inflow - (p.CL + p.Q2 + p.Q3) * C1 + p.Q2 * C2 + p.Q3 * C3,
            fast=p.Q2 * (C1 - C2),
            slow=p.Q3 * (C1 - C3),
            metabolite=p.FM * p.CL * C1 - p.CLM * CM,
            effect_site=p.KE0 * (C1 - amounts.effect_site),
        )

    def drive(self, person: Person, amounts: Amounts, signal: tuple) -> tuple[Scalar]:
        """Occupancy; x is kept above 1e-12 mg/L, where there is none."""
        x = amounts.effect_site + person.WN * amounts.metabolite / person.VM
        ratio = jnp.maximum(x, 1.0e-12) / person.EC50
        return (jax.nn.sigmoid(person.HILL * jnp.log(ratio)),)

    def rate(self, person: Person, state: State, drive: tuple[Scalar]) -> State:
        p, (G, P, D), (occupancy,) = person, state, drive
        squared = P * P
        return State(
            turnover=p.KOUT * (1.0 + p.EMAX * occupancy - G),
            plasticity=p.KP * (1.0 + 0.5 * D) * (G - 1.0) * (1.0 - P) - p.KDP * P,
            benefit=p.KD * squared / (p.P50 * p.P50 + squared) * (1.0 - D) - p.KDD * D,
        )

    def observe(self, person: Person, amounts: Amounts, state: State) -> tuple[Scalar, ...]:
        """``QUANTITIES``."""
        concentration = amounts.plasma / person.V1
        return concentration, amounts.effect_site, state.plasticity, state.benefit


def infusions(dose_days: tuple[float, ...] = DOSE_DAYS) -> tuple[Infusion, ...]:
    """The doses, mg over h."""
    return tuple(Infusion(24.0 * day, INFUSED_H, INFUSED_MG / INFUSED_H) for day in dose_days)


def instants(days: int = DAYS, dose_days: tuple[float, ...] = DOSE_DAYS) -> np.ndarray:
    """When people are looked at, h: after each dose, and every six hours."""
    after = np.add.outer(24.0 * np.array(dose_days, float), AFTER_DOSE).ravel()
    every = EVERY * np.arange(1, round(24.0 * days / EVERY) + 1)
    return np.unique(np.round(np.concatenate([after, every]), 9))
