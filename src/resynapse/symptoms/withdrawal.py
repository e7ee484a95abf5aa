"""How bad is withdrawal when an accustomed effect is missing?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogNormal, Scalar, parameter
from resynapse.smooth import unit_clip
from resynapse.system import Relaxation, relaxes


class Withdrawal(eqx.Module):
    """Withdrawal follows the missing effect, faster when a medication displaces the drug.

    Q*    = clip(g_W q_i (Y_1 - E), 0, 1)                                 1
    tau   = tau_Q (1 - h_M - h_N) + tau_Qa                                d
    dQ/dt = (Q* - Q) / tau                                                1/d
    Q_e   = Q (1 - relief)                                                1

    q_i is the person's severity. The clip is smooth; at 0 it leaves 0.17 points
    of COWS.
    """

    gain: Scalar = parameter(LogNormal(1.5, 0.35), "1", sources.withdrawal_course)
    """g_W"""
    expression_time: Scalar = parameter(LogNormal(1.0, 0.4), "d", sources.withdrawal_course)
    """tau_Q"""
    displacement_time: Scalar = parameter(LogNormal(0.03, 0.6), "d", sources.hand_set)
    """tau_Qa, when an antagonist or partial agonist displaces the drug"""
    rounding: Scalar = parameter(Fixed(0.005), "1", sources.smoothing)
    """width of the clip"""

    def missing(self, severity: Scalar, Y_1: Scalar, E: Scalar) -> Scalar:
        """Q*, the withdrawal that would be felt if this lasted, 0 to 1."""
        return unit_clip(self.gain * severity * (Y_1 - E), self.rounding)

    def relaxation(
        self, severity: Scalar, Y_1: Scalar, E: Scalar, h_M: Scalar, h_N: Scalar
    ) -> Relaxation:
        """Towards Q*, days."""
        tau = self.expression_time * (1.0 - h_M - h_N) + self.displacement_time
        return relaxes(to=self.missing(severity, Y_1, E), time_constant=tau)

    def expressed(self, Q: Scalar, relief: Scalar) -> Scalar:
        """Q_e, what is felt and seen, 0 to 1."""
        return Q * (1.0 - relief)
