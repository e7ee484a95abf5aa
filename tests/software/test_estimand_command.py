"""Does `resynapse estimand` say what its numbers are, and write them where it is asked to?"""

from __future__ import annotations

import csv
import json

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.cli.estimand_shown import _told
from resynapse.trial.estimator_check import Performance

ASKED = ["estimand", "scenario-heroin-ketamine", "--variable", "days_abstinent_percent_6_months",
         "--arm", "ketamine-3-therapy", "--people", "500", "--trials", "40"]  # fmt: skip
ROWS = [
    Performance("missing as use", "treatment-policy", 9.54321, 0.474, 7.7, -1.84, 1.19, 0.975,
                0.0247, 40, 0),
    Performance("people who stayed", "treatment-policy", 9.54321, 0.474, float("nan"),
                float("nan"), float("nan"), float("nan"), float("nan"), 0, 40),
]  # fmt: skip


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr("resynapse.trial.estimand.worlds", lambda *_: None)
    monkeypatch.setattr("resynapse.trial.estimator_check.performance", lambda *_: ROWS)


def test_numbers_are_shown_with_unit_people_trials_and_error(found):
    said = " ".join(CliRunner().invoke(app, ASKED).output.split())

    assert "percentage points of days" in said
    assert "9.54 (0.47)" in said and "-1.8 (1.2), 97.5%" in said and "no estimate" in said
    assert "40 trials of 200 people in 6 arms, drawn from 500 simulated" in said
    assert "(error up to 2.5%)" in said


def test_output_is_a_row_an_estimator_and_the_object_of_json(found, tmp_path):
    answer = CliRunner().invoke(app, [*ASKED, "--json", "--output", str(tmp_path / "new")])

    rows = list(csv.DictReader((tmp_path / "new" / "estimand.csv").open(encoding="utf-8")))
    told = json.loads((tmp_path / "new" / "estimand.json").read_text(encoding="utf-8"))
    assert told == json.loads(answer.stdout)
    assert {key: told[key] for key in ("n", "people", "trials", "seed", "parameters")} == {
        "n": 200, "people": 500, "trials": 40, "seed": 1, "parameters": "calibrated"}  # fmt: skip
    assert [row["estimator"] for row in rows] == ["missing as use", "people who stayed"]
    assert (rows[0]["truth_error"], rows[0]["trials"], rows[1]["with_estimate"]) == (
        "0.474", "40", "0")  # fmt: skip
    assert "points" in rows[0]["unit"] and rows[0]["asked"] == "True" and rows[1]["bias"] == ""


def test_a_folder_that_is_there_is_refused_before_anything_is_simulated(tmp_path):
    answer = CliRunner().invoke(app, [*ASKED, "--output", str(tmp_path)])

    assert answer.exit_code == 2
    assert "choose another" in " ".join(answer.output.split())


@pytest.mark.parametrize(("value", "error", "said"), [
    (0.0987, 1.03, "+0.1 (1.0)"), (-0.00123, 0.00042, "-0.00123 (0.00042)"), (12.3, 14, "+12 (14)"),
    (1.0, 0.0, "+1"), (None, None, "nobody has a value")])  # fmt: skip
def test_a_number_has_the_places_of_two_figures_of_its_error(value, error, said):
    assert _told(value, error, "+") == said


def test_a_command_whose_help_speaks_of_output_has_it():
    commands = get_command(app).commands
    speak = [
        name
        for name, command in commands.items()
        if any("--output says" in (getattr(one, "help", None) or "") for one in command.params)
    ]

    assert "run" in speak
    for name in speak:
        options = {word for one in commands[name].params for word in one.opts}
        assert "--output" in options, name
