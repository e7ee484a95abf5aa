"""Are hits counted in every way, each pair of counts once where that is what is said?"""

from __future__ import annotations

import dataclasses

import pytest

from resynapse.inference import coverage
from resynapse.inference.coverage import readings
from resynapse.inference.validated import as_dict, stored


@pytest.fixture(scope="module")
def found():
    return stored()


@pytest.fixture(scope="module")
def by(found):
    return {one.counted: one for one in readings(found.endpoints)}


def test_what_was_published_and_what_was_computed_are_together_every_value(by):
    all_of_them = by["every value"]
    parts = by["values that were published as such"], by["contrasts that we computed from them"]

    assert sum(one.values for one in parts) == all_of_them.values
    assert sum(one.hits for one in parts) == all_of_them.hits
    assert next(iter(by)) == "every value", "the bar as it was set stands first"


def test_no_value_that_a_publication_printed_was_missed_and_that_is_called_flattering(by):
    printed = by["values that were published as such"]

    assert printed.hits == printed.values
    assert "it flatters" in printed.trust


def test_a_pair_of_counts_is_one_comparison_however_often_it_is_written(found, by):
    counts = [one for one in found.endpoints if one.protocol == "krupitsky-2002"]

    (one,) = [one for one in readings(counts) if one.counted.startswith("comparisons, missed")]

    assert len(counts) == 5
    assert (one.hits, one.values) == (0, 1)
    assert by["comparisons, missed if in any writing"].values == 9


def test_one_writing_that_misses_makes_a_miss_unless_another_was_fixed_beforehand(by):
    """krupitsky-2007: its difference is missed, the ratio by which it is scored is not."""
    strict = by["comparisons, missed if in any writing"]
    fixed = by["comparisons, by the ratio fixed beforehand where there is one"]

    assert fixed.hits == strict.hits + 1


def test_an_exact_interval_is_that_of_clopper_and_pearson(by):
    """No miss of 14: the lower end is where 14 of 14 has a chance of 2.5 %."""
    printed = by["values that were published as such"]

    assert printed.low95 == pytest.approx(0.025 ** (1 / 14))
    assert printed.high95 == 1.0


def test_a_study_that_set_priors_is_counted_nowhere(found, by):
    tests = [one for one in found.endpoints if one.role != "calibration"]

    assert by["every value"].values == len(tests) < len(found.endpoints)


def test_values_with_no_contrast_that_was_computed_have_no_such_count(found):
    shares = [one for one in found.endpoints if one.measure == "proportion"]

    counted = [one.counted for one in readings(shares)]

    assert "contrasts that we computed from them" not in counted
    assert readings([]) == ()


def test_programs_read_every_count_and_what_was_beyond_the_model(found):
    told = as_dict(found)

    assert told["coverage"] == pytest.approx(15 / 21)
    assert told["coverage_by"] == [dataclasses.asdict(one) for one in readings(found.endpoints)]
    assert told["discrepancy"]["allowed"][0]["size"] == 0.5
    assert told["discrepancy"]["plain"]["crps"] == pytest.approx(told["crps"])


def test_every_value_is_found_in_the_file_of_its_study(found):
    assert {coverage.seen(one) for one in found.endpoints} == {
        "abstract", "figure", "secondary", "computed",
    }  # fmt: skip
    assert all(coverage.number(one).value == one.published for one in found.endpoints)
