"""Does partial NMDA block raise or lower excitation in the cortex?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, Normal, Scalar, parameter
from resynapse.smooth import rectified


class ExcitatoryInhibitoryCircuit(eqx.Module):
    """Steady rate of pyramidal cells, relative to no drug, when two pools are blocked.

    n     = 1 - a_E - nu_E + g (a_I + nu_I)                               1
    x_EA  = n - x_EN + g (x_IA + x_IN)                                    1
    drive = x_EA + x_EN (1 - B_E) - g (x_IA + x_IN (1 - B_I))             1
    loop  = 1 - a_E - nu_E (1 - B_E) + g (a_I + nu_I (1 - B_I))           1
    r_E   = drive / loop                                                  1
    rise  = (g (x_IN + nu_I) B_I - (x_EN + nu_E) B_E) / loop              1
    A     = rise / (1 + exp(-rise / w))                                   1

    x_EA is set so that r_E = 1 without drug; rise is r_E - 1, written so that it is exactly 0 then.
    """

    recurrent_ampa: Scalar = parameter(Normal(0.35, 0.05), "1", sources.hand_set)
    """a_E"""
    recurrent_nmda: Scalar = parameter(Normal(0.459, 0.05), "1", sources.hand_set)
    """nu_E"""
    inhibition: Scalar = parameter(Normal(1.036, 0.10), "1", sources.hand_set)
    """g"""
    interneuron_ampa: Scalar = parameter(Normal(0.10, 0.05), "1", sources.hand_set)
    """a_I"""
    interneuron_nmda: Scalar = parameter(Normal(1.239, 0.10), "1", sources.hand_set)
    """nu_I"""
    external_nmda: Scalar = parameter(Normal(1.256, 0.10), "1", sources.hand_set)
    """x_EN"""
    interneuron_external_ampa: Scalar = parameter(Fixed(0.0), "1", sources.hand_set)
    """x_IA"""
    interneuron_external_nmda: Scalar = parameter(Normal(0.05, 0.02), "1", sources.hand_set)
    """x_IN"""
    rounding: Scalar = parameter(Fixed(0.01), "1", sources.smoothing)
    """w"""

    def rate(self, B_E: Scalar, B_I: Scalar) -> Scalar:
        """r_E, relative to 1 without drug."""
        g = self.inhibition
        n = 1.0 - self.recurrent_ampa - self.recurrent_nmda
        n = n + g * (self.interneuron_ampa + self.interneuron_nmda)
        outside = self.interneuron_external_ampa + self.interneuron_external_nmda
        x_EA = n - self.external_nmda + g * outside
        outside_left = self.interneuron_external_ampa + self.interneuron_external_nmda * (1.0 - B_I)
        drive = x_EA + self.external_nmda * (1.0 - B_E) - g * outside_left
        return drive / self.loop(B_E, B_I)

    def loop(self, B_E: Scalar, B_I: Scalar) -> Scalar:
        """1 less the gain of recurrent excitation, plus that of feedback inhibition."""
        excitation = self.recurrent_ampa + self.recurrent_nmda * (1.0 - B_E)
        feedback = self.interneuron_ampa + self.interneuron_nmda * (1.0 - B_I)
        return 1.0 - excitation + self.inhibition * feedback

    def surge(self, B_E: Scalar, B_I: Scalar) -> Scalar:
        """A, the glutamate surge above the resting rate, relative."""
        gained = self.inhibition * (self.interneuron_external_nmda + self.interneuron_nmda) * B_I
        lost = (self.external_nmda + self.recurrent_nmda) * B_E
        rise = (gained - lost) / self.loop(B_E, B_I)
        return rectified(rise, self.rounding)
