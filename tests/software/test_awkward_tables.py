"""Is a table of awkward shape analysed as it is meant, or refused in a sentence?"""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from resynapse.input_error import InputError
from resynapse.trial.analysis import analyse, parse_plan, read_table

PEOPLE = 40
DRAW = np.random.default_rng(5)
TABLE = pd.DataFrame(
    {
        "person": range(PEOPLE),
        "arm": ["low", "high"] * (PEOPLE // 2),
        "age": DRAW.integers(20, 60, PEOPLE),
        "time": DRAW.exponential(5.0, PEOPLE).round(2),
        "event": [1, 1, 0, 1] * (PEOPLE // 4),
        "value": DRAW.normal(size=PEOPLE).round(2),
    }
)
WORDS = {1: "baseline", 2: "early", 4: "middle", 10: "late"}
VISITS = pd.DataFrame(
    [
        (person, ["low", "high"][person % 2], visit, round(level + 0.1 * visit + noise, 3))
        for person, level in enumerate(DRAW.normal(20, 3, 24))
        for visit, noise in zip(WORDS, DRAW.normal(0, [1, 2, 3, 4]), strict=True)
        if noise > -2.5
    ],
    columns=["person", "arm", "visit", "value"],
)
ADAM = {"person": "USUBJID", "arm": "TRTP", "visit": "AVISIT", "value": "AVAL"}
REPEATED = (
    {"method": "mixed_model", "structures": ["ar1"]},
    {"method": "reference_based_imputation", "imputations": 5, "rule": "jump_to_reference"},
)


def answers(table, *analyses, **plan):
    return analyse(table, parse_plan(json.dumps({"analyses": list(analyses), **plan}), "plan"))


def refusal(table, *analyses):
    with pytest.raises(InputError) as caught:
        answers(table, *analyses)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (lambda age: [".", *age.astype(str)[1:]], "Column 'age' (.) is no number among numbers"),
        (lambda age: age.astype(str) + ",5", "has a comma within a number in line 2 and in 39"),
        (lambda age: "2026-01-" + age.astype(str), "is a date in line 2 and in 39 more"),
    ],
)
@pytest.mark.parametrize("method", ["mean_difference", "cox", "rank_ancova"])
def test_a_covariate_that_was_meant_as_numbers_is_never_taken_for_categories(cells, words, method):
    table = TABLE.assign(age=cells(TABLE["age"]))

    assert words in refusal(table, {"method": method, "covariates": ["age"]})


