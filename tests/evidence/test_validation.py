"""Are forecasts and their scores what they are called?"""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from evidence.published_trials import FITTED, KETAMINE, designs
from resynapse.cli.validate import text
from resynapse.evidence import study
from resynapse.inference import meta_analysis, validation
from resynapse.inference.forecast import forecast
from resynapse.inference.score import crps, interval, log_score, pit
from resynapse.inference.scored import PRIMARY
from resynapse.inference.stages.ketamine import ONE_FRAILTY, WORLDS
from resynapse.inference.validated import as_dict, restored
from resynapse.report.forest import forest


def test_the_crps_of_a_normal_forecast_is_the_closed_form():
    samples = np.random.default_rng(1).standard_normal(20000)
    z = 0.7
    density = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    closed = z * math.erf(z / math.sqrt(2)) + 2 * density - 1 / math.sqrt(math.pi)

    assert crps(samples, z) == pytest.approx(closed, abs=0.01)
    assert log_score(samples, z) == pytest.approx(math.log(density), abs=0.05)


def test_a_value_at_the_median_has_half_of_the_forecast_below_it():
    samples = np.arange(101.0)

    assert pit(samples, 50.0) == 0.5
    assert interval(samples, 90) == (5.0, 95.0)


def test_the_meta_analysis_is_that_of_dersimonian_and_laird():
    y, v = np.array([-0.97, -0.78, -0.76, -0.22]), np.array([0.12, 0.14, 0.12, 0.24]) ** 2
    effects = [
        meta_analysis.LogEffect(float(a), float(b) ** 0.5) for a, b in zip(y, v, strict=True)
    ]

    mean, sd = meta_analysis.predicted(effects)
    other = combine_effects(y, v, method_re="dl")

    assert mean == pytest.approx(other.mean_effect_re)
    assert sd**2 == pytest.approx(other.var_eff_w_re + other.tau2)


def test_a_published_interval_gives_the_standard_error_of_its_log_ratio():
    (one,) = [n for n in study("dakwar2019_cocaine").numbers if n.measure == "hazard_ratio"]
    effect = meta_analysis.log_effect(one)

    assert effect.value == pytest.approx(math.log(0.47))
    assert effect.standard_error == pytest.approx(
        (math.log(0.92) - math.log(0.24)) / 3.92, rel=1e-3
    )


def test_ratios_that_follow_from_counts_agree_with_the_counts_of_the_same_forecast():
    made = forecast(KETAMINE, designs(128, 0.2, 0.4)["krupitsky-2002"], _points(500))
    by = {(one.number.measure, one.number.arm): one.samples for one in made}
    high, low = by["proportion", "high"], by["proportion", "low"]

    np.testing.assert_allclose(by["risk_difference", "high"], high - low)
    assert np.all(np.isclose(high * 35, np.round(high * 35)))
    inside = (high > 0) & (low > 0) & (high < 1) & (low < 1)
    p, q = high[inside], low[inside]
    np.testing.assert_allclose(by["odds_ratio", "high"][inside], p / (1 - p) * (1 - q) / q)
    assert np.isfinite(by["log_survival_ratio", "high"]).all()


def test_a_forecast_is_wider_than_what_is_known_of_the_model():
    one = designs(128, 0.2, 0.4)["dakwar-2019"]
    made = {f.number.measure: f.samples for f in forecast(KETAMINE, one, _points(2000))}
    still = np.repeat(_points(1), 2000, axis=0)
    fixed = {f.number.measure: f.samples for f in forecast(KETAMINE, one, still)}

    assert np.log(made["hazard_ratio"]).std() > np.log(fixed["hazard_ratio"]).std()
    assert np.log(fixed["hazard_ratio"]).std() > 0.4


def _points(count):
    uniform = np.random.default_rng(2).random((count, 3))
    return np.array(
        [[f.slab.quantile(u) for f, u in zip(KETAMINE.free, row, strict=True)] for row in uniform]
    )


def test_a_study_is_forecast_without_itself(monkeypatch):
    seen = []

    def posterior(one):
        seen.append({target.wanted.protocol for target in one.targets})
        return _points(50)

    monkeypatch.setattr(validation, "_posterior", posterior)
    made = designs(128, 0.2, 0.4)
    validation._forecasts(KETAMINE, made)

    assert list(made) == ["krupitsky-2002", "dakwar-2019"]
    assert seen == [{"dakwar-2019"}, {"krupitsky-2002"}]


