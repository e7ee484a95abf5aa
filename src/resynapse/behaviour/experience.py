"""What may an intense, prepared experience do, whatever happens at the receptor?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import HalfNormal, HalfSpike, LogNormal, Scalar, parameter
from resynapse.smooth import hill


class Experience(eqx.Module):
    """A prepared session with integration may move people to commit, and teach them; contested.

    f      = x^n / (x^n + C_50^n),  x = person C_S                        1
    logit P(uncommitted) -> logit P(uncommitted) - m_c f                  1
    R      -> R + (1 - exp(-m_R f)) (1 - R)                               1

    C_S is the peak of S-ketamine at the effect site, ``person`` how strongly one dissociates.
    The CADSS is not used: its maximum was found at 0.5 mg/kg and says nothing of 2 mg/kg.
    """

    half_intensity: Scalar = parameter(LogNormal(1.2, 0.6), "umol/L", sources.contested)
    """C_50; 0.5 mg/kg over 40 min reaches about 0.5, 2 mg/kg im about 2.1 umol/L"""
    steepness: Scalar = parameter(LogNormal(2.0, 0.3), "1", sources.contested)
    """n"""
    commitment_gain: Scalar = parameter(HalfSpike(HalfNormal(4.0), 1.0), "1", sources.contested)
    """m_c"""
    recovery_gain: Scalar = parameter(HalfSpike(HalfNormal(0.7), 0.1), "1", sources.contested)
    """m_R"""

    def intensity(self, person: Scalar, C_S: Scalar) -> Scalar:
        """f, 0 to 1."""
        return hill(person * C_S, self.half_intensity, self.steepness)

    def taught(self, R: Scalar, f: Scalar) -> Scalar:
        """R after an experience of intensity f."""
        return R - jnp.expm1(-self.recovery_gain * f) * (1.0 - R)
