"""Where does one enantiomer of ketamine go: blood, tissue, metabolites, sampling vein, brain?"""

from __future__ import annotations

import math

import equinox as eqx

from resynapse.parameter import Scalar
from resynapse.pharmacology.enantiomer import AbstractEnantiomer, RKetamine, SKetamine
from resynapse.pharmacology.ketamine_body import KetamineBody


class KetamineAmount(eqx.Module):
    """One enantiomer in the body, umol; the last five are delayed concentrations, umol/L."""

    intramuscular: Scalar
    subcutaneous: Scalar
    nasal: Scalar
    mucosal: Scalar
    gut: Scalar
    lung: Scalar
    central: Scalar
    """A1"""
    shallow: Scalar
    """A2"""
    deep: Scalar
    """A3"""
    transit_1: Scalar
    """M1, ketamine on its way to norketamine"""
    transit_2: Scalar
    """M2"""
    norketamine: Scalar
    """N1"""
    norketamine_tissue: Scalar
    """N2"""
    hydroxy_transit_1: Scalar
    """L1, norketamine on its way to hydroxynorketamine"""
    hydroxy_transit_2: Scalar
    """L2"""
    hydroxynorketamine: Scalar
    """H1"""
    hydroxynorketamine_tissue: Scalar
    """H2"""
    dehydronorketamine: Scalar
    """D"""
    venous_fast: Scalar
    """x1"""
    venous_slow: Scalar
    """x2"""
    venous_norketamine: Scalar
    """x_N"""
    effect_site: Scalar
    """Ce"""
    effect_site_norketamine: Scalar
    """Ce_N"""


def zero() -> KetamineAmount:
    """No drug anywhere."""
    return KetamineAmount(*[0.0] * 23)


class KetamineDisposition(eqx.Module):
    """Linear disposition of one enantiomer and its metabolites.

    CL  = Q_L CLint / (Q_L + CLint)                                       L/h
    E_H = CL / Q_L                                                        1
    Ca  = A1 / V1                                                         umol/L
    C2  = A2 / V2                                                         umol/L
    C3  = A3 / V3                                                         umol/L
    N   = N1 / (k_N V_N1)                                                 umol/L
    H   = H1 / V_H1                                                       umol/L
    Cv  = (1 - phi) x1 + phi x2                                           umol/L
    """

    body: KetamineBody
    enantiomer: AbstractEnantiomer

    def clearance(self) -> Scalar:
        """CL, L/h."""
        Q_L, CLint = self.body.liver_flow, self.enantiomer.intrinsic_clearance
        return Q_L * CLint / (Q_L + CLint)

    def extraction(self) -> Scalar:
        """E_H, the share of what passes the liver that it takes out, 0 to 1."""
        return self.clearance() / self.body.liver_flow

    def oral_bioavailability(self) -> Scalar:
        """F_gut (1 - E_H), 0 to 1."""
        return self.body.gut_wall_passed * (1.0 - self.extraction())

    def arterial(self, amount: KetamineAmount) -> Scalar:
        """Ca, umol/L."""
        return amount.central / self.body.central_volume

    def venous(self, amount: KetamineAmount) -> Scalar:
        """Cv, as a sample from the arm would show it, umol/L."""
        phi = self.body.venous_slow_share
        return (1.0 - phi) * amount.venous_fast + phi * amount.venous_slow

    def effect_site(self, amount: KetamineAmount) -> Scalar:
        """Ce, total arterial concentration that the brain has caught up with, umol/L."""
        return amount.effect_site

    def effect_site_norketamine(self, amount: KetamineAmount) -> Scalar:
        """Ce_N, umol/L."""
        return amount.effect_site_norketamine

    def norketamine(self, amount: KetamineAmount) -> Scalar:
        """N, arterial, umol/L."""
        return amount.norketamine / (
            self.body.norketamine_volume * self.enantiomer.norketamine_scale
        )

    def venous_norketamine(self, amount: KetamineAmount) -> Scalar:
        """x_N, umol/L."""
        return amount.venous_norketamine

    def hydroxynorketamine(self, amount: KetamineAmount) -> Scalar:
        """H, umol/L."""
        return amount.hydroxynorketamine / self.body.hydroxynorketamine_volume

    def dehydronorketamine(self, amount: KetamineAmount) -> Scalar:
        """D / V_D, umol/L."""
        return amount.dehydronorketamine / self.body.dehydronorketamine_volume

    def rate(self, amount: KetamineAmount, infusion_umol_per_hour: Scalar) -> KetamineAmount:
        """d(amount)/dt per hour; linear in the amount and the infusion."""
        return KetamineAmount(
            **_depots(self, amount),
            **_parent(self, amount, infusion_umol_per_hour),
            **_norketamine(self, amount),
            **_later_metabolites(self, amount),
            **_delays(self, amount),
        )


