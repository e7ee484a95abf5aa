"""Is what trials show beyond the model found, and is it added to nobody's own forecast?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.evidence.study import Number
from resynapse.inference import discrepancy as beyond
from resynapse.inference.discrepancy_told import sentences
from resynapse.inference.forecast import Forecast
from resynapse.inference.scored import PRIMARY
from resynapse.inference.validated import stored

SPREAD = 0.5
"""sd of a forecast of a log ratio: sampling of a small trial and 0.3 between studies"""


def _made(leans, draws=4000):
    """Forecasts around a ratio of 1; what was published is off by so much."""
    chance, found = np.random.default_rng(1), {}
    for (name, (endpoint, measure)), off in zip(PRIMARY.items(), leans, strict=True):
        z = chance.standard_normal(draws)
        z = (z - z.mean()) / z.std()
        number = Number(endpoint, "a", measure, float(np.exp(off)), "1", "table", "Table 1", True,
                        "b", low=0.1, high=9.0)  # fmt: skip
        found[name] = (Forecast(number, np.exp(SPREAD * z)),)
    return found


def test_a_lean_that_many_trials_share_is_recovered():
    chance = np.random.default_rng(2)
    off = -0.7 + SPREAD * chance.standard_normal(200)

    found = beyond.lean([beyond.Lean(float(one), SPREAD) for one in off])

    assert found.sd == pytest.approx(SPREAD / np.sqrt(200), rel=0.01)
    assert found.mean == pytest.approx(-0.7, abs=3.0 * found.sd)


def test_a_lean_lies_between_none_and_what_few_trials_showed_by_their_precision():
    """One trial as uncertain as the prior: half way, and its variance halved."""
    found = beyond.lean([beyond.Lean(-0.8, beyond.SIZE)])

    assert found.mean == pytest.approx(-0.4)
    assert found.sd == pytest.approx(beyond.SIZE / np.sqrt(2.0))


def test_where_other_trials_lean_nowhere_the_forecast_keeps_its_middle_and_is_only_wider():
    found = beyond.discrepancy(made := _made((0.0,) * 4), lambda trial: made)

    stated = found.allowed[0]
    assert all(one.mean == pytest.approx(0.0, abs=1e-12) for one in stated.leans.values())
    sd = np.sqrt(SPREAD**2 + next(iter(stated.leans.values())).sd ** 2)
    assert stated.score.width90 == pytest.approx(2.0 * 1.6449 * sd, rel=0.05)


def test_no_lean_at_all_gives_the_forecast_back():
    (one,) = _made((0.3,) * 4)["dakwar-2019"]

    again = beyond.allowing(one, beyond.Lean(0.0, 0.0))

    np.testing.assert_array_equal(again.samples, one.samples)


def test_what_a_trial_showed_never_enters_its_own_allowance():
    here = beyond.discrepancy(one := _made((-0.5,) * 4), lambda trial: one)
    moved = beyond.discrepancy(other := _made((-5.0, -0.5, -0.5, -0.5)), lambda trial: other)
    first, second = here.allowed[0].leans, moved.allowed[0].leans

    assert second["krupitsky-2002"] == first["krupitsky-2002"]
    assert second["dakwar-2019"].mean < first["dakwar-2019"].mean


def test_the_lean_is_learned_from_forecasts_that_know_neither_trial(monkeypatch):
    """Others are asked for by the trial that is forecast, and read from no other forecast."""
    model, asked = _made((-0.5,) * 4), []

    def without(trial):
        asked.append(trial)
        return _made((0.0,) * 4)

    found = beyond.discrepancy(model, without)

    assert asked == list(PRIMARY)
    assert all(one.mean == pytest.approx(0.0, abs=1e-9) for one in found.allowed[0].leans.values())
    assert found.of_all.mean < -0.3


def test_what_is_stored_helps_where_the_effect_was_large_and_harms_in_the_null_trial():
    found = stored()
    told = list(sentences(found.discrepancy))

    assert found.discrepancy.of_all.mean < 0.0
    plain, stated = found.discrepancy.plain, found.discrepancy.allowed[0].score
    closer = np.array(stated.crps_by_study) < np.array(plain.crps_by_study)
    assert dict(zip(PRIMARY, closer, strict=True)) == {
        "krupitsky-2002": True, "krupitsky-2007": True, "dakwar-2019": True, "grabski-2022": False,
    }  # fmt: skip
    assert "after the misses" in told[0]
    assert "not told apart" in told[1]
    assert "worse for grabski-2022" in told[1]
