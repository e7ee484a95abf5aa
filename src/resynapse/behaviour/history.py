"""How does a person's recent and longer past of use weigh on the next days?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class HistoryState(eqx.Module):
    """Leaky averages of use, each 0 to 1."""

    priming: Scalar
    """B, momentum of a bout"""
    abstinence_week: Scalar
    """A_7"""
    use_week: Scalar
    """U_7"""
    use_days: Scalar
    """U_3"""
    stability: Scalar
    """V, time lived without use, in treatment or out of it"""


class UseHistory(eqx.Module):
    """Leaky averages of u, which is 1 within a bout and 0 outside.

    dB/dt   = (u - B) (u / tau_up + (1 - u) / tau_down)                   1/d
    dA_7/dt = (1 - u - A_7) / tau_7                                       1/d
    dU_7/dt = (u - U_7) / tau_7                                           1/d
    dU_3/dt = (u - U_3) / tau_3                                           1/d
    dV/dt   = (1 - u - V) ((1 - u) / tau_V + u / tau_B)                   1/d
    """

    priming_rise: Scalar = parameter(LogNormal(2.0, 0.5), "d", sources.hand_set)
    """tau_up"""
    priming_fall: Scalar = parameter(LogNormal(4.0, 0.5), "d", sources.hand_set)
    """tau_down"""
    week: Scalar = parameter(Fixed(7.0), "d", sources.definition)
    """tau_7"""
    three_days: Scalar = parameter(Fixed(3.0), "d", sources.definition)
    """tau_3"""
    stability_growth: Scalar = parameter(LogNormal(80.0, 0.5), "d", sources.baseline_fit)
    """tau_V"""
    stability_loss: Scalar = parameter(LogNormal(14.0, 0.5), "d", sources.hand_set)
    """tau_B"""

    def relaxation(self, u: Scalar) -> HistoryState:
        """Targets and time constants (days) of the averages."""
        priming_rate = u / self.priming_rise + (1.0 - u) / self.priming_fall
        stability_rate = (1.0 - u) / self.stability_growth + u / self.stability_loss

        def average(of: Scalar, time_constant: Scalar) -> Relaxation:
            return relaxes(to=of, time_constant=time_constant)

        return HistoryState(
            priming=average(u, 1.0 / priming_rate),
            abstinence_week=average(1.0 - u, self.week),
            use_week=average(u, self.week),
            use_days=average(u, self.three_days),
            stability=average(1.0 - u, 1.0 / stability_rate),
        )
