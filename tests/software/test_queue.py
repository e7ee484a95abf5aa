"""Does long work survive, stay within its bounds, and give what it gives without a queue?"""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from resynapse.trial.power.one_by_one import Question, repeats
from resynapse.web.opening import example
from resynapse.web.queue.store import MOST_WAITING, QueueError, Store
from resynapse.web.queue.supervisor import Supervisor
from resynapse.web.queue.trial_work import TrialWork, ensure_bounded, unpacked
from resynapse.web.refusal import BusyError, NotThereError

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
    """Trials of the example over a month, in several parts."""
    short = example().model_copy(update={"follow_up_days": 21.0, "visits": (), "endpoints": ()})
    return TrialWork(short, Question("ketamine-3-therapy", "lapse", (100, 700)), 6, 5, "prior")


def test_a_run_that_was_cut_off_by_the_end_of_the_server_goes_on_and_finds_the_same(store, work):
    job = store.add("run", work.told(), work.trials)
    first = Supervisor(store)
    first.start()
    until(lambda: store.job(job.id).done > 0)
    first.close()
    cut = store.job(job.id)
    assert cut.state == "waiting"
    assert 0 < cut.done < work.trials

    second = Supervisor(store)
    second.start()
    until(lambda: store.job(job.id).state == "done")
    second.close()

    found = unpacked(store.parts(job.id), 2)
    asked = work.protocol, work.question, work.trials, work.seed
    alone = list(repeats(*asked, parameters="prior"))
    assert store.job(job.id).starts == 2
    assert np.array_equal(found.z, np.concatenate([one.z for one in alone]))


def test_a_run_that_takes_too_long_is_ended_and_says_so(store, work):
    job = store.add("run", work.told(), work.trials)
    keeper = Supervisor(store, most_seconds=0.2)
    keeper.start()
    until(lambda: store.job(job.id).state == "failed")
    keeper.close()

    assert "longer than an hour" in store.job(job.id).message


def test_a_worker_gets_no_more_memory_than_its_share():
    program = (
        "from resynapse.web.queue.worker import limit\n"
        "limit(200_000_000)\n"
        "try: bytearray(300_000_000)\n"
        "except MemoryError: print('refused')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ran.stdout.strip() == "refused"


def test_a_run_of_a_billion_days_of_lives_is_refused_with_how_many_trials_fit(work):
    huge = TrialWork(work.protocol, Question("ketamine-3-therapy", "lapse", (2000,)), 5000, 1)

    with pytest.raises(Exception, match="Ask for at most"):
        ensure_bounded(TrialWork(example(), huge.question, huge.trials, 1))
