"""Does a run that is killed again and again, wherever it stands, come to the same bits?"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from software.few_people import PROTOCOL
from software.killed_run import NEVER, commanded

DEATHS = 20
CHUNKS = 7
LONGEST_LIFE, LONGEST_END = 12, 48
"""files of its run that a process touches at most before it is killed, where chunks are still to be
made, each of which takes four, and where the result is put together, which takes some thirty"""
BEGIN = (
    "run", "few.yaml", "--patients", "8", "--draws", "1", "--seed", "5", "--output", "out",
    "--quiet",
)  # fmt: skip
GO_ON = ("run", "--resume", "out", "--quiet")
SAME = ("patients.parquet", "events.parquet", "trajectories.nc", "summary.csv", "protocol.yaml")


def sums(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in SAME}


def new_folder(place: Path) -> Path:
    place.mkdir()
    (place / "few.yaml").write_text(PROTOCOL)
    return place


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, str]:
    """The files of a run that nobody kills."""
    place = tmp_path_factory.mktemp("undisturbed")
    folder = new_folder(place / "run")
    ended = commanded(folder, BEGIN, NEVER, place)
    assert not ended.killed and ended.touches > 4 * CHUNKS
    return sums(folder / "out")


def next_words(folder: Path) -> tuple[str, ...]:
    """What a user types after a kill: on with what was begun, or from the beginning."""
    return GO_ON if (folder / ".out.chunks" / "asked.json").exists() else BEGIN


def longest_life(folder: Path) -> int:
    left = CHUNKS - len(list((folder / ".out.chunks").glob("*.npz")))
    return LONGEST_LIFE if left > 0 else LONGEST_END


def test_runs_killed_at_20_random_moments_end_in_the_bits_of_a_run_that_was_not(
    undisturbed, tmp_path
):
    dice, deaths, ended = random.Random(11), 0, 0
    while deaths < DEATHS:
        folder = new_folder(tmp_path / str(ended))
        while not (folder / "out").exists():
            at = dice.randint(1, longest_life(folder)) if deaths < DEATHS else NEVER
            deaths += commanded(folder, next_words(folder), at, tmp_path).killed

        assert sums(folder / "out") == undisturbed
        ended += 1
