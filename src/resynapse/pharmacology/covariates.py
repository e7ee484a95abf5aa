"""How do weight, age, sex, liver, genes and other drugs change where ketamine goes?"""

from __future__ import annotations

from dataclasses import replace

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Fixed, HalfSpike, LogNormal, Scalar, parameter
from resynapse.pharmacology.ketamine import KetamineDisposition
from resynapse.pharmacology.ketamine_body import KetamineBody
from resynapse.smooth import softplus, unit_clip


class CovariateEffects(eqx.Module):
    """Sizes of the effects of what can be known of a person.

    s_CL     = (WT / 70 kg)^0.75                                          1
    s_V      = WT / 70 kg                                                 1
    s_age    = 1 - slope softplus(age - 60 y)                             1
    s_sex    = ratio^female                                               1
    s_CYP    = (0.63^intermediate 0.41^poor)^effect                       1
    """

    reference_weight: Scalar = parameter(Fixed(70.0), "kg", sources.otto2021)
    clearance_exponent: Scalar = parameter(Fixed(0.75), "1", sources.otto2021)
    volume_exponent: Scalar = parameter(Fixed(1.0), "1", sources.otto2021)
    liver_flow_lost_per_year: Scalar = parameter(
        LogNormal(0.0145, 0.3), "1/y", sources.perezruixo2021, "derived"
    )
    """slope, 2.19 of 151 L/h for every year above 60"""
    onset_of_ageing: Scalar = parameter(Fixed(60.0), "y", sources.perezruixo2021)
    ageing_width: Scalar = parameter(Fixed(1.0), "y", sources.rounding)
    female_clearance: Scalar = parameter(LogNormal(1.08, 0.074), "1", sources.female_clearance)
    """ratio; 1.2 in one data set, 1 in two"""
    mild_liver_disease: Scalar = parameter(LogNormal(0.8, 0.2), "1", sources.hepatic_label)
    """on CLint"""
    moderate_liver_disease: Scalar = parameter(LogNormal(0.22, 0.3), "1", sources.hepatic_label)
    """on CLint; doubles the exposure to an infusion"""
    cyp2b6_intermediate: Scalar = parameter(LogNormal(0.63, 0.2), "1", sources.li2015, "derived")
    """on CLint, *1/*6"""
    cyp2b6_poor: Scalar = parameter(LogNormal(0.41, 0.3), "1", sources.li2015, "derived")
    """on CLint, *6/*6"""
    cyp2b6_effect: Scalar = parameter(
        HalfSpike(LogNormal(1.0, 0.4), reference=1.0), "1", sources.cyp2b6_disputed
    )
    """0 as Rao 2016, 1 the geometric mid-point, 2 as Li 2015"""
    ticlopidine: Scalar = parameter(LogNormal(0.42, 0.15), "1", sources.peltoniemi2011, "derived")
    """on CLint"""
    grapefruit: Scalar = parameter(
        LogNormal(0.62, 0.15), "1", sources.peltoniemi2012grapefruit, "derived"
    )
    """on CLint"""
    grapefruit_gut: Scalar = parameter(
        LogNormal(1.85, 0.1), "1", sources.peltoniemi2012grapefruit, "derived"
    )
    """on F_gut"""
    rifampicin: Scalar = parameter(
        LogNormal(2.0, 0.2), "1", sources.peltoniemi2012rifampicin, "derived"
    )
    """on CLint"""
    rifampicin_gut: Scalar = parameter(
        LogNormal(0.28, 0.2), "1", sources.peltoniemi2012rifampicin, "derived"
    )
    """on F_gut"""

    gut_wall_width: Scalar = parameter(Fixed(0.01), "1", sources.rounding)
    """where F_gut would exceed 1"""

    def weight_on_flows(self, weight_kg: Scalar) -> Scalar:
        """s_CL, on clearances and flows."""
        return jnp.exp(self.clearance_exponent * jnp.log(weight_kg / self.reference_weight))

    def weight_on_volumes(self, weight_kg: Scalar) -> Scalar:
        """s_V, on volumes."""
        return jnp.exp(self.volume_exponent * jnp.log(weight_kg / self.reference_weight))

    def age_on_liver_flow(self, age_years: Scalar) -> Scalar:
        """s_age, 1 below 60 years."""
        years = softplus(age_years - self.onset_of_ageing, self.ageing_width)
        return 1.0 - self.liver_flow_lost_per_year * years

    def sex_on_clearance(self, female: Scalar) -> Scalar:
        """s_sex; ``female`` is 0 or 1."""
        return jnp.exp(female * jnp.log(self.female_clearance))

    def liver(self, *, mild: Scalar = 0.0, moderate: Scalar = 0.0) -> Scalar:
        """Factor of liver disease on CLint; the degrees are 0 or 1."""
        return jnp.exp(
            mild * jnp.log(self.mild_liver_disease)
            + moderate * jnp.log(self.moderate_liver_disease)
        )

    def genotype(self, *, intermediate: Scalar = 0.0, poor: Scalar = 0.0) -> Scalar:
        """s_CYP, on CLint; 1 for everybody while the switch ``cyp2b6_effect`` is 0."""
        midpoint = intermediate * jnp.log(self.cyp2b6_intermediate) + poor * jnp.log(
            self.cyp2b6_poor
        )
        return jnp.exp(self.cyp2b6_effect * midpoint)

    def inhibitor(self, name: str) -> tuple[Scalar, Scalar]:
        """Factors on CLint and on F_gut of none, ticlopidine, grapefruit or rifampicin."""
        factors = {
            "none": (1.0, 1.0),
            "ticlopidine": (self.ticlopidine, 1.0),
            "grapefruit": (self.grapefruit, self.grapefruit_gut),
            "rifampicin": (self.rifampicin, self.rifampicin_gut),
        }
        if name not in factors:
            raise ValueError(f"No interaction known for {name!r}. Known: {', '.join(factors)}.")
        return factors[name]


