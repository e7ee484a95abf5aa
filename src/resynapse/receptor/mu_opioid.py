"""Who sits on the mu-opioid receptor when a drug and a medication compete?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import Fixed, LogitNormal, LogNormal, Scalar, parameter


class Occupancy(eqx.Module):
    """Shares of receptors and what they do; the three shares never add up to more than 1."""

    substance: Scalar
    """h"""
    agonist: Scalar
    """h_M"""
    antagonist: Scalar
    """h_N"""
    effect: Scalar
    """E, 0 to 1"""
    reward_left: Scalar
    """v, the reward of a use over its reward without medication, 0 to 1"""
    uses_per_day: Scalar
    """r, while a bout lasts"""
    dose: Scalar
    """size of one use, in units of the half-effect dose without tolerance"""
    dose_over_half_effect: Scalar
    """a_d"""
    amount_in_use: Scalar
    """H that regular use settles at, same unit as the dose"""
    half_effect: Scalar
    """EC"""


class MuOpioidCompetition(eqx.Module):
    """Competition with tolerance, averaged over a regular train of uses.

    EC    = 1 + k_T T                                                     half-effect doses
    m_M   = c o_M / (1 - o_M)                                             1
    m_N   = c o_N / (1 - o_N)                                             1
    m     = m_M + m_N                                                     1
    dose  = d_H (1 + k_T T_ref)^(1 - rho) EC^rho                          half-effect doses
    a_d   = dose / EC                                                     1
    v     = (1 + a_d) / (1 + a_d + m)                                     1
    r     = r_min + (r_use - r_min) v                                     1/d
    H_bar = r tau_H dose                                                  half-effect doses
    peak  = dose / (1 - exp(-1 / (r tau_H)))                              half-effect doses
    EC_m  = EC (1 + m)                                                    half-effect doses
    J     = r tau_H ln((EC_m + peak) / (EC_m + peak - dose)) / (H_bar / (EC_m + H_bar))    1
    h     = J H / (EC_m + H)                                              1
    h_M   = (1 - h) m_M / (1 + m)                                         1
    h_N   = (1 - h) m_N / (1 + m)                                         1
    E     = eps_H h + eps_M h_M                                           1

    J corrects the mean amount for the curvature of h; it is exact for evenly spaced uses.
    c is 1 where the substance acts at this receptor; for others it is 0, and medication changes
    nothing here. For alcohol it is a small share: the reward that runs through own opioids.
    """

    time_constant: Scalar = parameter(LogNormal(0.20, 0.28), "d", sources.hand_set)
    """tau_H, of the drug's effect"""
    dose: Scalar = parameter(LogNormal(3.0, 0.5), "half-effect dose", sources.hand_set)
    """d_H, a typical use without tolerance"""
    reference_tolerance: Scalar = parameter(Fixed(0.6), "1", sources.definition)
    """T_ref"""
    tolerance_gain: Scalar = parameter(LogNormal(8.0, 0.5), "1", sources.merrall)
    """k_T"""
    dose_follows_tolerance: Scalar = parameter(LogitNormal(0.2, 0.7), "1", sources.overdose_fit)
    """rho"""
    uses_at_full_reward: Scalar = parameter(LogNormal(3.5, 0.2), "1/d", sources.hand_set)
    """r_use"""
    uses_without_reward: Scalar = parameter(LogNormal(1.0, 0.3), "1/d", sources.hand_set)
    """r_min"""
    substance_efficacy: Scalar = parameter(Fixed(1.0), "1", sources.definition)
    """eps_H"""
    competes: Scalar = parameter(Fixed(1.0), "1", sources.definition)
    """c"""

    def occupancy(self, H: Scalar, T: Scalar, o_M: Scalar, o_N: Scalar, eps_M: Scalar) -> Occupancy:
        """Shares and effect, from the drug's amount, tolerance and medication occupancies alone."""
        EC = 1.0 + self.tolerance_gain * T
        m_M = self.competes * o_M / (1.0 - o_M)
        m_N = self.competes * o_N / (1.0 - o_N)
        m = m_M + m_N
        rho = self.dose_follows_tolerance
        tolerant = 1.0 + self.tolerance_gain * self.reference_tolerance
        dose = self.dose * tolerant * jnp.exp(rho * jnp.log(EC / tolerant))
        a_d = dose / EC
        v = (1.0 + a_d) / (1.0 + a_d + m)
        r = self.uses_without_reward + (self.uses_at_full_reward - self.uses_without_reward) * v
        H_bar = r * self.time_constant * dose
        peak = -dose / jnp.expm1(-1.0 / (r * self.time_constant))
        EC_m = EC * (1.0 + m)
        mean_share = r * self.time_constant * jnp.log((EC_m + peak) / (EC_m + peak - dose))
        J = mean_share / (H_bar / (EC_m + H_bar))
        h = J * H / (EC_m + H)
        h_M = (1.0 - h) * m_M / (1.0 + m)
        h_N = (1.0 - h) * m_N / (1.0 + m)
        return Occupancy(
            substance=h,
            agonist=h_M,
            antagonist=h_N,
            effect=self.substance_efficacy * h + eps_M * h_M,
            reward_left=v,
            uses_per_day=r,
            dose=dose,
            dose_over_half_effect=a_d,
            amount_in_use=H_bar,
            half_effect=EC,
        )
