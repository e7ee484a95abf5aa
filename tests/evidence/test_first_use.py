"""Is the survival that the natural history is fitted with that of the simulated people?"""

from __future__ import annotations

import jax
import numpy as np
import pytest

from resynapse.evidence.ctn0094 import checksums
from resynapse.inference import stage_fit
from resynapse.inference.first_use import FirstUse, Site
from resynapse.inference.free import Free
from resynapse.inference.identified import LEAST_DROP
from resynapse.inference.sampling import Diagnosis, Posterior
from resynapse.inference.smooth_stage import SmoothStage, identified, sample
from resynapse.inference.stage_fit import NotConverged
from resynapse.inference.stages import natural_history
from resynapse.inference.temptation_course import temptation_course
from resynapse.parameter import Normal
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import load
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.parameter_set import parameter_set

BAR_DAYS = (7.0, 14.0, 28.0, 56.0)
"""1, 2, 4 and 8 weeks after the taper"""


@pytest.fixture(scope="module")
def stage():
    return natural_history.NaturalHistory()


@pytest.fixture(scope="module")
def shipped(stage):
    """Medians of the shipped posterior, sites included."""
    return _medians(stage, "natural-history")


@pytest.fixture(scope="module")
def joined(stage):
    """The same where later stages fitted a number again: that of people who do not mean to."""
    found = _medians(stage, "stages")
    taught = parameter_set("medications").medians()["lapse.uncommitted"]
    assert found[stage.place["uncommitted"]] == taught < 0.8
    return found


def _medians(stage, name):
    of_sites = parameter_set("natural-history").made["own_to_a_site"]
    own = {one["name"]: one["median"] for one in of_sites}
    medians = parameter_set(name).medians()
    return np.array(
        [medians[path] if (path := next(iter(f.moves), "")) else own[f.name] for f in stage.free]
    )


@pytest.mark.parametrize("name", ["smyth-2010", "ctn-0030-short"])
def test_survival_from_one_run_without_use_is_that_of_simulated_first_uses(name):
    plan, people = load(name), 1024
    patient = apply(Patient(), plan.disorder)
    site, home = plan.setting.site, plan.setting.community_day
    short = plan.model_copy(update={"follow_up_days": home + 85.0, "visits": (), "endpoints": ()})
    conduct, arm = Conduct(short, patient, 11), short.arms[0]
    chunks = list(conduct.chunks(arm, unknown_arms(short, arm), people))
    used = np.concatenate([chunk.marks.first_use for chunk in chunks]) - home

    with jax.enable_x64(True):
        course = FirstUse(temptation_course(plan, patient, 64, 84.0))
        S = course.at((1.0, 7.0, 84.0), patient.lapse, Site(site.log_hazard, site.uncommitted))

    for day, share in zip((1.0, 7.0, 84.0), np.asarray(S), strict=True):
        three_errors = 3.0 * np.sqrt(share * (1.0 - share) / people)
        assert np.mean(used > day) == pytest.approx(float(share), abs=three_errors)


def test_a_life_table_gives_back_the_curve_it_came_from():
    table = natural_history.tapered("1", "short")

    assert table.survival[[2, 5]] == pytest.approx([0.5786, 0.2859], abs=1e-4)
    assert table.used[:2] == pytest.approx([31.0, 31.8], abs=0.3)
    assert table.entered[0] == pytest.approx(267.0, abs=0.05)


def test_a_table_of_counts_has_its_exact_multinomial_probability(stage):
    smyth = stage.cohorts[0]
    values = np.array([one.slab.median for one in stage.free])
    with jax.enable_x64(True):
        S = np.asarray(stage.survival(values, smyth, smyth.table.day))
        use = stage.first_use["smyth-2010"]
        log = float(
            use.log_likelihood(smyth.table, stage.lapse(values), stage.site(values, "smyth"))
        )
    shares = -np.diff(np.concatenate([[1.0], S, [0.0]]))

    assert smyth.table.used.tolist() == [72, 15, 15]
    assert log == pytest.approx(float(np.array([72, 15, 15, 7]) @ np.log(shares)), rel=1e-6)


