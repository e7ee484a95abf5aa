"""Which volumes, flows and delays do S- and R-ketamine share in one body?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import LogitNormal, LogNormal, Scalar, parameter


class KetamineBody(eqx.Module):
    """What S- and R-ketamine share in a person of 70 kg (RK-1, arterial, rates per hour).

    The log sd of volumes and flows is chosen: no standard errors were seen.
    """

    liver_flow: Scalar = parameter(LogNormal(123.0, 0.15), "L/h", sources.kinetic_fit)
    """Q_L"""
    central_volume: Scalar = parameter(LogNormal(11.6, 0.2), "L", sources.simons2022)
    """V1"""
    shallow_volume: Scalar = parameter(LogNormal(39.0, 0.2), "L", sources.simons2022)
    """V2"""
    deep_volume: Scalar = parameter(LogNormal(174.0, 0.2), "L", sources.simons2022)
    """V3"""
    shallow_exchange: Scalar = parameter(LogNormal(145.8, 0.2), "L/h", sources.simons2022)
    """Q2 (2.43 L/min)"""
    deep_exchange: Scalar = parameter(LogNormal(72.6, 0.2), "L/h", sources.simons2022)
    """Q3 (1.21 L/min)"""

    intramuscular_absorption: Scalar = parameter(LogNormal(6.0, 0.6), "1/h", sources.kinetic_fit)
    """ka_im (0.10/min)"""
    subcutaneous_absorption: Scalar = parameter(
        LogNormal(2.4, 0.6), "1/h", sources.slower_than_intramuscular
    )
    """ka_sc (0.04/min)"""
    nasal_absorption: Scalar = parameter(LogNormal(1.3, 0.3), "1/h", sources.kinetic_fit)
    """ka_n"""
    mucosal_absorption: Scalar = parameter(LogNormal(2.4, 0.25), "1/h", sources.simons2022)
    """ka_m (0.04/min)"""
    gut_absorption: Scalar = parameter(LogNormal(2.94, 0.6), "1/h", sources.simons2022)
    """ka_g (0.049/min)"""
    lung_absorption: Scalar = parameter(LogNormal(3.0, 0.3), "1/h", sources.jonkman2017)
    """ka_l, the slow share (0.05/min)"""
    gut_wall_passed: Scalar = parameter(LogitNormal(0.54, 0.4), "1", sources.kinetic_fit)
    """F_gut"""
    gut_wall_to_norketamine: Scalar = parameter(LogitNormal(0.4, 0.8), "1", sources.kinetic_fit)
    """f_g, of what the gut wall takes"""

    transit_time: Scalar = parameter(LogNormal(0.335, 0.2), "h", sources.simons2022)
    """MTT_M (20.1 min), in two steps"""
    norketamine_formed: Scalar = parameter(
        LogitNormal(0.80, 0.3), "1", sources.simons2022, "assumed"
    )
    """f_NK, fixed in the source"""
    norketamine_volume: Scalar = parameter(LogNormal(11.6, 0.2), "L", sources.simons2022)
    """V_N1 before k_N"""
    norketamine_tissue_volume: Scalar = parameter(LogNormal(221.0, 0.2), "L", sources.simons2022)
    """V_N2 before k_N"""
    norketamine_clearance: Scalar = parameter(LogNormal(60.0, 0.15), "L/h", sources.simons2022)
    """CL_N before k_N (1.00 L/min)"""
    norketamine_exchange: Scalar = parameter(LogNormal(157.8, 0.2), "L/h", sources.simons2022)
    """Q_N before k_N (2.63 L/min)"""

    hydroxy_transit_time: Scalar = parameter(LogNormal(0.018667, 0.2), "h", sources.simons2022)
    """MTT_H (1.12 min), in two steps"""
    hydroxynorketamine_formed: Scalar = parameter(
        LogitNormal(0.70, 0.3), "1", sources.simons2022, "assumed"
    )
    """f_HNK, fixed in the source"""
    hydroxynorketamine_volume: Scalar = parameter(LogNormal(4.4, 0.7), "L", sources.simons2022)
    """V_H1"""
    hydroxynorketamine_tissue_volume: Scalar = parameter(
        LogNormal(87.5, 0.7), "L", sources.simons2022
    )
    """V_H2"""
    hydroxynorketamine_clearance: Scalar = parameter(
        LogNormal(55.98, 0.7), "L/h", sources.simons2022
    )
    """CL_H (0.933 L/min); sources disagree by an order of magnitude"""
    hydroxynorketamine_exchange: Scalar = parameter(
        LogNormal(102.0, 0.5), "L/h", sources.simons2022
    )
    """Q_H (1.70 L/min)"""
    dehydronorketamine_formed: Scalar = parameter(LogNormal(0.318, 0.3), "1", sources.kinetic_fit)
    """f_DH, apparent: f_HNK + f_DH exceeds 1"""
    dehydronorketamine_volume: Scalar = parameter(LogNormal(60.0, 0.3), "L", sources.kinetic_fit)
    """V_D, apparent"""
    dehydronorketamine_clearance: Scalar = parameter(
        LogNormal(131.4, 0.3), "L/h", sources.kinetic_fit
    )
    """CL_D, apparent (2.19 L/min)"""

    venous_slow_share: Scalar = parameter(LogitNormal(0.46, 0.4), "1", sources.kinetic_fit)
    """phi"""
    venous_fast_time: Scalar = parameter(LogNormal(0.025, 0.3), "h", sources.kinetic_fit)
    """tau1 (1.5 min)"""
    venous_slow_time: Scalar = parameter(LogNormal(1.33333, 0.3), "h", sources.kinetic_fit)
    """tau2 (80 min)"""
    venous_norketamine_time: Scalar = parameter(
        LogNormal(0.166667, 0.5), "h", sources.norketamine_delay
    )
    """tau_N (10 min)"""
    effect_site_half_life: Scalar = parameter(LogNormal(0.138333, 0.28), "h", sources.olofsen2022)
    """t_e (8.3 min, 5.1-13.0)"""
