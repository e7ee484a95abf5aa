"""How is the response to cues inhibited, and when does it come back?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Beta, Fixed, LogitNormal, LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class Extinction(eqx.Module):
    """An inhibitory trace that sessions and unreinforced cues build and use destroys.

    e     = (eta_X G_x + x_nat) Gamma                                     1/d
    loss  = -ln(x_use) r u                                                1/d
    dX/dt = e (1 - X) - (X - X_b) / tau_X - loss X                        1/d
    at discharge: X -> X_b + (1 - s_X) (X - X_b)                          1
    """

    learning_rate: Scalar = parameter(LogNormal(0.014, 0.7), "1/d", sources.counselling_fit)
    """eta_X, per weighted exposure session"""
    daily_life_rate: Scalar = parameter(LogNormal(0.004, 0.8), "1/d", sources.hand_set)
    """x_nat"""
    recovery_time: Scalar = parameter(LogNormal(60.0, 0.7), "d", sources.hand_set)
    """tau_X, spontaneous recovery of the response"""
    floor: Scalar = parameter(LogitNormal(0.05, 0.4), "1", sources.hand_set)
    """X_b"""
    kept_per_use: Scalar = parameter(Fixed(0.9), "1", sources.hand_set)
    """x_use"""
    context_share: Scalar = parameter(Beta(2.0, 2.0), "1", sources.design)
    """s_X, the part that belongs to the controlled setting"""

    def relaxation(self, G_x: Scalar, Gamma: Scalar, uses_per_day: Scalar) -> Relaxation:
        """Towards the balance of teaching, recovery and use, days."""
        e = (self.learning_rate * G_x + self.daily_life_rate) * Gamma
        loss = -jnp.log(self.kept_per_use) * uses_per_day
        rate = e + 1.0 / self.recovery_time + loss
        return relaxes(to=(e + self.floor / self.recovery_time) / rate, time_constant=1.0 / rate)

    def after_discharge(self, X: Scalar) -> Scalar:
        """X once the controlled setting is left behind."""
        return self.floor + (1.0 - self.context_share) * (X - self.floor)
