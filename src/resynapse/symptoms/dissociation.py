"""How strongly does a person feel detached at this level of S-ketamine in the brain?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Fixed, LogNormal, Scalar, parameter


class Dissociation(eqx.Module):
    """Clinician-administered dissociative states scale, CADSS.

    x     = person E_max Ce / (Ce + C50)                                  CADSS
    CADSS = x / (1 + (x / top)^4)^(1/4)                                   CADSS

    Ce is S-ketamine alone: R-ketamine added nothing. People differ by a log sd of 0.94, more
    than kinetics explain. The second line keeps the score on its scale.
    """

    half_effect: Scalar = parameter(LogNormal(0.51, 0.17), "umol/L", sources.olofsen2022)
    """C50 (0.38-0.66), total S-ketamine in arterial plasma as the brain sees it"""
    typical_maximum: Scalar = parameter(
        LogNormal(15.5, 0.2), "CADSS", sources.vanschalkwyk2018, "derived"
    )
    """E_max; gives a mean of 7.7 after 0.5 mg/kg over 40 min"""
    top: Scalar = parameter(Fixed(84.0), "CADSS", sources.cadss_scale)
    """21 items of 0 to 4; a version of 23 items reaches 92"""
    after_midazolam: Scalar = parameter(LogNormal(1.5, 0.4), "CADSS", sources.control_felt)
    """what a person feels of a sedating control drug, peak"""
    after_saline: Scalar = parameter(LogNormal(0.6, 0.4), "CADSS", sources.control_felt)
    """what a person feels of saline, peak"""

    def cadss(self, effect_site_S: Scalar, person_factor: Scalar) -> Scalar:
        """Score, 0 to 84, for S-ketamine at the effect site in umol/L; 0 without drug."""
        share = effect_site_S / (effect_site_S + self.half_effect)
        return self.on_scale(person_factor * self.typical_maximum * share)

    def control(self, midazolam: Scalar, person_factor: Scalar) -> Scalar:
        """Peak score after saline (0) or a benzodiazepine (1)."""
        felt = self.after_saline + midazolam * (self.after_midazolam - self.after_saline)
        return self.on_scale(person_factor * felt)

    def on_scale(self, x: Scalar) -> Scalar:
        """x held below the top of the scale, rounded."""
        share = x / self.top
        square = share * share
        return x * jnp.exp(-0.25 * jnp.log1p(square * square))
