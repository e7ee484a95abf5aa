"""How do people differ in what no protocol says?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogitNormal, LogNormal, Normal, Scalar, parameter


class PeopleLaw(eqx.Module):
    """Spread between people in body, mind and severity."""

    recovery_at_entry: Scalar = parameter(LogitNormal(0.18, 0.3), "1", sources.hand_set)
    """median of R at entry"""
    recovery_sd: Scalar = parameter(LogNormal(0.7, 0.3), "1", sources.hand_set)
    """logit sd of R between people; without it nobody starts above the threshold"""
    mood_sd: Scalar = parameter(LogNormal(0.12, 0.3), "1", sources.hand_set)
    """sd of trait mood between people"""
    dissociation_sd: Scalar = parameter(LogNormal(0.94, 0.15), "1", sources.dissociation_spread)
    """log sd of dissociation between people"""
    pressure_sd: Scalar = parameter(LogNormal(0.6, 0.3), "1", sources.hand_set)
    """log sd of the rise of blood pressure between people"""
    severity_sd: Scalar = parameter(LogNormal(0.2, 0.4), "1", sources.hand_set)
    """log sd of craving and withdrawal between people of one severity"""
    mild: Scalar = parameter(LogNormal(0.7, 0.2), "1", sources.design)
    """factor on cues or withdrawal in mild cases"""
    moderate: Scalar = parameter(Fixed(1.0), "1", sources.definition)
    """factor in moderate cases"""
    severe: Scalar = parameter(LogNormal(1.3, 0.2), "1", sources.design)
    """factor on cues or withdrawal in severe cases"""
    site_hazard: Scalar = parameter(Normal(0.0, 1.0), "1", sources.baseline_fit)
    """log hazard of a first use at this site, beside what the protocol says of it"""
    site_commitment: Scalar = parameter(Normal(0.0, 1.5), "1", sources.baseline_fit)
    """logit of the uncommitted share at this site, beside what the protocol says of it"""
    typical_weight: Scalar = parameter(Fixed(70.0), "kg", sources.definition)
    """weight at which absorbed shares that depend on the dose are evaluated"""
    height_men: Scalar = parameter(Normal(176.0, 2.0), "cm", sources.design)
    """mean height of men"""
    height_women: Scalar = parameter(Normal(163.0, 2.0), "cm", sources.design)
    """mean height of women"""
    height_sd: Scalar = parameter(LogNormal(7.0, 0.1), "cm", sources.design)
    """sd of height"""
    ideal_men: Scalar = parameter(Fixed(50.0), "kg", sources.devine1974)
    """ideal weight of a man of the reference height"""
    ideal_women: Scalar = parameter(Fixed(45.5), "kg", sources.devine1974)
    """ideal weight of a woman of the reference height"""
    ideal_slope: Scalar = parameter(Fixed(0.906), "kg/cm", sources.devine1974)
    """ideal weight for each cm above the reference height (2.3 kg an inch)"""
    ideal_height: Scalar = parameter(Fixed(152.4), "cm", sources.devine1974)
    """reference height (60 inches)"""

    def severity(self, degree: str) -> Scalar:
        """The factor of a degree of severity named in a protocol."""
        return {"mild": self.mild, "moderate": self.moderate, "severe": self.severe}[degree]

    def ideal_weight(self, female: Scalar, z: Scalar) -> Scalar:
        """kg, from sex (0 or 1) and a standard normal for height.

        height = mean + sd z                                              cm
        ideal  = base + slope (height - reference)                        kg
        """
        mean = female * self.height_women + (1.0 - female) * self.height_men
        base = female * self.ideal_women + (1.0 - female) * self.ideal_men
        return base + self.ideal_slope * (mean + self.height_sd * z - self.ideal_height)
