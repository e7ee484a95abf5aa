"""In which two numbers do S- and R-ketamine differ on their way through the body?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import LogNormal, Scalar, parameter


class AbstractEnantiomer(eqx.Module):
    """What an enantiomer must say about itself."""

    intrinsic_clearance: eqx.AbstractVar[Scalar]
    """CLint, L/h"""
    norketamine_scale: eqx.AbstractVar[Scalar]
    """k_N, times the volumes and clearances of norketamine"""


class SKetamine(AbstractEnantiomer):
    """S-ketamine: clearance 88.8 L/h at a liver flow of 123 L/h."""

    intrinsic_clearance: Scalar = parameter(LogNormal(319.2, 0.35), "L/h", sources.kinetic_fit)
    """CLint"""
    norketamine_scale: Scalar = parameter(LogNormal(0.90, 0.15), "1", sources.kinetic_fit)
    """k_N"""


class RKetamine(AbstractEnantiomer):
    """R-ketamine: clearance 79.8 L/h at a liver flow of 123 L/h."""

    intrinsic_clearance: Scalar = parameter(LogNormal(227.2, 0.35), "L/h", sources.kinetic_fit)
    """CLint"""
    norketamine_scale: Scalar = parameter(LogNormal(0.70, 0.15), "1", sources.kinetic_fit)
    """k_N"""
