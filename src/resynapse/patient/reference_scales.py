"""Which values of the window's scales make the reference infusion its unit?

The scales stand as numbers in the links, so that a draw of other parameters does not move them;
this recomputes them, for a change of kinetics, potencies or circuit.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from scipy.optimize import brentq

from resynapse.engine.linear import propagators
from resynapse.parameter import Scalar, replace
from resynapse.patient.chain import HOURS_PER_DAY, Acute, Patient
from resynapse.patient.state import Amounts
from resynapse.pharmacology import ketamine
from resynapse.pharmacology.benzodiazepine import BenzodiazepineAmount
from resynapse.pharmacology.ketamine import KetamineAmount, KetamineDisposition
from resynapse.pharmacology.opioid_medication import zero as no_medication
from resynapse.pharmacology.route import split
from resynapse.plasticity.window import PlasticityWindow, WindowState
from resynapse.system import relaxed

WEIGHT_KG = 70.0
DOSE_MG_PER_KG = 0.5
INFUSION_MINUTES = 40
TRIGGER_PEAK = 1.0
WINDOW_PEAK = 0.5
"""values of N and P that define their scales"""

DAYS = 2
"""the window opens within a day"""
MINUTES_PER_DAY = 1440
RATE_LIMITS = (0.01, 100.0)
"""1/d, between which k_P is looked for"""


class Drive(NamedTuple):
    """What the reference infusion does at every minute."""

    surge: jax.Array
    pyramidal: jax.Array
    resting: jax.Array


def reference_scales(patient: Patient) -> dict[str, float]:
    """The five scales by the path of their parameter, for the patient's other parameters.

    A_50  = peak surge                                                    1
    B_50  = peak block at rest                                            1
    B_ref = mean of pyramidal block and block at rest, at that peak       1
    k_N   : N peaks at 1                                                  1/d
    k_P   : P peaks at 0.5                                                1/d
    """
    with jax.enable_x64(True):
        drive = reference_infusion(patient)
        peak = int(np.argmax(drive.resting))
        scales = {
            "window.surge_half_effect": float(np.max(drive.surge)),
            "window.direct_half_effect": float(drive.resting[peak]),
            "memory.block_reference": float(0.5 * (drive.pyramidal[peak] + drive.resting[peak])),
        }
        scales["window.trigger_gain"] = _trigger_gain(patient, scales, drive)
        scales["window.opening_rate"] = _opening_rate(patient, scales, drive)
    return scales


def reference_infusion(patient: Patient) -> Drive:
    """Surge and block in the typical person of 70 kg: racemic 0.5 mg/kg over 40 min."""
    umol = split("ketamine", WEIGHT_KG * DOSE_MG_PER_KG, patient.molar_mass)
    per_hour = MINUTES_PER_DAY / HOURS_PER_DAY / INFUSION_MINUTES
    s_ketamine = KetamineDisposition(patient.body, patient.s_enantiomer)
    r_ketamine = KetamineDisposition(patient.body, patient.r_enantiomer)
    s_course = _course(s_ketamine, umol.s * per_hour)
    r_course = _course(r_ketamine, umol.r * per_hour)
    acute = jax.vmap(lambda s, r: _acute(patient, s, r))(s_course, r_course)
    return Drive(acute.surge, acute.block.pyramidal, acute.block.resting)


@eqx.filter_jit
def _course(disposition: KetamineDisposition, umol_per_hour: Scalar) -> KetamineAmount:
    """Amounts at every minute of an infusion and after, exactly."""
    minute = jnp.asarray([HOURS_PER_DAY / MINUTES_PER_DAY])
    exact = propagators(disposition.rate, ketamine.zero(), minute)[0]
    size = exact.shape[0]

    def one(vector: jax.Array, number: jax.Array) -> tuple[jax.Array, jax.Array]:
        inflow = jnp.where(number < INFUSION_MINUTES, umol_per_hour, 0.0)
        after = exact @ jnp.append(vector, inflow)
        return after, after

    start = jnp.zeros(size)
    rows = lax.scan(one, start, jnp.arange(DAYS * MINUTES_PER_DAY))[1]
    return KetamineAmount(*jnp.vstack([start, rows]).T)


def _acute(patient: Patient, s_amount: KetamineAmount, r_amount: KetamineAmount) -> Acute:
    calm, medicated = BenzodiazepineAmount(0.0, 0.0, 0.0), no_medication()
    return patient.acute(Amounts(s_amount, r_amount, calm, medicated, medicated))


@eqx.filter_jit
def _peaks(window: PlasticityWindow, drive: Drive) -> WindowState:
    """Highest value of every state of the window: exponential midpoint rule, steps of a minute."""
    step = 1.0 / MINUTES_PER_DAY
    starts = jax.tree.map(lambda x: x[:-1], drive)
    middles = jax.tree.map(lambda x: 0.5 * (x[:-1] + x[1:]), drive)

    def one(state: WindowState, drives: tuple[Drive, Drive]) -> tuple[WindowState, WindowState]:
        start, middle = drives
        half = relaxed(state, window.relaxation(state, *start), 0.5 * step)
        after = relaxed(state, window.relaxation(half, *middle), step)
        return after, after

    closed = WindowState(*[jnp.asarray(0.0)] * 4)
    path = lax.scan(one, closed, (starts, middles))[1]
    return jax.tree.map(jnp.max, path)


def _with(patient: Patient, scales: dict[str, float], **window: float) -> PlasticityWindow:
    named = {f"window.{name}": value for name, value in window.items()}
    changed = replace(patient, scales | named).window
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), changed)


def _trigger_gain(patient: Patient, scales: dict[str, float], drive: Drive) -> float:
    """k_N; N is linear in it."""
    at_one = _peaks(_with(patient, scales, trigger_gain=1.0), drive).trigger
    return TRIGGER_PEAK / float(at_one)


def _opening_rate(patient: Patient, scales: dict[str, float], drive: Drive) -> float:
    """k_P; the peak of P rises with it and stays below 1."""

    def missing(rate: float) -> float:
        return float(_peaks(_with(patient, scales, opening_rate=rate), drive).window) - WINDOW_PEAK

    return brentq(missing, *RATE_LIMITS, rtol=1.0e-6)
