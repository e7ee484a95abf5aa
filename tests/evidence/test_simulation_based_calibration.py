"""Would simulation-based calibration notice a sampler that is wrong?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from evidence.published_trials import FITTED, KETAMINE, designs
from resynapse.cli.calibrate_check import EVEN
from resynapse.inference import simulation_based
from resynapse.inference.emulator import standard
from resynapse.inference.sampling import Posterior

SETS = 200


@pytest.fixture(scope="module")
def made():
    return designs(512, spread=0.2, sampling=0.4)


@pytest.fixture(scope="module")
def reduced(made):
    return simulation_based.reduced(KETAMINE, FITTED, made)


def exact(reduced):
    """Importance resampling of the prior in NumPy: slow to be wrong, fast to run."""
    chance = np.random.default_rng(3)
    uniform = chance.random((4000, 3))
    slabs = np.array(
        [[f.slab.quantile(u) for f, u in zip(reduced.world.free, row, strict=True)]
         for row in uniform]
    )  # fmt: skip
    x = standard(reduced.world.free, slabs)
    mean, sd, c = reduced.emulator.mean(x), reduced.emulator.sd(x), reduced.counts
    cov = sd[:, :, None] * reduced.emulator.correlation * sd[:, None, :] + reduced.noise
    L = np.linalg.cholesky(cov)
    z = chance.standard_normal((len(slabs), c))
    eta = mean[:, :c] + np.einsum("nij,nj->ni", L[:, :c, :c], z)
    share = np.exp(-np.exp(eta))

    def infer(seen, seed):
        counts = seen.counts.argmax(axis=1)
        log = binom.logpmf(counts, reduced.sizes, share).sum(axis=1)
        off = seen.values - mean[:, c:] - np.einsum("nij,nj->ni", L[:, c:, :c], z)
        e = np.linalg.solve(L[:, c:, c:], off[:, :, None])[:, :, 0]
        log += norm.logpdf(e).sum(axis=1) - np.log(np.diagonal(L[:, c:, c:], axis1=1, axis2=2)).sum(
            axis=1
        )
        weight = np.exp(log - log.max())
        picked = np.random.default_rng(seed).choice(len(slabs), 990, p=weight / weight.sum())
        return Posterior((), slabs[picked], slabs[picked], np.ones(3), (), 0)

    return infer


def test_a_right_sampler_passes_and_a_too_sure_one_is_caught(made, reduced):
    infer = exact(reduced)

    right = simulation_based.ranks(reduced, made, infer=infer)
    wrong = simulation_based.ranks(reduced, made, infer=simulation_based.too_sure(infer))

    assert len(right.ranks) == SETS
    assert right.uniform, right.p_values()
    assert not wrong.uniform, wrong.p_values()
    assert min(wrong.coverage().values()) < 0.8 < min(right.coverage().values())


def test_other_trials_of_the_same_truths_are_inferred_from(made, reduced):
    shown = []

    def infer(seen, seed):
        shown.append(seen.values)
        return Posterior((), np.zeros((990, 3)), np.zeros((990, 3)), np.ones(3), (), 0)

    first, second = (
        simulation_based.ranks(reduced, made, sets=3, infer=infer, trial=k) for k in (0, 1)
    )

    assert np.array_equal(first.truth, second.truth)
    assert not np.array_equal(shown[:3], shown[3:])


def test_a_sampler_that_is_always_too_high_is_caught(made, reduced):
    infer = exact(reduced)

    def shifted(seen, seed):
        found = infer(seen, seed)
        return Posterior(
            (), found.draws, found.slabs + 0.5 * found.slabs.std(axis=0), np.ones(3), (), 0
        )

    assert not simulation_based.ranks(reduced, made, infer=shifted).uniform


def test_truths_are_more_even_than_chance_so_that_the_prior_given_back_passes_by_construction(
    made, reduced
):
    """What the page says of p near 1; independent truths would have p over 0.99 in 1 of 100."""
    chance = np.random.default_rng(5).random((4000, 3))
    prior = np.array(
        [[f.slab.quantile(u) for f, u in zip(reduced.world.free, row, strict=True)]
         for row in chance]
    )  # fmt: skip
    even = np.sort(prior, axis=0)[20::40][:99]

    def prior_back(seen, seed):
        return Posterior((), even, even, np.ones(3), (), 0)

    found = simulation_based.ranks(reduced, made, infer=prior_back)

    assert min(found.p_values().values()) > 0.99
    assert "no strong pass" in EVEN


def test_window_gain_is_one_of_the_numbers_that_are_checked(reduced):
    assert [one.name for one in reduced.world.free] == ["early_effect", "decay", "window_gain"]
    assert all(one.on == 1.0 for one in reduced.world.free)
