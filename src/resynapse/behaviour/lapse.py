"""How likely is a first use at this moment, in someone who is not using?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, HalfNormal, HalfSpike, LogNormal, Normal, Scalar, parameter


class Temptation(eqx.Module):
    """What a person brings to the moment."""

    craving: Scalar
    """C"""
    withdrawal: Scalar
    """Q_e"""
    priming: Scalar
    """B"""
    control: Scalar
    """K"""
    reward_left: Scalar
    """v"""
    stability: Scalar
    """V"""
    expectancy: Scalar
    """e"""


class LapseHazard(eqx.Module):
    """Hazard of the first use of a bout, in people who mean to abstain and in those who do not.

    pull  = b_C C + b_Q Q_e + b_B B                                       1
    hold  = b_K K + b_v (1 - v) + b_V V + theta e                         1
    drive = lambda_0 exp(site + log phi + pull - hold)                    1/d
    lambda_committed   = lambda_max (1 - exp(-drive / lambda_max))        1/d
    lambda_uncommitted = lambda_u exp(-b_v (1 - v))                       1/d
    """

    baseline: Scalar = parameter(LogNormal(0.064, 0.6), "1/d", sources.baseline_fit)
    """lambda_0"""
    craving_weight: Scalar = parameter(Normal(2.0, 1.0), "1", sources.craving_meta, "assumed")
    """b_C, per unit of craving"""
    withdrawal_weight: Scalar = parameter(HalfNormal(2.224), "1", sources.koob2016, "assumed")
    """b_Q"""
    priming_weight: Scalar = parameter(LogNormal(1.0, 0.5), "1", sources.hand_set)
    """b_B"""
    control_weight: Scalar = parameter(LogNormal(2.25, 0.4), "1", sources.baseline_fit)
    """b_K"""
    blockade_weight: Scalar = parameter(LogNormal(2.2, 0.4), "1", sources.medication_fit)
    """b_v"""
    stability_weight: Scalar = parameter(LogNormal(2.0, 0.5), "1", sources.baseline_fit)
    """b_V"""
    expectancy_weight: Scalar = parameter(
        HalfSpike(HalfNormal(1.0), 0.3), "1", sources.lii2023, "assumed"
    )
    """theta, log hazard per unit of belief"""
    greatest: Scalar = parameter(Fixed(4.0), "1/d", sources.design)
    """lambda_max"""
    uncommitted: Scalar = parameter(LogNormal(1.0, 0.5), "1/d", sources.baseline_fit)
    """lambda_u"""
    frailty_sd: Scalar = parameter(LogNormal(1.0, 0.25), "1", sources.baseline_fit)
    """omega, of log phi between people"""

    def committed_hazard(self, t: Temptation, site: Scalar, log_frailty: Scalar) -> Scalar:
        """lambda_committed, 1/d."""
        pull = self.craving_weight * t.craving + self.withdrawal_weight * t.withdrawal
        pull = pull + self.priming_weight * t.priming
        hold = self.control_weight * t.control + self.blockade_weight * (1.0 - t.reward_left)
        hold = hold + self.stability_weight * t.stability + self.expectancy_weight * t.expectancy
        drive = self.baseline * jnp.exp(site + log_frailty + pull - hold)
        return -self.greatest * jnp.expm1(-drive / self.greatest)

    def uncommitted_hazard(self, t: Temptation) -> Scalar:
        """lambda_uncommitted, 1/d."""
        return self.uncommitted * jnp.exp(-self.blockade_weight * (1.0 - t.reward_left))
