"""Which concentrations, dissociation and pressure follow an infusion in people who differ?"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from resynapse.patient import Patient, configured
from resynapse.patient.state import Person
from resynapse.pharmacology.covariates import individual
from resynapse.pharmacology.ketamine import KetamineDisposition
from resynapse.population.disorder import apply
from resynapse.population.people import people
from resynapse.protocol import Protocol
from resynapse.trial import recruitment
from resynapse.trial.infusion.kinetics import PARENT, Domino, Linear, both, venous
from resynapse.trial.infusion.plan import InfusionPlan, ensure_possible
from resynapse.trial.infusion.pump import A_MINUTE, Pumped, pumped


@dataclass(frozen=True)
class Prediction:
    """What is predicted, a row a minute, a column a person; the first row is before the start."""

    minutes: np.ndarray
    arterial: np.ndarray
    """ng/mL of racemic ketamine"""
    venous: np.ndarray
    effect_site: np.ndarray
    dissociation: np.ndarray
    """CADSS, 0 to 84"""
    pressure_rise: np.ndarray
    """mmHg, systolic"""
    rate: np.ndarray
    """mg/min, mean of the minute before"""
    believed_plasma: np.ndarray
    """ng/mL, by what the pump believes"""
    believed_effect: np.ndarray
    target: np.ndarray
    """[minutes], ng/mL; NaN where there is none"""
    weight_kg: np.ndarray
    """[people]"""

    @property
    def given_mg(self) -> np.ndarray:
        """[people], in all."""
        return self.rate.sum(axis=0)


def predict(
    plan: InfusionPlan, protocol: Protocol, *, people: int = 200, seed: int = 1
) -> Prediction:
    """The infusion in so many people of the protocol, drawn as a run draws them.

    Kinetics are exact within each 10 s step of the pump; parameters are the reference values.
    """
    ensure_possible(plan)
    base = apply(Patient(), protocol.disorder)
    patient = configured(base, protocol.switches.chosen, None)
    who = _drawn(protocol, patient, people, seed)
    weight = np.asarray(who.weight_kg, float)
    pump = pumped(plan, believed(plan, patient, who), weight)
    return _predicted(patient, who, pump)


def _drawn(protocol: Protocol, patient: Patient, count: int, seed: int) -> Person:
    known = recruitment.given(protocol, patient, recruitment.keys(0, count), seed)
    return people(patient, known, seed)


def believed(plan: InfusionPlan, patient: Patient, who: Person) -> Linear:
    """What the pump believes of each person, from what can be typed into it."""
    weight = np.asarray(who.weight_kg, float)
    if plan.believed == "domino":
        return Domino().linear(weight, float(patient.body.effect_site_half_life))
    with jax.enable_x64(True):
        kilograms, years = jnp.asarray(weight), jnp.asarray(who.age_years)
        s, r = (
            individual(
                KetamineDisposition(patient.body, one), weight_kg=kilograms, age_years=years,
                female=jnp.asarray(who.female), effects=patient.covariates,
            )
            for one in (patient.s_enantiomer, patient.r_enantiomer)
        )  # fmt: skip
        return both(patient, s, r, len(weight))


def _predicted(patient: Patient, who: Person, pump: Pumped) -> Prediction:
    """The people themselves under the rates of the pump."""
    count = pump.rate.shape[1]
    real = both(patient, who.s_ketamine, who.r_ketamine, count)
    x = _states(real, pump.rate)
    n, mass = len(PARENT), float(patient.molar_mass.ketamine)
    arm = venous(patient, who.s_ketamine)
    S, R = x[:, :, n - 1], x[:, :, 2 * n - 1]
    with jax.enable_x64(True):
        s, r = jnp.asarray(S), jnp.asarray(R)
        felt = patient.dissociation.cadss(s, jnp.asarray(who.dissociation_factor))
        rise = patient.pressure.rise(s, r, jnp.asarray(who.pressure_factor))
    each = slice(A_MINUTE - 1, None, A_MINUTE)
    minutes = len(pump.rate) // A_MINUTE
    rate = pump.rate[: minutes * A_MINUTE].reshape(minutes, A_MINUTE, count).mean(axis=1) / 60.0
    nothing = np.zeros((1, count))
    return Prediction(
        minutes=np.arange(minutes + 1.0),
        arterial=np.einsum("pn,kpn->kp", real.plasma, x),
        venous=np.einsum("pn,kpn->kp", arm, x),
        effect_site=mass * (S + R),
        dissociation=np.asarray(felt),
        pressure_rise=np.asarray(rise),
        rate=np.concatenate([nothing, rate]),
        believed_plasma=np.concatenate([nothing, pump.plasma[each]]),
        believed_effect=np.concatenate([nothing, pump.effect[each]]),
        target=np.concatenate([[np.nan], pump.target[each]]),
        weight_kg=np.asarray(who.weight_kg, float),
    )


def _states(real: Linear, rate: np.ndarray) -> np.ndarray:
    """[minutes, people, states], from nothing."""
    Phi, gamma = real.steps()
    x = np.zeros(gamma.shape)
    kept = [x]
    for k, u in enumerate(rate):
        x = np.matmul(Phi, x[..., None])[..., 0] + gamma * u[:, None]
        if (k + 1) % A_MINUTE == 0:
            kept.append(x)
    return np.array(kept)
