"""When, after a dose, is the brain easier to teach?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import (
    Beta,
    Choice,
    Fixed,
    HalfSpike,
    LogitNormal,
    LogNormal,
    Normal,
    Scalar,
    parameter,
)
from resynapse.smooth import excess, hill
from resynapse.system import gains_and_fades, relaxes


class WindowState(eqx.Module):
    """Four states of the window, all 0 without drug."""

    refractoriness: Scalar
    """Z"""
    trigger: Scalar
    """N, BDNF and mTOR drive; 1 at the peak of the reference infusion"""
    window: Scalar
    """P, 0 to 1; 0.5 at the peak of the reference infusion"""
    sustained: Scalar
    """S, a latent sustained effect; synapse imaging at 24 h was negative in people"""


class PlasticityWindow(eqx.Module):
    """From surge and direct block to a window, and what lasts behind it.

    f(x; x_50) = x^n / (x^n + x_50^n), over its value at the reference    1
    dZ/dt = k_Z max(B_E - B_thr, 0) - Z / tau_Z                           1/d
    drive = [w_dis f(A; A_50) + (1 - w_dis) f(B_S; B_50)] exp(-Z)         1
    dN/dt = k_N drive - N / tau_N                                         1/d
    dP/dt = k_P N (1 - P) - P / tau_P                                     1/d
    dS/dt = k_S P - S / tau_S                                             1/d

    The scales A_50, B_50, k_N, k_P stand at the reference infusion (70 kg, racemic 0.5 mg/kg over
    40 min): there f = 1/2 before division, N peaks at 1 and P at 0.5.
    """

    steepness: Scalar = parameter(Choice((1.0, 2.0, 4.0), 2.0), "1", sources.contested)
    """n"""
    disinhibition_share: Scalar = parameter(
        LogitNormal(0.8, 0.7), "1", sources.autry2011, "assumed"
    )
    """w_dis; 1 leaves no direct route, 0 leaves nothing else"""
    surge_half_effect: Scalar = parameter(Fixed(0.1175), "1", sources.reference_patient)
    """A_50"""
    direct_half_effect: Scalar = parameter(Fixed(0.0785), "1", sources.reference_patient)
    """B_50"""
    refractory_gain: Scalar = parameter(
        HalfSpike(LogNormal(150.0, 0.6), 150.0), "1/d", sources.bdnf2020, "assumed"
    )
    """k_Z"""
    refractory_threshold: Scalar = parameter(Beta(8.0, 32.0), "1", sources.design)
    """B_thr, pyramidal block above which refractoriness starts, on the potencies used here"""
    refractory_rounding: Scalar = parameter(Fixed(0.02), "1", sources.smoothing)
    """width of the threshold"""
    refractory_time: Scalar = parameter(LogNormal(1.0, 0.6), "d", sources.hand_set)
    """tau_Z"""
    trigger_gain: Scalar = parameter(Fixed(32.2), "1/d", sources.reference_patient)
    """k_N"""
    trigger_time: Scalar = parameter(LogNormal(0.40, 0.5), "d", sources.moda_sava2019, "assumed")
    """tau_N"""
    opening_rate: Scalar = parameter(Fixed(2.034), "1/d", sources.reference_patient)
    """k_P"""
    window_time: Scalar = parameter(LogNormal(3.0, 0.4), "d", sources.nardou2023, "assumed")
    """tau_P"""
    sustained_gain: Scalar = parameter(
        LogNormal(0.18, 0.45), "1/d", sources.phoumthipphavong2016, "assumed"
    )
    """k_S"""
    sustained_time: Scalar = parameter(
        LogNormal(5.5, 0.35), "d", sources.phoumthipphavong2016, "assumed"
    )
    """tau_S"""

    def relaxation(self, state: WindowState, A: Scalar, B_E: Scalar, B_S: Scalar) -> WindowState:
        """Targets and time constants (days) of the four states."""
        n = self.steepness
        over = excess(B_E, self.refractory_threshold, self.refractory_rounding)
        disinhibition = 2.0 * hill(A, self.surge_half_effect, n)
        direct = 2.0 * hill(B_S, self.direct_half_effect, n)
        w_dis = self.disinhibition_share
        drive = (w_dis * disinhibition + (1.0 - w_dis) * direct) * jnp.exp(-state.refractoriness)
        return WindowState(
            refractoriness=relaxes(
                to=self.refractory_gain * over * self.refractory_time,
                time_constant=self.refractory_time,
            ),
            trigger=relaxes(
                to=self.trigger_gain * drive * self.trigger_time, time_constant=self.trigger_time
            ),
            window=gains_and_fades(
                gain=self.opening_rate * state.trigger, time_constant=self.window_time
            ),
            sustained=relaxes(
                to=self.sustained_gain * state.window * self.sustained_time,
                time_constant=self.sustained_time,
            ),
        )


class LearningGain(eqx.Module):
    """What an open window does to learning of any kind.

    Gamma = exp(kappa P) (1 - a_imp B_I)                                  1
    """

    window_gain: Scalar = parameter(
        HalfSpike(Normal(0.0, 1.0), 1.0), "1", sources.price2022, "assumed"
    )
    """kappa; a negative value would be antagonism"""
    acute_impairment: Scalar = parameter(Beta(2.0, 3.0), "1", sources.design)
    """a_imp, learning lost while interneurons are blocked"""

    def gain(self, P: Scalar, B_I: Scalar) -> Scalar:
        """Gamma, 1 without drug."""
        return jnp.exp(self.window_gain * P) * (1.0 - self.acute_impairment * B_I)
