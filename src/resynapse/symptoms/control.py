"""How much control does a person have over use, and what does a lapse do to it?"""

from __future__ import annotations

import equinox as eqx

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
from resynapse.smooth import unit_clip
from resynapse.system import Relaxation, relaxes


class SelfEfficacy(eqx.Module):
    """Confidence in not using, which grows with the recovery pathway and falls with a lapse.

    dF/dt = (F_b + F_R R - F) / tau_F                                     1/d
    at the first use of a bout: F -> F (1 - d_AVE)                        1
    """

    base: Scalar = parameter(LogitNormal(0.45, 0.3), "1", sources.hand_set)
    """F_b"""
    recovery_gain: Scalar = parameter(LogitNormal(0.45, 0.3), "1", sources.hand_set)
    """F_R"""
    time_constant: Scalar = parameter(LogNormal(30.0, 0.5), "d", sources.hand_set)
    """tau_F"""
    abstinence_violation: Scalar = parameter(
        LogitNormal(0.35, 0.6), "1", sources.witkiewitz2004, "assumed"
    )
    """d_AVE"""

    def relaxation(self, R: Scalar) -> Relaxation:
        """Towards what the recovery pathway supports, days."""
        return relaxes(to=self.base + self.recovery_gain * R, time_constant=self.time_constant)

    def after_lapse(self, F: Scalar) -> Scalar:
        """Self-efficacy once a bout has begun."""
        return F * (1.0 - self.abstinence_violation)


class Control(eqx.Module):
    """Executive control over use.

    K = clip(K_0 + k_R R + k_S S + k_F (F - F_ref), 0, 1)                 1

    k_S is the path from ketamine to abstinence that does not run through craving.
    """

    base: Scalar = parameter(LogitNormal(0.25, 0.3), "1", sources.grasman2016, "assumed")
    """K_0"""
    recovery_weight: Scalar = parameter(LogNormal(0.70, 0.4), "1", sources.grasman2016, "assumed")
    """k_R"""
    sustained_weight: Scalar = parameter(HalfSpike(HalfNormal(2.0), 0.3), "1", sources.contested)
    """k_S"""
    efficacy_weight: Scalar = parameter(
        LogNormal(0.50, 0.5), "1", sources.witkiewitz2004, "assumed"
    )
    """k_F"""
    efficacy_reference: Scalar = parameter(Fixed(0.5), "1", sources.definition)
    """F_ref"""
    rounding: Scalar = parameter(Fixed(0.015), "1", sources.smoothing)
    """width of the clip"""

    def control(self, R: Scalar, S: Scalar, F: Scalar) -> Scalar:
        """K, 0 to 1."""
        confidence = self.efficacy_weight * (F - self.efficacy_reference)
        held = self.base + self.recovery_weight * R + self.sustained_weight * S + confidence
        return unit_clip(held, self.rounding)