def test_another_study_too_can_be_left_out_and_what_is_left_is_the_prior(monkeypatch):
    seen = []
    monkeypatch.setattr(
        validation, "_posterior", lambda one: seen.append(one) or _points(validation.KEPT)
    )
    made = validation._forecasts(KETAMINE, designs(128, 0.2, 0.4), also="dakwar-2019")

    assert [{t.wanted.protocol for t in one.targets} for one in seen] == [{"krupitsky-2002"}]
    assert len(made["krupitsky-2002"][0].samples) == validation.KEPT


def test_progress_is_of_all_that_is_simulated_and_never_goes_back(monkeypatch):
    told = []

    def design(protocol, world, draws, progress):
        progress(0.5, protocol.name)
        progress(1.0, protocol.name)
        return draws

    monkeypatch.setattr(validation, "design", design)
    plan = validation.planned(48)
    found = validation.designs_of(plan, lambda share, words: told.append(share))

    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert told[0] == pytest.approx(0.5 * 48 / sum(draws for *_, draws in plan))
    assert set(found["ketamine"]) == set(validation.STUDIES)
    assert set(found["expectancy alone"]) == set(validation.PRIMARY)


def test_the_rivals_are_those_that_were_named_and_none_was_given_an_advantage():
    assert set(WORLDS) == {"ketamine", "expectancy alone", "additive therapy", "one frailty"}
    assert all(len(world.free) <= 3 for world in WORLDS.values())
    assert all(world.drawn == KETAMINE.drawn for world in WORLDS.values())
    assert ONE_FRAILTY.one_frailty


@pytest.fixture
def found():
    one = validation.Endpoint(
        study="dakwar2019_cocaine", protocol="dakwar-2019", endpoint="lapse_or_dropout",
        arm="ketamine", reference="midazolam", measure="hazard_ratio", unit="ratio",
        role="leave-one-study-out", published=0.47, median=0.8, low50=0.6, high50=1.0, low80=0.5,
        high80=1.2, low90=0.48, high90=1.4, low95=0.4, high95=1.6, pit=0.04, crps=0.2,
        hit90=False,
    )  # fmt: skip
    worse = validation.Score(0.5, 0.4, (-1.0, -1.0), (0.5, 0.52), 1.0, 0.3)
    own = validation.Score(0.9, 0.2, (-0.5, -0.5), (0.2, 0.21), 1.0, 0.7)
    return validation.Validation((one,), ("a", "b"), {"calibrated": own, "no effect": worse})


def test_words_come_first_name_the_misses_and_say_what_cannot_be_told(found):
    assert "0 of 1 published values" in found.words()[0]
    assert "lapse_or_dropout" in found.words()[1]
    assert any("no effect forecasts worse" in line for line in found.words())
    alike = dataclasses.replace(found.scores["no effect"], crps_by_study=(0.1, 0.4))
    vague = dataclasses.replace(
        found, scores={"calibrated": found.scores["calibrated"], "no effect": alike}
    )
    assert any("cannot tell" in line for line in vague.words())
    assert text(found).startswith(found.words()[0])


def test_the_json_has_what_was_agreed(found):
    told = json.loads(json.dumps(as_dict(found), allow_nan=False))

    for key in ("study", "endpoint", "role", "published", "median", "hit90", "low50", "high95"):
        assert key in told["endpoints"][0]
    assert told["coverage"] == 0.9
    assert {"coverage", "crps", "weight"} <= set(told["rivals"]["no effect"])


def test_a_score_says_of_how_many_values_it_is_and_a_file_from_before_is_read_all_the_same(found):
    scores = {
        name: dataclasses.replace(one, values=values, coverage=0.5)
        for (name, one), values in zip(found.scores.items(), (22, 4), strict=True)
    }
    told = as_dict(dataclasses.replace(found, scores=scores))
    assert " 11 of 22 |" in text(restored(told)) and " 2 of 4 |" in text(restored(told))

    before = {name: value for name, value in told.items() if name != "values"}
    before["energy_by_study"] = [0.5, 0.5, 0.5, 0.5]
    before["rivals"] = {"no effect": {**told["rivals"]["no effect"]}}
    del before["rivals"]["no effect"]["values"]
    old = restored(before)
    assert old.scores["calibrated"].values == len(found.endpoints)
    assert old.scores["no effect"].values == len(PRIMARY)


def test_a_miss_is_filled_in_the_forest_plot_and_no_colour_says_good_or_bad(found):
    drawing = forest(found)

    assert 'class="miss"' in drawing
    assert 'class="hit"' not in drawing
    assert ".miss{fill: #1B2024;}" in drawing
    assert "not for dosing" in drawing


def test_every_fitted_study_has_a_ratio_by_which_it_is_scored():
    assert {one.protocol for one in FITTED} <= set(validation.PRIMARY)
