"""Is nothing said of use, craving or withdrawal of people who use no drug?"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.exchange import write
from resynapse.exchange.table import read_parquet
from resynapse.input_error import InputError
from resynapse.protocol import ProtocolError, dump, from_data, library, load, parse, text
from resynapse.protocol.without_use import ensure_use, uses
from resynapse.report import render
from resynapse.report.sections import published, standardised
from resynapse.trial.depression import ROWS, own_numbers
from resynapse.trial.fitted import fitted_for
from resynapse.trial.parameter_set import ParameterSetError, middle
from resynapse.trial.simulate import simulate
from resynapse.web.scenario import read

FEW = 16
DEPRESSED = [name for name in library() if not uses(load(name))]
OF_DEPRESSION = "Median time to relapse"
"""what a series published: loss of response to ketamine, and no use"""
OF_USE = re.compile(r"craving|abstinen|relapse|lapse|overdose|withdrawal|days without use", re.I)


def given() -> dict:
    """A protocol of two arms in people with depression, as plain data."""
    dose = {"drug": "ketamine", "dose": "0.5 mg/kg iv over 40 min", "days": [0]}
    saline = {"drug": "saline", "dose": "iv over 40 min", "days": [0]}
    return {
        "name": "mine", "title": "Mine", "disorder": "depression", "blinding": "masked",
        "arms": [
            {"id": "k", "label": "K", "doses": [dose]},
            {"id": "s", "label": "S", "control": "saline", "doses": [saline]},
        ],
        "follow_up": "7 days", "visits": [0, 1, 7], "endpoints": ["mood_madrs_day_1"],
        "reference": "s",
    }  # fmt: skip


def changed(**fields) -> dict:
    """The same with other fields."""
    return {**copy.deepcopy(given()), **fields}


def in_first_arm(**fields) -> dict:
    """The same with other fields of its first arm."""
    data = copy.deepcopy(given())
    data["arms"][0].update(fields)
    return data


@pytest.fixture(scope="module")
def result():
    return simulate(load("kishimoto-2016"), patients=FEW, seed=1, draws=2)


@pytest.mark.parametrize("name", DEPRESSED)
def test_every_protocol_of_depression_runs_with_a_few_people(name):
    plan = load(name)

    found = simulate(plan, patients=FEW, seed=1, draws=0, rivals=False)
    page = render(found)

    assert set(found.arms) == {arm.id for arm in plan.arms}
    for arm in found.arms.values():
        assert set(arm.endpoints) == set(plan.endpoints)
        assert all(one.value is not None for one in arm.endpoints.values())
        assert not (arm.use_days > 0).any()
    shown = re.sub(r"<style>.*?</style>", "", page.split('id="parameters"')[0], flags=re.S)
    said = re.sub(r"<[^>]+>", " ", shown).replace(OF_DEPRESSION, "")
    assert not OF_USE.search(said)


@pytest.mark.parametrize("rival", ["default", "rival", "window_off"])
def test_nothing_of_use_is_in_what_a_run_returns(result, rival):
    arms = result.arms if rival == "default" else getattr(result, rival)

    for arm in arms.values():
        assert set(arm.states) == {"mood", "window"}
        assert "overdose_deaths" not in arm.safety
    assert {one.measure for one in result.comparisons} == {"mean_difference"}
    assert not [name for name in result.knowledge if OF_USE.search(name)]
    for courses in (result.acute, result.chronic):
        assert "arterial_ketamine" in courses or "mood" in courses
        assert not {"craving", "withdrawal", "control", "drug_memory", "using"} & set(courses)


def test_the_files_of_a_run_have_no_column_of_use(result, tmp_path):
    folder = write(result, tmp_path / "run", protocol_text="", report_html="")

    people = read_parquet(folder / "patients.parquet")

    assert {"mood_madrs_day_1", "cadss_peak", "belief"} <= set(people)
    assert not {"bouts", "first_use_day", "committed", "craving_vas_day_1"} & set(people)


def test_how_depressed_people_enter_is_not_drawn(result):
    entry = result.knowledge["ketamine: mood_madrs_day_0"]
    later = result.knowledge["ketamine against placebo: mood_madrs_day_1 mean_difference"]

    assert entry["high"] - entry["low"] < 8.0
    assert later["draws"] == 2


def test_a_pool_in_standard_deviations_stands_beside_the_same_of_the_run(result):
    (value,) = result.published
    first, second = (result.arms[id].patients["mood_madrs_day_1"] for id in ("ketamine", "placebo"))

    d, low, high = standardised.apart(result, value)

    spread = (0.5 * (first.var() + second.var())) ** 0.5
    assert d == pytest.approx((first.mean() - second.mean()) / spread)
    assert low < d < high
    assert standardised.apart(result, replace(value, arm="nobody")) is None
    assert "Hedges g, standard deviations" in render(result)


def test_arms_are_compared_where_levels_hold_what_the_model_has_not():
    lii = simulate(load("lii-2023"), patients=FEW, seed=1, draws=0, rivals=False)

    found = {one.endpoint: one.value for one in published.differences(lii)}
    page = render(lii)

    assert found["mood_madrs_day_1"] == pytest.approx(12.7 - 16.4)
    assert len(found) == 7
    assert "Levels of an arm hold what comes without ketamine" in page
    assert "The level of an arm may not be held against a trial&#39;s" in page
    assert "Belief is off in this protocol" in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (changed(endpoints=["craving_vas_day_1"]), "craving_vas_day_1 is no endpoint of people"),
        (changed(endpoints=["abstinence_1_months"]), "they use no drug"),
        (changed(endpoints=["mood_madrs_day_1_committed"]), "they use no drug"),
        (changed(endpoints=["withdrawal_cows_day_1"]), "Allowed are mood_madrs_day_N"),
        (changed(endpoints=["retention_7_days"]), "drop-out was not learned"),
        (changed(setting={"detoxification_days": 5}), "Leave `setting` out"),
        (changed(severity={"craving": "severe"}), "Leave `severity` out"),
        (changed(rules=[{"name": "a", "visits": [1], "when": "lapsed", "then": "give"}]),
         "Leave `rules` out"),
        (changed(conduct={}), "`conduct` is of trials in people who use a drug"),
        (in_first_arm(therapies=[{"type": "CBT", "days": [1], "hours": "1 h"}]),
         "what one does to depression it does not carry"),
        (in_first_arm(medications=[{"drug": "methadone", "amount": "75 mg", "every": "1 day",
                                    "start_day": 0}]), "methadone treats use of opioids"),
    ],
)  # fmt: skip
def test_what_people_without_use_cannot_have_is_refused_by_name(data, said):
    with pytest.raises(ProtocolError) as refused:
        from_data(data, "mine")

    assert said in str(refused.value)


def test_a_protocol_written_out_is_read_back_and_an_antidepressant_is_allowed():
    taken = [{"drug": "antidepressant", "amount": "10 mg", "every": "1 day", "start_day": 0}]
    plan = from_data(in_first_arm(medications=taken), "mine")

    assert parse(dump(plan), "resolved") == plan
    assert plan.setting.use_days_before == 0.0
    assert not any(arm.historical_comparator for arm in plan.arms)


def test_a_command_that_asks_about_use_says_so():
    with pytest.raises(InputError, match="resynapse power asks about use of a drug"):
        ensure_use(load("lii-2023"), "resynapse power")

    plan = load("dakwar-2019")
    assert ensure_use(plan, "resynapse power") is plan


@pytest.mark.parametrize(
    "asked",
    [
        ("power", "lii-2023", "--endpoint", "lapse_30_days"),
        ("estimand", "lii-2023"),
        ("search", "lii-2023", "--benefit", "abstinence_1_months", "--vary", "dose"),
        ("information", "lii-2023"),
        ("sensitivity", "lii-2023"),
        ("prior-check", "lii-2023"),
        ("run", "lii-2023", "--patient", "1"),
    ],
)
def test_on_the_command_line_it_is_one_sentence(asked):
    done = CliRunner().invoke(app, asked)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "asks about use of a drug" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_page_draws_no_programme_of_theirs_and_says_so():
    body = json.dumps({"text": text("lii-2023"), "patients": FEW}).encode()

    with pytest.raises(InputError, match="The page asks about use of a drug"):
        read(body)


def test_a_stage_of_people_who_use_is_refused_and_the_fitted_mood_is_not():
    with pytest.raises(ParameterSetError, match="fitted to people who use a drug"):
        fitted_for("ketamine", "depression")
    with pytest.raises(ParameterSetError, match="fitted to people who use heroin or fentanyl"):
        fitted_for("medications", "depression")

    assert fitted_for("mood", "depression") is not None


def test_each_number_of_depression_is_in_the_patient_and_says_where_it_is_from():
    patient = middle("depression", None)

    assert own_numbers("depression")["mood.trait"] == patient.mood.trait
    assert patient.lapse.baseline == patient.mood.recovery_weight == 0.0
    assert all(row.source and row.status in ("assumed", "derived") for row in ROWS)
