"""What do weight, age, sex, liver, genes and other drugs do to ketamine?"""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest

from claims.ketamine_course import Course
from resynapse.parameter import replace
from resynapse.pharmacology.covariates import CovariateEffects, individual
from resynapse.pharmacology.ketamine import KetamineDisposition, s_ketamine
from resynapse.pharmacology.variability import BetweenPatientVariability


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def changed(**covariates: float) -> KetamineDisposition:
    return individual(s_ketamine(), **covariates)


def test_the_typical_person_is_the_typical_person():
    typical, same = jax.tree.leaves(s_ketamine()), jax.tree.leaves(changed())

    # smooth ageing adds exp(-20 y / 1 y) at 40 years
    np.testing.assert_allclose(np.asarray(same, float), np.asarray(typical, float), rtol=1e-9)


def test_a_heavier_person_clears_with_the_three_quarter_power_of_weight():
    ratio = float(changed(weight_kg=140.0).clearance() / s_ketamine().clearance())

    assert ratio == pytest.approx(2.0**0.75, rel=1e-9)


def test_a_dose_per_kg_gives_a_heavier_person_a_higher_late_level():
    """Allometry: the dose grows with weight, clearance with its three-quarter power."""

    def exposure(weight: float) -> float:
        return Course(changed(weight_kg=weight)).exposure("iv", "ketamine", 1.0, weight)

    assert exposure(140.0) / exposure(70.0) == pytest.approx(2.0**0.25, rel=1e-9)


def test_the_volume_of_distribution_doubles_with_weight():
    assert changed(weight_kg=140.0).body.deep_volume == pytest.approx(2.0 * 174.0, rel=1e-9)


def test_liver_flow_falls_by_2_19_of_151_litres_an_hour_for_each_year_above_60():
    lost = 1.0 - float(changed(age_years=80.0).body.liver_flow) / 123.0

    assert lost == pytest.approx(20.0 * 2.19 / 151.0, rel=0.001)
    assert float(changed(age_years=45.0).body.liver_flow) == pytest.approx(123.0, rel=1e-6)


def test_women_clear_8_percent_faster():
    ratio = float(changed(female=1.0).clearance() / s_ketamine().clearance())

    assert ratio == pytest.approx(1.08, rel=1e-9)


def test_moderate_liver_disease_doubles_exposure_to_an_infusion():
    factor = CovariateEffects().liver(moderate=1.0)
    ratio = float(s_ketamine().clearance() / changed(clint_factor=factor).clearance())

    assert ratio == pytest.approx(2.0, rel=0.02)  # CLint is stated to two digits
    assert 0.22 < float(CovariateEffects().liver(mild=1.0)) < 1.0


@pytest.mark.parametrize(
    ("genotype", "factor"), [({"intermediate": 1.0}, 0.63), ({"poor": 1.0}, 0.41), ({}, 1.0)]
)
def test_cyp2b6_genotype_slows_metabolism_as_much_as_the_mid_point_of_two_studies(genotype, factor):
    assert float(CovariateEffects().genotype(**genotype)) == pytest.approx(factor, rel=1e-6)


def test_with_the_cyp2b6_switch_off_no_genotype_matters():
    off = replace(CovariateEffects(), {"cyp2b6_effect": 0.0})

    assert float(off.genotype(poor=1.0)) == 1.0


def test_with_the_cyp2b6_switch_at_2_clearance_falls_as_in_li_2015():
    """21.6 of 68.1 L/h, seen through the flow-limited liver: CLint 0.17."""
    twice = replace(CovariateEffects(), {"cyp2b6_effect": 2.0})

    assert float(twice.genotype(poor=1.0)) == pytest.approx(0.17, abs=0.005)


def inhibited(name: str) -> KetamineDisposition:
    clint, gut = CovariateEffects().inhibitor(name)
    return changed(clint_factor=clint, gut_factor=gut)


# ratio of exposure, oral and intravenous, with the drug over without it; the published values
DRUGS = [
    ("ticlopidine", "oral", 2.4), ("grapefruit", "oral", 3.0), ("rifampicin", "oral", 0.14),
    ("rifampicin", "iv", 0.86), ("none", "oral", 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "route", "ratio"), DRUGS)
def test_another_drug_changes_exposure_as_measured(name, route, ratio):
    def exposure(disposition: KetamineDisposition) -> float:
        return Course(disposition).exposure(route, "esketamine", 20.0, 100.0)

    found = exposure(inhibited(name)) / exposure(s_ketamine())

    # published ratios have two digits; grapefruit is also rounded where F_gut reaches 1
    assert found == pytest.approx(ratio, rel=0.02)


def test_an_unknown_inhibitor_is_refused():
    with pytest.raises(ValueError, match="ticlopidine"):
        CovariateEffects().inhibitor("itraconazole")


def test_own_factors_on_volume_and_clearance_act_where_they_say():
    person = changed(volume_factor=1.5, clearance_factor=0.8)

    assert float(person.body.central_volume) == pytest.approx(1.5 * 11.6)
    assert float(person.clearance() / s_ketamine().clearance()) == pytest.approx(0.8)
    assert float(person.extraction()) == pytest.approx(float(s_ketamine().extraction()))


def test_a_person_can_be_made_for_many_at_once():
    weights = np.array([50.0, 70.0, 110.0])

    cleared = jax.vmap(lambda w: individual(s_ketamine(), weight_kg=w).clearance())(weights)

    assert np.all(np.diff(np.asarray(cleared)) > 0.0)


def test_clearance_varies_between_patients_by_about_22_percent():
    """Flow and intrinsic clearance from two sources give what patients show, log variance 0.048."""
    varied, E = BetweenPatientVariability(), float(s_ketamine().extraction())

    variance = (E * varied.liver_flow) ** 2 + ((1.0 - E) * varied.intrinsic_clearance) ** 2

    assert variance == pytest.approx(0.048, rel=0.05)
