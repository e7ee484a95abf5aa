"""How long does one use of the substance act?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class SubstanceEffect(eqx.Module):
    """One amount at the effect site, in half-effect doses.

    dH/dt = r dose - H / tau_H                                            half-effect doses/d
    """

    time_constant: Scalar
    """tau_H, d"""
    dose: Scalar
    """of one use, half-effect doses"""

    def relaxation(self, uses_per_day: Scalar) -> Relaxation:
        """Where H is heading while ``uses_per_day`` (r) last, with its time constant in days."""
        return relaxes(
            to=uses_per_day * self.dose * self.time_constant, time_constant=self.time_constant
        )


class EffectTimes(eqx.Module):
    """tau_H of each substance."""

    heroin: Scalar = parameter(LogNormal(0.20, 0.28), "d", sources.heroin_effect)
    fentanyl: Scalar = parameter(LogNormal(0.4, 0.5), "d", sources.fentanyl_effect)
    alcohol: Scalar = parameter(LogNormal(0.25, 0.4), "d", sources.alcohol_effect)
    cocaine: Scalar = parameter(LogNormal(0.06, 0.4), "d", sources.cocaine_effect)
    methamphetamine: Scalar = parameter(LogNormal(0.6, 0.3), "d", sources.methamphetamine_effect)
