"""Does `resynapse power` answer, go on after it was stopped, and grow?"""

from __future__ import annotations

import json
import re
import shlex
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.protocol import load, text
from resynapse.trial.power.people import Population, for_endpoint, two_arms

WISH = [
    *("power", "dakwar-2019", "--endpoint", "lapse_30_days", "--n", "20,40", "--people", "128"),
    *("--trials", "80", "--json", "--quiet"),
]


def said(*words):
    return CliRunner().invoke(app, [*words])


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """Eight batches at once, and four that were made eight."""
    folder = tmp_path_factory.mktemp("power") / "run"
    half = [*WISH, "--batches", "4", "--analysis", "log_rank", "--analysis", "cox"]
    first = said(*half, "--trials", "40", "--output", str(folder))
    second = said("power", "--grow", str(folder), "--batches", "4", "--json", "--quiet")
    return folder, first, second


def test_a_grown_run_is_the_run_that_was_as_large_from_the_beginning(grown, tmp_path):
    _, first, second = grown
    assert first.exit_code == second.exit_code == 0
    whole = [*WISH, "--batches", "8", "--analysis", "log_rank", "--analysis", "cox"]

    at_once = json.loads(said(*whole, "--output", str(tmp_path / "whole")).stdout)

    found = json.loads(second.stdout)
    assert found["batches"] == 8
    assert found["results"] == at_once["results"]
    assert found["results"] != json.loads(first.stdout)["results"]


def test_a_run_that_lost_batches_comes_to_the_same_result(grown, tmp_path):
    folder, _, second = grown
    copy = tmp_path / "killed"
    shutil.copytree(folder, copy)
    chunks = sorted(copy.glob("people/*/*.npz"))
    chunks[1].unlink()
    chunks[2].write_bytes(b"half")

    again = said("power", "--resume", str(copy), "--json")

    assert again.exit_code == 0
    assert str(copy / "report.html") in again.stderr
    assert str(copy / "sample_size.txt") in again.stderr
    assert json.loads(again.stdout) == json.loads(second.stdout)


def test_every_number_comes_with_its_monte_carlo_error(grown):
    found = json.loads(grown[2].stdout)

    assert len(found["results"]) == 3 * 2 * 2
    for row in found["results"]:
        share = row["rejected"]
        assert 0 < share["error"] < 0.2
        assert share["low"] <= share["value"] <= share["high"]
        if row["method"] == "cox":
            assert row["bias"]["error"] > 0
            assert 0.8 < row["coverage"]["value"] <= 1.0
    assert {row["world"] for row in found["results"]} == {
        "as asked", "no effect", "expectancy alone",
    }  # fmt: skip


def test_the_arms_of_the_null_are_the_same_people_and_expectancy_parts_those_of_the_rival():
    protocol = for_endpoint(two_arms(load("dakwar-2019"), "ketamine"), "lapse_30_days")
    people = Population(protocol, "lapse_30_days", seed=1)

    worlds = people.worlds(0, 96, None)

    same, rival = worlds["no effect"], worlds["expectancy alone"]
    assert same["treated"] is same["control"]
    assert np.any(rival["treated"].seen != rival["control"].seen)
    assert all(np.all(one.seen <= one.whole) for arms in worlds.values() for one in arms.values())


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ([], "Missing argument 'PROTOCOL'"),
        (["dakwar-2019"], "Missing option '--endpoint'"),
        (
            ["dakwar-2019", "--endpoint", "lapse_30_days", "--arm", "placebo"],
            "no arm to set against",
        ),
        (["dakwar-2019", "--endpoint", "relapse_90_months"], "Lengthen follow_up"),
        (["dakwar-2019", "--endpoint", "lapse_30_days", "--batches", "2"], "give 4 or more"),
        (["dakwar-2019", "--endpoint", "lapse_30_days", "--draws", "-1"], "--draws -1: give 2"),
        (["dakwar-2019", "--endpoint", "lapse_30_days", "--draws", "1"], "--draws 1: give 2"),
        (["dakwar-2019", "--endpoint", "lapse_30_days", "--people", "20"], "largest trial"),
        (["--grow", "nowhere"], "no power run that could go on"),
        (["--resume", "nowhere", "--n", "500"], "--n cannot be given with --resume"),
        (["--grow", "nowhere", "--alpha", "0.1"], "--alpha cannot be given with --grow"),
        (["--resume", "nowhere", "--batches", "4"], "--batches cannot be given with --resume"),
        (
            [
                "dakwar-2019",
                "--endpoint",
                "lapse_30_days",
                "--arm",
                "ketamine",
                "--arm",
                "ketamine",
            ],
            "--arm ketamine is given twice",
        ),
        (
            ["dakwar-2019", "--endpoint", "lapse_30_days", "--draws", "2", "--batches", "8"],
            "leave --batches out",
        ),
        (
            ["dakwar-2019", "--endpoint", "lapse_30_days", "--draws", "9999999"],
            "--draws 9999999: give at most 50000",
        ),
    ],
)
def test_what_cannot_be_asked_is_answered_in_a_sentence(words, answer):
    result = said("power", *words, "--quiet")

    assert result.exit_code == 2
    assert answer in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("wish", [("--batches", "0"), ("--batches", "-1"), ("--draws", "-1")])
def test_a_run_that_grows_by_nothing_or_less_is_refused_and_kept(grown, wish):
    folder, _, _ = grown
    before = (folder / "question.json").read_bytes()

    result = said("power", "--grow", str(folder), *wish, "--quiet")

    assert result.exit_code == 2 and f"{' '.join(wish)}: with --grow give 1" in result.stderr
    assert (folder / "question.json").read_bytes() == before


@pytest.mark.parametrize(
    "change", [{"trials": "x"}, {"people": "z"}, {"endpoint": 3}, {"switches": [1]}, {"seed": True}]
)
def test_a_question_that_was_changed_by_hand_into_none_is_refused(grown, tmp_path, change):
    copy = tmp_path / "edited"
    shutil.copytree(grown[0], copy)
    told = json.loads((copy / "question.json").read_text(encoding="utf-8"))
    (copy / "question.json").write_text(json.dumps({**told, **change}), encoding="utf-8")

    result = said("power", "--resume", str(copy), "--quiet")

    assert result.exit_code == 2
    assert (
        f"question.json: {next(iter(change))} is {next(iter(change.values()))!r}" in result.stderr
    )


def test_the_command_that_is_handed_out_names_the_file_and_runs(tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").write_text(
        text("dakwar-2019").replace("name: dakwar-2019", "name: another", 1), encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    asked = ["--endpoint", "lapse_30_days", "--n", "20", "--people", "96", "--trials", "40"]
    said("power", "mine.yaml", *asked, "--batches", "4", "--output", "run", "--quiet")
    told = (tmp_path / "run/sample_size.txt").read_text(encoding="utf-8")

    again = shlex.split(re.search(r"resynapse (power .*)", told)[1].rstrip(".\n"))

    assert again[1] == "mine.yaml"
    assert said(*again, "--quiet").exit_code == 0
    said("power", "--resume", "run", "--quiet")
    assert (tmp_path / "run/sample_size.txt").read_text(encoding="utf-8") == told
