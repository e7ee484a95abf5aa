"""Once use has begun, when does it stop?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogitNormal, LogNormal, Scalar, parameter


class StopHazard(eqx.Module):
    """Hazard of ending a bout, in a brief and in a persistent class of people.

    mu = mu_0 c exp(m_K (K - K_ref) + m_v (1 - v) - m_B B - m_Q Q_x)      1/d

    Q_x is the withdrawal that stopping would bring. c is 1 in people who mean to abstain,
    c_u in those who do not, times c_p in the persistent class.
    """

    baseline: Scalar = parameter(LogNormal(2.4, 0.5), "1/d", sources.baseline_fit)
    """mu_0"""
    control_weight: Scalar = parameter(LogNormal(1.0, 0.5), "1", sources.hand_set)
    """m_K"""
    control_reference: Scalar = parameter(Fixed(0.3), "1", sources.definition)
    """K_ref"""
    blockade_weight: Scalar = parameter(LogNormal(2.4, 0.4), "1", sources.baseline_fit)
    """m_v"""
    priming_weight: Scalar = parameter(LogNormal(2.0, 0.3), "1", sources.baseline_fit)
    """m_B"""
    withdrawal_weight: Scalar = parameter(LogNormal(2.0, 0.4), "1", sources.baseline_fit)
    """m_Q"""
    uncommitted_factor: Scalar = parameter(LogitNormal(0.6, 0.5), "1", sources.hand_set)
    """c_u"""
    persistent_share: Scalar = parameter(LogitNormal(0.3, 0.5), "1", sources.start_trial, "assumed")
    """share of people in the persistent class"""
    persistent_factor: Scalar = parameter(
        LogitNormal(0.5, 0.5), "1", sources.start_trial, "assumed"
    )
    """c_p"""

    def hazard(
        self, K: Scalar, v: Scalar, B: Scalar, Q_x: Scalar, committed: Scalar, persistent: Scalar
    ) -> Scalar:
        """mu, 1/d; ``committed`` and ``persistent`` are 0 or 1."""
        c = 1.0 - (1.0 - committed) * (1.0 - self.uncommitted_factor)
        c = c * (1.0 - persistent * (1.0 - self.persistent_factor))
        stay = self.priming_weight * B + self.withdrawal_weight * Q_x
        leave = self.control_weight * (K - self.control_reference)
        leave = leave + self.blockade_weight * (1.0 - v)
        return self.baseline * c * jnp.exp(leave - stay)
