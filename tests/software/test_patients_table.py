"""Do the columns of the table of people agree with one another?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.protocol import load
from resynapse.trial.replay import replay
from resynapse.trial.simulate import simulate
from resynapse.trial.table import _not_before


@pytest.fixture(scope="module")
def run():
    """A trial of half a year, which ends within a day."""
    shorter = {"follow_up_days": 182.625, "visits": (), "endpoints": ()}
    plan = load("krupitsky-2002").model_copy(update=shorter)
    return simulate(plan, patients=48, seed=1, draws=0, rivals=False)


def test_no_relapse_comes_before_the_first_use(run):
    table = run.arms["high"].patients

    both = table["relapse_day"].notna()
    begin = table["relapse_day"] == table["first_use_day"]
    assert both.sum() > 10 and begin.any()
    assert (table["relapse_day"] >= table["first_use_day"])[both].all()
    (path, *_) = replay(run.protocol, int(table["patient"][begin].iloc[0]), seed=1)
    assert path.row["relapse_day"] == path.row["first_use_day"]


def test_nobody_is_in_the_community_for_longer_than_they_are_followed(run):
    table = run.arms["high"].patients

    followed = table["end_day"] - table["community_day"]
    assert np.allclose(table["days_in_community"], followed, atol=1e-6)
    assert (table["days_in_community"] <= followed).all()


def test_the_day_of_a_relapse_is_kept_where_its_run_begins_after_the_first_use():
    relapse, first = np.array([41.0, 50.0, np.nan, 3.0]), np.array([41.91, 41.91, 5.0, np.nan])

    assert _not_before(relapse, first).tolist()[:2] == [41.91, 50.0]
    assert np.isnan(_not_before(relapse, first)[2]) and _not_before(relapse, first)[3] == 3.0
