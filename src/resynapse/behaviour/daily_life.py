"""How much stress and how many cues does a day bring?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import chain as sources
from resynapse.parameter import LogNormal, Scalar, parameter


class DailyLife(eqx.Module):
    """Stress is a slow random disturbance; cues are shots that raise craving for an hour or two."""

    stress_sd: Scalar = parameter(LogNormal(0.6, 0.35), "1", sources.mao2024, "assumed")
    """standard deviation of stress"""
    stress_time: Scalar = parameter(LogNormal(3.0, 0.6), "d", sources.mao2024, "assumed")
    """how long stress lasts"""
    cue_rate: Scalar = parameter(LogNormal(2.0, 0.4), "1/d", sources.grasman2016, "assumed")
    """cues met a day"""
    cue_size: Scalar = parameter(LogNormal(0.12, 0.5), "1", sources.hand_set)
    """height of a cue, in units of cue_0"""
    cue_time: Scalar = parameter(LogNormal(0.08, 0.5), "d", sources.preston2018, "assumed")
    """how long a cue lasts"""
