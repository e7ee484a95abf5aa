"""Is the prior predictive check of a published contrast what it says it is?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.cli.command_line import app
from resynapse.cli.faults import InputError
from resynapse.cli.prior_check import prior_check as command
from resynapse.evidence import study
from resynapse.inference import prior_check
from resynapse.inference.prior_check import Row, contrasts
from resynapse.protocol import library, load


@pytest.fixture(scope="module")
def checked():
    return prior_check(load("engeriser-2026"), draws=2, seed=3)


def test_every_published_contrast_of_a_study_is_checked(checked):
    assert [row.endpoint for row in checked.rows] == ["withdrawal_cows_day_0.021"]
    assert checked.rows[0].published == -7.4


def test_every_draw_counts_and_the_interval_is_in_order(checked):
    (row,) = checked.rows

    assert row.draws == checked.draws == 2
    for found in (row.expected, row.as_published):
        assert list(found) == sorted(found)


def test_small_trials_spread_more_widely_than_many_people(checked):
    (row,) = checked.rows

    assert np.ptp(row.as_published) > np.ptp(row.expected)


def test_ketamine_lowers_withdrawal_in_some_draw_and_none_raises_it(checked):
    assert checked.rows[0].expected[2] < 1.0


@pytest.mark.parametrize(
    ("interval", "published", "none"),
    [((0.4, 0.7, 1.1), True, True), ((0.5, 0.7, 1.1), False, True), ((0.4, 0.7, 0.9), True, False)],
)
def test_an_interval_holds_what_lies_within_it(interval, published, none):
    row = Row("lapse", "a", "b", "hazard_ratio", 0.47, 1.0, interval, interval, 40)

    assert (row.holds_published, row.holds_no_effect) == (published, none)


def test_numbers_that_nobody_saw_or_that_compare_nothing_are_not_checked():
    for name in library():
        source = load(name).study
        for one in contrasts(study(source)) if source else ():
            assert one.comparable
            assert one.seen != "recalled"
            assert one.reference or one.measure == "mean_change"


def test_a_scenario_has_nothing_published_to_set_beside_it():
    with pytest.raises(InputError, match="names no completed study"):
        command("scenario-heroin-ketamine")


def test_the_command_is_there():
    assert "prior-check" in {
        one.name or one.callback.__name__.replace("_", "-") for one in app.registered_commands
    }
