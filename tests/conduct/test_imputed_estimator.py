"""Does imputation after drop-out find the effect that its rule supposes, and cover it?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resynapse.trial.analysis.failed_fit import FailedFit
from resynapse.trial.analysis.imputation import draw_monotone, imputed_difference
from resynapse.trial.endpoint_name import parse
from resynapse.trial.monthly import shares_by_month

OWN, REFERENCE = np.array([50.0, 60.0, 70.0]), np.array([50.0, 52.0, 54.0])
SIGMA = 100.0 * (0.6 + 0.4 * np.eye(3))
WEIGHT = np.full(3, 1 / 3)


def leaving(mean, people, draw, rate=0.5):
    """Normal months; people leave after a month that went badly, as missing at random has it."""
    values = draw.multivariate_normal(mean, SIGMA, people)
    left = draw.random(people) < rate * (values[:, 0] < mean[0])
    second = draw.random(people) < 0.5
    values[left & second, 1:] = np.nan
    values[left & ~second, 2:] = np.nan
    return values


@pytest.mark.parametrize("rule", ["missing_at_random", "jump_to_reference"])
def test_the_rule_that_makes_the_truth_is_unbiased_and_covers(rule):
    draw, held, found = np.random.default_rng(4), 0, []
    truth = _truth(rule)
    for _ in range(200):
        own, other = leaving(OWN, 80, draw), leaving(REFERENCE, 80, draw)
        value, error = imputed_difference(own, other, WEIGHT, rule, 5, draw)
        found.append(value)
        held += abs(value - truth) <= 1.96 * error

    assert np.mean(found) == pytest.approx(truth, abs=4 * np.std(found) / np.sqrt(200))
    assert 0.92 <= held / 200 <= 1.0  # jump to reference covers more than 95 %


def _truth(rule):
    """Under jump to reference a quarter of people leave; half of them miss the last month only."""
    gap = OWN - REFERENCE
    if rule == "missing_at_random":
        return gap @ WEIGHT
    return gap @ (WEIGHT * np.array([1.0, 1 - 0.125, 1 - 0.25]))


def test_profiles_and_covariance_are_drawn_around_those_of_the_people():
    draw = np.random.default_rng(1)
    values = np.concatenate([leaving(REFERENCE, 4000, draw), leaving(OWN, 4000, draw)])
    arm = np.repeat([0, 1], 4000)

    drawn = draw_monotone(values, arm, 50, draw)

    means, sigmas = (np.mean(part, axis=0) for part in zip(*drawn, strict=True))
    assert means == pytest.approx(np.array([REFERENCE, OWN]), abs=0.8)
    assert sigmas == pytest.approx(SIGMA, abs=5.0)


def test_a_month_that_hardly_anybody_was_seen_in_fails_and_says_so():
    values = np.full((6, 2), np.nan)
    values[:, 0] = 1.0

    with pytest.raises(FailedFit, match="too few people"):
        imputed_difference(values, values, np.array([0.5, 0.5]), "copy_reference", 5,
                           np.random.default_rng(1))  # fmt: skip


def test_months_are_shares_of_days_and_missing_once_people_left_before_their_end():
    used = np.zeros((2, 100), dtype=np.uint8)
    used[0, 10:25] = 1
    people = pd.DataFrame({"origin_day": [0.0] * 2, "community_day": 0.0, "end_day": 100.0})

    months, weight = shares_by_month(
        parse("days_abstinent_percent_90_days"), people, used, np.array([np.inf, 45.0])
    )

    assert months[0] == pytest.approx([50.0, 100.0, 100.0])
    assert months[1, 0] == 100.0 and np.isnan(months[1, 1:]).all()
    assert weight.sum() == pytest.approx(1.0)
