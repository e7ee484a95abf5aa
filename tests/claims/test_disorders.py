"""Do the packs change what they should and nothing else?"""

import pytest

from resynapse.parameter import entries, lookup
from resynapse.patient import Patient
from resynapse.population.disorder import DISORDERS, DisorderError, apply, pack, table


def values(patient):
    return {entry.path: float(entry.value) for entry in entries(patient)}


def test_heroin_is_the_base_and_changes_nothing():
    assert values(apply(Patient(), "heroin")) == values(Patient())


@pytest.mark.parametrize("name", DISORDERS[1:])
def test_a_pack_changes_what_its_table_says_and_how_long_the_substance_acts(name):
    before, after = values(Patient()), values(apply(Patient(), name))

    changed = {path for path in before if before[path] != after[path]}

    assert changed == set(pack(name).overrides) | {"opioid.time_constant"}


def test_every_difference_has_a_reason_and_most_are_assumed():
    rows = table()

    assert all(row.source and row.status in ("measured", "derived", "assumed") for row in rows)
    assert sum(row.status == "assumed" for row in rows) > len(rows) / 2


def test_units_in_the_table_are_those_of_the_model():
    units = {entry.path: entry.declared.unit for entry in entries(Patient())}

    assert all(units[row.path] == row.unit for row in table())


@pytest.mark.parametrize("name", ["cocaine", "methamphetamine"])
def test_naltrexone_and_methadone_do_not_block_stimulants(name):
    receptor = apply(Patient(), name).opioid

    free = receptor.occupancy(2.0, 0.5, 0.0, 0.0, 0.9)
    medicated = receptor.occupancy(2.0, 0.5, 0.65, 0.95, 0.9)

    assert medicated.reward_left == free.reward_left
    assert medicated.substance == free.substance


def test_naltrexone_takes_a_little_of_the_reward_of_alcohol():
    receptor = apply(Patient(), "alcohol").opioid

    left = receptor.occupancy(2.0, 0.5, 0.0, 0.95, 0.0).reward_left

    assert 0.5 < left < 0.95
    assert float(Patient().opioid.occupancy(2.0, 0.5, 0.0, 0.95, 0.0).reward_left) < 0.3


def test_an_unknown_disorder_is_refused_with_the_nearest_name():
    with pytest.raises(DisorderError, match="Did you mean heroin"):
        pack("herion")


def test_a_pack_names_only_parameters_that_exist():
    for row in table():
        assert isinstance(float(lookup(Patient(), row.path)), float)
