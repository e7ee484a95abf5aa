"""Do the definitions of endpoints say of plain records what their publications say?"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from resynapse.input_error import InputError
from resynapse.trial.analysis import analyse
from resynapse.trial.analysis.plan import Plan
from resynapse.trial.definitions import DEFINITIONS
from resynapse.trial.definitions.adverse import time_to_adverse_outcome
from resynapse.trial.definitions.days import (
    Timed,
    continuous_abstinence,
    longest_abstinence,
    percent_days_abstinent,
    responder,
    time_to_dropout,
    time_to_frequent_use,
    time_to_lapse,
    time_to_relapse,
)
from resynapse.trial.definitions.drinks import (
    heavy_drinking_days,
    no_heavy_drinking_days,
    percent_heavy_drinking_days,
    who_risk_fall,
    who_risk_level,
)
from resynapse.trial.definitions.visits import (
    area_under_score,
    average_score,
    disease_status_fall,
    mean_score,
    remission,
)
from resynapse.trial.urine_word import responder as responder_by_urine

NAN = np.nan
USED = np.array([0, 0, 1, 0, NAN, NAN, 0, 0, 0, 0], dtype=float)


def test_missing_days_count_as_the_person_says():
    shares = [percent_days_abstinent(USED, how) for how in ("use", "abstinent", "skipped")]
    longest = [longest_abstinence(USED, how) for how in ("use", "abstinent", "skipped")]

    assert shares == pytest.approx([70.0, 90.0, 87.5])
    assert longest == [4, 7, 5]


def test_a_lapse_is_the_first_day_of_use_and_is_censored_at_the_last_day_known():
    never = np.array([0, 0, 0, NAN, NAN])

    assert time_to_lapse(USED) == Timed(2.0, True)
    assert time_to_lapse(never) == Timed(3.0, False)
    assert time_to_lapse(never, "use") == Timed(3.0, True)


def test_relapse_begins_with_the_first_of_seven_days_of_use():
    six, seven = np.r_[0, np.ones(6), 0], np.r_[0, np.ones(7), 0]

    assert not time_to_relapse(six).event
    assert time_to_relapse(seven) == Timed(1.0, True)
    assert time_to_relapse(six, run_days=6) == Timed(1.0, True)


def test_ten_of_28_days_with_use_are_a_relapse_on_the_tenth():
    spaced = np.tile([1, 0], 20).astype(float)
    rare = np.tile([1, 0, 0], 20).astype(float)

    assert time_to_frequent_use(spaced) == Timed(18.0, True)
    assert time_to_frequent_use(rare) == Timed(27.0, True)  # days 0, 3, ..., 27
    assert not time_to_frequent_use(np.tile([1, 0, 0, 0], 20).astype(float)).event


def test_the_tenth_day_of_use_counts_within_28_days_and_not_within_29():
    within, beyond = np.zeros(60), np.zeros(60)
    within[[0, *range(19, 28)]] = 1
    beyond[[0, *range(20, 29)]] = 1

    assert time_to_frequent_use(within) == Timed(27.0, True)
    assert not time_to_frequent_use(beyond).event


def test_four_weeks_of_silence_are_a_dropout_from_their_first_day():
    assert time_to_dropout(np.r_[np.zeros(10), np.full(28, NAN), 0.0]) == Timed(10.0, True)
    assert not time_to_dropout(np.r_[np.zeros(10), np.full(27, NAN), 0.0]).event


def test_a_grace_period_forgives_use_at_the_beginning_only():
    early = np.r_[1.0, 1.0, np.zeros(20)]

    assert not continuous_abstinence(early)
    assert responder(early, grace_days=2)
    assert not responder(np.r_[early, 1.0], grace_days=2)
    with pytest.raises(InputError, match="leaves none of 22 days"):
        responder(early, grace_days=22)


def test_a_heavy_day_has_five_drinks_for_men_and_four_for_women():
    drinks = np.array([0, 3, 4, 5, NAN])

    assert [heavy_drinking_days(drinks, sex) for sex in ("male", "female")] == [1, 2]
    assert percent_heavy_drinking_days(drinks, "male") == pytest.approx(25.0)
    assert percent_heavy_drinking_days(drinks, "male", "heavy") == pytest.approx(40.0)
    assert not no_heavy_drinking_days(np.array([9, 0, 0]), "male")
    assert no_heavy_drinking_days(np.array([9, 0, 0]), "male", grace_days=1)


@pytest.mark.parametrize(
    ("grams", "sex", "level"),
    [
        (0, "male", 0), (40, "male", 1), (41, "male", 2), (60, "male", 2), (61, "male", 3),
        (100, "male", 3), (101, "male", 4), (20, "female", 1), (21, "female", 2),
        (41, "female", 3), (61, "female", 4),
    ],
)  # fmt: skip
def test_who_levels_change_where_the_table_says(grams, sex, level):
    assert who_risk_level(np.full(3, grams / 10.0), sex, grams_a_drink=10.0) == level


def test_a_two_level_fall_needs_two_levels_and_a_drinking_that_is_known():
    very_high, high, medium = np.full(4, 12.0), np.full(4, 8.0), np.full(4, 5.0)

    assert who_risk_fall(very_high, medium, "male", grams_a_drink=10.0)
    assert not who_risk_fall(very_high, high, "male", grams_a_drink=10.0)
    assert who_risk_fall(very_high, np.full(4, NAN), "male") is False
    assert who_risk_fall(np.full(4, 1.0), medium, "male") is None


def test_craving_is_averaged_over_visits_or_over_time():
    day, score = np.array([0.0, 7.0, 28.0]), np.array([60.0, 30.0, 10.0])

    assert mean_score(score) == pytest.approx(100 / 3)
    assert area_under_score(day, score) == pytest.approx(7 * 45 + 21 * 20)
    assert average_score(day, score) == pytest.approx((7 * 45 + 21 * 20) / 28)
    assert area_under_score(day, np.array([60.0, NAN, 10.0])) == pytest.approx(28 * 35)


def test_severity_and_remission_follow_dsm_5():
    assert disease_status_fall(6, 5) and disease_status_fall(4, 1, levels=2)
    assert not disease_status_fall(5, 4) and not disease_status_fall(6, NAN)
    day = np.array([0.0, 60.0, 160.0, 440.0])
    assert remission(day, np.array([4, 0, 0, 0]))
    assert remission(day, np.array([4, 0, 0, 0]), sustained=True)
    assert not remission(day[:3], np.array([4, NAN, 0]))


def test_the_first_adverse_outcome_counts_and_none_is_censored_at_the_end():
    assert time_to_adverse_outcome(np.array([NAN, 40.0, 12.0]), 168.0) == Timed(12.0, True)
    assert time_to_adverse_outcome(np.array([NAN, NAN]), 168.0) == Timed(168.0, False)
    with pytest.raises(InputError, match="day 200 lies outside the 168 days"):
        time_to_adverse_outcome(np.array([200.0]), 168.0)


def test_a_plan_makes_a_time_from_the_days_of_adverse_outcomes():
    table = TABLE.assign(death=[NAN, 30, NAN, NAN, NAN, NAN], emergency=[5, 9, *[NAN] * 4], end=90)
    asked = {
        "name": "adverse", "definition": "time_to_adverse_outcome",
        "outcomes": ["death", "emergency"], "followed": "end",
    }  # fmt: skip
    wish = {"method": "log_rank", "time": "adverse_time", "event": "adverse_event"}

    (answer,) = analyse(table, plan(asked, analyses=[wish]))

    assert (answer.n, answer.events, answer.failed) == (6, 2, None)


def test_eight_of_ten_negative_urines_after_the_grace_weeks_respond():
    assert responder_by_urine("++++++++--------+o")
    assert not responder_by_urine("++++++++-------+++")
    with pytest.raises(InputError, match="no urine from week 9"):
        responder_by_urine("--------")


def test_every_definition_says_who_defined_it_and_how_that_was_seen():
    assert len(DEFINITIONS) >= 78
    for one in DEFINITIONS.values():
        assert one.citation and one.seen and one.sentence[0].isupper()


TABLE = pd.DataFrame(
    {
        "arm": ["a", "a", "a", "b", "b", "b"],
        "urines": ["-----", "++++-", "o----", "-++++", "+++++", "---oo"],
        "sex": ["male", "female"] * 3,
        **{f"use_{k}": [0, 1, 0, k % 2, 1, 0] for k in range(1, 11)},
        **{f"drinks_{k}": [0, 4, 1, 5, 8, 0] for k in range(1, 5)},
    }
)


def plan(*endpoints, analyses=({"method": "kaplan_meier"},)) -> Plan:
    return Plan.model_validate({"endpoints": endpoints, "analyses": analyses})


def test_a_plan_makes_times_from_words_and_analyses_them():
    relapse = {"name": "relapse", "definition": "relapse_ctn0094", "word": "urines"}
    wish = {"method": "log_rank", "time": "relapse_time", "event": "relapse_event"}

    (answer,) = analyse(TABLE, plan(relapse, analyses=[wish]))

    assert (answer.n, answer.events, answer.failed) == (6, 3, None)


def test_a_plan_makes_numbers_from_columns_of_days_and_drinks():
    days = {"name": "pda", "definition": "percent_days_abstinent", "days": "use_"}
    drinks = {"name": "hdd", "definition": "heavy_drinking_days", "drinks": "drinks_", "sex": "sex"}
    wishes = [{"method": "wilcoxon", "value": one} for one in ("pda", "hdd")]

    first, second = analyse(TABLE, plan(days, drinks, analyses=wishes))

    assert first.failed is None and second.failed is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"definition": "relapse_ctn94"}, "did you mean|Did you mean"),
        ({"word": "urine"}, "no column 'urine'"),
        ({"word": None}, "needs word"),
        ({"name": "sex", "definition": "percent_negative"}, "has a column 'sex' already"),
        ({"options": {"missing": "use"}}, "allowed are positive, negative, skipped, missing"),
        ({"options": {"week": 4}}, "has no option 'week'"),
        ({"options": {"to_week": 9}}, "looks at week 9"),
        ({"definition": "percent_negative", "options": {"missing": "use"}}, "allowed are positive"),
        ({"definition": "percent_days_abstinent", "days": "day_"}, "no column is named 'day_'"),
    ],
)
def test_an_endpoint_that_cannot_be_made_is_refused_in_a_sentence(changed, said):
    asked = {"name": "relapse", "definition": "relapse_ctn0094", "word": "urines"} | changed

    with pytest.raises(InputError, match=said) as caught:
        analyse(TABLE, plan({k: v for k, v in asked.items() if v is not None}))

    assert caught.value.message.startswith("Endpoint")


def test_a_word_with_a_wrong_letter_is_refused_with_its_line():
    table = TABLE.assign(urines=["-----", "x", *["-----"] * 4])
    asked = {"name": "relapse", "definition": "relapse_ctn0094", "word": "urines"}

    with pytest.raises(InputError, match="line 3: .*the letter 'x'"):
        analyse(table, plan(asked))


def test_days_without_a_column_are_refused_and_not_passed_over():
    asked = {"name": "pda", "definition": "percent_days_abstinent", "days": "use_"}

    with pytest.raises(InputError, match="after column 'use_3' comes use_5"):
        analyse(TABLE.drop(columns="use_4"), plan(asked))


def test_the_command_lists_every_definition(capsys):
    from resynapse.cli.endpoints import endpoints

    endpoints(as_json=True)

    listed = json.loads(capsys.readouterr().out)["endpoints"]
    assert [one["name"] for one in listed] == list(DEFINITIONS)


def test_the_command_finds_definitions_by_words(capsys):
    from resynapse.cli.endpoints import endpoints

    endpoints(["relapse", "Lee"], as_json=True)

    listed = json.loads(capsys.readouterr().out)["endpoints"]
    assert {one["name"] for one in listed} >= {"relapse_ctn0051", "relapse_lee2016"}
    assert all("Lee" in one["citation"] for one in listed)
    with pytest.raises(InputError, match="No definition holds 'ketamine'"):
        endpoints(["ketamine"])
