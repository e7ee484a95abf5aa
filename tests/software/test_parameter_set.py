"""Can a set of fitted parameters be trusted to belong to the model that uses it?"""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from inspect import signature

import numpy as np
import pytest

from resynapse.cli.calibrate import calibrate
from resynapse.cli.calibrate_stage import stage_named
from resynapse.cli.estimand import estimand
from resynapse.cli.faults import InputError
from resynapse.cli.run import run
from resynapse.cli.search.command import search
from resynapse.cli.serve import serve
from resynapse.parameter import lookup
from resynapse.patient import Patient, parameters
from resynapse.population.disorder import DISORDERS, apply, pack
from resynapse.protocol import load, parse
from resynapse.trial import parameter_set as sets
from resynapse.trial.estimand import worlds
from resynapse.trial.fitted import _calibrated as of_disorder
from resynapse.trial.fitted import fitted_for
from resynapse.trial.knowledge import drawn
from resynapse.trial.model_hash import code, model_hash
from resynapse.trial.parameter_set import middle
from resynapse.trial.power import designs
from resynapse.trial.provenance import parameter_rows
from resynapse.trial.replay import replay
from resynapse.trial.simulate import simulate
from resynapse.web.queue.trial_work import TrialWork

TEXT = """
name: one-arm
title: One arm, three days
disorder: heroin
blinding: open
arms:
  - id: ketamine
    label: Ketamine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1]}]
follow_up: 3 d
reference: ketamine
"""
DATA = sets.data_hash(("dakwar-2019",))
PATHS = ("learning.window_gain", "window.sustained_time")


def made_with(parameters):
    """The arm by this set, without rivals, of which nothing is asked here."""
    plan = parse(TEXT, "test")
    return simulate(plan, patients=8, draws=0, parameters=parameters, rivals=False)


@pytest.fixture
def fitted():
    rows = ((0.0, 5.0), (0.5, 6.0), (1.0, 9.0))
    return sets.ParameterSet(PATHS, rows, ("dakwar-2019",), ("ketamine",), model_hash(), DATA, {})


def test_a_set_that_was_written_is_read_back_as_it_was(fitted, tmp_path):
    fitted.write(tmp_path / "set.json")

    assert sets.parameter_set(str(tmp_path / "set.json")) == fitted


def test_a_set_that_was_edited_is_refused(fitted, tmp_path):
    place = tmp_path / "set.json"
    fitted.write(place)
    content = json.loads(place.read_text())
    content["draws"][0][0] = 3.0
    place.write_text(json.dumps(content))

    with pytest.raises(InputError, match="changed after it was written.*--parameters prior"):
        sets.parameter_set(str(place))


def test_a_set_of_another_model_stops_the_run(fitted, tmp_path):
    place = tmp_path / "set.json"
    dataclasses.replace(fitted, model="0" * 64).write(place)

    with pytest.raises(InputError, match="another version of the model.*calibrate"):
        simulate(load("jovaisa-2006"), patients=8, parameters=str(place))


def test_a_set_fitted_to_other_numbers_stops_the_run(fitted, tmp_path):
    place = tmp_path / "set.json"
    dataclasses.replace(fitted, data="0" * 64).write(place)

    with pytest.raises(InputError, match="other numbers or protocols of dakwar-2019"):
        sets.parameter_set(str(place))


@pytest.mark.parametrize(
    ("name", "words"),
    [("posterior", "give calibrated, prior"), ("nowhere.json", "cannot be read")],
)
def test_a_set_that_does_not_exist_is_explained(name, words):
    with pytest.raises(InputError, match=words):
        sets.parameter_set(name)


def test_a_file_that_is_no_set_is_explained(tmp_path):
    (tmp_path / "other.json").write_text("[1, 2]")

    with pytest.raises(InputError, match="no set that"):
        sets.parameter_set(str(tmp_path / "other.json"))


def test_priors_are_no_set():
    assert sets.parameter_set("prior") is None


