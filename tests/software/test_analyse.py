"""Does `resynapse analyse` answer a plan, and say in a sentence what is wrong with a table?"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.input_error import InputError
from resynapse.trial.analysis import analyse, parse_plan, read_table

SURVIVAL = pd.DataFrame(
    {
        "person": range(8),
        "arm": ["low", "high"] * 4,
        "time": [3.0, 9.0, 11.0, 12.0, 6.0, 2.0, 2.5, 15.0],
        "event": [1, 1, 1, 0, 0, 1, 1, 1],
        "site": ["a", "a", "b", "b"] * 2,
    }
)
REPEATED = pd.DataFrame(
    {
        "person": np.repeat(range(12), 2),
        "arm": np.repeat(["low", "high"] * 6, 2),
        "visit": [1, 2] * 12,
        "value": np.random.default_rng(2).normal(size=24).round(3),
    }
)


def answers(table, *analyses, **plan):
    text = json.dumps({"analyses": list(analyses), **plan})
    return analyse(table, parse_plan(text, "plan"))


def refusal(table, *analyses, **plan):
    with pytest.raises(InputError) as caught:
        answers(table, *analyses, **plan)
    assert "\n" not in caught.value.message
    return caught.value.message


def test_the_worked_example_of_the_documentation_is_answered_in_json(root):
    folder = root / "examples/analyse"
    for name, quantities in (("relapse", 14), ("craving", 12)):
        data, plan = str(folder / f"{name}.csv"), str(folder / f"{name}.yaml")

        said = CliRunner().invoke(app, ["analyse", data, "--plan", plan, "--json"])

        found = json.loads(said.stdout)
        assert said.exit_code == 0
        assert found["failed"] == 0
        assert sum(len(one["estimates"]) for one in found["analyses"]) == quantities
        keys = {"estimate", "standard_error", "low", "high", "statistic", "p_value"}
        assert all(keys <= set(row) for one in found["analyses"] for row in one["estimates"])


def test_an_adtte_export_is_read_by_its_own_names():
    adtte = SURVIVAL.rename(columns={"person": "USUBJID", "arm": "TRTP", "time": "AVAL"})
    adtte = adtte.assign(CNSR=1 - adtte["event"], PARAMCD="LAPSE").drop(columns="event")
    other = adtte.assign(PARAMCD="DROPOUT", AVAL=99.0)
    both = pd.concat([adtte, other])

    plain = answers(SURVIVAL, {"method": "cox"})[0]
    exported = answers(both, {"method": "cox", "parameter": "LAPSE"})[0]

    assert plain.failed is None
    assert exported.estimates == plain.estimates
    assert "say which with `parameter`" in refusal(both, {"method": "cox"})


def test_a_fit_that_fails_is_counted_and_explained_beside_those_that_did_not(tmp_path):
    table = SURVIVAL.assign(event=[1, 0] * 4)
    table.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "plan.yaml").write_text("analyses: [{method: cox}, {method: log_rank}]")
    files = [str(tmp_path / "data.csv"), "--plan", str(tmp_path / "plan.yaml")]

    said = CliRunner().invoke(app, ["analyse", *files, "--json"])

    cox, test = json.loads(said.stdout)["analyses"]
    assert said.exit_code == 2
    assert "separation" in cox["failed"] and cox["estimates"] == []
    assert test["failed"] is None and test["tests"][0]["p_value"] > 0
    assert "'1 cox' failed" in said.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is empty"),
        (b"arm,time\n", "no rows under its header"),
        (b"arm,time,arm\nlow,1,low\n", "two columns named 'arm'"),
        (b"arm,time\nlow,1,2\nhigh,2,3\n", "is not a CSV table"),
        (b"arm,time\nlow,1\nhigh,2,3,4\n", "is not a CSV table"),
        (b"arm;time\nlow;1\n", "separated by semicolons"),
        (b"arm,time\n\xff\xfe,1\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(tmp_path, text, words):
    path = tmp_path / "data.csv"
    path.write_bytes(text)

    with pytest.raises(InputError, match="data.csv") as caught:
        read_table(path)

    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_a_time_to_which_no_one_was_followed_gets_a_note_and_no_estimate():
    found = answers(SURVIVAL.assign(event=[1, 1, 0, 0] * 2), {"method": "kaplan_meier", "at": [13]})

    shares = [one.quantity for one in found[0].estimates if "13" in one.quantity]
    assert shares == ["survival at 13, high"]
    assert found[0].notes == ("no one of arm low was followed to 13, so no share is given there",)


def test_all_censored_people_give_no_estimate():
    found = answers(SURVIVAL.assign(event=0), {"method": "log_rank"}, {"method": "kaplan_meier"})

    assert [one.failed for one in found] == ["No one had the event, all are censored."] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time": -1.0}, "Column 'time' (-1.0) is negative in line 2"),
        ({"time": "soon"}, "Column 'time' (soon) is no finite number in line 2"),
        ({"time": np.nan}, "Column 'time' is empty in line 2"),
        ({"event": 2}, "Column 'event' (2) is neither 0 nor 1 in line 2"),
        ({"person": 1}, "Line 3 repeats person 1. Keep one row for each"),
        ({"arm": np.nan}, "Column 'arm' is empty in line 2"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named_with_its_line(change, words):
    table = SURVIVAL.astype(object)
    table.loc[0, list(change)] = list(change.values())

    assert words in refusal(table, {"method": "log_rank"})


def test_one_arm_alone_cannot_be_compared():
    assert "one arm only, 'low'" in refusal(SURVIVAL.assign(arm="low"), {"method": "cox"})


def test_a_column_that_is_missing_is_answered_with_the_nearest_name():
    said = refusal(SURVIVAL.rename(columns={"time": "times"}), {"method": "cox"})

    assert "no column 'time'. Did you mean times?" in said


def test_a_reference_arm_that_is_not_there_is_answered_with_the_arms():
    said = refusal(SURVIVAL, {"method": "cox"}, reference="lo")

    assert "Did you mean low? Arms: high, low." in said


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (REPEATED.assign(value=1.0), "constant or empty"),
        (REPEATED.assign(visit=1), "repeats person 0, visit 1; 12 rows do so."),
        (REPEATED.assign(arm=["low", "high"] * 12), "Person 0 changes arm"),
        (REPEATED[REPEATED["visit"] == 1], "one visit only"),
    ],
)
def test_repeated_measures_that_are_none_are_refused(table, words):
    assert words in refusal(table, {"method": "mixed_model"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("analyses: [{method: coks}]", "'coks' is no method. Methods: kaplan_meier"),
        ("analyses:\n- method: cox\n  tie: efron", "line 3, analysis 1 (cox), tie: no option"),
        ("analyses: []", "at least one is needed"),
        ("analyses: [{method: cox, ties: exact}]", "'exact' was given; allowed"),
        ("- cox", "a plan is a mapping of fields"),
        ("", "the file is empty"),
    ],
)
def test_a_plan_that_cannot_be_used_says_where_and_what_is_allowed(text, words):
    with pytest.raises(InputError, match="plan") as caught:
        parse_plan(text, "plan")

    assert words in caught.value.message


ONE_EACH = pd.DataFrame(
    {
        "person": range(60),
        "arm": ["low", "high", "none"] * 20,
        "time": np.random.default_rng(3).exponential(10, 60).round(1) + 0.1,
        "cause": [0, 1, 2, 1, 1] * 12,
        "start": 0.0,
        "age": np.random.default_rng(4).normal(40, 9, 60).round(),
        "abstinent": [0, 1, 1, 0] * 15,
        "days": np.random.default_rng(5).integers(0, 29, 60),
        "observed": 28,
    }
)
"""Three arms, so that each analysis has two comparisons"""


@pytest.mark.parametrize(
    ("wish", "estimates"),
    [
        ({"method": "cumulative_incidence", "event": "cause", "at": [5]}, 3),
        ({"method": "fine_gray", "event": "cause", "covariates": ["age"]}, 3),
        ({"method": "cause_specific", "event": "cause", "cause": 2}, 2),
        ({"method": "recurrent", "event": "abstinent", "model": "pwp_gap"}, 2),
        ({"method": "parametric_survival", "event": "abstinent"}, 2),
        ({"method": "logistic", "value": "abstinent", "firth": True}, 2),
        ({"method": "negative_binomial", "value": "days", "exposure": "observed"}, 2),
        ({"method": "beta_binomial", "value": "days", "trials": "observed"}, 2),
        ({"method": "wilcoxon", "value": "days", "strata": ["abstinent"]}, 4),
        ({"method": "rank_ancova", "value": "days", "covariates": ["age"]}, 0),
        ({"method": "win_ratio", "outcomes": [{"value": "time", "event": "abstinent"}]}, 12),
    ],
)
def test_every_method_answers_a_plan(wish, estimates):
    answer = answers(ONE_EACH, wish, reference="none")[0]

    assert answer.failed is None
    assert len(answer.estimates) == estimates
    assert answer.estimates or 0 < answer.tests[0].p_value < 1


def test_marginal_effects_answer_a_plan_on_visits():
    answer = answers(REPEATED, {"method": "gee", "family": "gaussian"})[0]

    assert answer.failed is None
    assert answer.n == 12


def test_hypotheses_are_adjusted_together_and_a_failed_one_is_not_rejected():
    wishes = [{"method": "log_rank", "name": "a"}, {"method": "cox", "name": "b"}]
    both = {"method": "holm", "hypotheses": [{"analysis": "a"}, {"analysis": "b"}]}

    found = answers(SURVIVAL.assign(event=[1, 0] * 4), *wishes, multiplicity=both)

    assert found[1].failed is not None
    assert [test.p_value for test in found[2].tests] == [min(2 * found[0].tests[0].p_value, 1), 1]


def test_a_hypothesis_that_no_analysis_has_is_answered_with_the_nearest_name():
    both = {"method": "holm", "hypotheses": [{"analysis": "effect"}, {"analysis": "efect"}]}

    said = refusal(SURVIVAL, {"method": "cox", "name": "effect"}, multiplicity=both)

    assert "no analysis 'efect'. Did you mean effect?" in said


FEW = pd.DataFrame(
    {"arm": ["a", "b", "b", "a"], "time": [1.0, 2.0, 1.0, 4.0], "event": [1, 0, 1, 1]}
)


def test_a_model_keeps_its_estimate_where_proportional_hazards_cannot_be_tested():
    (found,) = answers(FEW, {"method": "cox"})

    assert found.failed is None and found.estimates[0].estimate == pytest.approx(1.0)
    assert {one.name for one in found.tests} == {"likelihood_ratio", "score"}
    assert "too few times" in found.notes[0]


@pytest.mark.parametrize(
    ("said", "wish", "columns"),
    [
        (
            "separation",
            {"method": "gee", "correlation": "independence", "value": "y"},
            {"y": [1, 1, 0, 0] * 2, "visit": [1, 2] * 4, "person": [1, 1, 2, 2, 3, 3, 4, 4]},
        ),
        (
            "leave nothing",
            {"method": "rank_ancova", "value": "y", "covariates": ["x"]},
            {"y": range(8), "x": range(8)},
        ),
        (
            "one person",
            {"method": "win_ratio", "outcomes": [{"value": "y"}]},
            {"y": [0, 1, 1, 0, 2, 0, 0, 1]},
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_the_data_hardly_determine_is_a_failed_fit_and_no_traceback(said, wish, columns):
    arm = ["a", "a", "b", "b"] * 2
    table = pd.DataFrame({"arm": arm, **columns})
    if wish["method"] == "win_ratio":
        table = table.iloc[[0, 2, 4]]

    (found,) = answers(table, wish)

    assert found.failed and said in found.failed and not found.estimates


def test_without_any_censoring_fine_and_gray_keep_people_with_another_event_at_risk():
    chance = np.random.default_rng(3)
    arm, time = np.repeat([0, 1], 30), chance.exponential(1.0, 60)
    cause = chance.integers(1, 3, 60)
    for_ever = np.where(cause == 1, time, 1e6)
    table = pd.DataFrame({"arm": np.where(arm, "b", "a"), "time": time, "event": cause})
    stays = table.assign(time=for_ever, event=(cause == 1).astype(int))

    (fine,) = answers(table, {"method": "fine_gray", "cause": 1})
    (cox,) = answers(stays, {"method": "cox"})

    assert fine.estimates[0].estimate == pytest.approx(cox.estimates[0].estimate, rel=1e-7)
