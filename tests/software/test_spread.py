"""Does it matter who does the work, how much of it at a time, or who dies over it?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tracemalloc
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from resynapse.engine.cache import keep_compiled
from resynapse.patient import Patient
from resynapse.population.disorder import apply
from resynapse.protocol import parse
from resynapse.protocol.run_size import COUNTED
from resynapse.trial import everyone
from resynapse.trial import work as work_of
from resynapse.trial.arm_run import reduced
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.comparison import comparisons
from resynapse.trial.everyone import Everyone
from resynapse.trial.gather import Memory, gather
from resynapse.trial.spread import WorkerError, here, on_cluster, on_processes, spread
from resynapse.trial.work import Work, World
from software.few_people import PROTOCOL
from software.noted_work import NotedWork, begins, begun_by, collected, lost

PEOPLE = 40


@pytest.fixture(scope="module")
def work():
    keep_compiled()
    protocol = parse(PROTOCOL, "test")
    patient = apply(Patient(), protocol.disorder)
    felt = {arm.id: unknown_arms(protocol, arm) for arm in protocol.arms}
    worlds = {name: World(patient, felt) for name in ("default", "again", "once more")}
    return Work(protocol, worlds, 5, PEOPLE, 0, {}, "native", PEOPLE)


@pytest.fixture(scope="module")
def alone(work):
    """What every piece leaves behind when this process does it."""
    return {piece.number: arrays for piece, arrays, _ in here(work, work.pieces())}


def same(found, expected) -> bool:
    return found.keys() == expected.keys() and all(
        one.keys() == expected[number].keys()
        and all(np.array_equal(one[k], expected[number][k], equal_nan=True) for k in one
                if one[k].dtype.kind == "f")
        and all(np.array_equal(one[k], expected[number][k]) for k in one
                if one[k].dtype.kind != "f")
        for number, one in found.items()
    )  # fmt: skip


@pytest.fixture
def noted(work, tmp_path):
    """The same work; one process dies over its second piece."""
    shared = {f.name: getattr(work, f.name) for f in fields(work) if f.init and f.repr}
    (tmp_path / "notes").mkdir()
    return NotedWork(**shared, notes=str(tmp_path / "notes"))


def gone_through(noted, by_these):
    """What was collected; only the piece that somebody died over was begun twice."""
    folder, found = Path(noted.notes), {}
    for piece, arrays, _ in by_these(noted, noted.pieces()):
        assert piece.number not in found
        found[piece.number] = arrays
        collected(folder, piece)

    dead, number = lost(folder)
    others = {by for by, begun in begun_by(folder) if begun == number} - {dead}
    assert begins(folder) == dict.fromkeys(found, 1) | {number: 2}
    assert len(others) == 1
    return found


def test_a_worker_that_is_killed_costs_only_its_piece_and_moves_no_bit(noted, alone):
    assert same(gone_through(noted, partial(on_processes, 2)), alone)


@pytest.fixture
def cluster(tmp_path):
    """A real scheduler and two workers, each a process of its own."""
    file = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    dask = [sys.executable, "-m", "dask"]

    def start(*words):
        return subprocess.Popen(
            [*dask, *words, "--scheduler-file", str(file)],
            cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    local = ("--host", "127.0.0.1", "--no-dashboard")
    scheduler = start("scheduler", *local, "--port", "0")
    while not file.exists():
        assert scheduler.poll() is None
        time.sleep(0.05)
    few = ("--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path))
    workers = [start("worker", *local, *few) for _ in range(2)]
    yield json.loads(file.read_text())["address"]
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_a_killed_worker_of_a_cluster_costs_only_its_piece_and_moves_no_bit(noted, alone, cluster):
    assert same(gone_through(noted, partial(on_cluster, cluster)), alone)


def test_no_scheduler_is_one_sentence(work, monkeypatch):
    monkeypatch.setattr("resynapse.trial.spread.PATIENCE", "1s")

    with pytest.raises(WorkerError, match="No Dask scheduler answers at tcp://127.0.0.1:1;"):
        list(spread(cluster="tcp://127.0.0.1:1")(work, work.pieces()))


def test_how_many_people_a_chunk_has_changes_nobody(work, alone, monkeypatch):
    monkeypatch.setattr(work_of, "chunk_size", lambda count: 7)
    small, large = Memory(), Memory()
    gather(work, small, here, None)
    cut = work.everyone("default", "ketamine", small.get)
    monkeypatch.undo()
    for number, arrays in alone.items():
        large.put(number, arrays)
    once = work.everyone("default", "ketamine", large.get)

    assert len(cut.chunks) == 6
    assert len(once.chunks) == 1
    assert cut.held(PEOPLE)[0].equals(once.held(PEOPLE)[0])
    assert np.array_equal(cut.held(PEOPLE)[1], once.held(PEOPLE)[1])
    assert np.array_equal(cut.sampled("chronic"), once.sampled("chronic"))
    for name in (
        "abstinence_1_months",
        "lapse_7_days",
        "time_to_lapse_median",
        "days_abstinent_percent",
    ):
        if f"told/{name}" in alone[0]:
            assert cut.estimate(name) == once.estimate(name)


def test_a_person_more_takes_no_more_memory_than_a_run_is_estimated_at(work, alone, monkeypatch):
    monkeypatch.setattr(everyone, "SAMPLED", PEOPLE)
    first = {piece.arm: alone[piece.number] for piece in work.pieces() if piece.part == "default"}

    def peak(times):
        """Bytes while so many chunks of each arm, read one after another, become a result."""
        tracemalloc.start()
        arms = {
            arm.id: reduced(
                work.protocol, arm, Everyone([lambda arm=arm: first[arm.id]] * times), held=PEOPLE
            ).result
            for arm in work.protocol.arms
        }
        comparisons(arms, work.protocol.reference, arms["none"].endpoints)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)
    few, many = peak(25), peak(250)

    assert 0.0 < (many - few) / (225 * PEOPLE) <= COUNTED
