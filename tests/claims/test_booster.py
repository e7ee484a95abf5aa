"""Do the regimes of a re-randomised trial differ only in whom the second stage treats?"""

from __future__ import annotations

import pytest

from resynapse.protocol import load
from resynapse.trial.simulate import simulate

DISCHARGE, VISIT = 7, 35


@pytest.fixture(scope="module")
def arms():
    plan = load("scenario-heroin-booster")
    short = plan.model_copy(
        update={
            "follow_up_days": 70.0,
            "visits": tuple(day for day in plan.visits if day < 70.0),
            "endpoints": ("abstinence_1_months",),
        }
    )
    return simulate(short, patients=64, seed=1, draws=0, parameters="prior", rivals=False).arms


@pytest.mark.parametrize("first", ["saline", "ketamine"])
def test_who_does_not_return_to_use_is_the_same_person_whatever_the_booster(arms, first):
    one, other = (arms[f"{first}-{second}"].use_days for second in ("saline", "ketamine"))
    used = one[:, DISCHARGE:VISIT].any(axis=1)
    same = (one == other).all(axis=1)

    assert same[~used].all() and not used.all()
    assert (one[:, :VISIT] == other[:, :VISIT]).all()
    assert not same[used].all()
