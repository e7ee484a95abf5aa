"""How strong is craving, and what feeds it?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import (
    Fixed,
    HalfNormal,
    HalfSpike,
    LogitNormal,
    LogNormal,
    Scalar,
    parameter,
)
from resynapse.smooth import softplus
from resynapse.system import Relaxation, relaxes


class Craving(eqx.Module):
    """Craving C, 0 to 1: cues acting on the old pathway, withdrawal and mood.

    cues  = c_W (cue_0 c_i + q) W (1 + J) (1 - chi X) exp(-c_S S)         1
    u     = cues + c_Q Q_e + c_D D - c_E E - c_0                          1
    C*    = 1 - exp(-max(u, 0))                                           1
    dC/dt = (C* - C) / tau_C                                              1/d
    dJ/dt = (J_max A_7 - J) / tau_J                                       1/d

    q are cues met at random, c_i the person's severity, J incubation (0 for heroin). c_S is a
    contested path by which the sustained state S after ketamine takes force from cues.
    """

    cue_level: Scalar = parameter(LogNormal(0.5, 0.4), "1", sources.hand_set)
    """cue_0"""
    cue_weight: Scalar = parameter(LogNormal(1.0, 0.35), "1", sources.hand_set)
    """c_W"""
    extinction_share: Scalar = parameter(LogitNormal(0.8, 0.5), "1", sources.hand_set)
    """chi"""
    sustained_weight: Scalar = parameter(HalfSpike(HalfNormal(6.4), 1.0), "1", sources.cue_craving)
    """c_S"""
    withdrawal_weight: Scalar = parameter(LogNormal(0.6, 0.5), "1", sources.preston2018, "assumed")
    """c_Q"""
    mood_weight: Scalar = parameter(LogNormal(0.55, 0.5), "1", sources.preston2018, "assumed")
    """c_D"""
    opioid_weight: Scalar = parameter(LogNormal(0.40, 0.45), "1", sources.greenwald2014, "assumed")
    """c_E"""
    threshold: Scalar = parameter(LogNormal(0.25, 0.3), "1", sources.hand_set)
    """c_0"""
    rounding: Scalar = parameter(Fixed(0.12), "1", sources.smoothing)
    """width of max(u, 0)"""
    time_constant: Scalar = parameter(LogNormal(0.10, 0.6), "d", sources.preston2018, "assumed")
    """tau_C; craving rises within hours before use"""
    incubation: Scalar = parameter(Fixed(0.0), "1", sources.design)
    """J_max; not shown for heroin, other disorders set it"""
    incubation_time: Scalar = parameter(LogNormal(30.0, 0.6), "d", sources.design)
    """tau_J"""

    def relaxation(
        self,
        cue: Scalar,
        severity: Scalar,
        W: Scalar,
        J: Scalar,
        X: Scalar,
        Q_e: Scalar,
        D: Scalar,
        E: Scalar,
        S: Scalar,
    ) -> Relaxation:
        """Towards C*, days."""
        strength = self.cue_weight * (self.cue_level * severity + cue)
        cues = strength * W * (1.0 + J) * (1.0 - self.extinction_share * X)
        cues = cues * jnp.exp(-self.sustained_weight * S)
        u = cues + self.withdrawal_weight * Q_e + self.mood_weight * D
        u = u - self.opioid_weight * E - self.threshold
        felt = -jnp.expm1(-softplus(u, self.rounding))
        return relaxes(to=felt, time_constant=self.time_constant)

    def incubation_relaxation(self, A_7: Scalar) -> Relaxation:
        """J towards its ceiling while abstinent, days."""
        return relaxes(to=self.incubation * A_7, time_constant=self.incubation_time)
