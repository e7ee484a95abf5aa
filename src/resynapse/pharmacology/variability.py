"""How much do people differ in where ketamine goes, and how far off is a measured level?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import LogNormal, Scalar, parameter


class BetweenPatientVariability(eqx.Module):
    """Standard deviations of ln(person / typical); the names are those of ``Deviation``.

    Flow and intrinsic clearance together give a log variance of clearance of 0.047; 0.048 is
    what patients show, and 0.029 one laboratory's volunteers.
    """

    central_volume: Scalar = parameter(LogNormal(0.239, 0.2), "1", sources.simons2022)
    liver_flow: Scalar = parameter(LogNormal(0.230, 0.2), "1", sources.perezruixo2021)
    intrinsic_clearance: Scalar = parameter(LogNormal(0.500, 0.2), "1", sources.ashraf2018)
    deep_exchange: Scalar = parameter(LogNormal(0.161, 0.2), "1", sources.simons2022)
    transit_time: Scalar = parameter(LogNormal(0.145, 0.2), "1", sources.simons2022)
    norketamine_clearance: Scalar = parameter(LogNormal(0.224, 0.2), "1", sources.simons2022)
    hydroxynorketamine_volume: Scalar = parameter(LogNormal(1.105, 0.2), "1", sources.simons2022)
    hydroxynorketamine_clearance: Scalar = parameter(LogNormal(0.321, 0.2), "1", sources.simons2022)
    hydroxynorketamine_exchange: Scalar = parameter(LogNormal(0.536, 0.2), "1", sources.simons2022)
    nasal_absorption: Scalar = parameter(
        LogNormal(0.566, 0.2), "1", sources.perezruixo2021, "derived"
    )
    gut_absorption: Scalar = parameter(LogNormal(0.613, 0.2), "1", sources.simons2022)
    venous_slow_odds: Scalar = parameter(LogNormal(0.4, 0.3), "1", sources.kinetic_fit)

    nasal_share_logit: Scalar = parameter(LogNormal(0.708, 0.2), "1", sources.perezruixo2021)
    """sd of the logit of the share that the nose absorbs; belongs to a dose, not to a body"""
    study_clearance: Scalar = parameter(LogNormal(0.15, 0.3), "1", sources.kinetic_fit)
    """log sd of typical clearance between studies"""


class ResidualError(eqx.Module):
    """Standard deviations of ln(measured / true) of a level in plasma."""

    ketamine: Scalar = parameter(LogNormal(0.24, 0.2), "1", sources.otto2021, "derived")
    norketamine: Scalar = parameter(LogNormal(0.20, 0.3), "1", sources.simons2022, "derived")
    hydroxynorketamine: Scalar = parameter(LogNormal(0.20, 0.5), "1", sources.simons2022, "derived")
