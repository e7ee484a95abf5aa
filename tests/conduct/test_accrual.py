"""Do people enter at the rates, places and shares that were asked for?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.input_error import InputError
from resynapse.trial.accrual import Rates, Site, recruit

ONE = [Site("one")]


def test_people_enter_at_the_rate_of_each_period():
    rates = Rates((0.0, 100.0), (1.0, 4.0))

    found = recruit(4000, rates, ONE, 0.0, np.random.default_rng(1))

    early = np.sum(found.entry_day < 100)
    assert early == pytest.approx(100, abs=4 * 10)
    assert found.entry_day[-1] == pytest.approx(100 + 3900 / 4, abs=4 * np.sqrt(4000) / 4)
    assert np.all(np.diff(found.entry_day) >= 0)


def test_nobody_enters_while_the_rate_is_nought():
    found = recruit(
        500, Rates((0.0, 10.0, 50.0), (5.0, 0.0, 5.0)), ONE, 0.0, np.random.default_rng(2)
    )

    assert not np.any((found.entry_day > 10) & (found.entry_day < 50))
    assert np.any(found.entry_day < 10) and np.any(found.entry_day > 50)


def test_screening_takes_its_share_at_every_site():
    sites = [Site("a", 3.0), Site("b", 1.0)]

    found = recruit(6000, Rates((0.0,), (10.0,)), sites, 0.25, np.random.default_rng(3))

    assert found.randomised.sum() == 6000
    assert found.randomised / found.screened == pytest.approx([0.75, 0.75], abs=0.03)
    assert found.screened[0] / found.screened.sum() == pytest.approx(0.75, abs=0.02)


def test_a_site_that_opens_late_has_nobody_before():
    sites = [Site("a"), Site("b", opens_day=30.0)]

    found = recruit(400, Rates((0.0,), (4.0,)), sites, 0.0, np.random.default_rng(4))

    assert not np.any(found.site[found.entry_day < 30] == 1)
    assert np.sum(found.entry_day < 30) == pytest.approx(60, abs=4 * np.sqrt(60))


@pytest.mark.parametrize(
    ("from_day", "per_day", "said"),
    [
        ((1.0,), (1.0,), "begin on day 0"),
        ((0.0,), (0.0,), "above 0"),
        ((0.0, 0.0), (1.0, 1.0), "rise"),
    ],
)
def test_accrual_that_cannot_be_is_refused(from_day, per_day, said):
    with pytest.raises(InputError, match=said):
        Rates(from_day, per_day)


def test_a_trial_that_nobody_passes_the_screening_of_is_refused():
    with pytest.raises(InputError, match="screening failure of 1"):
        recruit(10, Rates((0.0,), (1.0,)), ONE, 1.0, np.random.default_rng(1))
