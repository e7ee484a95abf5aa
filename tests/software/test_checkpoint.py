"""Is finished work kept, whole, in the hands of one process, whenever the process is killed?"""

from __future__ import annotations

import errno
import logging
import os
import random
import signal
from pathlib import Path

import numpy as np
import pytest

import resynapse
from resynapse.engine import checkpoint
from resynapse.engine.checkpoint import Checkpoint, CheckpointError
from resynapse.protocol import run_size
from resynapse.trial.gather import gather
from resynapse.trial.simulate import simulate
from resynapse.trial.work import Piece

ASKED = {"seed": 1, "patients": 8}
PIECES = [Piece(number, "default", "high", 8 * number, 8) for number in range(6)]
KILL_POINTS = 20
OPERATIONS = 4 * (len(PIECES) + 1)
"""each file is written, forced to the disk and renamed, and its folder is forced to the disk"""


class Work:
    """Pieces that cost nothing: a pure function of their number."""

    def pieces(self):
        return PIECES


def arrays(number: int) -> dict[str, np.ndarray]:
    return {
        "time": np.random.default_rng(number).normal(size=50),
        "name": np.array(["drop-out"]),
    }


def doing(done: list[int]):
    def spread(_, pieces):
        for piece in pieces:
            done.append(piece.number)
            yield piece, arrays(piece.number), "here"

    return spread


def whole(folder: Path) -> bool:
    kept = Checkpoint(folder, ASKED)
    try:
        return all(
            np.array_equal(kept.get(number)[name], value)
            for number in range(len(PIECES))
            for name, value in arrays(number).items()
        )
    finally:
        kept.close()


def gathered(folder: Path) -> list[int]:
    """The pieces that had to be done."""
    done: list[int] = []
    kept = Checkpoint(folder, ASKED)
    gather(Work(), kept, doing(done), None)
    kept.close()
    return done


def killed_at(operation: int, folder: Path) -> int:
    """A process that kills itself, half-way through this operation on files; how it ended."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    count = 0

    def counted(real, half):
        def act(*given, **named):
            nonlocal count
            count += 1
            if count == operation:
                half(*given)
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return act

    Path.write_bytes = counted(
        Path.write_bytes, lambda path, content: path.open("wb").write(content[: len(content) // 2])
    )
    os.fsync = counted(os.fsync, lambda *_: None)
    os.replace = counted(os.replace, lambda *_: None)
    gathered(folder)
    os._exit(0)


def test_a_run_that_is_never_killed_makes_the_operations_that_are_counted(tmp_path):
    assert killed_at(OPERATIONS + 1, tmp_path / "a") == 0
    assert os.WTERMSIG(killed_at(OPERATIONS, tmp_path / "b")) == signal.SIGKILL


@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_run_killed_at_any_of_20_random_moments_goes_on_to_the_same_bits(tmp_path):
    moments = random.Random(3).sample(range(1, OPERATIONS + 1), KILL_POINTS)
    for moment in moments:
        folder = tmp_path / str(moment)

        assert os.WTERMSIG(killed_at(moment, folder)) == signal.SIGKILL
        again = gathered(folder)

        assert whole(folder)
        assert len(again) == len(PIECES) - max(0, (moment - 4) // 4), moment


def test_a_run_killed_twice_still_ends(tmp_path):
    killed_at(9, tmp_path)
    killed_at(14, tmp_path)
    gathered(tmp_path)

    assert whole(tmp_path)


@pytest.mark.parametrize("harm", ["cut short", "flipped", "emptied"])
def test_a_damaged_chunk_is_named_and_done_again(tmp_path, caplog, harm):
    gathered(tmp_path)
    file = next(tmp_path.glob("00000003.*"))
    content = bytearray(file.read_bytes())
    content[200] ^= 1
    cut = {"cut short": content[:-1], "flipped": content, "emptied": b""}
    file.write_bytes(cut[harm])

    with caplog.at_level(logging.WARNING):
        again = gathered(tmp_path)

    assert again == [3]
    assert "Chunk 3, people 24 to 31 of arm high (default), was damaged" in caplog.text
    assert whole(tmp_path)


def test_a_chunk_that_goes_bad_while_the_run_goes_on_is_named(tmp_path):
    gathered(tmp_path)
    kept = Checkpoint(tmp_path, ASKED)
    file = kept.files[2]
    content = bytearray(file.read_bytes())
    content[len(content) // 4] ^= 1
    file.write_bytes(content)

    with pytest.raises(CheckpointError, match="chunk 2 .* resume the run"):
        for name in arrays(2):
            kept.get(2)[name]
    kept.close()


def test_a_second_writer_is_told_who_holds_the_folder(tmp_path):
    first = Checkpoint(tmp_path, ASKED)
    with pytest.raises(CheckpointError, match=f"being written by process {os.getpid()} on"):
        Checkpoint(tmp_path, ASKED)
    first.close()

    Checkpoint(tmp_path, ASKED).close()


def test_chunks_of_another_run_are_not_taken(tmp_path):
    gathered(tmp_path)

    with pytest.raises(CheckpointError, match="begun with another seed, so its chunks"):
        Checkpoint(tmp_path, {**ASKED, "seed": 2})


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "is full; finished chunks are kept: free some space and resume"),
        (errno.EROFS, "may not be written to; change its rights or choose another folder"),
        (errno.EIO, "cannot be used (Input/output error); choose another folder"),
    ],
)
def test_a_disk_that_fails_is_one_sentence_and_finished_chunks_stay(
    tmp_path, monkeypatch, number, said
):
    kept = Checkpoint(tmp_path, ASKED)
    kept.put(0, arrays(0))

    def fails(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(checkpoint, "to_disk", fails)
    with pytest.raises(CheckpointError) as raised:
        kept.put(1, arrays(1))
    monkeypatch.undo()
    kept.close()

    assert said in raised.value.message
    assert raised.value.message.count(". ") == 0
    assert gathered(tmp_path) == [1, 2, 3, 4, 5]


def test_a_run_whose_files_do_not_fit_on_the_disk_is_refused_before_it_starts(
    tmp_path, monkeypatch
):
    plan = resynapse.load("krupitsky-2002")
    monkeypatch.setattr(run_size, "free_disk", lambda _: 2.0)

    with pytest.raises(resynapse.InputError) as refused:
        simulate(plan, patients=1_000_000, chunks=tmp_path / "big.chunks")

    said = refused.value.message
    assert f"and the disk of {tmp_path} has 2.0 GB free. Ask for fewer, make room" in said
    assert not (tmp_path / "big.chunks").exists()
    run_size.ensure_room(plan, 1000, tmp_path / "small")


def test_files_take_about_what_was_measured_for_everyone_after_the_first():
    plan = resynapse.load("krupitsky-2002")
    each = run_size.disk_gigabytes(plan, 200_000) - run_size.disk_gigabytes(plan, 100_000)
    measured = 2 * 972 / 1e9  # bytes of chunks for a person of both arms, krupitsky-2002

    assert measured < each / 100_000 < 2.0 * measured