class Deviation(eqx.Module):
    """One person's own factors on the typical values, 1 in the typical person."""

    central_volume: Scalar
    liver_flow: Scalar
    intrinsic_clearance: Scalar
    deep_exchange: Scalar
    transit_time: Scalar
    norketamine_clearance: Scalar
    hydroxynorketamine_volume: Scalar
    hydroxynorketamine_clearance: Scalar
    hydroxynorketamine_exchange: Scalar
    nasal_absorption: Scalar
    gut_absorption: Scalar
    venous_slow_odds: Scalar
    """on phi / (1 - phi)"""


def typical() -> Deviation:
    """The typical person deviates in nothing."""
    return Deviation(*[1.0] * 12)


def individual(
    disposition: KetamineDisposition,
    *,
    weight_kg: Scalar = 70.0,
    age_years: Scalar = 40.0,
    female: Scalar = 0.0,
    clint_factor: Scalar = 1.0,
    gut_factor: Scalar = 1.0,
    volume_factor: Scalar = 1.0,
    clearance_factor: Scalar = 1.0,
    deviation: Deviation | None = None,
    effects: CovariateEffects | None = None,
) -> KetamineDisposition:
    """The typical disposition made this person's.

    CL      = s_CL s_sex clearance_factor CL(s_age Q_L, clint_factor CLint)         L/h
    V       = s_V volume_factor V                                         L
    Q       = s_CL Q                                                      L/h
    F_gut   = gut_factor F_gut, held below 1                              1

    ``clearance_factor`` scales clearances of parent and metabolites at the same extraction.
    """
    effects = effects or CovariateEffects()
    deviation = deviation or typical()
    flow = effects.weight_on_flows(weight_kg)
    volume = effects.weight_on_volumes(weight_kg) * volume_factor
    cleared = flow * effects.sex_on_clearance(female) * clearance_factor
    body = _volumes(disposition.body, volume, deviation)
    body = _flows(body, flow, cleared, deviation)
    body = replace(
        body,
        liver_flow=body.liver_flow * cleared * effects.age_on_liver_flow(age_years),
        gut_wall_passed=unit_clip(body.gut_wall_passed * gut_factor, effects.gut_wall_width),
    )
    CLint = disposition.enantiomer.intrinsic_clearance * cleared * clint_factor
    enantiomer = replace(
        disposition.enantiomer, intrinsic_clearance=CLint * deviation.intrinsic_clearance
    )
    return KetamineDisposition(_speeds(body, deviation), enantiomer)


def _volumes(body: KetamineBody, factor: Scalar, deviation: Deviation) -> KetamineBody:
    """Every volume; V_N1 varies with V1, as in the source."""
    return replace(
        body,
        central_volume=body.central_volume * factor * deviation.central_volume,
        shallow_volume=body.shallow_volume * factor,
        deep_volume=body.deep_volume * factor,
        norketamine_volume=body.norketamine_volume * factor * deviation.central_volume,
        norketamine_tissue_volume=body.norketamine_tissue_volume * factor,
        hydroxynorketamine_volume=body.hydroxynorketamine_volume
        * factor
        * deviation.hydroxynorketamine_volume,
        hydroxynorketamine_tissue_volume=body.hydroxynorketamine_tissue_volume * factor,
        dehydronorketamine_volume=body.dehydronorketamine_volume * factor,
    )


def _flows(body: KetamineBody, flow: Scalar, cleared: Scalar, deviation: Deviation) -> KetamineBody:
    """Exchange flows follow weight, clearances also sex; the liver's own flow is set apart."""
    return replace(
        body,
        liver_flow=body.liver_flow * deviation.liver_flow,
        shallow_exchange=body.shallow_exchange * flow,
        deep_exchange=body.deep_exchange * flow * deviation.deep_exchange,
        norketamine_exchange=body.norketamine_exchange * flow,
        norketamine_clearance=body.norketamine_clearance
        * cleared
        * deviation.norketamine_clearance,
        hydroxynorketamine_exchange=body.hydroxynorketamine_exchange
        * flow
        * deviation.hydroxynorketamine_exchange,
        hydroxynorketamine_clearance=body.hydroxynorketamine_clearance
        * cleared
        * deviation.hydroxynorketamine_clearance,
        dehydronorketamine_clearance=body.dehydronorketamine_clearance * cleared,
    )


def _speeds(body: KetamineBody, deviation: Deviation) -> KetamineBody:
    """Absorption, transit and the mixing of the sampling vein."""
    odds = body.venous_slow_share / (1.0 - body.venous_slow_share) * deviation.venous_slow_odds
    return replace(
        body,
        transit_time=body.transit_time * deviation.transit_time,
        nasal_absorption=body.nasal_absorption * deviation.nasal_absorption,
        gut_absorption=body.gut_absorption * deviation.gut_absorption,
        venous_slow_share=odds / (1.0 + odds),
    )
