"""Are sites that were left out forecast by what was fitted without them, and scored alike?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom
from statsmodels.stats.meta_analysis import combine_effects

from resynapse.evidence.ctn0094 import checksums
from resynapse.inference import share_baselines as baselines
from resynapse.inference import sites_left_out, treated_data
from resynapse.inference.sites_left_out import judged, told, weeks
from resynapse.inference.sites_left_out.observed import SiteCount, counted, other_folds
from resynapse.inference.sites_left_out.score import gap, score
from resynapse.inference.stages.natural_history import cohorts, tapered

FIRST = ("CTN-0030", "both", "first use by 7 d")


def test_a_forecast_knows_no_site_of_its_own_fold():
    counts = counted(*FIRST)

    for one in counts:
        known = other_folds(counts, one.fold)
        assert one not in known
        assert len(known) == 6


def test_the_tables_without_a_fold_hold_fewer_people_and_sum_to_all_of_them():
    whole = tapered("1", "all").entered[0]
    parts = [tapered("1", "rest", fold).entered[0] for fold in "123"]

    assert all(part < whole for part in parts)
    left_out = sum(whole - part for part in parts)
    assert left_out == pytest.approx(whole - 4.0, abs=0.5), "four people are at a site without fold"
    assert all(one.table.bands == () for one in cohorts("1") if one.site == "ctn0030")


def test_no_difference_between_sites_is_the_beta_of_all_other_people():
    known = (SiteCount("1", "1", 8, 20), SiteCount("2", "1", 12, 40))
    draws = baselines.no_difference(known, 20000, np.random.default_rng(1))

    assert draws.mean() == pytest.approx(20.5 / 61.0, abs=2e-3)
    assert draws.std() == pytest.approx(np.sqrt(20.5 * 40.5 / 61.0**2 / 62.0), rel=0.03)


def test_the_meta_analysis_of_sites_is_that_of_dersimonian_and_laird_on_logits():
    known = counted(*FIRST)
    y = np.array([np.log(one.share / (1.0 - one.share)) for one in known])
    v = np.array([1.0 / one.count + 1.0 / (one.n - one.count) for one in known])
    other = combine_effects(y, v, method_re="dl")
    draws = baselines.meta_analysis(known, 20000, np.random.default_rng(1))
    logits = np.log(draws / (1.0 - draws))

    assert logits.mean() == pytest.approx(other.mean_effect_re, abs=0.02)
    assert logits.std() == pytest.approx(np.sqrt(other.var_eff_w_re + other.tau2), rel=0.03)


def test_the_log_score_of_a_beta_forecast_is_the_beta_binomial():
    one = SiteCount("5", "1", 7, 20)
    p = np.random.default_rng(1).beta(3.0, 5.0, 100_000)
    found = score((one, one), {"5": p})

    assert found.log_scores[0] == pytest.approx(betabinom.logpmf(7, 20, 3.0, 5.0), abs=5e-3)


def test_a_difference_of_scores_has_the_standard_error_of_paired_sites():
    assert gap((1.0, 2.0, 4.0), (1.0, 1.0, 1.0)) == pytest.approx((4.0 / 3.0, 0.8819), abs=1e-3)


@pytest.fixture(scope="module")
def stored():
    return sites_left_out.stored()


def test_the_sites_that_ship_were_scored_on_the_tables_that_ship(stored):
    assert stored.tables == {name: checksums()[name] for name in judged.TABLES}
    assert {one.role for one in stored.endpoints} == {"held-out-site"}
    shown = {f"site {one.site}": one.share for one in counted(*FIRST)}
    told_of = {one.arm: one.published for one in stored.endpoints if "_7_" in one.endpoint}
    assert told_of == pytest.approx(shown)


def test_what_is_said_of_sites_follows_from_their_scores(stored):
    said = list(told.words(stored))
    again = sites_left_out.told.restored(sites_left_out.as_dict(stored))

    assert list(told.words(again)) == said
    for words, (label, made) in zip(said, stored.scores.items(), strict=True):
        own = made[judged.OWN]
        rows = [one for one in stored.endpoints if one.arm and _of(one, label)]
        assert f"{sum(one.hit90 for one in rows)} of {len(own.crps)} sites" in words


def _of(one, label):
    trial, _, what = label.partition(", ")
    if trial == "CTN-0030":
        return one.endpoint == "lapse_7_days"
    return one.endpoint.startswith("retention") and one.arm.startswith(what.split(",")[0])


def test_a_forecast_is_as_near_to_a_fold_as_its_shares_are():
    seen = treated_data.alone("1").shares
    off = np.where(treated_data.RETAINED, 0.04, 0.06)
    one = weeks.Fold("1", seen, {"far": seen + off, "there": seen})

    far, there = (weeks.errors((one,), name) for name in ("far", "there"))

    assert far["retention"] == (pytest.approx(0.04), 16, 16)
    assert far["weeks"] == (pytest.approx(0.06), 0, 32)
    assert there["weeks"][0] == 0.0
