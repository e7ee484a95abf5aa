"""Are stages fitted in order, and does a call that was stopped go on where it was?"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from types import SimpleNamespace

import pytest

from resynapse.cli import calibrate_all
from resynapse.cli.calibrate import calibrate
from resynapse.cli.faults import InputError
from resynapse.inference import all_stages, at_once, side_by_side, stage_fit
from resynapse.inference.all_stages import Step, finished, fitted_in_order
from resynapse.inference.side_by_side import StageError, fitted_side_by_side
from resynapse.inference.stage_fit import NotConverged
from resynapse.trial import parameter_set as sets
from resynapse.trial.model_hash import model_hash

EMPTY = sets.data_hash(())


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def quiet(share, words):
    """Says nothing."""


def one(stage, value=1.0, **made):
    """A set of one number."""
    path = {"natural-history": "lapse.baseline", "mood": "mood.habenula_weight"}
    paths = (path.get(stage, "learning.window_gain"),)
    return sets.ParameterSet(paths, ((value,),), (), (stage,), model_hash(), EMPTY, made)


def step(name, fitted, over=(), fails=None):
    """A stage that notes when it is fitted, and what it was fitted over."""

    def fit(before, progress):
        fitted.append((name, *(before[other].draws[0][0] for other in over)))
        progress(0.5, "half way")
        if fails:
            raise fails
        return one(name), {"stage": name}

    return Step(name, fit, (), over)


def test_stages_are_fitted_in_order_and_a_later_one_over_the_earlier_one():
    fitted = []
    found = fitted_in_order(
        [step("natural-history", fitted), step("ketamine", fitted, ("natural-history",))], quiet
    )

    assert fitted == [("natural-history",), ("ketamine", 1.0)]
    assert [done.told["stage"] for done in found] == ["natural-history", "ketamine"]
    assert found[1].set == one("ketamine")


def test_what_was_finished_before_a_stop_is_not_fitted_again():
    fitted = []
    with pytest.raises(KeyboardInterrupt):
        fitted_in_order(
            [step("mood", fitted), step("ketamine", fitted, (), KeyboardInterrupt)], quiet
        )
    steps = [step("mood", fitted), step("ketamine", fitted)]
    assert finished(steps) == ("mood",)

    fitted_in_order(steps, quiet)

    assert fitted == [("mood",), ("ketamine",), ("ketamine",)]
    assert finished(steps) == ("mood", "ketamine")


def test_a_stage_over_another_fit_of_an_earlier_one_is_fitted_again():
    fitted = []
    later = step("ketamine", fitted, ("mood",))
    fitted_in_order([step("mood", fitted), later], quiet)
    other = Step("mood", lambda before, progress: (one("mood", 2.0), {"stage": "mood"}), ("other",))

    fitted_in_order([other, later], quiet)

    assert fitted == [("mood",), ("ketamine", 1.0), ("ketamine", 2.0)]


@pytest.mark.parametrize("hashed", ["model_hash", "method_hash", "published_hash"])
def test_another_model_method_or_publication_is_another_fit(monkeypatch, hashed):
    fitted = []
    fitted_in_order([step("mood", fitted)], quiet)
    monkeypatch.setattr(all_stages, hashed, lambda: "another")
    fitted_in_order([step("mood", fitted)], quiet)

    assert len(fitted) == 2


def test_a_stage_that_did_not_converge_is_refused_and_not_kept():
    fitted = []
    bad = step("ketamine", fitted, (), NotConverged("The calibration did not converge: decay."))
    with pytest.raises(InputError, match=r"Stage ketamine: .*did not converge: decay"):
        fitted_in_order([step("mood", fitted), bad], quiet)

    assert finished([step("mood", fitted), bad]) == ("mood",)


def test_progress_says_which_stage_of_how_many_and_never_goes_back():
    told = []
    steps = [step("mood", []), step("ketamine", [])]
    fitted_in_order(steps, lambda share, words: told.append((share, words)))

    assert (0.25, "stage 1 of 2, mood: half way") in told
    assert (0.75, "stage 2 of 2, ketamine: half way") in told
    assert told == sorted(told, key=lambda one: one[0])


def test_stages_that_were_finished_before_are_no_part_of_the_time_left():
    fitted_in_order([step("mood", [])], quiet)
    told = []
    steps = [step("mood", []), step("ketamine", [])]
    fitted_in_order(steps, lambda share, words: told.append((share, words)))

    assert told[:2] == [
        (0.0, "stage 2 of 2, ketamine: begun"),
        (0.5, "stage 2 of 2, ketamine: half way"),
    ]


PATHS = {
    "natural-history": "lapse.baseline", "medications": "stop.baseline",
    "mood": "mood.habenula_weight", "ketamine": "learning.window_gain",
}  # fmt: skip


def elsewhere(name, place, before, progress):
    """A stage in another process: notes in a folder when it begins and ends, and who it is."""
    progress(0.5, "half way")
    progress(0.1, "half way")
    begun = time.monotonic()
    if name == "mood" and (place / "die").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "mood" and (place / "refuse").exists():
        raise NotConverged("The calibration did not converge: decay.")
    if name == "mood" and (place / "fault").exists():
        raise ZeroDivisionError("of ours")
    if name in ("natural-history", "mood"):
        until_both_have_begun(place, name)
    over = [other.draws[0][0] for other in before.values()]
    with (place / f"fitted-{name}").open("a") as noted:
        noted.write(json.dumps([begun, time.monotonic(), os.getpid(), over]) + "\n")
    found = sets.ParameterSet(
        (PATHS[name],), ((1.0 + len(over),),), (), (name,), model_hash(), EMPTY, {}
    )
    return found, {"stage": name}


def until_both_have_begun(place, name):
    (place / f"begun-{name}").touch()
    others = [place / f"begun-{one}" for one in ("natural-history", "mood")]
    while not all(one.exists() for one in others):
        time.sleep(0.01)


def four(place):
    """The stages that ship, which cost nothing; b and d wait until both have begun."""
    over = {"medications": ("natural-history",)}
    return [Step(name, partial(elsewhere, name, place), (), over.get(name, ())) for name in PATHS]


def noted(place, name):
    return [json.loads(line) for line in (place / f"fitted-{name}").read_text().splitlines()]


def test_stages_that_do_not_start_from_one_another_are_fitted_side_by_side(tmp_path):
    told = []
    found = fitted_side_by_side(four(tmp_path), lambda *said: told.append(said), 2)
    at = {name: noted(tmp_path, name)[0] for name in PATHS}

    assert [one.told["stage"] for one in found] == list(PATHS)
    assert at["medications"][3] == [1.0]
    assert at["medications"][0] > at["natural-history"][1]
    assert len({pid for *_, pid, _ in at.values()} - {os.getpid()}) == 2
    assert told == sorted(told, key=lambda one: one[0])
    assert told[-1] == (1.0, "4 of 4 stages fitted")
    both = "stage 1 of 4, natural-history: half way; stage 3 of 4, mood: half way"
    assert both in {"; ".join(sorted(words.split("; "))) for _, words in told}


def test_side_by_side_leaves_the_same_sets_as_one_after_the_other_and_reads_what_was_kept(tmp_path):
    beside = fitted_side_by_side(four(tmp_path), quiet, 2)
    again = fitted_in_order(four(tmp_path), quiet)

    assert [one.set for one in again] == [one.set for one in beside]
    assert all(len(noted(tmp_path, name)) == 1 for name in PATHS)
    assert finished(four(tmp_path)) == tuple(PATHS)
    assert [one.set for one in fitted_side_by_side(four(tmp_path), quiet, 2)] == [
        one.set for one in beside
    ]


@pytest.mark.parametrize(
    ("what", "error", "words"),
    [
        ("refuse", InputError, "Stage mood: The calibration did not converge: decay"),
        ("die", InputError, r"Stage mood: .*ended at once \(code -9\).*--workers 1"),
        ("fault", StageError, "ZeroDivisionError: of ours"),
    ],
)
def test_a_stage_that_fails_ends_all_and_the_same_call_goes_on(tmp_path, what, error, words):
    (tmp_path / what).touch()
    steps = [one for one in four(tmp_path) if one.name in ("mood", "ketamine")]
    (tmp_path / "begun-natural-history").touch()
    with pytest.raises(error, match=words):
        fitted_side_by_side(steps, quiet, 2)
    assert not multiprocessing.active_children()
    (tmp_path / what).unlink()

    assert len(fitted_side_by_side(steps, quiet, 2)) == 2
    assert len(noted(tmp_path, "mood")) == 1


KILLED = """
import os, signal, sys, time
from pathlib import Path
from resynapse.inference import all_stages
from resynapse.trial import parameter_set as sets
from resynapse.trial.model_hash import model_hash

