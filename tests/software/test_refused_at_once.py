"""Does what cannot be run end before it begins, and leave nothing behind?"""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from resynapse import InputError
from resynapse.cli import run as command
from resynapse.cli.command_line import app
from resynapse.cli.resume import chunks_of
from resynapse.engine.checkpoint_error import CheckpointError
from resynapse.protocol import library, load, parse
from resynapse.report.sections.opening import notice
from resynapse.trial.arm_run import DivergenceError
from resynapse.trial.endpoint_name import EndpointError
from resynapse.trial.implausible import MOST, ensure_conceivable, implausible
from resynapse.trial.result import IMPLAUSIBLE
from resynapse.trial.runnable import ensure_runnable
from resynapse.trial.simulate import simulate
from resynapse.trial.testable import kind
from software.report_example import toy_result
from software.small_trial import TEXT

GAIN = "learning.window_gain"
WRONG = TEXT.replace("abstinence_1_months", "abstinence_1_month, days_abstinent, relapse_9_months")


def typed(*words: str):
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize("words", [("check",), ("run", "--patients", "8", "--quiet")])
def test_check_refuses_the_endpoints_that_a_run_refuses_all_at_once(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(WRONG)
    found = typed(words[0], "mine.yaml", *words[1:])

    assert found.exit_code == 2
    for name in ("'abstinence_1_month'", "'days_abstinent'", "'relapse_9_months'"):
        assert name in found.stderr
    assert found.stderr.count("Allowed are") == 1
    assert "relapse_<N>_months" in found.stderr
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["mine.yaml"]


@pytest.mark.parametrize("name", library())
def test_every_protocol_of_the_library_can_give_its_endpoints(name):
    plan = load(name)

    assert ensure_runnable(plan) is plan


def test_one_endpoint_that_comes_too_late_is_one_sentence_without_all_that_are_allowed():
    late = parse(TEXT.replace("abstinence_1_months", "relapse_9_months"), "late")
    with pytest.raises(EndpointError) as raised:
        ensure_runnable(late)

    assert raised.value.message.startswith("Endpoint 'relapse_9_months' needs 273.938 days")
    assert "Allowed are" not in raised.value.message


def test_a_number_far_from_its_prior_is_named_in_the_manifest_and_the_report():
    trial = parse(TEXT, "small trial")
    made = simulate(trial, patients=8, draws=0, settings={GAIN: 4.0}, check_grid=False)
    result = toy_result()
    told = made.manifest[IMPLAUSIBLE]
    shown = type(result)(**{**vars(result), "manifest": {**result.manifest, IMPLAUSIBLE: told}})

    assert told == implausible({GAIN: 4.0, "lapse.baseline": 0.02})
    assert told[0].startswith(f"{GAIN}=4 lies outside -2.58 to 2.58, where its prior puts 99%")
    assert told[0] in [sentence.rest for sentence in notice(shown, ())]
    assert "Implausible" not in str(notice(result, ()))


@pytest.mark.parametrize("path", ["lapse.greatest", "opioid.dose", "window.trigger_time"])
def test_a_number_that_formulas_divide_by_is_refused_at_zero_before_anything_is_simulated(path):
    found = typed("run", "krupitsky-2002", "--patients", "8", "--set", f"{path}=0")

    assert found.exit_code == 2
    assert "must be above 0" in " ".join(found.stderr.split())
    ensure_conceivable({path: 1.0})


def test_a_number_that_is_a_slip_by_its_size_is_refused_before_anything_is_simulated():
    trial = parse(TEXT, "small trial")

    with pytest.raises(InputError, match=f"{GAIN}=1e\\+09 lies outside -2.58 to 2.58"):
        simulate(trial, patients=8, settings={GAIN: 1e9})
    ensure_conceivable({GAIN: 2.0 * MOST})
    ensure_conceivable({"lapse.baseline": 1e-12})


@pytest.mark.parametrize(
    ("error", "left", "said"),
    [
        (DivergenceError("no number any more", 3), 0, ""),
        (CheckpointError("the disk is full"), 2, ""),
        (RuntimeError("a fault of ours"), 2, "Note: 2 finished chunks are kept. To go on: "),
    ],
)
def test_a_run_that_fails_leaves_no_chunks_unless_it_can_go_on_and_then_names_them(
    tmp_path, monkeypatch, capsys, error, left, said
):
    folder = tmp_path / "mine"
    kept = chunks_of(folder)

    def fails(*_, **__):
        kept.mkdir()
        for number in range(2):
            (kept / f"{number}.npz").touch()
        raise error

    monkeypatch.setattr(command, "_simulated", fails)
    with pytest.raises(type(error)):
        command._finished(parse(TEXT, "small trial"), folder, True, {})

    assert len(list(kept.glob("*.npz"))) == left
    assert said in capsys.readouterr().err


def test_a_number_that_the_model_fixes_is_told_as_fixed_and_one_of_a_switch_is_not_told():
    (said,) = implausible({"expectancy.present": 0.5})

    assert said.startswith("expectancy.present=0.5 is fixed at 1 in the model")
    assert implausible({"expectancy.present": 0.0}) == []


@pytest.mark.parametrize(
    ("path", "value", "range_"),
    [("craving.incubation", 1e200, "-1e+03 to 1e+03"), ("lapse.baseline", 900.0, "from 0 to 300")],
)
def test_a_slip_is_refused_once_with_a_range_that_can_be_given(path, value, range_, tmp_path):
    with pytest.raises(InputError, match=re.escape(range_)):
        ensure_conceivable({path: value})

    ran = CliRunner().invoke(app, ["run", "krupitsky-2002", "--set", f"{path}={value:g}"])
    assert ran.exit_code == 2
    assert ran.output.count(f"{path}={value:g}") == 1


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [
        ("window_day_3", "a state of the model"),
        ("sessions_attended_percent", "no test of trials that are played out"),
        ("overdose_per_100_person_years", "expected deaths"),
    ],
)
def test_an_endpoint_that_no_trial_tests_is_refused_for_its_own_reason(endpoint, why):
    with pytest.raises(InputError, match=why):
        kind(endpoint)
