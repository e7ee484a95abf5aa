"""Is what was found by the checks of the fit kept as it was told, and is it said to be old?"""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from resynapse.cli import calibrate_beside, calibrate_check
from resynapse.cli.command_line import app
from resynapse.inference import fit_checks, joint, simulation_based
from resynapse.inference.simulation_based import THINNED, Ranks
from resynapse.inference.stages.ketamine import BEFORE
from resynapse.trial.model_hash import model_hash
from resynapse.trial.parameter_set import shipped_set

NAMES = ("early_effect", "decay", "window_gain")


def ran(*words):
    return CliRunner().invoke(app, ["calibrate", *words, "--quiet"])


def ranks(seed):
    chance = np.random.default_rng(seed)
    truth = chance.normal(size=(40, 3))
    return Ranks(NAMES, chance.integers(0, THINNED + 1, (40, 3)), truth, truth)


@pytest.mark.parametrize("name", [fit_checks.CHECK, fit_checks.BESIDE])
def test_what_ships_of_a_check_says_of_which_model_it_is_and_which_command_made_it(name):
    found = fit_checks.stored(name)

    assert found["made"]["command"].startswith(f"resynapse calibrate --{name}")
    assert len(found["model_hash"]) == 64
    assert {"date", "version"} <= set(found["made"])
    if found["model_hash"] != model_hash():
        assert fit_checks.earlier(found).startswith("It is of an earlier model (")


def test_a_check_over_other_sets_than_ship_says_so():
    told = fit_checks.stamped({}, "resynapse calibrate --check")
    assert fit_checks.earlier(told) == ""
    assert told["over"] == {name: shipped_set(name).content for name in BEFORE}

    told["over"]["mood"] = "another"
    assert fit_checks.earlier(told).startswith("It lay over other sets of mood than ship")
    assert "earlier model" in fit_checks.earlier({**told, "model_hash": "another"})


def test_a_check_is_written_as_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(
        simulation_based, "checked", lambda progress: (ranks(1), ranks(2), (ranks(3),))
    )
    file = tmp_path / "check.json"

    answer = ran("--check", "--output", str(file), "--json")

    told = json.loads(file.read_text())
    assert told == json.loads(answer.stdout)
    assert told["model_hash"] == model_hash() and told["data_sets"] == 40
    assert set(told["right"]) == set(told["too sure"]) == set(NAMES)
    *table, _, even, _, last = calibrate_check.lines(told)
    assert len(table) == 2 + 2 * len(NAMES)
    assert even == calibrate_check.EVEN
    assert f"early effect {told['again'][0]['early_effect']['p']:.2g};" in last
    assert sum(told["right"]["decay"]["ranks"]) == told["data_sets"]
    assert list(tmp_path.iterdir()) == [file]


def test_fits_side_by_side_are_written_with_the_command_that_made_them(tmp_path, monkeypatch):
    monkeypatch.setattr(joint, "beside", lambda *given: joint.Beside({}, {"stability": (0.2, 1.0)}))
    file = tmp_path / "beside.json"

    answer = ran("--beside", "--quick", "--output", str(file))

    told = json.loads(file.read_text())
    assert answer.stdout.strip() == "\n".join(calibrate_beside.lines(told))
    assert told["made"]["command"] == "resynapse calibrate --beside --quick"
    assert told["moved"]["stability"] == {"shift": 0.2, "sd_ratio": 1.0}


@pytest.mark.parametrize("option", ["--quick", "--resume"])
def test_the_check_refuses_what_it_would_not_heed(option):
    answer = ran("--check", option)

    assert answer.exit_code == 2
    assert f"--check has no use for {option}" in " ".join(answer.stderr.split())


def test_the_page_says_what_was_found_and_not_what_was_hoped(root, monkeypatch):
    from software.test_built_pages import loaded

    module = loaded(root, "credibility")
    found = fit_checks.stored(fit_checks.CHECK)
    monkeypatch.setattr(module.fit_checks, "stored", lambda name: found)
    for one in found["right"].values():
        one["p"] = 0.5
    assert "ranks uniform (p above 0.005 for each number): yes" in module._checked()[0]

    found["right"]["decay"]["p"] = 1e-9
    assert "for each number): **no**" in module._checked()[0]

    found["model_hash"] = "0" * 64
    old = fit_checks.earlier(found)
    assert "0" * 12 in old and old in module._checked()[0]
