"""Are the loops compiled beside this process those that a run calls, and only where they must?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numba
import pytest

from resynapse.engine.native import loops
from resynapse.protocol import parse
from resynapse.trial.live import Live
from software.small_trial import TEXT

PYTHON = f"py{sys.version_info.major}{sys.version_info.minor}"


@pytest.fixture(scope="module")
def ran():
    """A run, which has compiled the loops unless Numba's cache held them."""
    Live().result(parse(TEXT, "test"), patients=4, worlds=("default",), courses=False)


@pytest.fixture
def beside(monkeypatch):
    """What is started, where no loop is kept."""
    started = []

    class Process:
        def __init__(self, words, **_):
            self.words, self.waited = words, 0
            started.append(self)

        def wait(self):
            self.waited += 1

    monkeypatch.setattr(loops, "_kept", lambda: False)
    monkeypatch.setattr(loops, "_under_way", [])
    monkeypatch.setattr(loops.subprocess, "Popen", Process)
    return started


def test_what_is_compiled_beside_is_what_a_run_calls(ran):
    for loop, given in loops.loops().items():
        assert tuple(map(numba.typeof, given)) in loop.signatures


def test_the_process_beside_is_started_once_and_waited_for_once(beside):
    loops.begin()
    loops.begin()
    loops.wait()
    loops.wait()

    (one,) = beside
    assert one.words == [sys.executable, "-m", "resynapse.engine.native.loops"]
    assert one.waited == 1


def test_none_is_started_where_the_loops_are_kept_or_by_one_who_shares_the_work(
    beside, monkeypatch
):
    with monkeypatch.context() as shared:
        shared.setattr(loops.multiprocessing, "parent_process", lambda: "another")
        loops.begin()
    monkeypatch.setattr(loops, "_kept", lambda: True)
    loops.begin()

    assert beside == []


def test_where_no_process_can_be_started_a_run_compiles_them_itself(beside, monkeypatch):
    def full(*_, **__):
        raise OSError("no process left")

    monkeypatch.setattr(loops.subprocess, "Popen", full)
    loops.begin()
    loops.wait()

    assert loops._under_way == []


@pytest.mark.parametrize(
    ("file", "signatures", "kept"),
    [
        (f"driver.drive-1.{PYTHON}.nbi", [], True),
        ("driver.drive-1.py39.nbi", [], False),
        ("driver.drive.made_of", [], False),
        (None, [("int64",)], True),
        (None, [], False),
    ],
)
def test_loops_are_kept_where_numba_holds_them_or_this_process_has_them(
    tmp_path, monkeypatch, file, signatures, kept
):
    if file is not None:
        (tmp_path / file).write_text("")
    stats = SimpleNamespace(cache_path=str(tmp_path))
    monkeypatch.setattr(loops, "LONGEST", SimpleNamespace(stats=stats, signatures=signatures))

    assert loops._kept() is kept


def test_a_file_that_was_only_touched_has_no_loop_compiled_again(ran, monkeypatch):
    """Numba knows code by what it says, so what it holds may be older than its file."""
    monkeypatch.setattr(loops, "LONGEST", SimpleNamespace(stats=loops.LONGEST.stats, signatures=[]))
    kept = [*Path(loops.LONGEST.stats.cache_path).glob("driver.drive-*.nbi")]
    for one in kept:
        os.utime(one, (0.0, 0.0))

    assert kept
    assert loops._kept()


def test_the_process_beside_compiles_nothing_that_a_run_has_left_in_the_cache(ran):
    words = (
        "from resynapse.engine.native import loops; loops.compile_all(); "
        "print(*(sum(one.stats.cache_hits.values()) for one in loops.loops()))"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["1", "1"]


def test_a_loop_is_compiled_anew_where_a_file_that_it_is_made_of_has_changed(tmp_path):
    whole, part = tmp_path / "whole.py", tmp_path / "part.py"
    whole.write_text(
        "import part\n"
        "from resynapse.engine.native.calling import compiled, inner, made_of\n"
        "@inner\ndef between(x):\n    return part.one(x)\n"
        "@made_of(part)\n@compiled\ndef loop(x):\n    return between(x)\n"
    )
    asked = "import whole; print(whole.loop(1), sum(whole.loop.stats.cache_hits.values()))"
    found = []
    for added in (1, 1, 2, 2):
        part.write_text(
            "from resynapse.engine.native.calling import inner\n"
            f"@inner\ndef one(x):\n    return x + {added}\n"
        )
        os.utime(part, (1.0e9, 1.0e9))
        told = subprocess.run(
            [sys.executable, "-B", "-c", asked], cwd=tmp_path, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        found.append(told.stdout.split())

    assert found == [["2", "0"], ["2", "1"], ["3", "0"], ["3", "1"]]