def test_lapse_after_taper_is_within_the_bootstrap_band_of_ctn_0030(stage, shipped):
    _assert_within_the_band(stage, shipped)


def test_it_is_within_the_band_with_the_hazard_that_ctn_0027_taught_of_those_not_meaning_to(
    stage, joined
):
    _assert_within_the_band(stage, joined)


def _assert_within_the_band(stage, values):
    for cohort in stage.cohorts[2:]:
        with jax.enable_x64(True):
            used = 1.0 - np.asarray(stage.survival(values, cohort, BAR_DAYS))
        bands = dict(zip(cohort.table.day, cohort.table.bands, strict=True))
        for day, share in zip(BAR_DAYS, used, strict=True):
            low, high = bands[day]
            assert low <= share <= high, (cohort.protocol, day, share)


def test_the_natural_history_that_ships_converged_and_was_fitted_to_the_tables_that_ship():
    made = parameter_set("natural-history").made

    assert made["divergences"] == 0
    for one in made["diagnoses"]:
        assert one["r_hat"] < 1.01
        assert one["effective_sample"] > 400
    for name, checksum in made["tables"].items():
        assert checksums()[name] == checksum


@pytest.fixture(scope="module")
def straight():
    """A normal prior (0, 1) seen through an error of 0.5 at 1; and one that nothing is said of."""
    free = tuple(Free(name, name, "1", Normal(0.0, 1.0), {name: 1.0}, "") for name in ("a", "b"))
    return SmoothStage("straight", free, lambda v, z: -0.5 * ((v[0] - 1.0) / 0.5) ** 2)


def test_the_sampler_finds_a_posterior_that_is_known(straight):
    posterior = sample(straight, samples=1000, warmup=300)
    known, silent = identified(straight, posterior)

    assert posterior.converged
    assert posterior.draws.mean(axis=0) == pytest.approx([0.8, 0.0], abs=0.06)
    assert posterior.draws.std(axis=0) == pytest.approx([np.sqrt(0.2), 1.0], abs=0.06)
    assert known.learned
    assert known.contraction == pytest.approx(0.8, abs=0.05)
    assert not silent.learned


def test_what_a_study_has_of_its_own_does_not_count_as_learned():
    """A study that lies 2 beside the rest, sd, and is seen through an error of 0.5 at 1."""
    free = (Free("a", "a", "1", Normal(0.0, 1.0), {"a": 1.0}, ""),)
    beside = SmoothStage("beside", free, lambda v, z: -0.5 * ((v[0] + 2.0 * z[0] - 1.0) / 0.5) ** 2,
                         latents=1)  # fmt: skip
    draws = np.random.default_rng(1).standard_normal((100, 1))
    posterior = Posterior(("a",), draws, draws, np.ones(1), (), 0)

    (found,) = identified(beside, posterior)

    apart = [0.5 * (value - 1.0) ** 2 / (0.5**2 + 2.0**2) for value, _ in found.profile]
    heights = [-height for _, height in found.profile]
    assert heights == pytest.approx(np.array(apart) - min(apart), abs=0.01)
    assert found.drop < LEAST_DROP


def test_a_stage_that_did_not_converge_is_refused_and_names_the_number(straight, monkeypatch):
    stuck = (Diagnosis("a", 1.2, 30.0), Diagnosis("b", 1.0, 900.0))
    draws = np.zeros((10, 2))
    bad = Posterior(("a", "b"), draws, draws, np.ones(2), stuck, 0)
    monkeypatch.setattr(stage_fit, "sample", lambda *given, **more: bad)

    with pytest.raises(NotConverged, match="a \\(R-hat.*Give more samples"):
        stage_fit.fitted(straight, lambda draws: (), (), {})
