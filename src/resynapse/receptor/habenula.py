"""How long does ketamine stay trapped in the lateral habenula?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class HabenulaBlock(eqx.Module):
    """Trapping: a channel must open for ketamine to leave, and block keeps channels shut.

    act    = a_0 + (1 - a_0) (1 - b)^m                                    1
    on     = k_1 C_eq                                                     1/d
    off    = k_1 K_H act                                                  1/d
    db/dt  = on (1 - b) - off b                                           1/d
    """

    binding_rate: Scalar = parameter(LogNormal(100.0, 0.7), "L/(umol d)", sources.hand_set)
    """k_1"""
    affinity: Scalar = parameter(LogNormal(0.30, 0.35), "umol/L", sources.ki_summary, "assumed")
    """K_H"""
    resting_activity: Scalar = parameter(LogNormal(0.012, 0.4), "1", sources.ma2023, "assumed")
    """a_0"""
    burst_order: Scalar = parameter(LogNormal(12.0, 0.2), "1", sources.hand_set)
    """m"""

    def activity(self, b: Scalar) -> Scalar:
        """act, the bursting left when a share b is trapped, 0 to 1."""
        a_0 = self.resting_activity
        return a_0 + (1.0 - a_0) * jnp.exp(self.burst_order * jnp.log1p(-b))

    def relaxation(self, b: Scalar, C_eq: Scalar) -> Relaxation:
        """Towards the balance of binding and leaving, days."""
        on = self.binding_rate * C_eq
        off = self.binding_rate * self.affinity * self.activity(b)
        return relaxes(to=on / (on + off), time_constant=1.0 / (on + off))
