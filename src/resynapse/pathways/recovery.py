"""How does the new pathway, what a person has learned instead of using, grow and last?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import HalfNormal, HalfSpike, LogitNormal, LogNormal, Scalar, parameter
from resynapse.smooth import hill
from resynapse.system import Relaxation, gains_and_fades


class RecoveryPathway(eqx.Module):
    """Learned in sessions, kept up by practice above a threshold, forgotten otherwise.

    practice = p_R A_7 R^4 / (R^4 + R_half^4)                             1/d
    dR/dt    = (eta_R Gamma G + practice) (1 - R) - (R - R_b) / tau_R     1/d

    With p_R = 0.01 and seven days without use there are two stable states, about 0.11 and 0.60,
    and a threshold near 0.25 between them. Gamma is of the window and of what people believe they
    got; the chain hands both over as one factor.
    """

    learning_rate: Scalar = parameter(LogNormal(0.014, 0.5), "1/d", sources.counselling_fit)
    """eta_R, per weighted session"""
    forgetting_time: Scalar = parameter(LogNormal(150.0, 0.5), "d", sources.hand_set)
    """tau_R"""
    floor: Scalar = parameter(LogitNormal(0.10, 0.4), "1", sources.hand_set)
    """R_b"""
    practice_rate: Scalar = parameter(HalfSpike(HalfNormal(0.015), 0.01), "1/d", sources.contested)
    """p_R, self-maintenance"""
    practice_half: Scalar = parameter(LogitNormal(0.40, 0.3), "1", sources.design)
    """R_half"""
    practice_order: Scalar = parameter(LogNormal(4.0, 0.1), "1", sources.design)
    """steepness of the threshold"""

    def relaxation(self, R: Scalar, A_7: Scalar, Gamma: Scalar, G: Scalar) -> Relaxation:
        """Towards what teaching and practice support, days."""
        practice = self.practice_rate * A_7 * hill(R, self.practice_half, self.practice_order)
        return gains_and_fades(
            gain=self.learning_rate * Gamma * G + practice,
            time_constant=self.forgetting_time,
            floor=self.floor,
        )
