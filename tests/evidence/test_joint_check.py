"""Does the joint check catch what it says it catches, and let pass what the priors show?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from resynapse.evidence import study
from resynapse.inference import joint_check as joint
from resynapse.inference import other_studies as other
from resynapse.inference.another_study import published_shares
from resynapse.inference.other_studies import OtherStudies, other_studies
from resynapse.inference.prior_draws import PriorDraws, contrasts
from resynapse.parameter import entries, lookup
from resynapse.patient import Patient
from resynapse.population.disorder import apply, pack
from resynapse.trial.knowledge import drawn

DRAWS, STUDIES = 400, 5
KRUPITSKY = study("krupitsky2002_heroin")
CONTRASTS = tuple(contrasts(KRUPITSKY))


def worlds(seed: int, draws: int, studies: int) -> np.ndarray:
    """Three contrasts of one truth: a count of few, its double, and a measurement."""
    chance = np.random.default_rng(seed)
    truth = chance.normal(size=(draws, 1))
    count = chance.binomial(12, 1.0 / (1.0 + np.exp(2.0 - truth)), size=(draws, studies))
    measured = truth + chance.normal(size=(draws, studies))
    return np.stack([count, 2.0 * count, measured], axis=-1)


def replicates(published, values) -> OtherStudies:
    return OtherStudies("one", CONTRASTS, np.asarray(published, float), values, values)


@pytest.fixture(scope="module")
def values():
    return worlds(1, DRAWS, STUDIES)


def test_an_impossible_value_is_caught_and_named(values):
    found = joint.joint_check([replicates([3.0, 6.0, 50.0], values)])

    assert found.worst.endswith(CONTRASTS[2].measure)
    assert found.worst_tail.value == 0.0
    assert found.p.value < 0.02
    assert not any(level.holds_published for level in found.levels)


def test_what_most_worlds_show_passes(values):
    found = joint.joint_check([replicates(np.median(values, axis=(0, 1)), values)])

    assert found.p.value > 0.5
    assert found.misses.published == 0
    assert all(level.holds_published for level in found.levels)


def test_new_worlds_of_the_same_prior_hold_as_often_as_the_level_says(values):
    found = joint.joint_check([replicates([3.0, 6.0, 0.0], values)])
    new, one = worlds(2, 4000, 1)[:, 0], np.ones((DRAWS, 1))

    ranks = [joint._rank(new[:, k], values[..., k], one)[:, 0] for k in range(3)]
    worst = joint._tail(np.array(ranks)).min(axis=0)

    for level in found.levels:
        share = level.share_of_worlds
        error = np.sqrt(share * (1.0 - share) * (1.0 / len(new) + 1.0 / DRAWS))
        assert np.mean(worst >= level.tail.value) == pytest.approx(share, abs=3.0 * error)


def test_the_joint_level_is_wider_than_the_pointwise_one(values):
    found = joint.joint_check([replicates([3.0, 6.0, 0.0], values)])

    assert 0.0 < found.levels[0].tail.value < found.levels[1].tail.value < 0.1
    assert found.levels[0].tail.value < joint.POINTWISE


def test_ties_count_half_and_a_value_beyond_all_has_no_tail():
    among, one = np.array([[1.0, 2.0, 2.0, 3.0]]), np.ones((1, 1))

    found = joint._rank(np.array([0.0, 1.0, 2.0, 4.0]), among, one)[:, 0]

    assert found == pytest.approx([0.0, 0.5 / 4.0, 2.0 / 4.0, 1.0])
    assert joint._tail(found) == pytest.approx([0.0, 1.0 / 4.0, 1.0, 0.0])


def test_a_world_is_not_ranked_among_studies_of_its_own_draw():
    among = np.array([[9.0, 9.0], [1.0, 2.0], [3.0, 4.0]])

    found = joint._rank(among.ravel(), among, np.ones((3, 1)), np.repeat([0, 1, 2], 2))[:, 0]

    assert found[0] == found[1] == 1.0
    assert found[4] == pytest.approx(0.5)


def test_a_contrast_that_is_undefined_is_not_judged():
    among = np.array([[np.nan, 1.0], [2.0, np.nan], [3.0, 4.0]])

    found = joint._rank(np.array([np.nan, 2.0]), among, np.ones((3, 1)))[:, 0]

    assert found == pytest.approx([0.5, 1.5 / 4.0])


def test_values_that_lean_one_way_are_seen_where_none_lies_far_out(values):
    trial = [replicates([3.0, 6.0, 0.0], worlds(seed, DRAWS, STUDIES)) for seed in range(11, 19)]
    ends = [np.quantile(one.values, 0.9, axis=(0, 1)) for one in trial]
    most = [
        replace(one, published=end * [1.0, 0.0, 1.0]) for one, end in zip(trial, ends, strict=True)
    ]

    found = joint.joint_check(most)

    assert [joint.benefit(one) for one in CONTRASTS] == [-1.0, 1.0, -1.0]
    assert found.levels[0].holds_published
    assert found.lean > 0.8
    assert found.p_lean.value < 0.01


def test_the_error_of_a_tail_is_that_of_the_draws_and_not_of_the_studies():
    draw = np.random.default_rng(3).normal(size=(DRAWS, 1))
    same = np.repeat(draw, STUDIES, axis=1)[..., None]
    one = replace(replicates([1.2816], same), contrasts=CONTRASTS[:1])

    (tail,) = joint.tails(one)

    assert tail.error == pytest.approx(2.0 * np.sqrt(0.1 * 0.9 / DRAWS), rel=0.25)


def test_a_trial_whose_published_effect_is_the_truth_is_caught_more_often_than_the_prior(values):
    one = replace(replicates([3.0, 6.0, 0.0], values), planted=values + 6.0 * (np.arange(3) == 2))
    quiet = replace(replicates([3.0, 6.0, 0.0], values), protocol="two")

    powers = {power.planted: power for power in joint.joint_check([one, quiet]).power}

    assert powers["one"].jointly > 0.5
    assert powers["two"].jointly == pytest.approx(0.05, abs=0.01)
    assert powers["one"].pointwise >= powers["one"].jointly


def krupitsky(share: float, people: int = 10**6) -> PriorDraws:
    shape = (DRAWS, STUDIES, len(CONTRASTS))
    return PriorDraws(
        "krupitsky-2002", KRUPITSKY, CONTRASTS, np.zeros((shape[0], shape[2])), np.zeros(shape),
        {("abstinence_12_months", arm): np.full(DRAWS, share) for arm in ("high", "low")},
        people, 1,
    )  # fmt: skip


def test_contrasts_of_the_same_counts_move_together():
    found = other_studies(krupitsky(0.1)).values
    difference, survival, odds = np.moveaxis(found, 2, 0)

    assert [one.measure for one in CONTRASTS] == [
        "risk_difference", "log_survival_ratio", "odds_ratio",
    ]  # fmt: skip
    assert np.all((difference > 0.0) == (odds > 1.0))
    assert np.all((difference > 0.0) == (survival < 1.0))


def test_a_planted_study_has_the_published_odds_ratio(monkeypatch):
    many = replace(
        KRUPITSKY,
        numbers=tuple(replace(one, n=10**7, seen="table") for one in KRUPITSKY.numbers),
    )
    nothing = np.zeros((DRAWS, STUDIES))
    monkeypatch.setattr(other, "spread", lambda *_: (nothing, nothing))

    found = other_studies(replace(krupitsky(0.03), study=many))

    assert np.median(found.planted[..., 2]) == pytest.approx(11.77, rel=0.01)
    assert np.median(found.values[..., 2]) == pytest.approx(1.0, abs=0.01)


def test_values_are_read_to_as_many_digits_as_were_published():
    found = other_studies(krupitsky(0.1))

    assert found.published.tolist() == [0.229, 0.38, 11.77]
    assert np.any(found.values[..., 0] == 0.229), "9 against 1 of 35 ties with what was published"


def test_a_share_that_was_only_recalled_is_not_how_a_contrast_was_counted():
    shares = published_shares(KRUPITSKY, CONTRASTS[0])

    assert {share.seen for share in shares.values()} == {"figure"}


@pytest.mark.parametrize("disorder", ["cocaine", "alcohol", "fentanyl"])
def test_a_draw_is_one_truth_for_trials_of_every_disorder(disorder):
    heroin, there = (drawn(apply(Patient(), name), 1, 3, {}) for name in ("heroin", disorder))
    own = {*pack("heroin").overrides, *pack(disorder).overrides, "opioid.time_constant"}

    for entry in entries(heroin):
        assert entry.path in own or lookup(heroin, entry.path) == lookup(there, entry.path)
