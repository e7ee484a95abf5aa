"""Do people differ in how long a medication or a control drug stays with them?"""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.patient.model import Model
from resynapse.pharmacology.benzodiazepine import BenzodiazepineAmount, lorazepam, midazolam
from resynapse.pharmacology.opioid_medication import (
    MedicationAmount,
    MedicationDeviation,
    buprenorphine_monthly,
    buprenorphine_sublingual,
    methadone,
    naltrexone_implant,
    naltrexone_monthly,
    naltrexone_oral,
)
from resynapse.protocol import load
from resynapse.trial.conduct import Conduct

MEDICATIONS = [
    methadone(), buprenorphine_sublingual(), buprenorphine_monthly(), naltrexone_oral(),
    naltrexone_monthly(), naltrexone_implant(),
]  # fmt: skip
AGONIST, BENZODIAZEPINE = 3, 2
"""places of their linear blocks"""


@pytest.fixture(scope="module")
def persons():
    return Conduct(load("krupitsky-2002"), Patient(), seed=1).persons(0, 256)


@pytest.mark.parametrize("drug", MEDICATIONS)
def test_a_person_who_clears_a_medication_fast_has_less_of_the_receptor_held(drug):
    fast, slow = (drug.individual(MedicationDeviation(z, 0.0)) for z in (1.0, -1.0))

    assert fast.steady_occupancy(50.0, 1.0) < drug.steady_occupancy(50.0, 1.0)
    assert slow.steady_occupancy(50.0, 1.0) > drug.steady_occupancy(50.0, 1.0)


@pytest.mark.parametrize("drug", MEDICATIONS)
def test_a_person_who_absorbs_slowly_empties_the_depot_slowly(drug):
    slow = drug.individual(MedicationDeviation(0.0, 1.0))
    depot = MedicationAmount(depot=10.0, central=0.0)

    assert slow.relaxation(depot)[1].depot > drug.relaxation(depot)[1].depot
    assert slow.clearance == drug.clearance


def test_people_of_a_trial_differ_in_medication_and_in_the_control_drug(persons):
    for own in _deviations(persons):
        assert np.mean(own) == pytest.approx(0.0, abs=0.2)
        assert np.std(own) == pytest.approx(1.0, abs=0.15)


def test_the_three_differences_have_nothing_to_do_with_one_another(persons):
    assert np.abs(np.corrcoef(_deviations(persons)) - np.eye(3)).max() < 0.2


def _deviations(persons):
    own = (persons.medication.clearance, persons.medication.absorption, persons.benzodiazepine)
    return np.stack([np.asarray(z) for z in own])


def _fall(patient, medication, benzodiazepine, block, amount):
    """Rate of the central amount of one block of the whole model, per day."""
    one = SimpleNamespace(
        s_ketamine=None, r_ketamine=None, medication=medication, benzodiazepine=benzodiazepine
    )
    arm = SimpleNamespace(agonist=methadone(patient.methadone), antagonist=naltrexone_oral())
    model = Model(patient, midazolam())
    return float(model.amount_rate(block, arm, one, amount, 0.0).central)


def test_the_whole_model_clears_methadone_at_the_speed_of_the_person():
    amount = MedicationAmount(depot=0.0, central=10.0)
    typical, fast = (
        _fall(Patient(), MedicationDeviation(z, 0.0), 0.0, AGONIST, amount) for z in (0.0, 1.0)
    )

    spread = Patient().methadone.clearance_spread
    assert fast / typical == pytest.approx(np.exp(spread))


def test_the_whole_model_clears_midazolam_at_the_speed_of_the_person():
    amount = BenzodiazepineAmount(3.0, 0.0, 0.0)
    slow, fast = (
        _fall(Patient(), MedicationDeviation(0.0, 0.0), z, BENZODIAZEPINE, amount)
        for z in (-1.0, 1.0)
    )

    assert fast < slow < 0.0


def test_without_spread_everybody_clears_alike():
    same = replace(Patient(), {"methadone.clearance_spread": 0.0})
    amount = MedicationAmount(depot=0.0, central=10.0)
    typical, fast = (
        _fall(same, MedicationDeviation(z, 0.0), 0.0, AGONIST, amount) for z in (0.0, 2.0)
    )

    assert fast == typical


@pytest.mark.parametrize("drug", [midazolam(), lorazepam()])
def test_a_fast_clearance_of_a_control_drug_keeps_its_volumes(drug):
    fast = drug.individual(jnp.asarray(1.0))
    amount = BenzodiazepineAmount(1.0, 0.0, 0.0)

    assert fast.drug.clearance > drug.drug.clearance
    assert jax.tree.all(jax.tree.map(jnp.allclose, fast.plasma(amount), drug.plasma(amount)))
