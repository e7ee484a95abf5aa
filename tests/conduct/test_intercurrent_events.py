"""Do rescue medication, incarceration and death reach tables, trials, ADaM and estimands?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import resynapse
from resynapse.exchange.adam import adam
from resynapse.input_error import InputError
from resynapse.protocol import Protocol
from resynapse.protocol.estimand import IntercurrentEvents
from resynapse.trial.endpoint_name import parse
from resynapse.trial.estimand import ensure_possible, person_values, true_values, worlds
from resynapse.trial.estimator_check import performance
from resynapse.trial.interruptions import by_rule, death_days
from resynapse.trial.potential_outcomes import PotentialOutcomes
from resynapse.trial.power.rehearsal import ArmRows
from resynapse.trial.trials import trial

RULED = {"drug": "buprenorphine", "amount": "16 mg", "start_day": 35, "if_rule": "returned"}
PROTOCOL = Protocol.model_validate(
    {
        "name": "small", "title": "Small", "disorder": "heroin", "blinding": "masked",
        "follow_up": "91 days", "reference": "b", "visits": [7, 28],
        "arms": [
            {"id": one, "label": one, "medications": [RULED],
             "doses": [{"drug": drug, "dose": dose, "days": [1]}]}
            for one, drug, dose in (
                ("a", "ketamine", "0.5 mg/kg iv over 40 min"), ("b", "saline", "iv over 40 min"),
            )
        ],
        "rules": [{"name": "returned", "visits": [28], "when": "lapsed", "then": "give"}],
        "conduct": {"interruptions": {"deaths": True, "incarcerations_per_year": 2.0}},
    }
)  # fmt: skip
DAYS, LAPSE = parse("days_abstinent_percent_10_days"), parse("lapse_10_days")
PEOPLE = pd.DataFrame(
    {
        "origin_day": 0.0, "community_day": 0.0, "end_day": 10.0,
        "first_use_day": [2.0, 8.0, np.nan], "relapse_day": np.nan, "dropout_day": np.nan,
        "rescue_medication_day": [5.0, 5.0, 5.0], "death_day": [np.nan, 9.5, 3.0],
    }
)  # fmt: skip
USED = np.zeros((3, 11), dtype=np.uint8)
USED[0, 2], USED[1, 8] = 1, 1


@pytest.mark.parametrize(
    ("rescue", "death", "days", "lapsed"),
    [
        ("treatment-policy", "hypothetical", [90.0, 90.0, 100.0], [1, 1, 0]),
        ("composite", "hypothetical", [40.0, 50.0, 50.0], [1, 1, 1]),
        ("while-on-treatment", "hypothetical", [80.0, 100.0, 100.0], [1, 0, 0]),
        ("treatment-policy", "composite", [90.0, 90.0, 30.0], [1, 1, 1]),
        ("treatment-policy", "while-on-treatment", [90.0, 800 / 9, 100.0], [1, 1, 0]),
        ("composite", "composite", [40.0, 50.0, 30.0], [1, 1, 1]),
        ("while-on-treatment", "while-on-treatment", [80.0, 100.0, 100.0], [1, 0, 0]),
        ("composite", "while-on-treatment", [40.0, 500 / 9, 100.0], [1, 1, 0]),
    ],
)
def test_each_event_counts_as_its_own_strategy_says(rescue, death, days, lapsed):
    asked = {"rescue_medication": rescue, "death": death}

    assert person_values(DAYS, asked, PEOPLE, USED) == pytest.approx(days)
    assert person_values(LAPSE, asked, PEOPLE, USED).tolist() == lapsed


@pytest.fixture(scope="module")
def known():
    return worlds(PROTOCOL, 512, parameters="prior")


@pytest.fixture(scope="module")
def outcomes(known) -> PotentialOutcomes:
    return known.as_is


def test_rescue_medication_starts_on_its_day_in_those_who_had_lapsed_at_the_visit(outcomes):
    for table in outcomes.patients.values():
        given = table["rescue_medication_day"].notna()
        lapsed = (table["first_use_day"] <= 28) & ~(table["dropout_day"] <= 35)
        assert given.sum() > 50
        assert table.loc[given, "rescue_medication_day"].tolist() == pytest.approx(
            [35.0] * sum(given)
        )
        assert (given == lapsed).mean() > 0.99


def test_a_medication_that_was_planned_is_no_rescue():
    planned = {"drug": "buprenorphine", "amount": "16 mg", "start_day": 35}
    arm = PROTOCOL.arms[0]
    both = arm.model_validate({**arm.model_dump(), "medications": [planned, RULED]})

    assert by_rule(arm) == (35.0,)
    assert by_rule(both) == ()


def test_incarceration_comes_at_its_rate_and_alike_in_both_arms(outcomes):
    days = [table["incarceration_day"].to_numpy() for table in outcomes.patients.values()]

    expected = 1 - np.exp(-2.0 * 91 / 365.25)
    share = np.mean(~np.isnan(days[0]))
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 512))
    assert np.array_equal(*days, equal_nan=True)


def test_people_die_on_a_day_of_use():
    used = np.zeros((4, 10), dtype=np.uint8)
    used[0, 3], used[1, [2, 7]] = 1, 1

    day = death_days(np.array([True, True, True, False]), np.array([0.9, 0.6, 0.5, 0.5]), used)

    assert day[:2].tolist() == [3.5, 7.5]
    assert np.isnan(day[2:]).all()


def test_without_rescue_medication_nobody_has_it_and_others_take_the_same_course(known):
    as_is, other = known.as_is, known.without[frozenset({"rescue_medication"})]()

    given = as_is.patients["b"]["rescue_medication_day"].notna().to_numpy()
    assert "rescue_medication_day" not in other.patients["b"]
    before = as_is.use_days["b"][:, :35], other.use_days["b"][:, :35]
    assert np.array_equal(*before)
    alike = (as_is.use_days["b"][~given] == other.use_days["b"][~given]).all(axis=1)
    assert alike.mean() > 0.95  # doses end steps of the grid, which moves a lapse now and then
    after = [one.use_days["b"][given, 40:].mean() for one in (as_is, other)]
    assert after[0] < 0.8 * after[1]  # buprenorphine works


def test_the_true_value_moves_with_the_strategy_for_rescue_medication(known):
    found = true_values(
        parse("days_abstinent_percent_91_days"), known, "a", {"dropout": "treatment-policy"},
        "rescue_medication",
    )  # fmt: skip

    assert len({round(value, 3) for value in found.values()}) == 4


def test_after_death_no_treatment_policy_has_a_value(known):
    found = performance(
        parse("lapse_91_days"), known, "a", 100, 10, seed=1, conduct=PROTOCOL.conduct,
        event="death",
    )  # fmt: skip

    assert "treatment-policy" not in {row.strategy for row in found}
    assert {row.estimator for row in found} >= {"death counted as use"}
    with pytest.raises(ValueError, match="after death there is no value"):
        IntercurrentEvents(death="treatment-policy")


def test_a_trial_writes_down_what_its_run_says_and_nothing_after_people_left(outcomes):
    one = trial(outcomes, 200, seed=1, conduct=PROTOCOL.conduct)

    people = one.people.set_index("person")
    assert people["rescue_medication_day"].notna().sum() > 20
    jailed = one.visits[one.visits["reason"] == "incarcerated"]
    assert set(jailed["person"]) and len(jailed) > 20
    begins = people["incarceration_day"].dropna()
    left = people["dropout_day"].reindex(begins.index).fillna(np.inf)
    assert (begins <= left).all()


def test_subjects_and_times_of_adam_have_the_events(outcomes):
    rows = [ArmRows(id, id, outcomes.patients[id], outcomes.use_days[id]) for id in outcomes.arms]

    data = adam("small", rows, "b")

    subjects, times = data["ADSL"], data["ADTTE"]
    assert {"RESCFL", "RESCDY", "INCFL", "INCDY", "DTHFL", "DTHDY"} <= set(subjects)
    given = subjects.loc[subjects["RESCFL"] == "Y", "RESCDY"]
    assert len(given) > 100 and (given == 36).all()
    rescue = times[times["PARAMCD"] == "RESCUE"]
    assert (rescue["CNSR"] == 0).sum() == len(given)
    assert {"LAPSE", "RELAPSE", "DROPOUT", "RESCUE", "INCARC", "DEATH"} == set(times["PARAMCD"])


def test_a_run_counts_the_events_of_each_arm_and_lists_them():
    result = resynapse.simulate(PROTOCOL, patients=64, draws=0, parameters="prior", rivals=False)

    arm = result.arms["b"]
    share = arm.patients["rescue_medication_day"].notna().mean()
    assert arm.safety["rescue_medication"].value == pytest.approx(share)
    assert share > 0.1
    listed = result.events[result.events["event"] == "rescue_medication"]
    assert (listed["arm"] == "b").sum() == round(share * 64)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("rescue", "Did you mean rescue_medication"),
        ("death", "write deaths: true in the section conduct"),
        ("rescue_medication", "a medication with if_rule"),
    ],
)
def test_an_event_that_cannot_happen_is_refused(event, said):
    with pytest.raises(InputError, match=said):
        ensure_possible(resynapse.load("krupitsky-2002"), event)
