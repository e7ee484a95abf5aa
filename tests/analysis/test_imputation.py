"""Are values of people who left drawn as the rule says, and pooled as Rubin did?"""

from __future__ import annotations

import json

import numpy as np
import pytest

from analysis.trial_tables import repeated_table
from resynapse.trial.analysis import analyse, parse_plan
from resynapse.trial.analysis.imputation import RULES, impute, pool

OWN, REFERENCE = np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 40.0])
SIGMA = np.array([[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]])


@pytest.mark.parametrize(
    ("rule", "means"),
    [
        ("missing_at_random", [1, 2, 4]),
        ("jump_to_reference", [1, 20, 40]),
        ("copy_reference", [10, 20, 40]),
        ("copy_increments_in_reference", [1, 11, 31]),
        ("last_mean_carried_forward", [1, 1, 1]),
    ],
)
def test_a_rule_says_what_mean_a_person_has_after_the_first_of_three_visits(rule, means):
    assert RULES[rule](OWN[None], REFERENCE[None], 0)[0] == pytest.approx(means)


def test_a_person_above_the_mean_who_left_is_drawn_above_the_references_mean():
    people = 100_000
    values = np.tile([3.0, np.nan, np.nan], (people, 1))
    means = np.tile(OWN, (people, 1)), np.tile(REFERENCE, (people, 1))

    drawn = impute(values, *means, SIGMA, "jump_to_reference", np.random.default_rng(1))

    slope = SIGMA[1:, 0] / SIGMA[0, 0]
    left = SIGMA[1:, 1:] - np.outer(slope, SIGMA[0, 1:])
    monte_carlo = np.sqrt(np.diag(left) / people)
    gap = (drawn[:, 1:].mean(axis=0) - REFERENCE[1:] - slope * (3.0 - OWN[0])) / monte_carlo
    assert np.abs(gap).max() < 4
    assert np.cov(drawn[:, 1:].T) == pytest.approx(left, rel=0.03)
    assert np.all(drawn[:, 0] == 3.0)


def test_what_was_measured_is_never_changed():
    values = np.array([[1.0, np.nan, 5.0]])

    drawn = impute(
        values, OWN[None], REFERENCE[None], SIGMA, "copy_reference", np.random.default_rng(2)
    )

    assert drawn[0, [0, 2]].tolist() == [1.0, 5.0]


def test_rubins_rules_add_what_imputations_differ_by():
    found = pool([1.0, 3.0], [4.0, 6.0], 30)

    total = 5 + 1.5 * 2
    share = 3 / total
    observed = 31 / 33 * 30 * (1 - share)
    assert (found.value, found.standard_error) == pytest.approx((2.0, np.sqrt(total)))
    assert found.degrees_of_freedom == pytest.approx(1 / (share**2 + 1 / observed))


def estimates(method, **options):
    plan = {"analyses": [{"method": method, "covariates": ["baseline"], **options}]}
    return analyse(repeated_table(n=120), parse_plan(json.dumps(plan), "plan"))[0].estimates


def test_imputed_at_random_the_last_difference_is_the_mixed_models():
    mixed = estimates("mixed_model")[-1]

    imputed = estimates("reference_based_imputation", rule="missing_at_random", imputations=400)[-1]

    assert imputed.quantity == mixed.quantity
    assert imputed.estimate == pytest.approx(mixed.estimate, abs=0.15 * mixed.standard_error)
    assert imputed.standard_error == pytest.approx(mixed.standard_error, rel=0.08)


def test_people_who_jump_to_the_reference_take_the_effect_with_them():
    random, jumped = (
        estimates("reference_based_imputation", rule=rule)[-1]
        for rule in ("missing_at_random", "jump_to_reference")
    )

    assert abs(jumped.estimate) < abs(random.estimate)
