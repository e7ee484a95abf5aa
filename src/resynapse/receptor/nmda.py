"""How much of the NMDA current does ketamine block in each pool of cells?"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import (
    Choice,
    Fixed,
    HalfSpike,
    LogitNormal,
    LogNormal,
    Normal,
    Scalar,
    parameter,
)


class Potency(eqx.Module):
    """What the free concentrations of enantiomers and metabolites count for, in S-equivalents.

    C_eq = f (C_S + p_R C_R + s_NK (p_SN C_SN + p_RN C_RN))              umol/L free in brain
    """

    free_fraction: Scalar = parameter(LogNormal(0.40, 0.25), "1", sources.csf_ratio)
    """f, free in brain over total in arterial plasma"""
    r_ketamine: Scalar = parameter(LogNormal(0.214, 0.25), "1", sources.ki_summary)
    """p_R, Ki of S over Ki of R"""
    s_norketamine: Scalar = parameter(LogNormal(0.176, 0.25), "1", sources.ki_summary)
    """p_SN"""
    r_norketamine: Scalar = parameter(LogNormal(0.023, 0.25), "1", sources.ki_summary)
    """p_RN"""
    norketamine_counts: Scalar = parameter(Choice((0.0, 1.0), 0.0), "1", sources.contested)
    """s_NK, the norketamine hypothesis"""

    def equivalent(self, C_S: Scalar, C_R: Scalar, C_SN: Scalar, C_RN: Scalar) -> Scalar:
        """C_eq, umol/L, from total arterial effect-site concentrations, umol/L."""
        metabolites = self.s_norketamine * C_SN + self.r_norketamine * C_RN
        counted = C_S + self.r_ketamine * C_R + self.norketamine_counts * metabolites
        return self.free_fraction * counted


class Block(eqx.Module):
    """Share of NMDA current blocked, 0 to 1, by pool."""

    pyramidal: Scalar
    interneuron: Scalar
    resting: Scalar


class NmdaBlock(eqx.Module):
    """Quasi-steady block, weaker where magnesium already sits in the channel.

    IC_x = s IC_0 (1 + Mg / K_Mg exp(-V_x / V_Mg))                        umol/L S-equivalent
    B_x  = C_eq / (C_eq + IC_x)                                           1

    s = (1 + p_R) / 2 turns a concentration of racemate into S-equivalents. The voltages are
    effective constants: only their products with the free fraction are identified.
    """

    ic50_without_magnesium: Scalar = parameter(
        LogNormal(0.31, 0.4), "umol/L", sources.kotermanski2009
    )
    """IC_0, racemate"""
    racemate_equivalent: Scalar = parameter(Fixed(0.607), "1", sources.ki_summary, "derived")
    """s = (1 + 0.214) / 2"""
    magnesium: Scalar = parameter(Fixed(1.0), "mmol/L", sources.design)
    """Mg"""
    magnesium_affinity: Scalar = parameter(Fixed(3.57), "mmol/L", sources.jahr1990)
    """K_Mg"""
    magnesium_voltage: Scalar = parameter(Fixed(16.13), "mV", sources.jahr1990)
    """V_Mg = 1 / 0.062"""
    pyramidal_voltage: Scalar = parameter(Normal(-66.0, 4.0), "mV", sources.design)
    """V_E"""
    interneuron_voltage: Scalar = parameter(
        Normal(-43.5, 6.0), "mV", sources.gerhard2020, "assumed"
    )
    """V_I"""
    resting_voltage: Scalar = parameter(Normal(-64.3, 4.0), "mV", sources.autry2011, "assumed")
    """V_S"""

    def ic50(self, voltage: Scalar) -> Scalar:
        """IC_x, umol/L S-equivalent, at a membrane voltage in mV."""
        unblocked = self.magnesium / self.magnesium_affinity
        factor = 1.0 + unblocked * jnp.exp(-voltage / self.magnesium_voltage)
        return self.racemate_equivalent * self.ic50_without_magnesium * factor

    def block(self, C_eq: Scalar) -> Block:
        """B_x for the three pools at a free concentration in umol/L S-equivalent."""
        return Block(
            pyramidal=C_eq / (C_eq + self.ic50(self.pyramidal_voltage)),
            interneuron=C_eq / (C_eq + self.ic50(self.interneuron_voltage)),
            resting=C_eq / (C_eq + self.ic50(self.resting_voltage)),
        )


class WithdrawalRelief(eqx.Module):
    """Relief of withdrawal at doses below those that dissociate.

    relief = E_Q C_eq / (C_eq + C50)                                      1
    """

    greatest: Scalar = parameter(
        HalfSpike(LogitNormal(0.6, 0.7), 0.6, 0.8), "1", sources.engeriser2026, "assumed"
    )
    """E_Q; decisions: Beta(3, 2), centred on 0.6"""
    half_effect: Scalar = parameter(
        LogNormal(0.05, 0.8), "umol/L", sources.engeriser2026, "assumed"
    )
    """C50"""

    def relief(self, C_eq: Scalar) -> Scalar:
        """Share of withdrawal taken away, 0 to 1."""
        return self.greatest * C_eq / (C_eq + self.half_effect)
