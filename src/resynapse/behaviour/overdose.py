"""How many deaths from overdose are to be expected, also after tolerance was lost?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import LogNormal, Normal, Scalar, parameter


class Overdose(eqx.Module):
    """Expected fatal overdoses while using, for a random size of dose.

    x     = ln(dose / dose_ref) - ln(EC / EC_ref)                         1
    p     = exp(alpha + beta x + (beta sd)^2 / 2) (1 - o_N)               1 per use
    death = f r p                                                         1/d while using
    """

    level: Scalar = parameter(Normal(-9.1, 0.5), "1", sources.overdose_fit)
    """alpha"""
    steepness: Scalar = parameter(LogNormal(2.5, 0.25), "1", sources.overdose_fit)
    """beta"""
    dose_sd: Scalar = parameter(LogNormal(0.5, 0.2), "1", sources.hand_set)
    """sd of the log size of a use; 1 for fentanyl"""
    fatal_share: Scalar = parameter(LogNormal(0.035, 0.3), "1", sources.santo2021)
    """f"""

    def death_rate(
        self, uses_per_day: Scalar, log_dose: Scalar, log_half_effect: Scalar, o_N: Scalar
    ) -> Scalar:
        """Expected deaths per day while using; both logs relative to the tolerant reference."""
        x = log_dose - log_half_effect
        spread = self.steepness * self.dose_sd
        p = jnp.exp(self.level + self.steepness * x + spread * spread / 2.0) * (1.0 - o_N)
        return self.fatal_share * uses_per_day * p