def test_the_run_without_draws_takes_medians_and_draws_take_rows(fitted):
    assert fitted.medians() == {"learning.window_gain": 0.5, "window.sustained_time": 6.0}

    second = drawn(Patient(), 1, 4, {}, fitted)
    assert float(second.learning.window_gain) == 0.5
    assert float(second.window.sustained_time) == 6.0
    other = drawn(Patient(), 1, 4, {})
    assert float(second.body.liver_flow) == float(other.body.liver_flow)
    assert float(drawn(Patient(), 1, 4, {PATHS[0]: 2.0}, fitted).learning.window_gain) == 2.0


def test_a_run_with_a_fitted_set_says_to_what_it_was_fitted_and_how_little(fitted, tmp_path):
    from resynapse.report.sections.opening import parameters_said

    place = tmp_path / "set.json"
    fitted.write(place)
    result = made_with(str(place))

    assert result.parameters == "calibrated"
    assert result.manifest["calibrated_to"] == ["dakwar-2019"]
    assert parameters_said(result).startswith("Parameters: 2 of ")
    assert parameters_said(result).endswith(
        "calibrated to dakwar-2019; all others prior, not calibrated."
    )


@pytest.mark.parametrize("given", ["sets/set.json", None])
def test_a_command_names_a_set_as_it_was_given_and_no_folder_of_a_machine(
    fitted, tmp_path, monkeypatch, given
):
    place = tmp_path / "sets/set.json"
    place.parent.mkdir()
    fitted.write(place)
    monkeypatch.chdir(tmp_path)

    result = made_with(given or str(place))

    assert f"--parameters {given or 'set.json'}" in result.manifest["command"]
    assert str(tmp_path) not in str(result.manifest)


def test_the_hash_of_the_model_sees_formulas_and_not_prose():
    plain = code('def f(x):\n    """Twice."""\n    return 2.0 * x  # why\n')

    assert plain == code("def f(x):\n    '''Double it.'''\n\n    return 2.0 * x\n")
    assert plain != code("def f(x):\n    return 3.0 * x\n")
    assert code('name = "a"\n') != code('name = "b"\n')


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stage": "z"}, r"no such stage. Give one of a \(kinetics\)"),
        ({"output": "set.yaml"}, "ends in .json, or a folder"),
        ({"output": "set", "stage": "b"}, r"ends in .json\."),
        ({"output": "none/set.json"}, "there is no folder"),
        ({"add": ["more-kare"]}, "names no completed study"),
    ],
)
def test_a_calibration_that_cannot_be_asked_for_is_refused_before_it_starts(
    options, words, tmp_path
):
    if "output" in options:
        options["output"] = tmp_path / options["output"]
    with pytest.raises(InputError, match=words):
        calibrate(**options)


@pytest.mark.parametrize("name", sets.FILES)
def test_a_set_that_ships_is_whole_and_names_parameters_of_the_model(name):
    text = files("resynapse.trial").joinpath(sets.FILES[name]).read_text("utf-8")
    content = json.loads(text)
    digest = content.pop("content")
    known = {entry.path: entry for entry in parameters()}

    assert digest == sets._digest(content)
    assert set(content["paths"]) <= set(known)
    assert len(content["draws"]) >= 400
    assert all(len(row) == len(content["paths"]) for row in content["draws"])
    assert "quick" not in content["made"]
    assert content["made"]["divergences"] == 0
    assert all(one["r_hat"] < 1.01 for one in content["made"]["diagnoses"])
    assert all(one["effective_sample"] > 400 for one in content["made"]["diagnoses"])


@pytest.mark.parametrize("disorder", ["alcohol", "cocaine"])
def test_people_with_another_disorder_are_drawn_around_its_own_numbers(disorder):
    patient = apply(Patient(), disorder)
    drawings = [drawn(patient, 1, number, {}) for number in range(64)]

    for path, value in pack(disorder).overrides.items():
        found = np.array([float(lookup(one, path)) for one in drawings])
        assert np.median(found) == pytest.approx(value, rel=0.2), path
    uses = [float(one.opioid.uses_at_full_reward) for one in drawings]
    assert np.std(np.log(uses)) == pytest.approx(0.2, rel=0.3)


