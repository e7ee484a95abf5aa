"""Who stays on medication, in the study and in the therapy room?"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogNormal, Normal, Scalar, parameter


class Staying(eqx.Module):
    """Weibull law of staying on one medication: no use in the last week, no withdrawal, phi 1."""

    shape: Scalar
    """k"""
    scale: Scalar
    """a, d"""


class MedicationStop(eqx.Module):
    """Hazard of stopping a medication, falling with time on it.

    h = (k / a) (t / a)^(k - 1) exp(b_U U_7 + b_Q Q + b_D (D - D_ref) + b_f log phi)    1/d
    """

    buprenorphine_shape: Scalar = parameter(LogNormal(0.576, 0.1), "1", sources.start_trial)
    """k"""
    buprenorphine_scale: Scalar = parameter(
        LogNormal(500.0, 0.3), "d", sources.start_trial, "assumed"
    )
    """a"""
    methadone_shape: Scalar = parameter(LogNormal(0.745, 0.1), "1", sources.start_trial)
    """k"""
    methadone_scale: Scalar = parameter(LogNormal(1300.0, 0.3), "d", sources.start_trial, "assumed")
    """a"""
    depot_shape: Scalar = parameter(LogNormal(0.745, 0.2), "1", sources.design)
    """k, monthly injections and implants"""
    depot_scale: Scalar = parameter(LogNormal(500.0, 0.4), "d", sources.design)
    """a, monthly injections and implants"""
    oral_naltrexone_shape: Scalar = parameter(LogNormal(0.58, 0.2), "1", sources.design)
    """k"""
    oral_naltrexone_scale: Scalar = parameter(LogNormal(30.0, 0.4), "d", sources.design)
    """a"""
    use_weight: Scalar = parameter(LogNormal(0.8, 0.5), "1", sources.hand_set)
    """b_U"""
    withdrawal_weight: Scalar = parameter(LogNormal(0.7, 0.5), "1", sources.hand_set)
    """b_Q"""
    mood_weight: Scalar = parameter(LogNormal(0.5, 0.5), "1", sources.hand_set)
    """b_D"""
    mood_reference: Scalar = parameter(Fixed(0.3), "1", sources.definition)
    """D_ref"""
    frailty_weight: Scalar = parameter(LogNormal(0.2, 0.5), "1", sources.hand_set)
    """b_f"""

    def staying(self, medication: str) -> Staying:
        """The law of staying on this medication, by its name in a protocol."""
        by_name = {
            "buprenorphine": Staying(self.buprenorphine_shape, self.buprenorphine_scale),
            "methadone": Staying(self.methadone_shape, self.methadone_scale),
            "naltrexone": Staying(self.oral_naltrexone_shape, self.oral_naltrexone_scale),
        }
        return by_name.get(medication, Staying(self.depot_shape, self.depot_scale))

    def hazard(
        self, days: Scalar, law: Staying, U_7: Scalar, Q: Scalar, D: Scalar, log_phi: Scalar
    ) -> Scalar:
        """h, 1/d, ``days`` after the first dose."""
        a, k = law.scale, law.shape
        falling = jnp.exp((k - 1.0) * jnp.log(days / a)) * k / a
        person = self.use_weight * U_7 + self.withdrawal_weight * Q + self.frailty_weight * log_phi
        return falling * jnp.exp(person + self.mood_weight * (D - self.mood_reference))


class DropOut(eqx.Module):
    """Hazard of leaving the study.

    h = h_0 exp(b_U U_7 - theta e - b_M M)                                1/d

    It holds in every arm until the last treatment of any arm, so that arms are lost alike, and is
    slower after it. People on an agonist come for it, and leave by stopping it.
    """

    baseline: Scalar = parameter(LogNormal(0.003, 0.6), "1/d", sources.hand_set)
    """h_0"""
    use_weight: Scalar = parameter(LogNormal(1.8, 0.4), "1", sources.hand_set)
    """b_U"""
    expectancy_weight: Scalar = parameter(Normal(0.2, 0.3), "1", sources.lii2023, "assumed")
    """theta"""
    reliability_weight: Scalar = parameter(LogNormal(0.3, 0.5), "1", sources.hand_set)
    """b_M"""
    follow_up_factor: Scalar = parameter(LogNormal(0.1, 0.7), "1", sources.design)
    """how much slower people are lost once treatment is over"""

    def hazard(self, U_7: Scalar, e: Scalar, M: Scalar) -> Scalar:
        """h, 1/d."""
        person = self.use_weight * U_7 - self.expectancy_weight * e - self.reliability_weight * M
        return self.baseline * jnp.exp(person)


class Attendance(eqx.Module):
    """Probability of coming to a session.

    logit P = a_0 + M - a_Q Q - a_C C - a_D D - a_U U_3 + a_e e           1
    """

    usual: Scalar = parameter(Normal(3.0, 0.5), "1", sources.hand_set)
    """a_0; about half of 24 weekly sessions are attended"""
    withdrawal_weight: Scalar = parameter(LogNormal(1.0, 0.5), "1", sources.hand_set)
    """a_Q"""
    craving_weight: Scalar = parameter(LogNormal(1.0, 0.5), "1", sources.hand_set)
    """a_C"""
    mood_weight: Scalar = parameter(LogNormal(1.0, 0.5), "1", sources.hand_set)
    """a_D"""
    use_weight: Scalar = parameter(LogNormal(1.5, 0.4), "1", sources.hand_set)
    """a_U"""
    expectancy_weight: Scalar = parameter(Normal(0.3, 0.3), "1", sources.hand_set)
    """a_e"""
    reliability_sd: Scalar = parameter(LogNormal(1.0, 0.3), "1", sources.hand_set)
    """sd of M between people"""
    reliability_frailty: Scalar = parameter(Normal(-0.4, 0.15), "1", sources.hand_set)
    """correlation of M with log frailty"""

    def probability(
        self, M: Scalar, Q: Scalar, C: Scalar, D: Scalar, U_3: Scalar, e: Scalar
    ) -> Scalar:
        """P, 0 to 1."""
        hindered = self.withdrawal_weight * Q + self.craving_weight * C + self.mood_weight * D
        hindered = hindered + self.use_weight * U_3
        return jax.nn.sigmoid(self.usual + M - hindered + self.expectancy_weight * e)
