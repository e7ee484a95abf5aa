"""Which scores would a clinic write down for a latent symptom?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogNormal, Scalar, parameter


class RatingScales(eqx.Module):
    """Latent states of 0 to 1 on the scales of papers, before measurement error.

    COWS  = 48 Q_e                                                        points, 0 to 48
    VAS   = 100 C                                                         points, 0 to 100
    MADRS = 60 m D                                                        points, 0 to 60
    HAMD  = 52 h D                                                        points, 0 to 52
    """

    cows_range: Scalar = parameter(Fixed(48.0), "COWS", sources.definition)
    """points of the Clinical Opiate Withdrawal Scale"""
    vas_range: Scalar = parameter(Fixed(100.0), "VAS", sources.definition)
    """points of the visual analogue scale"""
    madrs_range: Scalar = parameter(Fixed(60.0), "MADRS", sources.definition)
    """points of the Montgomery-Asberg scale"""
    madrs_share: Scalar = parameter(Fixed(1.0), "1", sources.design)
    """m"""
    hamd_range: Scalar = parameter(Fixed(52.0), "HAM-D17", sources.definition)
    """points of the 17-item Hamilton scale"""
    hamd_share: Scalar = parameter(LogNormal(0.82, 0.1), "1", sources.design)
    """h, Hamilton scores run lower than MADRS"""
    cows_error: Scalar = parameter(LogNormal(2.0, 0.3), "COWS", sources.design)
    """standard deviation of measurement"""
    vas_error: Scalar = parameter(LogNormal(12.0, 0.3), "VAS", sources.design)
    """standard deviation of measurement"""
    madrs_error: Scalar = parameter(LogNormal(4.0, 0.3), "MADRS", sources.design)
    """standard deviation of measurement"""
    hamd_error: Scalar = parameter(LogNormal(3.0, 0.3), "HAM-D17", sources.design)
    """standard deviation of measurement"""

    def cows(self, Q_e: Scalar) -> Scalar:
        """COWS, 0 to 48."""
        return self.cows_range * Q_e

    def vas(self, C: Scalar) -> Scalar:
        """Craving on a visual analogue scale, 0 to 100."""
        return self.vas_range * C

    def madrs(self, D: Scalar) -> Scalar:
        """MADRS, 0 to 60."""
        return self.madrs_range * self.madrs_share * D

    def hamd(self, D: Scalar) -> Scalar:
        """HAM-D17, 0 to 52."""
        return self.hamd_range * self.hamd_share * D
