"""Do the bars that speak of a meta-analysis hang on how it forecasts a new study?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as students_t
from statsmodels.stats.meta_analysis import combine_effects

from resynapse.cli import validate
from resynapse.inference import meta_analysis, other_pooling
from resynapse.inference.meta_analysis import LogEffect
from resynapse.inference.validated import stored

Y, V = np.array([-0.7, -0.1, 0.8]), np.array([0.1, 0.05, 0.3])
SPREAD = [LogEffect(float(a), float(b) ** 0.5) for a, b in zip(Y, V, strict=True)]


def test_the_wider_forecast_has_the_error_of_hartung_and_knapp():
    known = combine_effects(Y, V, method_re="chi2", use_t=True)

    mean, scale, freedom = meta_analysis.wider(SPREAD)

    tau2 = meta_analysis.heterogeneity(SPREAD)
    assert tau2 == pytest.approx(known.tau2)
    assert freedom == 2
    assert mean == pytest.approx(known.mean_effect_re)
    assert known.scale_hksj_re > 1.0
    assert scale**2 - tau2 == pytest.approx(known.var_hksj_re)


def test_each_way_is_wider_than_the_one_before_by_its_law():
    effects = dict(zip("abc", SPREAD, strict=True)) | {"d": LogEffect(0.0, 1e-6)}
    normal, _, last = other_pooling.ways(effects)

    t2 = other_pooling._new_study("t, k - 2", SPREAD, np.random.default_rng(1))
    mean, sd = meta_analysis.predicted(SPREAD)

    assert np.percentile(t2, 95) == pytest.approx(mean + sd * students_t.ppf(0.95, 1), rel=0.03)
    assert normal.width90 < last.width90


def test_what_is_said_of_the_meta_analysis_holds_however_it_forecasts():
    own = stored().scores["calibrated"]
    found = other_pooling.ways(other_pooling.published_effects())

    kept = stored().scores["random-effects meta-analysis"]
    assert found[0].crps == pytest.approx(kept.crps, abs=0.005)
    assert found[0].width90 == pytest.approx(kept.width90, rel=0.02)
    assert all(one.crps < own.crps for one in found)
    said = other_pooling.sentences(stored().scores)
    assert said in validate.text(stored()).splitlines()
    assert f"{found[1].crps:.2f} in place of {found[0].crps:.2f}" in said
    assert own.width90 / found[0].width90 > max(own.width90 / one.width90 for one in found[1:])


def test_given_the_fitted_trials_alone_each_is_forecast_from_the_others_of_them(monkeypatch):
    seen = []
    monkeypatch.setattr(
        other_pooling, "predicted", lambda others: seen.append([*others]) or (0.0, 1.0)
    )
    effects = other_pooling.published_effects()

    other_pooling.of_the_fitted(effects)

    fitted = other_pooling.KNOWN_TO_THE_MODEL
    assert fitted == ("dakwar-2019", "krupitsky-2002")
    assert seen == [
        [one for name, one in effects.items() if name in fitted and name != forecast]
        for forecast in effects
    ]
    assert [len(one) for one in seen] == [1, 2, 1, 2]


def test_one_study_tells_nothing_of_the_spread_between_studies():
    mean, sd = meta_analysis.predicted(SPREAD[:1])

    assert mean == pytest.approx(Y[0])
    assert sd == pytest.approx(V[0] ** 0.5)
