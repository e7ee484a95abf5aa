"""Where do methadone and buprenorphine go, and how much of the receptor do they hold?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Beta, Fixed, LogitNormal, LogNormal, Scalar, parameter


class Methadone(eqx.Module):
    """Methadone by mouth; plasma half-life 28 h.

    The occupancy is an effective one: it stands for cross-tolerance, 0.65 at 80 mg a day.
    Imaging finds 0.2 to 0.3, and blocks as much as methadone does need more than that.
    """

    absorption_time: Scalar = parameter(LogNormal(1.5, 0.4), "h", sources.methadone_review)
    bioavailability: Scalar = parameter(LogitNormal(0.80, 0.5), "1", sources.methadone2009)
    """79 +- 21 %"""
    clearance: Scalar = parameter(LogNormal(6.7, 0.4), "L/h", sources.methadone_review)
    volume: Scalar = parameter(LogNormal(270.0, 0.4), "L", sources.methadone_review)
    half_occupancy: Scalar = parameter(LogNormal(154.0, 0.6), "ng/mL", sources.cross_tolerance)
    max_occupancy: Scalar = parameter(LogitNormal(0.90, 0.5), "1", sources.cross_tolerance)
    efficacy: Scalar = parameter(Beta(9.0, 1.33), "1", sources.hand_set_efficacy)
    antagonist: Scalar = parameter(Fixed(0.0), "1", sources.agonist_or_not)
    clearance_spread: Scalar = parameter(
        LogNormal(0.60, 0.25), "1", sources.methadone_people, "derived"
    )
    absorption_spread: Scalar = parameter(LogNormal(0.4, 0.3), "1", sources.people_differ)


class Buprenorphine(eqx.Module):
    """Buprenorphine in the body.

    The half-life of 16 h is that of its hold on the receptor, set by occupancy 4 to 76 h after the
    last of 16 mg a day: 0.79, 0.64, 0.41, 0.21 at 4, 28, 52, 76 h here, 0.70, 0.46, 0.33, 0.18 as
    imaged, so a day after a dose it is too high. Plasma ends more slowly, with 24-42 h.
    """

    clearance: Scalar = parameter(LogNormal(60.0, 0.3), "L/h", sources.buprenorphine_label)
    volume: Scalar = parameter(LogNormal(1385.0, 0.3), "L", sources.greenwald2007, "derived")
    half_occupancy: Scalar = parameter(
        LogNormal(0.71, 0.3), "ng/mL", sources.greenwald2003, "derived"
    )
    max_occupancy: Scalar = parameter(LogitNormal(0.91, 0.3), "1", sources.greenwald2003, "derived")
    efficacy: Scalar = parameter(LogitNormal(0.50, 0.4), "1", sources.hand_set_efficacy)
    antagonist: Scalar = parameter(Fixed(0.0), "1", sources.agonist_or_not)
    clearance_spread: Scalar = parameter(LogNormal(0.235, 0.3), "1", sources.buprenorphine_people)


class BuprenorphineSublingual(eqx.Module):
    """Buprenorphine under the tongue, every day."""

    absorption_time: Scalar = parameter(LogNormal(1.0, 0.4), "h", sources.buprenorphine_label)
    bioavailability: Scalar = parameter(LogitNormal(0.30, 0.3), "1", sources.buprenorphine_label)
    absorption_spread: Scalar = parameter(LogNormal(0.4, 0.3), "1", sources.people_differ)


class BuprenorphineMonthly(eqx.Module):
    """Buprenorphine under the skin, released with a half-life of 52 d."""

    absorption_time: Scalar = parameter(
        LogNormal(1800.0, 0.2), "h", sources.buprenorphine_monthly_label
    )
    bioavailability: Scalar = parameter(
        LogitNormal(0.90, 0.5), "1", sources.buprenorphine_monthly_label
    )
    absorption_spread: Scalar = parameter(LogNormal(0.3, 0.3), "1", sources.people_differ)