def step(name, path):
    def fit(before, progress):
        Path(name).open("a").write("fitted\\n")
        if name == "ketamine" and not Path("again").exists():
            Path("again").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        found = sets.ParameterSet(
            (path,), ((1.0,),), (), (name,), model_hash(), sets.data_hash(()), {}
        )
        return found, {"stage": name}
    return all_stages.Step(name, fit)

steps = [step("mood", "mood.habenula_weight"), step("ketamine", "learning.window_gain")]
found = all_stages.fitted_in_order(steps, lambda share, words: None)
sets.write_all([one.set for one in found], Path("out"))
"""


def test_a_calibration_that_was_killed_goes_on_where_it_was(tmp_path):
    codes = [
        subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, timeout=600).returncode
        for _ in range(2)
    ]

    assert codes == [-signal.SIGKILL, 0]
    assert (tmp_path / "mood").read_text() == "fitted\n"
    assert (tmp_path / "ketamine").read_text() == "fitted\n" * 2
    assert sets.parameter_set(str(tmp_path / "out")).stages == ("mood", "ketamine")


def test_who_interrupts_reads_in_which_stage_and_how_to_go_on(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["resynapse", "calibrate", "--quick"])
    said = calibrate_all.stopped("stage 2 of 4, medications: simulating ctn-0027")

    assert said == (
        "Interrupted in stage 2 of 4, medications; finished stages and what was simulated are kept."
        " To go on: resynapse calibrate --quick"
    )
    both = calibrate_all.stopped(
        "stage 2 of 4, medications: points; stage 4 of 4, ketamine: points"
    )
    assert both.startswith("Interrupted in stage 2 of 4, medications and stage 4 of 4, ketamine; ")
    monkeypatch.setenv("RESYNAPSE_CACHE", "off")
    assert "nothing is kept, as RESYNAPSE_CACHE says" in calibrate_all.stopped("stage 1 of 4, x: y")


def test_an_interrupted_calibration_ends_with_130_and_the_command_that_goes_on(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "resynapse", "calibrate", "--quick"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert "loading the model" in process.stderr.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=600)

    assert process.returncode == 130
    assert said.strip().splitlines()[-1].startswith("Interrupted in stage 1")
    assert said.strip().endswith("To go on: resynapse calibrate --quick")


@pytest.fixture
def two(monkeypatch):
    """The command with two stages that cost nothing."""
    fitted = []
    monkeypatch.setattr(at_once, "cores", lambda: 1)
    monkeypatch.setattr(
        calibrate_all, "steps",
        lambda extra, wishes, made_by: [step("natural-history", fitted), step("mood", fitted)],
    )  # fmt: skip
    return fitted


def test_all_stages_are_written_together_and_a_run_takes_them(two, tmp_path, capsys):
    for output in (tmp_path / "fitted", tmp_path / "fitted.json"):
        calibrate(output=output, as_json=True, quiet=True)
        told = json.loads(capsys.readouterr().out)

        assert [stage["stage"] for stage in told["stages"]] == ["natural-history", "mood"]
        assert told["written"] == str(output)
        assert sets.parameter_set(str(output)).paths == ("lapse.baseline", "mood.habenula_weight")
    assert len(two) == 2


def test_as_many_stages_go_at_once_as_there_are_cores_or_as_was_asked(two, monkeypatch):
    asked = []

    def beside(steps, progress, hands):
        asked.append(hands)
        return fitted_in_order(steps, progress)

    monkeypatch.setattr(side_by_side, "fitted_side_by_side", beside)
    for cores, workers in ((16, None), (2, None), (1, None), (16, 1), (1, 3)):
        monkeypatch.setattr(at_once, "cores", lambda cores=cores: cores)
        calibrate(workers=workers, as_json=True, quiet=True)

    assert asked == [2, 2, 3]


def test_workers_are_refused_where_one_stage_is_asked_for():
    with pytest.raises(InputError, match="--workers is for all stages together, and medications"):
        calibrate(stage="c", workers=2)


def test_going_on_is_refused_where_nothing_is_finished(two):
    with pytest.raises(InputError, match="no stage of this calibration is finished"):
        calibrate(resume=True, quiet=True)
    assert two == []


class Enough(Exception):
    """Raised where a test needs no more."""


def test_stages_that_ship_are_fitted_in_their_order_c_over_b_and_e_over_all():
    wishes = {"quick": True, "samples": None}
    found = calibrate_all.steps((), wishes, "resynapse calibrate --quick")

    assert [one.name for one in found] == list(sets.FILES)
    assert {one.name: one.over for one in found if one.over} == {
        "medications": ("natural-history",),
        "ketamine": ("natural-history", "medications", "mood"),
    }
    assert all(one.asked[0] is True for one in found)


def test_ketamine_is_given_the_sets_of_its_own_calibration(monkeypatch):
    given = []
    monkeypatch.setattr(
        "resynapse.inference.calibration.calibrate", lambda *_, before, **__: given.extend(before)
    )
    monkeypatch.setattr(
        "resynapse.inference.calibration.as_parameter_set", lambda *_: (_ for _ in ()).throw(Enough)
    )
    made = {name: f"the set of {name}" for name in sets.FILES}
    (last,) = (
        one
        for one in calibrate_all.steps((), {"quick": True, "samples": None}, "")
        if one.name == "ketamine"
    )

    with pytest.raises(Enough):
        last.fit(made, lambda share, words: None)

    assert given == [f"the set of {name}" for name in ("natural-history", "medications", "mood")]


@pytest.mark.parametrize(
    ("quick", "samples", "marked"),
    [(True, None, True), (False, None, False), (False, 50, True), (False, 5000, False)],
)
def test_a_fit_with_fewer_samples_is_marked_as_a_quick_one_is(monkeypatch, quick, samples, marked):
    done = SimpleNamespace(converged=True)
    monkeypatch.setattr(stage_fit, "sample", lambda *given, **wishes: done)
    monkeypatch.setattr(stage_fit, "identified", lambda *given: ())
    found = stage_fit.fitted(
        SimpleNamespace(name="mood"), lambda posterior: (), (), {}, samples=samples, quick=quick
    )

    assert found.quick is marked
