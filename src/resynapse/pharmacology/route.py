"""How much of a dose reaches which depot, and how many umol of each enantiomer is it?"""

from __future__ import annotations

from typing import Literal, get_args

import equinox as eqx
import jax.numpy as jnp

from resynapse.evidence.sources import kinetics as sources
from resynapse.parameter import Fixed, LogitNormal, Scalar, parameter

Route = Literal["iv", "im", "sc", "intranasal", "intranasal-spray", "oral", "sublingual", "inhaled"]
KETAMINES = ("ketamine", "esketamine", "arketamine")
BENZODIAZEPINES = ("midazolam", "lorazepam")


class RouteError(ValueError):
    """A route that a drug is not given by."""


class Enantiomers(eqx.Module):
    """A dose as amounts of the two enantiomers, umol."""

    s: Scalar
    r: Scalar


class Deposit(eqx.Module):
    """Shares of a dose that enter each place, 0 to 1; what is missing is never absorbed.

    The gut share is what is swallowed; the gut wall and the liver act on it later.
    """

    central: Scalar
    intramuscular: Scalar
    subcutaneous: Scalar
    nasal: Scalar
    mucosal: Scalar
    gut: Scalar
    lung: Scalar


def deposit(
    *,
    central: Scalar = 0.0,
    intramuscular: Scalar = 0.0,
    subcutaneous: Scalar = 0.0,
    nasal: Scalar = 0.0,
    mucosal: Scalar = 0.0,
    gut: Scalar = 0.0,
    lung: Scalar = 0.0,
) -> Deposit:
    """Nothing anywhere but in the places named."""
    return Deposit(central, intramuscular, subcutaneous, nasal, mucosal, gut, lung)


class MolarMass(eqx.Module):
    """Ketamine base; doses in mg are counted as base, as on the labels."""

    ketamine: Scalar = parameter(Fixed(237.73), "mg/mmol", sources.molar_mass)
    norketamine: Scalar = parameter(Fixed(223.7), "mg/mmol", sources.molar_mass)
    hydroxynorketamine: Scalar = parameter(Fixed(239.7), "mg/mmol", sources.molar_mass)
    dehydronorketamine: Scalar = parameter(Fixed(221.68), "mg/mmol", sources.molar_mass)


class KetamineAbsorption(eqx.Module):
    """Shares absorbed from where ketamine is put.

    generic atomiser:  F_n = F_A (first + k_A later) / dose               1
    esketamine spray:  F_s = F_1 (first + k_later later) / dose           1
    first, later = the dose up to 28 mg, and what is above it             mg
    swallowed of a nasal dose:  g (1 - F)                                 1
    """

    intramuscular: Scalar = parameter(
        LogitNormal(0.93, 0.5), "1", sources.intramuscular_review, "derived"
    )
    subcutaneous: Scalar = parameter(LogitNormal(0.93, 0.5), "1", sources.as_intramuscular)
    atomiser_first: Scalar = parameter(LogitNormal(0.38, 1.2), "1", sources.atomiser_share)
    """F_A, through the mucosa"""
    atomiser_later: Scalar = parameter(LogitNormal(0.62, 0.8), "1", sources.atomiser_later)
    """k_A, every mg after the first portion"""
    atomiser_portion: Scalar = parameter(Fixed(28.0), "mg", sources.atomiser_later)
    nasal_swallowed: Scalar = parameter(
        LogitNormal(0.84, 0.8), "1", sources.nasal_swallowed, late=True
    )
    """g, of what the mucosa of the nose does not take up; the rest is lost"""
    spray_first: Scalar = parameter(LogitNormal(0.41, 0.3), "1", sources.spray_fit)
    """F_1, through the mucosa"""
    spray_later: Scalar = parameter(LogitNormal(0.62, 0.3), "1", sources.perezruixo2021)
    """k_later, every 28 mg after the first"""
    spray_device: Scalar = parameter(Fixed(28.0), "mg", sources.spravato)
    sublingual: Scalar = parameter(LogitNormal(0.14, 0.4), "1", sources.kinetic_fit)
    """through the mucosa; the rest is swallowed"""
    inhaled: Scalar = parameter(LogitNormal(0.70, 0.25), "1", sources.jonkman2017)
    """falls with the concentration inhaled in the source; constant here"""
    inhaled_slow: Scalar = parameter(LogitNormal(0.5, 0.8), "1", sources.inhaled_split)
    """of what is absorbed, the share that the lung releases slowly"""

    def deposit(self, route: Route, mg: Scalar) -> Deposit:
        """Where a dose of this size goes."""
        if route == "iv":
            return deposit(central=1.0)
        if route == "im":
            return deposit(intramuscular=self.intramuscular)
        if route == "sc":
            return deposit(subcutaneous=self.subcutaneous)
        if route == "oral":
            return deposit(gut=1.0)
        if route == "sublingual":
            return deposit(mucosal=self.sublingual, gut=1.0 - self.sublingual)
        if route == "intranasal":
            return self.nasal(self.atomised(mg))
        if route == "intranasal-spray":
            return self.nasal(self.sprayed(mg))
        if route == "inhaled":
            return deposit(
                central=self.inhaled * (1.0 - self.inhaled_slow),
                lung=self.inhaled * self.inhaled_slow,
            )
        raise RouteError(f"Ketamine is not given by {route!r}. Use one of: {_listed()}.")

    def nasal(self, share: Scalar) -> Deposit:
        """The mucosa takes up ``share`` of a dose; g of the rest is swallowed."""
        return deposit(nasal=share, gut=self.nasal_swallowed * (1.0 - share))

    def atomised(self, mg: Scalar) -> Scalar:
        """F_n, through the mucosa of a nose that a generic atomiser sprayed, 0 to 1."""
        first = jnp.minimum(mg, self.atomiser_portion)
        later = mg - first
        return self.atomiser_first * (first + self.atomiser_later * later) / mg

    def sprayed(self, mg: Scalar) -> Scalar:
        """F_s, mean over the devices of one visit, 0 to 1."""
        first = jnp.minimum(mg, self.spray_device)
        later = mg - first
        return self.spray_first * (first + self.spray_later * later) / mg


