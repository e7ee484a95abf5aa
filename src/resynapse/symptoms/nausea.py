"""How likely is nausea at this level of ketamine?"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import LogitNormal, LogNormal, Scalar, parameter


class Nausea(eqx.Module):
    """Probability, from the level in arterial plasma.

    logit p = logit p_0 + a C / (C + C50)                                 1

    9 % reported nausea on placebo and 28 % on nasal esketamine over a course of four weeks.
    """

    without_drug: Scalar = parameter(LogitNormal(0.09, 0.25), "1", sources.spravato)
    """p_0"""
    greatest_shift: Scalar = parameter(LogNormal(1.86, 0.25), "1", sources.spravato, "derived")
    """a; 28 % at the peak of 84 mg by the nose, 167 ng/mL"""
    half_effect: Scalar = parameter(LogNormal(60.0, 0.5), "ng/mL", sources.nausea_saturates)
    """C50"""

    def probability(self, ketamine_ng_per_mL: Scalar) -> Scalar:
        """p, 0 to 1."""
        share = ketamine_ng_per_mL / (ketamine_ng_per_mL + self.half_effect)
        logit = jnp.log(self.without_drug) - jnp.log1p(-self.without_drug)
        return jax.nn.sigmoid(logit + self.greatest_shift * share)
