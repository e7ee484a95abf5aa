"""Is a report work of the queue: in its own row, told how far it is, stopped, and not lost?"""

from __future__ import annotations

import subprocess
import time

import pytest

from resynapse.protocol import parse
from resynapse.web import report_worker
from resynapse.web.jobs import _found, _report, told
from resynapse.web.queue import supervisor, worker
from resynapse.web.queue.report_work import (
    KIND,
    STEPS,
    NotWantedError,
    ReportWork,
    html_of,
    kind_of,
)
from resynapse.web.queue.store import Store
from resynapse.web.queue.supervisor import REPORT_TOO_LONG, Supervisor
from resynapse.web.refusal import NotThereError
from resynapse.web.report_worker import report
from resynapse.web.scenario import Scenario
from software.test_report_process import PEOPLE, SEED, TEXT, WHEN

PATIENCE_SECONDS = 240.0
PAUSE = 3
PAUSING = f"""
import sys, time
from pathlib import Path
from resynapse.web.queue import worker
from resynapse.web.queue.store import Store
put = Store.put
def paused(store, id, claim, first, *given):
    wanted = put(store, id, claim, first, *given)
    if first + 1 == {PAUSE}:
        time.sleep({PATIENCE_SECONDS})
    return wanted
Store.put = paused
worker.work(Path(sys.argv[1]), *sys.argv[2:])
"""
"""A worker that waits after a step until it is ended"""


@pytest.fixture
def store(tmp_path):
    """An empty queue."""
    return Store(tmp_path / "queue")


@pytest.fixture
def work():
    asked = Scenario(parse(TEXT, "test"), PEOPLE, SEED)
    return ReportWork.of_scenario(asked, "prior")


def until(true):
    """Wait for something, not for ever."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("It did not happen.")
        time.sleep(0.02)


def pausing(start):
    """Starts that worker in place of the usual one."""
    return lambda words, **named: start([words[0], "-c", PAUSING, *words[3:]], **named)


def test_a_report_waits_for_no_trial(store, work):
    trial = store.add("trial", "{}", 10)
    asked = store.add("report", work.told(), STEPS)

    assert store.take(KIND)[0].id == asked.id
    assert store.take(KIND) is None
    assert store.take()[0].id == trial.id
    store.recover(KIND)
    assert (store.job(asked.id).state, store.job(trial.id).state) == ("waiting", "running")


def test_a_report_that_a_restart_cut_off_is_made_again_and_is_the_same(store, work, monkeypatch):
    job = store.add("report", work.told(), STEPS)
    first = Supervisor(store, kind=KIND)
    with monkeypatch.context() as held:
        held.setattr(supervisor.subprocess, "Popen", pausing(subprocess.Popen))
        first.start()
        until(lambda: store.job(job.id).done == PAUSE)
        first.close()
    cut = store.job(job.id)
    assert (cut.state, cut.done) == ("waiting", PAUSE)
    with pytest.raises(NotThereError, match="not done yet"):
        _report(store, job.id)

    second = Supervisor(store, kind=KIND)
    second.start()
    until(lambda: store.job(job.id).state == "done")
    second.close()

    assert store.job(job.id).starts == 2
    html = html_of(store.parts(job.id)).decode()
    assert WHEN.sub("", html) == WHEN.sub("", report(work.asked))
    assert told(store.job(job.id))["file"] == "small-trial"


def test_a_report_that_is_deleted_while_it_is_read_is_not_found(store, work, monkeypatch):
    job = store.add("report", work.told(), 1)
    _, claim = store.take(KIND)
    store.put(job.id, claim, 0, 1, b"report", 1.0)
    store.end(job.id, claim)
    assert store.job(job.id).state == "done"
    monkeypatch.setattr(store, "parts", lambda id: [])

    with pytest.raises(NotThereError, match="has been deleted"):
        _report(store, job.id)


def test_a_stopped_report_is_none_and_holds_no_trials(store, work):
    job = store.add("report", work.told(), STEPS)
    _, claim = store.take(KIND)
    heard = []

    def put(step, body, seconds):
        heard.append(step)
        if step == 2:
            store.stop(job.id)
        return store.put(job.id, claim, step, 1, body, seconds)

    with pytest.raises(NotWantedError):
        work.made(put, 0)
    store.end(job.id, claim)

    assert store.job(job.id).state == "stopped"
    assert heard == [0, 1, 2]
    with pytest.raises(NotThereError):
        _report(store, job.id)
    with pytest.raises(NotThereError, match="holds no trials"):
        _found(store, job.id)


def test_a_report_that_was_whole_before_a_restart_is_not_made_again(work, monkeypatch):
    monkeypatch.setattr(report_worker, "report", lambda *given: pytest.fail("It was made again."))

    work.made(lambda *given: pytest.fail("A step was put."), STEPS)


def test_a_report_that_fails_by_a_fault_does_not_say_that_something_was_kept(store, monkeypatch):
    said = {}
    for asked, kind in (('{"kind": "report"}', KIND), ("{}", "trial")):
        job = store.add("faulty", asked, STEPS)
        _, claim = store.take(kind)
        with pytest.raises(KeyError):
            worker.work(store.folder, job.id, claim)
        said[kind] = store.job(job.id).message

    assert said == {KIND: worker.REPORT_FAULT, "trial": worker.FAULT}
    assert "kept" not in worker.REPORT_FAULT


def test_a_report_that_takes_too_long_is_ended_and_says_what_to_do(store, work):
    job = store.add("report", work.told(), STEPS)
    keeper = Supervisor(store, most_seconds=0.2, kind=KIND)
    keeper.start()
    until(lambda: store.job(job.id).state == "failed")
    keeper.close()

    assert store.job(job.id).message == REPORT_TOO_LONG


def test_what_was_kept_before_reports_were_work_is_a_trial(work):
    assert kind_of('{"protocol": {}}') == "trial"
    assert kind_of(work.told()) == KIND
    assert ReportWork.of(work.told()) == work