def test_stages_stand_side_by_side_draw_by_draw():
    both = sets.parameter_set("calibrated")
    parts = [sets.parameter_set(name) for name in sets.FILES]

    again = [path for part in parts for path in part.made.get("again", ())]
    assert again == ["lapse.uncommitted"]
    later = {}
    for part in parts:
        later |= part.row(7)
    assert both.row(7) == later
    assert len(both.paths) == sum(len(part.paths) for part in parts) - len(again)
    assert both.stages[-1] == "ketamine"
    fitted_again = sets.parameter_set("medications").medians()
    assert both.medians()["lapse.uncommitted"] == fitted_again["lapse.uncommitted"]


def test_stages_that_fitted_the_same_parameter_are_not_joined(fitted):
    with pytest.raises(InputError, match=r"Two stages fitted learning\.window_gain"):
        sets.joined([fitted, fitted])


def test_a_run_draws_from_all_stages_unless_told_otherwise():
    for asked in (run, search, serve, estimand, simulate, replay, designs, worlds, TrialWork):
        assert signature(asked).parameters["parameters"].default == sets.CALIBRATED, asked
    assert fitted_for("stages", "heroin") == fitted_for(sets.CALIBRATED, "heroin")


def test_fits_and_checks_start_from_priors_whatever_a_run_draws_from(root):
    """Claims, and the weeks of CTN-0027, are of the sets that ship."""
    files = [one for one in (root / "src/resynapse/inference").rglob("*.py")
             if "claims" not in one.parts]  # fmt: skip
    functions = {"fitted_for", "fitted_at", "trial import fitted", "in_words"}

    assert len(files) > 60
    for one in files:
        used = functions - {"fitted_at"} if "weeks_judged" in one.parts else functions
        for of_a_run in ("trial.simulate import", "trial.replay", "designs import", *used):
            assert of_a_run not in one.read_text(encoding="utf-8"), one.name


@pytest.fixture
def stages(fitted):
    """Three stages of one calibration, the second fitted over the first."""
    rows = ((0.03,), (0.05,))
    first = dataclasses.replace(
        fitted, paths=("lapse.baseline",), draws=rows, stages=("natural-history",)
    )
    over = {sets.OVER: {"natural-history": first.content}}
    second = dataclasses.replace(
        first, paths=("stop.baseline",), stages=("medications",), made=over
    )
    return first, second, fitted


@pytest.mark.parametrize("name", ["fitted", "fitted.json"])
def test_stages_that_were_written_together_are_joined_when_read(stages, tmp_path, name):
    sets.write_all(stages, tmp_path / name)
    found = sets.parameter_set(str(tmp_path / name))

    assert found.stages == ("natural-history", "medications", "ketamine")
    assert found.stage_of["stop.baseline"] == "medications"
    assert found.row(1) == {
        "lapse.baseline": 0.05, "stop.baseline": 0.05, PATHS[0]: 0.5, PATHS[1]: 6.0,
    }  # fmt: skip
    assert fitted_for(str(tmp_path / name), "cocaine").stages == ("ketamine",)
    assert fitted_for(str(tmp_path / name), "heroin") == found


def test_a_stage_beside_another_fit_than_the_one_it_was_fitted_over_is_refused(stages, tmp_path):
    first, second, _ = stages
    other = dataclasses.replace(first, draws=((0.04,), (0.05,)))
    sets.write_all([other, second], tmp_path / "mixed")

    with pytest.raises(InputError, match="medications set .* over another natural-history set"):
        sets.parameter_set(str(tmp_path / "mixed"))


def test_a_folder_without_a_set_and_a_set_that_was_edited_in_one_are_explained(stages, tmp_path):
    with pytest.raises(InputError, match="holds none of natural_history.json"):
        sets.parameter_set(str(tmp_path))
    sets.write_all(stages, tmp_path)
    place = tmp_path / "ketamine.json"
    place.write_text(place.read_text().replace("0.5", "0.6"))
    with pytest.raises(InputError, match="changed after it was written"):
        sets.parameter_set(str(tmp_path))


