"""Are hypotheses scored alike, and does power say whether scores could have told them apart?"""

from __future__ import annotations

import json

import numpy as np
import pytest

from resynapse.evidence.study import Number
from resynapse.inference import power, scored
from resynapse.inference.forecast import Forecast
from resynapse.inference.score import brier, crps, energy
from resynapse.inference.validated import as_dict, stored
from resynapse.inference.validation import Validation

CHANCE = np.random.default_rng(7)


def _number(endpoint, measure, value, n=None):
    return Number(endpoint, "a", measure, value, "1", "table", "Table 1", True, "b", n=n)


def _forecasts(mean, sd, published=0.5):
    """One primary ratio a study, log-normal, and a level and a contrast that follows from it."""
    made = {}
    for name, (endpoint, measure) in scored.PRIMARY.items():
        ratio = np.exp(mean + sd * CHANCE.standard_normal(4000))
        share = np.clip(0.3 + 0.1 * CHANCE.standard_normal(4000), 0.01, 0.99)
        made[name] = (
            Forecast(_number(endpoint, measure, published), ratio),
            Forecast(_number("abstinence_12_months", "proportion", 0.2, 30), share),
            Forecast(_number("other", "risk_difference", 0.1), share - 0.3, follows=True),
        )
    return made


def test_the_energy_score_of_one_number_is_its_crps():
    samples = CHANCE.standard_normal(4000)

    assert energy(samples[:, None], np.array([0.7])) == pytest.approx(crps(samples, 0.7), abs=0.02)


def test_the_energy_score_sees_a_dependence_that_single_scores_do_not():
    one = CHANCE.standard_normal(4000)
    together = np.stack([one, one], axis=1)
    apart = np.stack([one, CHANCE.permutation(one)], axis=1)
    seen = [np.array([x, x]) for x in CHANCE.standard_normal(300)]

    right, wrong = (np.mean([energy(made, y) for y in seen]) for made in (together, apart))
    assert right < wrong


def test_a_sure_and_right_direction_scores_zero_and_a_coin_a_quarter():
    assert brier(1.0, True) == 0.0
    assert brier(1.0, False) == 1.0
    assert brier(0.5, True) == 0.25


def test_directions_are_judged_on_the_side_of_ketamine_and_a_published_harm_counts_against():
    sure = _forecasts(-1.0, 0.2)

    assert scored.score(sure).brier < 0.01
    assert scored.score(_forecasts(-1.0, 0.2, published=1.5)).brier > 0.9
    assert scored.below_one(np.array([-1.0, 0.0, 0.0, 1.0])) == 0.5


def test_a_number_that_follows_from_counts_is_not_scored_twice():
    made = _forecasts(-0.3, 0.5)
    samples, value = scored.on_scales(made["dakwar-2019"])

    assert samples.shape == (4000, 2)
    assert value[0] == pytest.approx(np.log(0.5))
    joint = scored.score(made, scored.units(made)).energy_by_study
    assert len(joint) == 4
    assert all(0.0 < one < 3.0 for one in joint)
    assert scored.score(made).energy_by_study is None


def test_trials_have_no_power_between_hypotheses_that_forecast_alike():
    right, same = _forecasts(-0.3, 0.5), _forecasts(-0.3, 0.5)
    found = power.power(right, same)

    assert set(found) == {*scored.PRIMARY, power.TOGETHER}
    assert found[power.TOGETHER] == pytest.approx(0.5, abs=0.12)


def test_trials_tell_far_hypotheses_apart_and_more_so_together():
    found = power.power(_forecasts(-0.5, 0.5), _forecasts(0.0, 0.5))

    alone = [found[name] for name in scored.PRIMARY]
    assert all(0.6 < share < 0.8 for share in alone)
    assert found[power.TOGETHER] > max(alone) + 0.05


def test_differences_have_standard_errors_over_studies_for_every_score():
    made, other = _forecasts(-0.3, 0.5), _forecasts(0.2, 0.4)
    unit = scored.units(made)
    scores = {
        "calibrated": scored.score(made, unit), "rival": scored.score(other, unit),
        "no effect": scored.score(other),
    }  # fmt: skip
    gap = Validation((), ("a",), scores).differences()

    own, theirs = scores["calibrated"].log_scores, scores["rival"].log_scores
    log = np.array(theirs) - np.array(own)
    assert gap["rival"]["log"] == pytest.approx(log.mean())
    assert gap["rival"]["log_error"] == pytest.approx(log.std(ddof=1) / 2.0)
    assert {"energy", "energy_error"} <= set(gap["rival"])
    assert "energy" not in gap["no effect"]


def test_what_is_stored_is_what_the_command_prints_and_can_be_read_back():
    found = stored()
    told = json.loads(json.dumps(as_dict(found), allow_nan=False))

    assert len(found.endpoints) > 20
    assert told["words"] == list(found.words())
    assert "all together" in next(iter(told["power"].values()))
    assert told["model_hash"]
    assert told["most_draws"] > 0
