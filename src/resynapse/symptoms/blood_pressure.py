"""By how much does ketamine raise systolic blood pressure?"""

from __future__ import annotations

import equinox as eqx
from jax.scipy.special import ndtr

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Choice, LogNormal, Normal, Scalar, parameter
from resynapse.smooth import hill


class BloodPressure(eqx.Module):
    """Rise above the person's resting pressure.

    C     = Ce_S + p_R Ce_R                                               umol/L
    rise  = person dP_max C^g / (C^g + C50^g)                             mmHg
    P(reading > limit) = Phi((rise - limit) / sd)                         1

    Form and size are start values of ours, not literature: 0.5 mg/kg over 40 min raises the
    pressure by about 14 mmHg, and 84 mg by the nose brings 8 % of readings to 40 and above.
    """

    resting: Scalar = parameter(Normal(122.0, 4.0), "mmHg", sources.resting_pressure)
    """before any drug"""
    greatest_rise: Scalar = parameter(LogNormal(45.0, 0.3), "mmHg", sources.pressure_start)
    """dP_max"""
    half_effect: Scalar = parameter(LogNormal(1.05, 0.4), "umol/L", sources.pressure_start)
    """C50 (250 ng/mL)"""
    steepness: Scalar = parameter(LogNormal(1.2, 0.2), "1", sources.pressure_start)
    """g"""
    r_ketamine: Scalar = parameter(Choice((0.0, 1.0), 0.0), "1", sources.kamp2021)
    """p_R; R-ketamine did not raise cardiac output"""
    reading_sd: Scalar = parameter(LogNormal(15.5, 0.15), "mmHg", sources.spravato, "derived")
    """sd between readings: a rise of 40 is read in 0.5 % of people without drug"""

    def rise(self, effect_site_S: Scalar, effect_site_R: Scalar, person_factor: Scalar) -> Scalar:
        """mmHg, for effect-site concentrations in umol/L; 0 without drug."""
        C = effect_site_S + self.r_ketamine * effect_site_R
        return person_factor * self.greatest_rise * hill(C, self.half_effect, self.steepness)

    def read_above(self, rise: Scalar, limit: Scalar) -> Scalar:
        """Probability that a reading shows a rise above the limit, both mmHg."""
        return ndtr((rise - limit) / self.reading_sd)
