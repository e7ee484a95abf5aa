"""Are the true values of an estimand true, and does the matching estimator find them?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conduct.population import population
from resynapse.input_error import InputError
from resynapse.protocol import Protocol
from resynapse.protocol.conduct import TrialConduct
from resynapse.protocol.estimand import Estimand
from resynapse.trial.analysis.mean_difference import mean_within_strata
from resynapse.trial.endpoint_name import parse
from resynapse.trial.estimand import (
    Worlds,
    person_values,
    true_errors,
    true_value,
    understood,
    worlds,
)
from resynapse.trial.estimator_check import performance
from resynapse.trial.potential_outcomes import PotentialOutcomes

DAYS = parse("days_abstinent_percent_10_days")
LAPSE = parse("lapse_10_days")
ABSTINENCE = parse("abstinence_10_days")
PEOPLE = pd.DataFrame(
    {
        "origin_day": 0.0, "community_day": 0.0, "end_day": 10.0,
        "first_use_day": [2.0, 8.0, np.nan], "relapse_day": np.nan,
        "dropout_day": [5.0, 5.0, 5.0],
    }
)  # fmt: skip
USED = np.zeros((3, 11), dtype=np.uint8)
USED[0, 2], USED[1, 8] = 1, 1
"""A lapse before drop-out, one after it, none"""


@pytest.mark.parametrize(
    ("strategy", "days", "lapsed"),
    [
        ("treatment-policy", [90.0, 90.0, 100.0], [1, 1, 0]),
        ("composite", [40.0, 50.0, 50.0], [1, 1, 1]),
        ("while-on-treatment", [80.0, 100.0, 100.0], [1, 0, 0]),
    ],
)
def test_each_strategy_counts_drop_out_as_it_says(strategy, days, lapsed):
    asked = {"dropout": strategy}
    assert person_values(DAYS, asked, PEOPLE, USED) == pytest.approx(days)
    assert person_values(LAPSE, asked, PEOPLE, USED).tolist() == lapsed
    assert person_values(ABSTINENCE, asked, PEOPLE, USED).tolist() == [1 - k for k in lapsed]


@pytest.fixture(scope="module")
def known() -> Worlds:
    as_is = population(people=3000)
    stay = {arm: table.assign(dropout_day=np.nan) for arm, table in as_is.patients.items()}
    all_stay = PotentialOutcomes(stay, as_is.use_days, as_is.reference)
    return Worlds(as_is, {frozenset({"dropout"}): lambda: all_stay})


@pytest.fixture(scope="module")
def rows(known):
    """(estimator, strategy) -> how it did in 600 trials of 200 people."""
    found = performance(parse("lapse_56_days"), known, "ketamine", 200, 600, seed=3)
    return {(row.estimator, row.strategy): row for row in found}


def test_the_true_value_is_the_difference_of_everybody_in_both_arms(known):
    variable = parse("lapse_28_days")

    found = true_value(variable, {"dropout": "treatment-policy"}, known, "ketamine")

    first = [known.as_is.patients[a]["first_use_day"] <= 28 for a in ("ketamine", "saline")]
    assert found == pytest.approx(first[0].mean() - first[1].mean())
    exact = np.exp(-28 / 40) - np.exp(-28 / 80)  # hazards of 1/80 and 1/40 a day
    assert found == pytest.approx(exact, abs=0.03)


def test_the_error_of_a_true_value_is_what_other_people_show():
    variable, asked = parse("lapse_56_days"), {"dropout": "while-on-treatment"}
    found, errors = [], []
    for seed in range(60):
        other = population(people=400, seed=seed)
        known = Worlds(other, {frozenset({"dropout"}): lambda other=other: other})
        found.append(true_value(variable, asked, known, "ketamine"))
        errors.append(true_errors(variable, known, "ketamine", {})["while-on-treatment"])

    assert np.mean(errors) == pytest.approx(np.std(found, ddof=1), rel=0.3)


def test_trials_without_an_estimate_cover_nothing_that_could_be_told(known):
    found = performance(parse("lapse_56_days"), known, "ketamine", 2, 3, seed=3)

    row = next(one for one in found if one.estimator == "people who stayed")
    assert row.failed == 3 and row.trials == 0
    assert np.isnan(row.coverage) and np.isnan(row.coverage_error)


def test_people_without_a_value_are_in_the_error_of_the_true_value():
    as_is = population(people=200)
    gone = {arm: table.assign(dropout_day=-1.0) for arm, table in as_is.patients.items()}
    for table in gone.values():
        table.loc[:99, "dropout_day"] = np.nan
    known = Worlds(PotentialOutcomes(gone, as_is.use_days, as_is.reference), {})

    error = true_errors(DAYS, known, "ketamine", {})["while-on-treatment"]

    own = [
        person_values(DAYS, {"dropout": "while-on-treatment"}, gone[arm], as_is.use_days[arm])
        for arm in ("ketamine", "saline")
    ]
    left = own[0][:100] - own[1][:100]
    assert np.isnan(own[0][100:]).all() and np.isfinite(left).all()
    assert error == pytest.approx(left.std() / 10, rel=0.02)


@pytest.mark.filterwarnings("error")
def test_a_true_value_that_nobody_has_has_no_error_and_no_interval_holds_it():
    as_is = population(people=200)
    gone = {arm: table.assign(dropout_day=-1.0) for arm, table in as_is.patients.items()}
    known = Worlds(PotentialOutcomes(gone, as_is.use_days, as_is.reference), {})

    found = performance(DAYS, known, "ketamine", 20, 2, seed=3)

    row = next(one for one in found if one.strategy == "while-on-treatment")
    assert np.isnan(row.truth) and np.isnan(row.truth_error)
    assert np.isnan(row.coverage) and np.isnan(row.coverage_error)


@pytest.mark.parametrize(
    ("estimator", "strategy"),
    [
        ("missing as use", "composite"),
        ("what was seen before drop-out", "while-on-treatment"),
        ("Kaplan-Meier, censored at drop-out", "hypothetical"),
    ],
)
def test_the_estimator_made_for_a_strategy_has_no_bias_and_covers(rows, estimator, strategy):
    row = rows[estimator, strategy]

    assert abs(row.bias) < 4 * row.bias_error
    assert abs(row.coverage - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 600)
    assert row.failed == 0


def test_the_estimator_of_another_strategy_is_biased_by_the_gap_between_truths(rows):
    right = rows["missing as use", "composite"]
    wrong = rows["missing as use", "treatment-policy"]

    assert wrong.bias - right.bias == pytest.approx(right.truth - wrong.truth)
    assert abs(wrong.bias) > 4 * wrong.bias_error


def test_people_randomised_within_strata_can_be_compared_within_them(known):
    how = TrialConduct.model_validate(
        {"sites": 2, "randomisation": {"strata": ["site", "female"], "block_sizes": [4]}}
    )

    found = performance(parse("lapse_56_days"), known, "ketamine", 200, 400, 3, how)

    row = next(r for r in found if r.estimator == "missing as use, within strata"
               and r.strategy == "composite")  # fmt: skip
    assert abs(row.bias) < 4 * row.bias_error and row.failed == 0
    assert abs(row.coverage - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)


def test_a_difference_within_strata_is_that_of_least_squares_and_its_error_what_trials_show():
    draw, found = np.random.default_rng(5), []
    for _ in range(1500):
        stratum, treated = draw.integers(0, 4, 60), draw.random(60) < 0.5
        y = 3.0 * stratum + 1.0 * treated + draw.normal(size=60) * np.where(treated, 2.0, 1.0)
        y[draw.random(60) < 0.1] = np.nan
        words = np.array([f"site {k}" for k in stratum], dtype=object)
        one = mean_within_strata(y[treated], words[treated], y[~treated], words[~treated])
        found.append((one.estimate, one.error))
    there = ~np.isnan(y)
    X = np.column_stack([treated, *(stratum == k for k in range(4))])[there] * 1.0

    estimate, error = np.array(found).T
    assert estimate[-1] == pytest.approx(np.linalg.lstsq(X, y[there], rcond=None)[0][0])
    assert estimate.mean() == pytest.approx(1.0, abs=4 * estimate.std() / np.sqrt(1500))
    assert np.sqrt(np.mean(error**2)) == pytest.approx(estimate.std(), rel=0.06)


def test_arms_that_share_no_stratum_or_have_one_person_in_each_cannot_be_compared_within_them():
    one, two = np.array(["a", "b"], dtype=object), np.array(["c", "d"], dtype=object)

    for strata in (two, one):
        found = mean_within_strata(np.ones(2), one, np.zeros(2), strata)
        assert np.isnan((found.estimate, found.error)).all()


def test_what_people_do_not_tell_makes_days_look_more_abstinent(known):
    rows = performance(parse("days_abstinent_percent_56_days"), known, "ketamine", 200, 30, seed=3)

    mean = {r.estimator: r.estimate for r in rows}
    seen, told = mean["what was seen before drop-out"], mean["what was told before drop-out"]
    assert told == pytest.approx((1 - 0.229) * seen, rel=0.1)  # a share of both arms' use is lost


def test_nobody_leaves_in_the_hypothetical_world_and_people_are_the_same():
    protocol = Protocol.model_validate(
        {
            "name": "small", "title": "Small", "disorder": "heroin", "blinding": "masked",
            "follow_up": "150 days", "reference": "b",
            "arms": [
                {"id": one, "label": one, "doses": [{"drug": drug, "dose": dose, "days": [1]}]}
                for one, drug, dose in (
                    ("a", "ketamine", "0.5 mg/kg iv over 40 min"),
                    ("b", "saline", "iv over 40 min"),
                )
            ],
        }
    )  # fmt: skip

    known = worlds(protocol, 256, parameters="prior")

    left = known.as_is.patients["a"]["dropout_day"].notna()
    assert left.sum() > 10
    assert known.without[frozenset({"dropout"})]().patients["a"]["dropout_day"].isna().all()
    same = ["patient", "weight_kg", "age_years"]
    pd.testing.assert_frame_equal(
        known.as_is.patients["a"][same], known.without[frozenset({"dropout"})]().patients["a"][same]
    )
    stayed = np.flatnonzero(~left)
    assert np.array_equal(
        known.as_is.use_days["a"][stayed],
        known.without[frozenset({"dropout"})]().use_days["a"][stayed],
    )


@pytest.mark.parametrize(
    ("arm", "variable", "said"),
    [
        ("low", "lapse_28_days", "no arm 'low'"),
        ("high", "craving_vas_day_7", "no variable with a true value"),
        ("high", "lapse_or_dropout_28_days", "dropout: composite"),
        ("high", "lapse_60_months", "needs 1826"),
    ],
)
def test_an_estimand_that_has_no_true_value_is_refused(arm, variable, said):
    from resynapse.protocol import load

    asked = Estimand(name="one", arm=arm, variable=variable)

    with pytest.raises(InputError, match=said):
        understood(load("krupitsky-2002"), asked)
