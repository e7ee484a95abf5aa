"""What does a person read whose input cannot be used, on the command line and in Python?"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import resynapse
from resynapse.cli.command_line import app
from resynapse.exchange import RunFolderError, ensure_free, run_folder
from resynapse.patient import Patient
from resynapse.patient.observe import NAMES
from resynapse.protocol import run_size
from resynapse.protocol.run_size import SizeError
from resynapse.trial.arm_run import DivergenceError, ensure_sound

PROTOCOL = "krupitsky-2002"


@pytest.fixture(scope="module")
def plan():
    return resynapse.load(PROTOCOL)


@pytest.fixture
def nothing_runs(monkeypatch, tmp_path):
    """A terminal in an empty folder in which a trial that starts is a failure."""

    def started(*_, **__):
        raise AssertionError("the simulation has begun")

    monkeypatch.setattr("resynapse.trial.simulate.simulate", started)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(*words: str) -> str:
    """The one message with which the command line refuses."""
    answer = CliRunner().invoke(app, list(words))
    assert answer.exit_code == 2, answer.output
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1
    return answer.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--patients", "1e9"), "--patients 1e9: give a whole number from 1 to 10000000."),
        (("--patients", "2.5"), "--patients 2.5: give a whole number"),
        (("--patients", "-1"), "--patients -1: give a whole number"),
        (("--seed", "one"), "--seed one: give a whole number from 0 to 4294967295."),
        (("--seed", "9" * 40), "give a whole number from 0 to 4294967295."),
        (("--draws", "-2"), "--draws -2: give a whole number from 0"),
        (("--set", "lapse.baseline=inf"), "this is not a number. Give it in 1/d."),
        (("--set", "s_enantiomer.intrinsic_clearance=-1"), "the value must be 0 or more"),
        (("--set", "learning.acute_impairment=2"), "the value must be between 0 and 1"),
        (("--switch", "windo_gain=off"), "Did you mean window_gain?"),
        (("--patient", "-3"), "--patient -3: give a whole number from 0 to 9999999."),
        (("--patient", "3", "--output", "x"), "--patient writes no files and shares no work"),
        (("--workers", "0"), "--workers 0: give a whole number from 1 to 4096."),
        (("--resume", "x"), "from the folder, as the run was begun; leave out PROTOCOL."),
        (("extra",), "unexpected extra argument"),
    ],
)
def test_a_wrong_word_gets_one_sentence_before_anything_is_computed(words, said, nothing_runs):
    assert said in refusal("run", PROTOCOL, *words)
    assert list(nothing_runs.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("infusion", PROTOCOL), "Nothing is infused: give a part with --rate"),
        (("infusion", PROTOCOL, "--rate", "0.5/40", "--target", "100/40"), "not both"),
        (("validate", "--quiet", "--add", "nope.yaml"), "--add nope.yaml: there is no such file."),
        (("validate", "--quiet", "--add", "mine/nope"), "--add mine/nope: there is no such file."),
        (("validate", "--quiet", "--add", "krupitski-2002"), "Did you mean krupitsky-2002"),
    ],
)
def test_what_is_missing_is_named_and_not_something_else(words, said, nothing_runs):
    assert said in refusal(*words)


def test_a_run_too_large_for_the_memory_is_refused_with_what_it_would_take(
    nothing_runs, monkeypatch, tmp_path
):
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal: 9 kB\nMemAvailable:    2000000 kB\n", encoding="ascii")
    monkeypatch.setattr(run_size, "MEMORY", memory)

    message = refusal("run", PROTOCOL, "--patients", "5000000", "--json")

    assert "so many in each of 2 arms would take about" in message
    assert "and 2.0 GB are free. Ask for fewer than" in message


def test_a_thousand_million_people_are_refused_with_memory_and_days(nothing_runs):
    message = refusal("run", PROTOCOL, "--patients", "1000000000")

    assert "an arm may have 1 to 10000000" in message
    assert "GB of memory and" in message
    assert "days. Ask for fewer." in message


def test_a_long_run_is_announced_before_it_starts(plan, nothing_runs, monkeypatch):
    monkeypatch.setattr(run_size, "DAYS_PER_SECOND", 1.0)

    answer = CliRunner().invoke(app, ["run", PROTOCOL, "--patients", "10", "--quiet"])

    assert "Note: this run takes about" in answer.stderr
    assert "the simulation has begun" in answer.stderr


def test_what_is_expected_of_a_run_grows_with_people_and_days(plan):
    one, ten = run_size.size(plan, 1000, 0), run_size.size(plan, 10_000, 0)
    short = run_size.size(plan.model_copy(update={"follow_up_days": 10.0}), 1000, 0)

    assert ten.gigabytes == pytest.approx(10 * one.gigabytes)
    assert ten.hours == pytest.approx(10 * one.hours)
    assert short.hours < one.hours / 10
    assert short.gigabytes < one.gigabytes


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"patients": 0}, "patients 0: give a whole number from 1 to 10000000."),
        ({"patients": 2.5}, "patients 2.5: give a whole number"),
        ({"patients": True}, "patients True"),
        ({"patients": 10**9}, "an arm may have 1 to 10000000"),
        ({"seed": -1}, "seed -1: give a whole number from 0"),
        ({"draws": -1}, "draws -1: give a whole number from 0"),
        ({"settings": {"lapse.baseline": float("nan")}}, "lapse.baseline=nan: this is not"),
        ({"settings": {"lapse.baseline": -1.0}}, "the value must be 0 or more 1/d"),
        ({"settings": {"lapse.baseline": "fast"}}, "lapse.baseline=fast: this is not a number"),
        ({"settings": {"lapse.base": 1.0}}, "Did you mean lapse.baseline"),
        ({"switches": {"windows": False}}, "Did you mean window"),
        ({"backend": "xlb"}, "Did you mean xla?"),
    ],
)
def test_python_raises_one_documented_class_with_the_same_sentence(plan, wishes, said):
    with pytest.raises(resynapse.InputError) as refused:
        resynapse.simulate(plan, **{"patients": 1, "draws": 0, **wishes})

    assert said in refused.value.message
    assert str(refused.value) == refused.value.message


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: resynapse.load("krupitsky-2001"),
        lambda: resynapse.parse("name: x", "a text"),
        lambda: resynapse.study("krupitsky"),
        lambda: ensure_free("."),
    ],
)
def test_every_refusal_of_the_package_is_that_class(wrong):
    with pytest.raises(resynapse.InputError):
        wrong()


@pytest.mark.parametrize(
    ("quantity", "value", "said"),
    [
        ("window", np.nan, "window is not a finite number on day 7"),
        ("craving", np.inf, "craving is not a finite number on day 7"),
        ("recovery", 1.2, "recovery is 1.2, beyond 0 to 1, on day 7"),
        ("withdrawal", -0.5, "withdrawal is -0.5, beyond 0 to 48, on day 7"),
        ("mood", 60.5, "mood is 60.5, beyond 0 to 60, on day 7"),
        ("mood_hamd17", 50.0, "mood_hamd17 is 50, beyond 0 to 42.64, on day 7"),
    ],
)
def test_a_state_that_is_no_number_or_out_of_bounds_is_never_an_endpoint(quantity, value, said):
    records = np.zeros((2, len(NAMES), 4), np.float32)
    records[1, NAMES.index(quantity), 2] = value
    chunk = SimpleNamespace(records=records, person=SimpleNamespace(key=np.arange(10.0, 14.0)))
    plan = SimpleNamespace(record_days=np.array([0.0, 7.0]))

    with pytest.raises(DivergenceError, match=f"high, person 12: {said}") as lost:
        ensure_sound(chunk, plan, SimpleNamespace(id="high"), Patient())

    assert lost.value.key == 12
    records[1, NAMES.index(quantity), 2] = 0.0
    ensure_sound(chunk, plan, SimpleNamespace(id="high"), Patient())


def test_a_full_disk_is_noticed_before_the_run(monkeypatch, tmp_path):
    monkeypatch.setattr(run_folder.shutil, "disk_usage", lambda _: SimpleNamespace(free=65_536))

    with pytest.raises(RunFolderError, match="is full, so nothing was written; free some space"):
        ensure_free(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_that_makes_no_folders_is_noticed_before_the_run(monkeypatch, tmp_path):
    def refused(self, *_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr("pathlib.Path.mkdir", refused)

    with pytest.raises(RunFolderError, match="may not be written to; choose another"):
        ensure_free(tmp_path / "out")


def test_a_name_too_long_for_a_file_is_noticed_before_the_run(tmp_path):
    with pytest.raises(RunFolderError, match="File name too long"):
        ensure_free(tmp_path / ("a" * 250))
    assert list(tmp_path.iterdir()) == []


def test_looking_for_room_leaves_nothing_behind(tmp_path):
    ensure_free(tmp_path / "deep" / "out")

    assert list(tmp_path.iterdir()) == []
    assert issubclass(SizeError, resynapse.InputError)


INTERRUPTED_TWICE = """
import os, signal
from resynapse.cli.interruption import stop_at_once, tidying

