"""Does each way of randomising keep the properties that it is chosen for?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.input_error import InputError
from resynapse.trial.randomisation import (
    complete,
    minimisation,
    permuted_blocks,
    probability_best,
    response_adaptive,
)

PEOPLE = 1200


def draw(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_complete_randomisation_keeps_the_ratio_only_on_average():
    found = complete(30_000, (2, 1), draw())

    assert np.mean(found.arm == 0) == pytest.approx(2 / 3, abs=4 * np.sqrt(2 / 9 / 30_000))
    assert found.probability[0] == pytest.approx([2 / 3, 1 / 3])


def test_every_full_block_of_a_stratum_holds_the_ratio_exactly():
    stratum = draw(2).integers(0, 4, PEOPLE)

    found = permuted_blocks(stratum, (2, 1), (3, 6), draw())

    for one in range(4):
        here = stratum == one
        for block in range(1, found.block[here].max()):
            arms = found.arm[here & (found.block == block)]
            assert len(arms) in (3, 6)
            assert np.sum(arms == 0) == 2 * np.sum(arms == 1)


def test_the_last_place_of_a_block_is_certain_and_the_log_says_so():
    found = permuted_blocks(np.zeros(8, dtype=int), (1, 1), (4,), draw())

    assert found.probability[[3, 7], found.arm[[3, 7]]] == pytest.approx([1.0, 1.0])
    assert found.probability[[0, 4]] == pytest.approx(np.full((2, 2), 0.5))


def test_every_order_of_a_block_of_four_is_as_likely_as_every_other():
    found = permuted_blocks(np.zeros(24_000, dtype=int), (1, 1), (4,), draw())

    orders, counts = np.unique(found.arm.reshape(-1, 4), axis=0, return_counts=True)
    chi_square = np.sum((counts - 1000) ** 2 / 1000)
    assert len(orders) == 6
    assert chi_square < 20.5  # the 0.1 % point of chi-square on 5 degrees of freedom


def test_minimisation_keeps_every_factor_more_even_than_complete_randomisation():
    factors = draw(3).integers(0, 3, (PEOPLE, 3))

    even, by_chance = minimisation(factors, (1, 1), 0.8, draw()), complete(PEOPLE, (1, 1), draw())

    assert _worst(even.arm, factors) <= 8
    assert _worst(by_chance.arm, factors) > 8


def _worst(arm: np.ndarray, factors: np.ndarray) -> int:
    gaps = [
        abs(
            np.sum((arm == 0) & (factors[:, f] == one))
            - np.sum((arm == 1) & (factors[:, f] == one))
        )
        for f in range(factors.shape[1])
        for one in range(3)
    ]
    return max(gaps)


def test_minimisation_that_is_certain_always_gives_the_arm_that_evens_out():
    factors = np.zeros((2, 1), dtype=int)

    pairs = [minimisation(factors, (1, 1), 1.0, draw(seed)).arm for seed in range(50)]

    assert all(first != second for first, second in pairs)
    assert {int(first) for first, _ in pairs} == {0, 1}


def test_minimisation_follows_an_unequal_ratio():
    found = minimisation(np.zeros((900, 1), dtype=int), (2, 1), 0.9, draw())

    assert np.sum(found.arm == 0) == pytest.approx(600, abs=5)


def test_the_probability_of_being_best_is_that_of_two_beta_draws():
    wins, losses = np.array([8, 3]), np.array([4, 9])
    first, second = draw(4).beta(9, 5, 400_000), draw(5).beta(4, 10, 400_000)

    p = np.mean(first > second)
    assert probability_best(wins, losses)[0] == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 4e5))


def test_response_adaptive_allocation_goes_to_the_better_arm_but_not_before_results_are_known():
    success = np.zeros((300, 2), dtype=bool)
    success[:, 1] = True
    entry = np.arange(300.0)

    soon = response_adaptive(
        success, entry, entry[:, None] + np.ones((1, 2)), (1, 1), 20, 0.1, draw()
    )
    never = response_adaptive(success, entry, np.full((300, 2), 1e9), (1, 1), 20, 0.1, draw())

    assert soon.probability[-1] == pytest.approx([0.1, 0.9])
    assert np.mean(soon.arm[150:] == 1) > 0.8
    assert never.probability == pytest.approx(np.full((300, 2), 0.5))


@pytest.mark.parametrize(
    ("sizes", "said"), [((4,), "A block of 4"), ((), "No block size"), ((3, 5), "A block of 5")]
)
def test_blocks_that_cannot_hold_the_ratio_are_refused(sizes, said):
    with pytest.raises(InputError, match=said):
        permuted_blocks(np.zeros(6, dtype=int), (2, 1), sizes, draw())


def test_a_ratio_of_one_arm_is_refused():
    with pytest.raises(InputError, match="two arms or more"):
        complete(10, (1,), draw())
