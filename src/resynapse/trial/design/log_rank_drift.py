"""Where does the log-rank statistic stand on average, when hazards are not proportional?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resynapse.trial.design.follow_up import Course


@dataclass(frozen=True)
class Drift:
    """At one calendar time."""

    z: float
    """E[Z] / sqrt(n); positive where the treated have fewer events"""
    average_hazard_ratio: float
    """exp of the log hazard ratio averaged over events, each weighted by Y_1 Y_0 / (Y_1 + Y_0)^2"""


def drift(course: Course, T: float) -> Drift:
    """The expected log-rank statistic of a trial analysed at calendar time T.

    U   = integral of (h_0 - h_1) Y_1 Y_0 / (Y_1 + Y_0) over t                          1
    V   = integral of (h_1 Y_1 + h_0 Y_0) Y_1 Y_0 / (Y_1 + Y_0)^2 over t                1
    z   = U / sqrt(V)                                                                   1
    AHR = exp(integral of ln(h_1 / h_0) dV / V)                                         1

    U and V are those of Schoenfeld 1981 for one person; V is the variance under H0, so that z
    holds for effects that are not large.
    """
    t, width = course.grid(T)
    Y_1, Y_0 = course.at_risk(T, t)
    h_1, h_0 = course.treatment.event.at(t), course.control.event.at(t)
    Y = np.maximum(Y_1 + Y_0, np.finfo(float).tiny)
    dV = (h_1 * Y_1 + h_0 * Y_0) * (Y_1 / Y) * (Y_0 / Y) * width
    U = ((h_0 - h_1) * Y_1 * (Y_0 / Y)) @ width
    V = dV.sum()
    return Drift(float(U / np.sqrt(V)), float(np.exp(np.log(h_1 / h_0) @ dV / V)))
