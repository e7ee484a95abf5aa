"""How low is mood, and what lifts it?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Beta, Fixed, HalfSpike, LogNormal, Normal, Scalar, parameter
from resynapse.smooth import softplus, unit_clip
from resynapse.system import Relaxation, relaxes


class Lift(eqx.Module):
    """What lifts mood at an instant."""

    habenula: Scalar
    """b"""
    sustained: Scalar
    """S"""
    naltrexone: Scalar
    """o_N"""
    opioid: Scalar
    """E"""
    recovery: Scalar
    """R - R_b"""
    expectancy: Scalar
    """e"""
    antidepressant: Scalar
    """a"""


class Burden(eqx.Module):
    """What lowers mood at an instant."""

    trait: Scalar
    """d_i, the person's own level above the typical"""
    allostatic: Scalar
    """Y_2"""
    opioid: Scalar
    """E"""
    withdrawal: Scalar
    """Q_e"""
    stress: Scalar
    """s, standard deviations"""


class NegativeMood(eqx.Module):
    """Negative mood D, 0 to 1.

    load = d_0 + d_i + d_Y max(Y_2 - e_Y E, 0) + d_Q Q_e + d_s max(s, 0)  1
    ket  = (d_H b + d_S S) (1 - xi o_N)                                   1
    lift = ket + d_E E + d_R (R - R_b) + theta_D sd e + d_A a             1
    dD/dt = (clip(load - lift, 0, 1) - D) / tau_D                         1/d
    """

    trait: Scalar = parameter(LogNormal(0.15, 0.4), "1", sources.hand_set)
    """d_0"""
    allostatic_weight: Scalar = parameter(LogNormal(0.45, 0.4), "1", sources.koob2016, "assumed")
    """d_Y"""
    opioid_masks_load: Scalar = parameter(Fixed(0.3), "1", sources.hand_set)
    """e_Y"""
    withdrawal_weight: Scalar = parameter(LogNormal(0.35, 0.5), "1", sources.koob2016, "assumed")
    """d_Q"""
    stress_weight: Scalar = parameter(LogNormal(0.075, 0.6), "1", sources.preston2018, "assumed")
    """d_s"""
    habenula_weight: Scalar = parameter(LogNormal(0.135, 0.4), "1", sources.mood_fit)
    """d_H"""
    sustained_weight: Scalar = parameter(LogNormal(0.275, 0.4), "1", sources.mood_fit)
    """d_S"""
    naltrexone_interaction: Scalar = parameter(
        HalfSpike(Beta(2.0, 2.0), 0.5), "1", sources.williams2018, "assumed"
    )
    """xi"""
    opioid_weight: Scalar = parameter(LogNormal(0.25, 0.6), "1", sources.hand_set)
    """d_E"""
    recovery_weight: Scalar = parameter(LogNormal(0.20, 0.5), "1", sources.hand_set)
    """d_R"""
    expectancy_weight: Scalar = parameter(
        HalfSpike(Normal(0.0, 1.0), 0.3), "1", sources.lii2023, "assumed"
    )
    """theta_D, standard deviations per unit of belief"""
    population_sd: Scalar = parameter(Fixed(0.17), "1", sources.hand_set)
    """sd, between people"""
    antidepressant_weight: Scalar = parameter(LogNormal(0.08, 0.5), "1", sources.design)
    """d_A, a conventional antidepressant at full effect"""
    time_constant: Scalar = parameter(LogNormal(0.15, 0.5), "d", sources.han2016, "assumed")
    """tau_D"""
    stress_rounding: Scalar = parameter(Fixed(0.2), "1", sources.smoothing)
    """width of max(s, 0)"""
    load_rounding: Scalar = parameter(Fixed(0.03), "1", sources.smoothing)
    """width of the masked load"""
    rounding: Scalar = parameter(Fixed(0.015), "1", sources.smoothing)
    """width of the clip"""

    def relaxation(self, burden: Burden, lift: Lift) -> Relaxation:
        """Towards load less lift, days."""
        masked = burden.allostatic - self.opioid_masks_load * burden.opioid
        load = (
            self.trait
            + burden.trait
            + self.allostatic_weight * softplus(masked, self.load_rounding)
        )
        load = load + self.withdrawal_weight * burden.withdrawal
        load = load + self.stress_weight * softplus(burden.stress, self.stress_rounding)
        ket = self.habenula_weight * lift.habenula + self.sustained_weight * lift.sustained
        ket = ket * (1.0 - self.naltrexone_interaction * lift.naltrexone)
        lifted = ket + self.opioid_weight * lift.opioid + self.recovery_weight * lift.recovery
        lifted = lifted + self.expectancy_weight * self.population_sd * lift.expectancy
        lifted = lifted + self.antidepressant_weight * lift.antidepressant
        return relaxes(to=unit_clip(load - lifted, self.rounding), time_constant=self.time_constant)
