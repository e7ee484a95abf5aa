"""What does a therapy session leave behind, and how much of which kind?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class SessionTrace(eqx.Module):
    """A session and its homework, fading.

    dG/dt = sum of w_k at session k - G / tau_hw                          weighted sessions/d
    w_k   = hours w_type / h_ref                                          weighted sessions
    """

    homework_time: Scalar = parameter(LogNormal(2.0, 0.6), "d", sources.hand_set)
    """tau_hw"""
    reference_hours: Scalar = parameter(LogNormal(1.25, 0.2), "h", sources.design)
    """h_ref, a session of weight 1"""

    def relaxation(self) -> Relaxation:
        """Towards nothing, days."""
        return relaxes(to=0.0, time_constant=self.homework_time)

    def weight(self, hours: Scalar, type_weight: Scalar) -> Scalar:
        """w_k, weighted sessions."""
        return hours * type_weight / self.reference_hours


class TherapyContent(eqx.Module):
    """Weight per hour of each type of session, for the recovery pathway.

    Evidence does not rank the types: all share 1 with a random effect of log sd 0.3;
    education counts a quarter.
    """

    kpt: Scalar = parameter(LogNormal(1.0, 0.3), "1", sources.magill2009, "assumed")
    """ketamine-assisted existential psychotherapy"""
    existential: Scalar = parameter(LogNormal(1.0, 0.3), "1", sources.magill2009, "assumed")
    """existential psychotherapy"""
    mbrp: Scalar = parameter(LogNormal(1.0, 0.3), "1", sources.magill2009, "assumed")
    """mindfulness-based relapse prevention"""
    met: Scalar = parameter(LogNormal(1.0, 0.3), "1", sources.magill2009, "assumed")
    """motivational enhancement"""
    cbt: Scalar = parameter(LogNormal(1.0, 0.3), "1", sources.magill2009, "assumed")
    """cognitive behavioural therapy"""
    counselling: Scalar = parameter(LogNormal(1.0, 0.3), "1", sources.amato2011, "assumed")
    """drug counselling"""
    education: Scalar = parameter(LogNormal(0.25, 0.4), "1", sources.design)
    """health education, the usual control"""
