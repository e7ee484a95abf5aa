"""Does long work survive, stay within its bounds, and give what it gives without a queue?"""

from __future__ import annotations

import errno
import json
import shlex
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.cli.design.options import finite
from resynapse.input_error import InputError
from resynapse.protocol import dump
from resynapse.trial.power import power
from resynapse.web.bounds import TooMuchError
from resynapse.web.opening import example
from resynapse.web.queue import supervisor
from resynapse.web.queue.store import MOST_WAITING, QueueError, Store
from resynapse.web.queue.supervisor import Supervisor
from resynapse.web.queue.trial_work import (
    BATCHES,
    EARLIER,
    Question,
    TrialWork,
    ensure_bounded,
    unpacked,
)
from resynapse.web.refusal import BusyError, NotThereError
from resynapse.web.repeated import repeated_html

PATIENCE_SECONDS = 90.0


@pytest.fixture
def store(tmp_path):
    """An empty queue."""
    return Store(tmp_path / "queue")


def until(true):
    """Wait for something, not for ever."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("It did not happen.")
        time.sleep(0.05)


def test_work_is_done_in_the_order_in_which_it_was_asked_for(store):
    first, second = store.add("one", "{}", 10), store.add("two", "{}", 10)

    assert store.take()[0].id == first.id
    assert store.take()[0].id == second.id
    assert store.take() is None
    assert [job.name for job in store.jobs()] == ["two", "one"]


def test_the_time_left_is_what_the_parts_so_far_took_times_what_is_missing(store):
    store.add("run", "{}", 10)
    job, claim = store.take()

    assert job.left is None
    assert store.put(job.id, claim, 0, 4, b"x", 2.0)
    assert store.job(job.id).left == pytest.approx(3.0)


def test_a_worker_that_lost_its_job_to_another_can_add_nothing(store):
    store.add("run", "{}", 10)
    job, old = store.take()
    store.put(job.id, old, 0, 4, b"first", 1.0)
    store.recover()
    _, new = store.take()

    assert not store.put(job.id, old, 4, 4, b"lost", 1.0)
    assert store.put(job.id, new, 4, 4, b"second", 1.0)
    store.end(job.id, old)
    assert store.job(job.id).state == "running"
    assert store.parts(job.id) == [b"first", b"second"]


def test_stopped_work_keeps_what_there_is(store):
    store.add("run", "{}", 10)
    job, claim = store.take()
    store.stop(job.id)

    assert not store.put(job.id, claim, 0, 4, b"x", 1.0)
    store.end(job.id, claim)
    kept = store.job(job.id)
    assert (kept.state, kept.done, store.parts(job.id)) == ("stopped", 4, [b"x"])


def test_a_full_queue_takes_no_more_and_says_what_to_do(store):
    for number in range(MOST_WAITING):
        store.add(f"run {number}", "{}", 1)

    with pytest.raises(BusyError, match="Stop one") as refused:
        store.add("one too many", "{}", 1)
    assert refused.value.status == 429
    for number in range(MOST_WAITING):
        store.add(f"report {number}", '{"kind": "report"}', 1)
    with pytest.raises(BusyError, match=f"^{MOST_WAITING} reports wait already"):
        store.add("one too many", '{"kind": "report"}', 1)


def test_work_that_is_not_over_cannot_be_deleted_and_what_is_deleted_is_gone(store):
    job = store.add("run", "{}", 1)
    with pytest.raises(BusyError, match="Stop it first"):
        store.delete(job.id)
    store.stop(job.id)
    store.delete(job.id)

    with pytest.raises(NotThereError):
        store.job(job.id)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(QueueError, match="Name a folder"):
        Store(file / "queue")


@pytest.fixture(scope="module")
def work():
    """Trials of the example over three weeks, in several parts."""
    short = example().model_copy(
        update={"follow_up_days": 21.0, "visits": (), "endpoints": ("craving_vas_day_7",)}
    )
    asked = Question("ketamine-3-therapy", "craving_vas_day_7", (10, 30))
    return TrialWork(short, asked, 100, 5, "prior")


def test_a_run_that_was_cut_off_by_the_end_of_the_server_goes_on_and_finds_the_same(store, work):
    job = store.add("run", work.told(), work.total)
    with closing(Supervisor(store)) as first:
        first.start()
        until(lambda: store.job(job.id).done > 0)
    cut = store.job(job.id)
    assert cut.state == "waiting"
    assert 0 < cut.done < work.total

    with closing(Supervisor(store)) as second:
        second.start()
        until(lambda: store.job(job.id).state == "done")

    batches = unpacked(store.parts(job.id))
    whole = power([work.design], work.asked, work.extent)
    assert store.job(job.id).starts == 2
    assert len(batches) == BATCHES
    assert work.found(batches) == whole


def test_the_command_beside_a_run_gives_the_numbers_of_the_batches_that_are_done(work, tmp_path):
    parts = work.parts(0)
    batches = unpacked([next(parts)[1] for _ in range(5)])
    words = shlex.split(work.command(5))
    file = tmp_path / words[2]
    file.write_text(dump(work.protocol), encoding="utf-8")

    ran = CliRunner().invoke(app, ["power", str(file), *words[3:], "--json", "--quiet"])
    told = finite(work.found(batches).as_dict())
    assert words[:2] == ["resynapse", "power"]
    assert json.loads(ran.stdout) == json.loads(json.dumps(told)) | {"trials": 5 * work.each}
    assert work.found(batches[:3]) is None
    assert work.command(3) == ""


def test_a_run_of_an_earlier_version_is_not_gone_on_with_and_says_so(work):
    told = json.loads(work.told())
    del told["endpoint"]
    earlier = TrialWork.of(json.dumps({**told, "event": "lapse"}))

    assert earlier.question.endpoint == "time_to_lapse_median"
    assert EARLIER in repeated_html(earlier, [])
    with pytest.raises(InputError, match="run it again"):
        next(earlier.parts(0))


def test_a_run_that_takes_too_long_is_ended_and_says_so(store, work):
    job = store.add("run", work.told(), work.trials)
    with closing(Supervisor(store, most_seconds=0.2)) as keeper:
        keeper.start()
        until(lambda: store.job(job.id).state == "failed")

    assert "longer than an hour" in store.job(job.id).message


LINGERS = "import time; time.sleep(600)"
"""A worker that is still there after its job is over"""


@pytest.fixture
def lingering(monkeypatch):
    """Workers that do nothing and do not end."""
    start = subprocess.Popen
    monkeypatch.setattr(
        supervisor.subprocess, "Popen",
        lambda words, **given: start([words[0], "-c", LINGERS], **given),
    )  # fmt: skip


@pytest.fixture
def keeper(store):
    """Who works on the queue, until the test is over, whatever comes of it."""
    with closing(Supervisor(store)) as keeper:
        yield keeper


@pytest.mark.parametrize("deleted", [False, True])
def test_a_worker_that_lingers_after_its_job_is_over_does_not_hold_the_queue(
    store, keeper, lingering, monkeypatch, deleted
):
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.1)
    first = store.add("first", "{}", 1)
    keeper.start()
    until(lambda: keeper.process is not None)
    store.end(first.id, keeper._claim)
    if deleted:
        store.delete(first.id)
    second = store.add("second", "{}", 1)
    until(lambda: store.job(second.id).state == "running")
    keeper.close()

    assert store.job(second.id).state == "waiting"


def test_work_for_which_no_process_can_be_started_fails_and_says_why(store, keeper, monkeypatch):
    def full(words, **given):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(supervisor.subprocess, "Popen", full)
    jobs = [store.add(name, "{}", 1) for name in ("first", "second")]
    keeper.start()
    until(lambda: all(store.job(job.id).state == "failed" for job in jobs))

    assert store.job(jobs[0].id).message == (
        "No process could be started (Cannot allocate memory). End other programs, then ask for "
        "it again."
    )


@pytest.mark.parametrize("before", [True, False])
def test_a_queue_that_cannot_be_read_for_once_goes_on_and_loses_no_work(
    store, keeper, lingering, monkeypatch, before, caplog
):
    """Locked before work is taken; or after, when it is said to run and nobody has it."""
    take, locked = store.take, [sqlite3.OperationalError("database is locked")]

    def taken(kind):
        if not locked:
            return take(kind)
        if not before:
            take(kind)
        raise locked.pop()

    monkeypatch.setattr(store, "take", taken)
    job = store.add("run", "{}", 1)
    keeper.start()
    until(lambda: keeper.process is not None)

    assert store.job(job.id).state == "running"
    assert "database is locked" in caplog.text


def test_a_worker_gets_no_more_memory_than_its_share():
    program = (
        "from resynapse.web.queue.worker import limit\n"
        "limit(200_000_000)\n"
        "try: bytearray(300_000_000)\n"
        "except MemoryError: print('refused')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ran.stdout.strip() == "refused"


def test_a_run_of_a_billion_days_of_lives_is_refused_with_how_many_people_fit(work):
    long = work.protocol.model_copy(update={"follow_up_days": 3650.0})
    huge = Question("ketamine-3-therapy", "time_to_lapse_median", (2000,))

    with pytest.raises(TooMuchError, match="Ask for at most 675 people"):
        ensure_bounded(TrialWork(long, huge, 5000, 1))
