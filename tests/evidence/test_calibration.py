"""Does the calibration infer what its data say, and no more?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from evidence.published_trials import FITTED, KETAMINE, designs, law
from resynapse.cli.calibrate_stage import sampler_said
from resynapse.inference import calibration, identified
from resynapse.inference.design import free_points
from resynapse.inference.emulator import standard
from resynapse.inference.sampling import Diagnosis, Posterior, Sampler, likelihood
from resynapse.inference.scale import from_scale, to_scale
from resynapse.inference.stages.ketamine import WORLDS
from resynapse.inference.synthetic_likelihood import (
    Seen,
    in_trial,
    masks,
    problem,
    published,
)
from resynapse.population.disorder import DISORDERS, pack


@pytest.fixture(scope="module")
def vague():
    return problem(KETAMINE, FITTED, designs(256, spread=0.2, sampling=0.4))


@pytest.fixture(scope="module")
def fit(vague):
    seen = published(vague)
    return vague, seen, Sampler(vague, chains=2, warmup=400, samples=1000).sample(seen)


def test_the_emulator_finds_the_law_and_its_own_error_on_draws_held_back(vague):
    x = standard(KETAMINE.free, free_points(KETAMINE, 400)[256:])

    for k, one in enumerate(vague.targets):
        error = vague.emulator.mean(x)[:, k] - law(one.wanted.measure, x)
        assert np.abs(error).max() < 0.15
        assert vague.emulator.sd(x)[:, k].mean() == pytest.approx(0.2, rel=0.25)


def test_a_shorter_design_is_the_beginning_of_a_longer_one():
    np.testing.assert_array_equal(free_points(KETAMINE, 8), free_points(KETAMINE, 32)[:8])


def test_nothing_fitted_held_or_set_by_a_disorder_is_drawn_beside_the_fit():
    for world in WORLDS.values():
        for free in world.free:
            assert not any(map(world.is_drawn, free.moves))
        for disorder in DISORDERS:
            assert not any(map(world.is_drawn, pack(disorder).overrides))
    assert not KETAMINE.is_drawn("lapse.baseline")
    assert KETAMINE.is_drawn("experience.commitment_gain")


def test_counts_have_their_exact_binomial_probability():
    sharp = problem(KETAMINE, FITTED, designs(256, 1e-3, 0.4), 0.0, 0.0)
    exact = [dataclasses.replace(t.number, seen="table") for t in sharp.targets]
    told = dataclasses.replace(
        sharp,
        targets=tuple(
            dataclasses.replace(t, number=n) for t, n in zip(sharp.targets, exact, strict=True)
        ),
    )
    seen, slabs = published(told), np.array([0.5, 5.5, 0.3])
    x = standard(KETAMINE.free, slabs)
    share = from_scale("proportion", sharp.emulator.mean(x)[:2])

    by_mask = np.asarray(likelihood(told)(slabs, np.zeros(2), seen.counts, seen.values))
    without = Seen(seen.counts * 0.0, seen.values)
    rest = np.asarray(likelihood(told)(slabs, np.zeros(2), without.counts, seen.values))
    mask, _ = masks(KETAMINE)
    on = mask.all(axis=1).argmax()

    expected = stats.binom.logpmf([9, 1], 35, share).sum()
    assert by_mask[on] - rest[on] == pytest.approx(expected, abs=2e-3)


def test_a_count_read_off_a_figure_may_be_one_off_and_not_ten(vague):
    read = published(vague).counts[0]

    assert read[9] > read[8] > read[6]
    assert read[9] - read[8] < 1.0
    assert read[9] - read[19] > 20.0


def test_the_sampler_agrees_with_weighted_draws_of_the_prior(fit):
    vague, seen, posterior = fit
    found = identified.weighted(vague, seen)

    np.testing.assert_allclose(posterior.on, found.on(), atol=0.04)
    spread = posterior.slabs.std(axis=0)
    assert np.all(np.abs(posterior.slabs.mean(axis=0) - found.mean_of_slabs()) < 0.15 * spread)
    again = found.resampled(4000)
    assert found.effective > 400
    np.testing.assert_allclose((again != 0.0).mean(axis=0), posterior.on, atol=0.05)
    assert np.all(np.abs(again.mean(axis=0) - posterior.draws.mean(axis=0)) < 0.15 * spread)


def test_the_sampler_converges_on_the_published_numbers(fit):
    posterior = fit[2]

    assert posterior.converged
    assert {one.name for one in posterior.diagnoses} == {f.name for f in KETAMINE.free}


def test_draws_are_off_as_often_as_the_indicator_says(fit):
    posterior = fit[2]
    off = (posterior.draws == 0.0).mean(axis=0)

    np.testing.assert_allclose(off, 1.0 - posterior.on, atol=0.02)
    assert off[1] == 0.0


def test_known_parameters_are_recovered_where_trials_are_large():
    made = designs(256, spread=0.1, sampling=0.1)
    large = problem(KETAMINE, FITTED, made, 0.0, 0.0)
    truth = made["dakwar-2019"].free[17]

    found = identified.weighted(large, in_trial(large, made, 17, 0))
    log = np.logaddexp.reduce(found.log_likelihood, axis=1)
    weight = np.exp(log - np.logaddexp.reduce(log))
    x, known = standard(KETAMINE.free, found.slabs), standard(KETAMINE.free, truth)
    middle = weight @ x
    spread = np.sqrt(weight @ (x - middle) ** 2)

    assert np.all(np.abs(middle - known) < 3.0 * spread)
    assert spread[2] < 0.6 * x[:, 2].std()


def test_a_number_that_the_data_do_not_touch_is_named_as_not_identified(fit):
    vague, seen, _ = fit
    silent = dataclasses.replace(
        vague,
        emulator=dataclasses.replace(
            vague.emulator,
            coefficients=np.vstack(
                [vague.emulator.coefficients[:1], 0.0 * vague.emulator.coefficients[1:]]
            ),
            log_sd=np.vstack([vague.emulator.log_sd[:1], 0.0 * vague.emulator.log_sd[1:]]),
        ),
    )
    weights = identified.weighted(silent, seen)
    one = identified.identified(weights, weights.slabs)[2]

    assert abs(one.drop) < 0.2
    assert one.on_after == pytest.approx(one.on_before, abs=1e-6)
    assert not one.learned


def test_a_calibration_that_did_not_converge_is_refused_and_says_which_number(monkeypatch, vague):
    bad = Posterior(
        ("early_effect", "decay", "window_gain"), np.zeros((4, 3)), np.zeros((4, 3)), np.ones(3),
        (Diagnosis("early_effect", 1.0, 900.0), Diagnosis("decay", 1.2, 30.0)), 0,
    )  # fmt: skip
    monkeypatch.setattr(calibration, "sample", lambda *_, **__: bad)

    with pytest.raises(calibration.NotConverged, match="decay .*Give more samples"):
        calibration.fitted(vague, {})


@pytest.mark.parametrize(
    ("measure", "value"),
    [("hazard_ratio", 0.47), ("percent_difference", -58.1), ("proportion", 0.25), ("mean", 4.0)],
)
def test_a_statistic_comes_back_from_its_scale(measure, value):
    there = to_scale(measure, np.array(value))
    assert float(from_scale(measure, there)) == pytest.approx(value)


def test_the_worst_of_all_numbers_speaks_for_the_sampler():
    rows = [{"r_hat": 1.0, "effective_sample": 450.2}, {"r_hat": 1.0091, "effective_sample": 9000}]

    said = sampler_said({"free": rows, "divergences": 0})

    assert said == (
        "Sampler: greatest R-hat 1.0091, least effective sample size 450, 0 divergences."
    )