class BenzodiazepineAbsorption(eqx.Module):
    """Share of a benzodiazepine dose that reaches the blood, by route.

    Absorption is taken as immediate: the controls were given iv but for a few, and what they
    are compared by is the level an hour later.
    """

    midazolam_injected: Scalar = parameter(LogitNormal(0.96, 0.7), "1", sources.midazolam_sc)
    """sc; im alike"""
    midazolam_nasal: Scalar = parameter(LogitNormal(0.75, 0.4), "1", sources.midazolam_nasal)
    midazolam_oral: Scalar = parameter(LogitNormal(0.40, 0.3), "1", sources.midazolam_review)
    lorazepam: Scalar = parameter(LogitNormal(0.93, 0.5), "1", sources.greenblatt1979)
    """oral 91-95 %, im 83-100 %"""

    def deposit(self, route: Route, drug: str) -> Deposit:
        """Everything that is absorbed enters the blood at once."""
        if route == "iv":
            return deposit(central=1.0)
        if route == "inhaled" or (route == "intranasal-spray" and drug == "lorazepam"):
            raise RouteError(f"{drug.capitalize()} is not given by {route!r}. Use iv, im or oral.")
        if drug == "lorazepam":
            return deposit(central=self.lorazepam)
        if route in ("im", "sc"):
            return deposit(central=self.midazolam_injected)
        if route in ("oral", "sublingual"):
            return deposit(central=self.midazolam_oral)
        return deposit(central=self.midazolam_nasal)


def bioavailable(
    route: Route,
    drug: str,
    mg: Scalar = 28.0,
    ketamine: KetamineAbsorption | None = None,
    benzodiazepine: BenzodiazepineAbsorption | None = None,
) -> Deposit:
    """Which share of a dose of ``mg`` goes where; saline goes nowhere.

    The size of the dose matters for the nasal routes alone.
    """
    if drug in KETAMINES:
        return (ketamine or KetamineAbsorption()).deposit(route, mg)
    if drug in BENZODIAZEPINES:
        return (benzodiazepine or BenzodiazepineAbsorption()).deposit(route, drug)
    if drug == "saline":
        return deposit()
    raise RouteError(f"No kinetics for {drug!r}. Known drugs: {_drugs()}.")


def split(drug: str, mg: Scalar, molar_mass: MolarMass | None = None) -> Enantiomers:
    """The dose as umol of S and of R: racemate half and half, esketamine S, arketamine R."""
    mass = (molar_mass or MolarMass()).ketamine
    umol = 1000.0 * mg / mass
    if drug == "ketamine":
        return Enantiomers(s=0.5 * umol, r=0.5 * umol)
    if drug == "esketamine":
        return Enantiomers(s=umol, r=0.0 * umol)
    if drug == "arketamine":
        return Enantiomers(s=0.0 * umol, r=umol)
    if drug == "saline" or drug in BENZODIAZEPINES:
        return Enantiomers(s=0.0 * umol, r=0.0 * umol)
    raise RouteError(f"No kinetics for {drug!r}. Known drugs: {_drugs()}.")


def _listed() -> str:
    return ", ".join(get_args(Route))


def _drugs() -> str:
    return ", ".join((*KETAMINES, *BENZODIAZEPINES, "saline"))
