"""Do points that are simulated at once leave what they leave one after the other?"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from own_cache import own_cache
from resynapse.inference import at_once
from resynapse.inference.at_once import in_order
from resynapse.inference.design import STATISTICS, design
from resynapse.inference.stages import medications
from resynapse.inference.stages.ketamine import KETAMINE
from resynapse.protocol import load


@pytest.fixture
def threads(monkeypatch, tmp_path):
    """Sets how many points go at once, each time with nothing simulated before."""

    def many(count):
        cache = own_cache(monkeypatch, tmp_path / f"at-once-{count}")
        monkeypatch.setattr(at_once, "hands", lambda: count)
        return cache

    return many


def test_two_items_are_made_at_once_and_given_in_their_order():
    together = threading.Barrier(2, timeout=60)

    def made(number):
        together.wait()
        return number

    assert list(in_order(made, range(6), 2)) == list(range(6))


def test_what_fails_ends_the_rest_and_what_was_made_before_it_was_given():
    begun, given = [], []

    def made(number):
        begun.append(number)
        if number == 2:
            raise ZeroDivisionError
        return number

    with pytest.raises(ZeroDivisionError):
        for one in in_order(made, range(1000), 2):
            given.append(one)
    assert given == [0, 1]
    assert len(begun) < 1000


KILLED = """
import os, signal
from pathlib import Path
import numpy as np
from resynapse.inference.at_once import in_order
from resynapse.inference.kept import kept

def point(number):
    def made():
        with Path("made").open("a") as noted:
            noted.write(f"{number} ")
        if number == 5 and not Path("again").exists():
            Path("again").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return np.full(1000, float(number))
    return kept("points", [number], made)

found = list(in_order(point, range(10), 2))
assert [one[0] for one in found] == list(range(10))
"""


def test_points_that_were_kept_before_a_kill_are_whole_and_not_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path / "cache"))
    codes, made = [], []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, timeout=600)
        codes.append(done.returncode)
        made.append(len((tmp_path / "made").read_text().split()))
    kept = [one for one in (tmp_path / "cache" / "points").glob("*.npz") if "part" not in one.name]

    assert codes == [-signal.SIGKILL, 0]
    assert len(kept) == 10
    assert made[1] in (11, 12)


def points_of_stage_c():
    one = object.__new__(medications.Medications)
    one.simulated, one.before = medications.simulated_numbers(), medications.numbers_before()
    one.earlier, one.people = None, 0
    told = []
    values = medications.slab_points(one.inputs, 3, 4)
    return one._simulate(values, 32, told.append), told


def test_points_of_stage_c_are_the_same_bit_for_bit_in_one_thread_and_in_two(threads):
    found = []
    for count in (1, 2):
        cache = threads(count)
        found.append((*points_of_stage_c(), {one.name for one in (cache / "treated").iterdir()}))

    (one, told, kept), (two, told_of_two, kept_of_two) = found
    assert np.array_equal(one, two)
    assert told == told_of_two == [32, 64, 96]
    assert kept == kept_of_two
    assert len(kept) == 3


def test_a_design_is_the_same_in_one_thread_and_in_two_and_goes_on_from_any_draw(threads):
    def made(say=None):
        return design(load("dakwar-2019"), KETAMINE, 4, people=64, progress=say)

    threads(1)
    one = made()
    cache = threads(2)
    shares = []
    two = made(lambda share, words: shares.append(share))
    for draw in (0, 2):
        (file,) = (cache / "designs").glob(f"*/{draw:05d}.npz")
        file.unlink()
    after_a_stop = made()

    for other in (two, after_a_stop):
        for name in ("free", *STATISTICS):
            assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
    assert shares == [0.25, 0.5, 0.75, 1.0]