stop_at_once()
with tidying():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        print("tidied", flush=True)
os.kill(os.getpid(), signal.SIGINT)
print("went on", flush=True)
"""


def test_an_interrupt_ends_the_process_except_where_files_must_be_tidied():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_TWICE], capture_output=True, text=True, check=False
    )

    assert done.returncode == 130
    assert done.stdout == "tidied\n"
    assert done.stderr.startswith("Interrupted; nothing half-written is left. To run it again:")
    assert "Traceback" not in done.stderr


def test_an_interrupt_while_libraries_load_is_one_sentence_at_once(tmp_path):
    words = ("run", PROTOCOL, "--patients", "100", "--output", "out")
    process = subprocess.Popen(
        [sys.executable, "-m", "resynapse", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "loading the model" in process.stderr.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    _, said = process.communicate(timeout=60)

    assert process.returncode == 130
    assert time.monotonic() - sent < 10.0
    assert said.strip().splitlines()[-1].endswith(f"resynapse {' '.join(words)}")
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def empty_cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_first_start_that_is_ended_while_workers_begin_is_one_sentence(
    tmp_path, empty_cache, number, code
):
    """Ctrl+C goes to every process of a terminal: also to workers that are still loading."""
    words = ("run", PROTOCOL, "--patients", "20", "--draws", "0", "--rivals", "off")
    process = subprocess.Popen(
        [sys.executable, "-m", "resynapse", *words, "--quiet", "--workers", "2", "--output", "out"],
        cwd=tmp_path,
        env={
            **os.environ, "PYTHONPATH": os.pathsep.join(sys.path),
            "RESYNAPSE_CACHE": str(empty_cache),
        },
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )  # fmt: skip
    while process.poll() is None and not _workers(process.pid):
        time.sleep(0.02)
    time.sleep(0.3)
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=60)

    assert process.returncode == code
    assert said.startswith("Interrupted; nothing half-written is left. To run it again: resynapse")
    assert len(said.strip().splitlines()) == 1


def _workers(parent: int) -> list[str]:
    """Command lines of the fresh processes that this one has begun."""
    found = []
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with suppress(OSError):
            found.append(Path(f"/proc/{child}/cmdline").read_text())
    return [words for words in found if "spawn_main" in words]


def test_an_end_from_outside_is_one_sentence_too(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_TWICE.replace("SIGINT", "SIGTERM")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (143, "tidied\n")
    assert done.stderr.startswith("Interrupted; nothing half-written is left.")
    assert "Traceback" not in done.stderr


def test_a_page_that_cannot_be_served_is_said_to_be_nowhere(monkeypatch):
    monkeypatch.setitem(sys.modules, "resynapse.web.start", None)

    said = refusal("serve", "--port", "18765")

    assert said.startswith("Error: The page needs resynapse.web.start, which is not installed.")
    assert " is at http" not in said
