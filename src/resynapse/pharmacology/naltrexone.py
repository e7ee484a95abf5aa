"""Where does naltrexone go by mouth, by monthly injection and from an implant?"""

from __future__ import annotations

import equinox as eqx

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Fixed, LogitNormal, LogNormal, Scalar, parameter


class Naltrexone(eqx.Module):
    """Naltrexone and its active metabolite as one.

    The half-life of 19 h is that of the hold on the receptor (half of the block is lost in
    72-108 h), longer than 4 h of naltrexone and 13 h of 6-beta-naltrexol in plasma.
    """

    clearance: Scalar = parameter(LogNormal(210.0, 0.3), "L/h", sources.naltrexone_label)
    volume: Scalar = parameter(LogNormal(5760.0, 0.3), "L", sources.naltrexone_block)
    half_occupancy: Scalar = parameter(LogNormal(0.040, 0.4), "ng/mL", sources.naltrexone_block)
    max_occupancy: Scalar = parameter(
        LogitNormal(0.985, 0.4), "1", sources.trostheim2022, "derived"
    )
    efficacy: Scalar = parameter(Fixed(0.0), "1", sources.agonist_or_not)
    antagonist: Scalar = parameter(Fixed(1.0), "1", sources.agonist_or_not)
    clearance_spread: Scalar = parameter(
        LogNormal(0.35, 0.3), "1", sources.naltrexone_people, "derived"
    )


class NaltrexoneOral(eqx.Module):
    """Naltrexone by mouth, 50 mg a day."""

    absorption_time: Scalar = parameter(LogNormal(0.7, 0.4), "h", sources.naltrexone_label)
    bioavailability: Scalar = parameter(LogitNormal(0.11, 0.5), "1", sources.naltrexone_label)
    absorption_spread: Scalar = parameter(LogNormal(0.4, 0.3), "1", sources.people_differ)


class NaltrexoneMonthly(eqx.Module):
    """Naltrexone into muscle, 380 mg a month, released over weeks.

    Its release has a half-life of 12.5 d, slower than the source's 5 to 10 d; by it the receptor is
    held over a month. Exposure over 28 d is 2.4 times that of 50 mg a day by mouth.
    """

    absorption_time: Scalar = parameter(
        LogNormal(432.0, 0.2), "h", sources.naltrexone_monthly_label
    )
    bioavailability: Scalar = parameter(
        LogitNormal(0.99, 0.5), "1", sources.naltrexone_monthly_label
    )
    absorption_spread: Scalar = parameter(
        LogNormal(0.35, 0.3), "1", sources.naltrexone_people, "derived"
    )


class NaltrexoneImplant(eqx.Module):
    """Naltrexone pellet of 1000 mg under the skin, released over two to three months."""

    absorption_time: Scalar = parameter(LogNormal(1440.0, 0.3), "h", sources.implant_release)
    bioavailability: Scalar = parameter(LogitNormal(0.99, 0.5), "1", sources.implant_release)
    absorption_spread: Scalar = parameter(LogNormal(0.3, 0.3), "1", sources.people_differ)