def test_a_quick_set_says_so_in_a_report_and_never_ships(stages, tmp_path, monkeypatch):
    from resynapse.report.sections.opening import parameters_said

    quick = [dataclasses.replace(one, made={**one.made, sets.QUICK: True}) for one in stages[::2]]
    sets.write_all(quick, tmp_path)
    result = made_with(str(tmp_path))
    assert result.manifest["parameter_set"]["quick"] is True
    assert "by a quick calibration" in parameters_said(result)

    monkeypatch.setattr(sets, "files", lambda package: tmp_path)
    sets.shipped_set.cache_clear()
    with pytest.raises(InputError, match="ketamine set .* quick calibration, which never ships"):
        sets.shipped_set("ketamine")
    sets.shipped_set.cache_clear()


def test_what_was_fitted_to_people_who_use_opioids_is_left_out_of_other_disorders():
    everything, cocaine = sets.parameter_set("calibrated"), fitted_for("calibrated", "cocaine")

    assert fitted_for("calibrated", "heroin") == everything
    assert set(cocaine.stages) == {"mood", "ketamine"}
    assert cocaine.row(3).items() <= everything.row(3).items()
    assert lookup(middle("cocaine", cocaine), "lapse.baseline") == lookup(
        Patient(), "lapse.baseline"
    )
    with pytest.raises(InputError, match="says nothing of cocaine; give calibrated or prior"):
        fitted_for("medications", "cocaine")


@pytest.mark.parametrize("disorder", DISORDERS)
def test_what_the_pack_of_a_disorder_sets_no_fit_moves(disorder):
    patient = middle(disorder, fitted_for("calibrated", disorder))

    for path, value in pack(disorder).overrides.items():
        assert float(lookup(patient, path)) == value, path


def test_every_number_says_whether_it_is_of_the_prior_or_of_which_stage():
    fitted = fitted_for("calibrated", "heroin")
    rows = parameter_rows(middle("heroin", fitted), fitted, {"window.sustained_time"})
    by = {row["path"]: row for row in rows}

    assert by["lapse.frailty_sd"]["set_by"] == "natural-history"
    assert by["lapse.uncommitted"]["set_by"] == by["stop.baseline"]["set_by"] == "medications"
    assert by["mood.habenula_weight"]["set_by"] == "mood"
    assert by["control.sustained_weight"]["set_by"] == "ketamine"
    assert by["body.liver_flow"]["set_by"] == "prior"
    assert by["window.sustained_time"]["set_by"] == "asked"
    assert {row["set_by"] for row in rows} - {"prior", "asked"} == set(sets.FILES)
    for path, (low, high) in fitted.intervals().items():
        if path != "window.sustained_time":
            assert (by[path]["low"], by[path]["high"]) == (low, high)
            assert low <= by[path]["value"] <= high


def test_a_model_that_was_edited_says_in_one_sentence_how_to_run_it(monkeypatch):
    for cached in (sets.shipped_set, of_disorder):
        cached.cache_clear()
    monkeypatch.setattr(sets, "model_hash", lambda: "0" * 64)

    with pytest.raises(InputError) as refusal:
        simulate(parse(TEXT, "test"), patients=8, draws=0)
    said = str(refusal.value)
    assert "natural-history set of parameters was fitted to another version of the model" in said
    assert "use --parameters prior" in said
    assert "resynapse calibrate --stage natural-history" in said
    assert said.count(". ") == 0
    assert made_with("prior").arms


def test_a_stage_has_a_name_and_a_letter():
    assert stage_named("b") == stage_named("natural_history") == "natural-history"
    assert stage_named("e") == "ketamine"


def test_an_option_of_the_ketamine_stage_is_refused_elsewhere():
    with pytest.raises(InputError, match="--resume is for --stage ketamine or all only"):
        calibrate(stage="b", resume=True)
    with pytest.raises(InputError, match="--check is for --stage ketamine only"):
        calibrate(stage="all", check=True)