@pytest.mark.parametrize("other", ["Low", "low  dose", "LOW DOSE"])
@pytest.mark.parametrize("where", ["arm", "strata", "covariates"])
def test_groups_that_differ_by_capitals_or_spaces_only_are_refused(other, where):
    first = "low dose" if "dose" in other.lower() else "low"
    words = [first, "high", other, "high"] * (PEOPLE // 4)
    table = TABLE.assign(**({"arm": words} if where == "arm" else {"group": words}))
    method = {"method": "mean_difference" if where == "covariates" else "log_rank"}

    said = refusal(table, method if where == "arm" else method | {where: ["group"]})

    assert f"holds {first!r} and {other!r}, which differ by capitals or spaces only" in said


def test_a_full_stop_is_no_stratum_of_its_own():
    table = TABLE.assign(site=["1", "2", ".", "2"] * (PEOPLE // 4))

    said = refusal(table, {"method": "log_rank", "strata": ["site"]})

    assert "Column 'site' (.) is a code for not known in line 4 and in 9 more" in said


def test_spaces_around_names_and_words_of_a_file_mean_nothing(tmp_path):
    path = tmp_path / "data.csv"
    TABLE.to_csv(path, index=False)
    plain = path.read_text()
    padded = plain.replace("arm,", "arm  ,").replace("low,", " low ,")
    path.write_text(padded)

    found = answers(read_table(path), {"method": "log_rank"})

    assert padded != plain
    assert found == answers(TABLE, {"method": "log_rank"})


def test_a_cell_of_spaces_is_an_empty_one(tmp_path):
    path = tmp_path / "data.csv"
    TABLE.to_csv(path, index=False)
    path.write_text(path.read_text().replace("low,", '"  ",', 1))

    assert "Column 'arm' is empty in line 2" in refusal(read_table(path), {"method": "log_rank"})


def test_a_file_with_semicolons_and_decimal_commas_is_refused_for_what_it_is(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("person;arm;time\n1;low;3,5\n2;high;4,5\n")

    with pytest.raises(InputError, match="separated by semicolons or tabs; save it with commas"):
        read_table(path)


def in_words(table, *, order=None):
    named = table.assign(visit=table["visit"].map(WORDS))
    return named.sample(frac=1.0, random_state=order) if order else named


def numbers(found):
    return [(one.estimate, one.standard_error, one.p_value) for one in found.estimates]


@pytest.mark.parametrize("wish", REPEATED, ids=lambda wish: wish["method"])
def test_visits_named_by_words_follow_each_other_as_their_numbers_do(wish):
    first = VISITS["person"].iloc[0]
    lacking = VISITS[(VISITS["person"] != first) | (VISITS["visit"] != 1)]
    shuffled = lacking.iloc[::-1].sort_values("visit", key=lambda day: day % 3, kind="stable")
    weeks = shuffled.assign(visit="week " + shuffled["visit"].astype(str))
    (plain,), (in_weeks,) = answers(lacking, wish), answers(weeks, wish)
    (named,) = answers(in_words(lacking), wish)
    adam = in_words(lacking, order=4).assign(PARAMCD="CRAVING")
    adam = adam.assign(AVISITN=adam["visit"].map({word: k for k, word in WORDS.items()}))
    adam = adam.rename(columns=ADAM)

    assert lacking["visit"].iloc[0] != 1 and weeks["visit"].iloc[0] != "week 1"
    assert list(dict.fromkeys(weeks["visit"])) != ["week 10", "week 4", "week 2", "week 1"]
    for other in (in_weeks, named, *answers(adam, wish)):
        assert np.array(numbers(other)) == pytest.approx(np.array(numbers(plain)), rel=1e-6)
    assert "order of each person's rows: baseline, early, middle, late;" in named.notes[0]
    assert in_weeks.notes == plain.notes == ()


def test_visits_whose_order_the_rows_do_not_agree_upon_are_refused():
    said = refusal(in_words(VISITS, order=4), REPEATED[0])

    assert "the rows give them in several orders. Write the day or week" in said


def test_a_visit_with_two_numbers_in_an_adam_table_is_refused():
    adam = in_words(VISITS).assign(PARAMCD="CRAVING", AVISITN=VISITS["visit"])
    adam = adam.rename(columns=ADAM)
    adam.loc[5, "AVISITN"] = 9

    assert "Column 'AVISITN' (9) is not that of the same visit elsewhere in line 7" in refusal(
        adam, REPEATED[0]
    )


ROWS = pd.DataFrame(
    {
        "person": np.repeat(range(20), 2),
        "arm": np.repeat(["low", "high"] * 10, 2),
        "start": [0.0, 5.0] * 20,
        "time": [5.0, 9.0] * 20 - DRAW.random(40).round(2),
        "event": [1, 0, 1, 1] * 10,
    }
)


@pytest.mark.parametrize("wish", [{"method": "recurrent"}, {"method": "cox", "start": "start"}])
def test_rows_of_a_person_that_overlap_or_repeat_are_refused(wish):
    overlapping = ROWS.copy()
    overlapping.loc[3, "start"] = 2.0
    twice = pd.concat([ROWS, ROWS.iloc[[6]]], ignore_index=True)
    shuffled = ROWS.sample(frac=1.0, random_state=1)

    assert answers(shuffled, wish)[0].failed is None
    for table, line in ((overlapping, 5), (twice, 42)):
        said = refusal(table, wish)
        assert f"is before the same person's row before has ended in line {line}." in said


def test_an_event_at_time_zero_costs_the_test_on_log_time_and_not_the_model():
    table = TABLE.assign(time=[0.0, *TABLE["time"][1:]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept, plain = answers(
            table, {"method": "cox", "proportional_hazards": "log"}, {"method": "cox"}
        )

    assert kept.failed is None and kept.estimates == plain.estimates
    assert "an event at time 0 has no logarithm" in kept.notes[0]
    assert len(kept.tests) == 2 < len(plain.tests)


def test_shares_have_the_p_value_of_their_test_and_no_other():
    """Of 0 of 4 and 4 of 5 Wald's would be 0.000008, the pooled test's is 0.016."""
    table = TABLE[:9].assign(arm=list("aaaabbbbb"), value=[0, 0, 0, 0, 1, 1, 0, 1, 1])
    hypotheses = [{"analysis": "1 risk_difference"}, {"analysis": "2 wilcoxon"}]

    shares, _, adjusted = answers(
        table, {"method": "risk_difference"}, {"method": "wilcoxon"},
        multiplicity={"method": "bonferroni", "hypotheses": hypotheses},
    )  # fmt: skip

    assert [one.p_value for one in shares.estimates] == [None]
    assert shares.tests[0].p_value == pytest.approx(0.0163951, rel=1e-5)
    assert adjusted.tests[0].p_value == pytest.approx(2 * shares.tests[0].p_value)


@pytest.mark.parametrize("method", ["negative_binomial", "parametric_survival"])
def test_an_arm_without_events_is_named_as_a_reason(method):
    table = TABLE[:9].assign(arm=list("aaaabbbbb"), value=[0, 0, 0, 0, 2, 0, 1, 5, 0])
    table = table.assign(event=[0, 0, 0, 0, 1, 1, 0, 1, 1], time=[1.5, 2, 2, 7, 1, 2, 9, 9, 4])

    assert "an arm has no event (separation)" in answers(table, {"method": method})[0].failed


def intervals(rows):
    return pd.DataFrame(rows, columns=["person", "arm", "start", "time", "event", "clinic", "step"])


def test_rows_at_once_are_taken_where_they_are_of_a_clinic_or_of_two_transitions():
    """Robust by clinic; and rows of several transitions that a person is at risk of at once."""
    days = DRAW.exponential(5.0, PEOPLE).round(2) + 0.5
    rows = [
        (
            person,
            ["low", "high"][person % 2],
            0.25,
            day,
            (person // 2 + len(step)) % 2,
            person % 5,
            step,
        )
        for person, day in enumerate(days)
        for step in ("out", "back")
    ]
    both = intervals(rows)
    first = both[both["step"] == "out"]

    (by_clinic,) = answers(first, {"method": "cox", "start": "start", "person": "clinic"})
    (by_step,) = answers(both, {"method": "cox", "start": "start", "strata": ["step"]})
    assert by_clinic.estimates and by_step.estimates
    assert "has ended" in refusal(both, {"method": "cox", "start": "start"})


def test_gap_times_may_all_begin_at_zero_and_rounding_overlaps_nothing():
    again = [
        (person, ["low", "high"][person % 2], 0.0, round(1.0 + DRAW.exponential(), 2), 1, 1, "a")
        for person in range(PEOPLE)
        for _ in range(2)
    ]
    wish = {"method": "recurrent", "start": "start"}
    assert answers(intervals(again), {**wish, "model": "pwp_gap"})[0].estimates
    assert "has ended" in refusal(intervals(again), {**wish, "model": "pwp_total"})

    split = [
        (person, ["low", "high"][person % 2], *stretch, 1, "a")
        for person in range(PEOPLE)
        for stretch in ((0.0, 0.1 + 0.2, 0), (0.3, 1.0 + person / 7, person % 3 > 0))
    ]
    assert answers(intervals(split), {"method": "cox", "start": "start"})[0].estimates


@pytest.mark.parametrize("minus", ["-", "\N{MINUS SIGN}"])
def test_visits_before_the_first_day_go_by_rows_and_not_backwards(minus):
    words = {1: f"week {minus}8", 2: f"week {minus}4", 4: f"week {minus}1", 10: f"week {minus}0.5"}
    (found,) = answers(VISITS.assign(visit=VISITS["visit"].map(words)), REPEATED[0])

    assert any(", ".join(words.values()) in note for note in found.notes)


def test_rows_sorted_by_words_are_refused_and_not_taken_for_an_order_in_time():
    words = {1: "baseline", 2: "week 1", 4: "week 2", 10: "week 10"}
    named = VISITS.assign(visit=VISITS["visit"].map(words))

    assert answers(named, REPEATED[0])[0].estimates
    said = refusal(named.sort_values(["person", "visit"]), REPEATED[0])
    assert "the rows have 'week 10' before 'week 2'" in said


def test_visits_that_nobody_has_both_of_go_by_their_numbers():
    words = {1: "baseline", 2: "week 1", 4: "week 2", 10: "week 10"}
    named = VISITS.assign(visit=VISITS["visit"].map(words))
    apart = named[named["visit"] != np.where(named["person"] % 4 < 2, "week 2", "week 10")]
    backwards = pd.concat([apart[apart["person"] % 4 < 2], apart[apart["person"] % 4 >= 2]])
    notes = answers(backwards, REPEATED[0])[0].notes

    assert list(backwards["visit"].drop_duplicates())[-2:] == ["week 10", "week 2"]
    assert any("baseline, week 1, week 2, week 10;" in note for note in notes)


def test_an_empty_column_of_visit_numbers_is_as_none():
    adam = VISITS.assign(visit=VISITS["visit"].astype(str)).rename(columns=ADAM)
    adam = adam.assign(AVISIT="Week " + adam["AVISIT"], AVISITN=np.nan, PARAMCD="CRAVE")

    assert answers(adam, {**REPEATED[0], "parameter": "CRAVE"})[0].estimates


def test_numbers_that_are_text_in_python_are_numbers():
    text = TABLE.assign(age=TABLE["age"].astype(str).astype(object))
    cox = {"method": "cox", "covariates": ["age"]}

    assert answers(text, cox)[0].estimates == answers(TABLE, cox)[0].estimates


def test_a_version_is_no_date():
    said = refusal(TABLE.assign(age=["1.2.3", *TABLE["age"].astype(str)[1:]]), {
        "method": "cox", "covariates": ["age"],
    })  # fmt: skip
    assert "is no number among numbers" in said