def _depots(disposition: KetamineDisposition, amount: KetamineAmount) -> dict[str, Scalar]:
    """dA/dt = -ka A                                                      umol/h"""
    body = disposition.body
    return {
        "intramuscular": -body.intramuscular_absorption * amount.intramuscular,
        "subcutaneous": -body.subcutaneous_absorption * amount.subcutaneous,
        "nasal": -body.nasal_absorption * amount.nasal,
        "mucosal": -body.mucosal_absorption * amount.mucosal,
        "gut": -body.gut_absorption * amount.gut,
        "lung": -body.lung_absorption * amount.lung,
    }


def _parent(
    disposition: KetamineDisposition, amount: KetamineAmount, infusion: Scalar
) -> dict[str, Scalar]:
    """Parent drug in three compartments.

    absorbed = ka_im A_im + ka_sc A_sc + ka_n A_n + ka_m A_m + ka_l A_l
               + ka_g F_gut (1 - E_H) A_g                                 umol/h
    to_shallow = Q2 (Ca - C2)                                             umol/h
    to_deep  = Q3 (Ca - C3)                                               umol/h
    dA1/dt   = infusion + absorbed - CL Ca - to_shallow - to_deep         umol/h
    """
    body = disposition.body
    absorbed = (
        body.intramuscular_absorption * amount.intramuscular
        + body.subcutaneous_absorption * amount.subcutaneous
        + body.nasal_absorption * amount.nasal
        + body.mucosal_absorption * amount.mucosal
        + body.lung_absorption * amount.lung
        + body.gut_absorption * disposition.oral_bioavailability() * amount.gut
    )
    Ca = disposition.arterial(amount)
    to_shallow = body.shallow_exchange * (Ca - amount.shallow / body.shallow_volume)
    to_deep = body.deep_exchange * (Ca - amount.deep / body.deep_volume)
    eliminated = disposition.clearance() * Ca
    return {
        "central": infusion + absorbed - eliminated - to_shallow - to_deep,
        "shallow": to_shallow,
        "deep": to_deep,
    }


def _norketamine(disposition: KetamineDisposition, amount: KetamineAmount) -> dict[str, Scalar]:
    """Two transit steps, then norketamine in two compartments.

    g        = F_gut E_H + f_g (1 - F_gut)                                1
    k_M      = 2 / MTT_M                                                  1/h
    dM1/dt   = CL Ca + g ka_g A_g - k_M M1                                umol/h
    dM2/dt   = k_M (M1 - M2)                                              umol/h
    exchange = k_N Q_N (N - N2 / (k_N V_N2))                              umol/h
    dN1/dt   = f_NK k_M M2 - k_N CL_N N - exchange                        umol/h
    """
    body, k_N = disposition.body, disposition.enantiomer.norketamine_scale
    F_gut = body.gut_wall_passed
    g = F_gut * disposition.extraction() + body.gut_wall_to_norketamine * (1.0 - F_gut)
    k_M = 2.0 / body.transit_time
    formed = disposition.clearance() * disposition.arterial(amount)
    swallowed = g * body.gut_absorption * amount.gut
    N = disposition.norketamine(amount)
    N_tissue = amount.norketamine_tissue / (k_N * body.norketamine_tissue_volume)
    exchange = k_N * body.norketamine_exchange * (N - N_tissue)
    cleared = k_N * body.norketamine_clearance * N
    return {
        "transit_1": formed + swallowed - k_M * amount.transit_1,
        "transit_2": k_M * (amount.transit_1 - amount.transit_2),
        "norketamine": body.norketamine_formed * k_M * amount.transit_2 - cleared - exchange,
        "norketamine_tissue": exchange,
    }


