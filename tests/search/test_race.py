"""Does a search keep what is best, and say so when designs cannot be told apart?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resynapse.trial.search.front import equal, front, frontier, standing
from resynapse.trial.search.limit import Limit
from resynapse.trial.search.race import ALPHA, FIRST, Race

PEOPLE = 64
KEPT = Limit("dissociation", 40.0, 0.2)


def gains(seed, benefit, draws=32, between=5.0, within=1.0):
    """[designs, draws]: draws differ far more than designs do within them."""
    chance = np.random.default_rng(seed)
    common = between * chance.normal(size=draws)
    return np.array(benefit)[:, None] + common + within * chance.normal(size=(len(benefit), draws))


def raced(gain, burden, above=None):
    """A race in which people of a draw do not differ."""
    designs, draws = gain.shape
    race = Race.of(np.array(burden, float), (KEPT,), draws)
    above = np.zeros(designs) if above is None else above
    for draw in range(draws):
        for k in race.staying:
            share = np.arange(PEOPLE) < above[k] * PEOPLE
            acute = np.where(share, 50.0, 10.0)[:, None]
            race.take(int(k), draw, np.full(PEOPLE, gain[k, draw]), acute)
        race.sort(draw + 1)
    return race


def test_the_best_design_goes_early_no_oftener_than_is_said():
    lost = [raced(gains(s, [0.0] * 5 + [0.2]), [1.0] * 6).left[5] > 0 for s in range(100)]

    assert np.mean(lost) <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / len(lost))


def test_designs_that_are_far_worse_and_no_lighter_go_before_the_end():
    race = raced(gains(1, [0.0, 5.0, 0.0]), [2.0, 2.0, 1.0])

    assert race.left.tolist() == [FIRST, 0, 0]
    assert race.why == ["beaten", "", ""]
    assert np.isnan(race.gain[0, FIRST:]).all()


def test_a_design_that_harms_too_many_goes_and_beats_nobody():
    race = raced(gains(2, [9.0, 0.0]), [1.0, 1.0], above=np.array([0.75, 0.0]))

    assert race.why == ["past a limit", ""]
    assert race.keeps().tolist() == [False, True]


def test_more_draws_go_on_from_fewer_as_if_they_had_been_asked_for_at_once():
    gain = gains(3, np.linspace(0.0, 3.0, 12), draws=64)

    short, whole = raced(gain[:, :32], np.arange(12.0)), raced(gain, np.arange(12.0))

    early = np.where(whole.left < 32, whole.left, 0)
    assert short.left.tolist() == early.tolist()
    np.testing.assert_array_equal(short.gain, whole.gain[:, :32])


def test_designs_that_are_alike_are_told_apart_no_oftener_than_is_said():
    missed = [not equal(gains(s, [0.0] * 6))[0] for s in range(400)]

    assert np.mean(missed) <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / len(missed))


def test_designs_are_told_apart_by_their_differences_although_draws_differ_far_more():
    gain = gains(4, [0.0, 2.0], between=50.0)

    assert equal(gain).tolist() == [False, True]
    alone = gain.std(axis=1, ddof=1) / np.sqrt(gain.shape[1])
    assert alone.min() > 2.0


@given(
    st.lists(
        st.tuples(st.integers(-3, 5), st.integers(0, 4)), min_size=1, max_size=8
    )
)  # fmt: skip
def test_nothing_on_the_front_is_beaten_for_no_more_burden_and_nothing_off_it_is_unbeaten(pairs):
    benefit, burden = (np.array(column, float) for column in zip(*pairs, strict=True))

    on = front(benefit[None], burden)[0]

    for k, (b, c) in enumerate(pairs):
        others = [*pairs, (0, 0)]
        beaten = any((x > b and y <= c) or (x >= b and y < c) for x, y in others)
        assert on[k] == (b > 0 and not beaten)


def test_a_design_that_is_expected_to_harm_is_not_on_the_front_however_light_it_is():
    assert not front(np.array([[-0.1]]), np.array([0.0])).any()


def test_the_line_of_the_front_never_falls_and_begins_at_nothing_gained():
    line = frontier(gains(5, [-9.0, 1.0, 0.5], between=0.5), np.array([1.0, 2.0, 3.0]), 1)

    assert line.benefit[0] == 0.0
    assert np.all(np.diff(line.benefit) >= 0.0)
    assert np.all(line.low <= line.benefit) and np.all(line.benefit <= line.high)


def test_the_expected_loss_lies_between_its_two_ends():
    chance = np.random.default_rng(6)
    true = chance.normal(size=(6, 4000))
    noise = 0.7 * chance.normal(size=(6, 4000, 2))
    halves = true[..., None] + noise

    found = standing(halves.mean(axis=2), halves, np.ones(6), 1)

    loss = (true.max(axis=0) - true).mean(axis=1)
    assert np.all(found.loss_least < loss) and np.all(loss < found.loss)
    assert found.best_in_draw.sum() == pytest.approx(1.0)


def test_what_one_half_of_the_draws_chooses_promises_less_than_the_highest_mean_of_all():
    alike = [standing(g, g[..., None].repeat(2, 2), np.ones(12), 1) for g in
             (gains(s, [0.0] * 12, between=0.0, within=3.0) for s in range(60))]  # fmt: skip

    assert np.mean([one.benefit.max() for one in alike]) > 0.5
    assert np.mean([one.elsewhere for one in alike]) == pytest.approx(0.0, abs=0.2)
