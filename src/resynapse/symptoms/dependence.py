"""How does the body adapt to an opioid, and how fast does it adapt back?"""

from __future__ import annotations

import equinox as eqx
import jax

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogNormal, Scalar, parameter
from resynapse.system import Relaxation, relaxes


class DependenceState(eqx.Module):
    """Three opponents of the drug's effect, each 0 to 1."""

    fast: Scalar
    """Y_1, physical dependence"""
    slow: Scalar
    """Y_2, allostatic load"""
    tolerance: Scalar
    """T"""


class OpponentProcess(eqx.Module):
    """Each opponent follows the effect E, rising and falling at its own speed.

    up    = 1 / (1 + exp(-(E - y) / w))                                   1
    dy/dt = (E - y) [up / tau_up + (1 - up) / tau_down]                   1/d
    """

    fast_rise: Scalar = parameter(LogNormal(1.5, 0.5), "d", sources.chou2022, "assumed")
    """tau_up of Y_1"""
    fast_fall: Scalar = parameter(LogNormal(1.5, 0.3), "d", sources.withdrawal_course)
    """tau_down of Y_1"""
    slow_rise: Scalar = parameter(LogNormal(20.0, 0.65), "d", sources.keramati2017, "assumed")
    """tau_up of Y_2"""
    slow_fall: Scalar = parameter(LogNormal(60.0, 0.55), "d", sources.keramati2017, "assumed")
    """tau_down of Y_2, protracted abstinence"""
    tolerance_rise: Scalar = parameter(LogNormal(14.0, 0.5), "d", sources.overdose_fit)
    """tau_up of T"""
    tolerance_fall: Scalar = parameter(LogNormal(10.0, 0.5), "d", sources.overdose_fit)
    """tau_down of T"""
    switching: Scalar = parameter(Fixed(0.03), "1", sources.smoothing)
    """w"""

    def relaxation(self, state: DependenceState, E: Scalar) -> DependenceState:
        """Targets and time constants (days) of the three opponents."""

        def follow(y: Scalar, tau_up: Scalar, tau_down: Scalar) -> Relaxation:
            up = jax.nn.sigmoid((E - y) / self.switching)
            return relaxes(to=E, time_constant=1.0 / (up / tau_up + (1.0 - up) / tau_down))

        return DependenceState(
            fast=follow(state.fast, self.fast_rise, self.fast_fall),
            slow=follow(state.slow, self.slow_rise, self.slow_fall),
            tolerance=follow(state.tolerance, self.tolerance_rise, self.tolerance_fall),
        )