def _later_metabolites(
    disposition: KetamineDisposition, amount: KetamineAmount
) -> dict[str, Scalar]:
    """Hydroxynorketamine after two transit steps, and dehydronorketamine.

    cleared  = k_N CL_N N                                                 umol/h
    k_H      = 2 / MTT_H                                                  1/h
    dL1/dt   = f_HNK cleared - k_H L1                                     umol/h
    dL2/dt   = k_H (L1 - L2)                                              umol/h
    exchange = Q_H (H - H2 / V_H2)                                        umol/h
    dH1/dt   = k_H L2 - CL_H H - exchange                                 umol/h
    dD/dt    = f_DH cleared - CL_D D / V_D                                umol/h
    """
    body, k_N = disposition.body, disposition.enantiomer.norketamine_scale
    cleared = k_N * body.norketamine_clearance * disposition.norketamine(amount)
    k_H = 2.0 / body.hydroxy_transit_time
    H = disposition.hydroxynorketamine(amount)
    H_tissue = amount.hydroxynorketamine_tissue / body.hydroxynorketamine_tissue_volume
    exchange = body.hydroxynorketamine_exchange * (H - H_tissue)
    D = disposition.dehydronorketamine(amount)
    return {
        "hydroxy_transit_1": body.hydroxynorketamine_formed * cleared
        - k_H * amount.hydroxy_transit_1,
        "hydroxy_transit_2": k_H * (amount.hydroxy_transit_1 - amount.hydroxy_transit_2),
        "hydroxynorketamine": k_H * amount.hydroxy_transit_2
        - body.hydroxynorketamine_clearance * H
        - exchange,
        "hydroxynorketamine_tissue": exchange,
        "dehydronorketamine": body.dehydronorketamine_formed * cleared
        - body.dehydronorketamine_clearance * D,
    }


def _delays(disposition: KetamineDisposition, amount: KetamineAmount) -> dict[str, Scalar]:
    """First-order lags; they take no drug out of the blood.

    dx1/dt   = (Ca - x1) / tau1                                           umol/L/h
    dx2/dt   = (Ca - x2) / tau2                                           umol/L/h
    dx_N/dt  = (N - x_N) / tau_N                                          umol/L/h
    ke0      = ln 2 / t_e                                                 1/h
    dCe/dt   = ke0 (Ca - Ce)                                              umol/L/h
    dCe_N/dt = ke0 (N - Ce_N)                                             umol/L/h
    """
    body = disposition.body
    Ca, N = disposition.arterial(amount), disposition.norketamine(amount)
    ke0 = math.log(2.0) / body.effect_site_half_life
    return {
        "venous_fast": (Ca - amount.venous_fast) / body.venous_fast_time,
        "venous_slow": (Ca - amount.venous_slow) / body.venous_slow_time,
        "venous_norketamine": (N - amount.venous_norketamine) / body.venous_norketamine_time,
        "effect_site": ke0 * (Ca - amount.effect_site),
        "effect_site_norketamine": ke0 * (N - amount.effect_site_norketamine),
    }


class Ketamine(eqx.Module):
    """Both enantiomers, with what they share declared once, so that a draw keeps them alike."""

    body: KetamineBody = KetamineBody()
    s_enantiomer: SKetamine = SKetamine()
    r_enantiomer: RKetamine = RKetamine()

    def s_ketamine(self) -> KetamineDisposition:
        return KetamineDisposition(self.body, self.s_enantiomer)

    def r_ketamine(self) -> KetamineDisposition:
        return KetamineDisposition(self.body, self.r_enantiomer)


def s_ketamine() -> KetamineDisposition:
    """The typical person of 70 kg, S-ketamine."""
    return Ketamine().s_ketamine()


def r_ketamine() -> KetamineDisposition:
    """The typical person of 70 kg, R-ketamine."""
    return Ketamine().r_ketamine()
