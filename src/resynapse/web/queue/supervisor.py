"""Who starts the worker of the job that waits, and ends it when it takes too long?"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from typing import IO

from resynapse.web.queue.store import TRIAL, Store
from resynapse.web.refusal import NotThereError

log = logging.getLogger(__name__)
TICK_SECONDS = 0.25
MOST_WAIT_SECONDS = 8.0
"""how long it waits at most before it tries again what failed"""
MOST_SECONDS = 3600.0
GRACE_SECONDS = 30.0
"""how long a job that was stopped may finish what it has in hand"""
TOO_LONG = "This run took longer than an hour, which is the limit. What was found so far is kept."
ENDED = "The process of this run was ended from outside. What was found so far is kept."

REPORT_TOO_LONG = (
    "This report took longer than an hour, which is the limit. Ask for fewer people in each arm, "
    "or run the programme from the command line."
)
NOT_BEGUN = "No process could be started ({why}). End other programs, then ask for it again."
REPORT_ENDED = "The process of this report was ended from outside. Ask for it again."


class Supervisor:
    """One worker of each kind at a time, so that long runs do not take every processor.

    Reports have one of their own: who asked for one sits before the page, and waits for no trial.
    """

    def __init__(self, store: Store, most_seconds: float = MOST_SECONDS, kind: str = TRIAL) -> None:
        self.store, self.most_seconds, self.kind = store, most_seconds, kind
        self.process: subprocess.Popen | None = None
        self._job, self._claim, self._begun, self._asked_to_stop = "", "", 0.0, 0.0
        self._certain = False
        """Whether no job can be said to run that no worker has"""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Take up what an earlier server left, and wait for work."""
        self._thread.start()

    def close(self) -> None:
        """End the worker; its job goes on where it was when a server starts again."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(10.0)

    def _watch(self) -> None:
        lock = self._locked()
        if lock is None:
            return
        with lock:
            wait = 0.0
            while not self._closing.wait(wait):
                wait = (
                    TICK_SECONDS
                    if self._went_on()
                    else min(2.0 * wait + TICK_SECONDS, MOST_WAIT_SECONDS)
                )
            self._end_worker()
            self.store.recover(self.kind)

    def _locked(self) -> IO[str] | None:
        """Held while this server works on the queue; None where it is closed before its turn.

        Another server with the same folder lists the runs, and waits here.
        """
        name = "lock" if self.kind == TRIAL else f"lock-{self.kind}"
        lock = open(self.store.folder / name, "w", encoding="utf-8")  # noqa: SIM115
        try:
            import fcntl
        except ImportError:
            return lock
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except OSError:
                if self._closing.wait(TICK_SECONDS):
                    lock.close()
                    return None

    def _went_on(self) -> bool:
        """One step; what hinders one, such as a locked file, may be gone at the next."""
        try:
            if not self._certain and self.process is None:
                self.store.recover(self.kind)
            self._certain = True
            self._step()
        except Exception:
            log.exception("The queue could not go on. It tries again.")
            self._certain = False
        return self._certain

    def _step(self) -> None:
        if self.process is None:
            self._begin()
        elif self.process.poll() is not None:
            ended = ENDED if self.kind == TRIAL else REPORT_ENDED
            self.store.end(self._job, self._claim, "" if self._asked_to_stop else ended)
            self.process = None
        else:
            self._limit()

    def _begin(self) -> None:
        taken = self.store.take(self.kind)
        if taken is None:
            return
        job, self._claim = taken
        self._job, self._begun, self._asked_to_stop = job.id, time.monotonic(), 0.0
        words = [sys.executable, "-m", "resynapse.web.queue.worker"]
        try:
            self.process = subprocess.Popen(
                [*words, str(self.store.folder), job.id, self._claim],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=one_thread(),
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            self.store.end(job.id, self._claim, NOT_BEGUN.format(why=error.strerror))

    def _limit(self) -> None:
        now = time.monotonic()
        if now - self._begun > self.most_seconds:
            self._end_worker()
            self.store.end(
                self._job, self._claim, TOO_LONG if self.kind == TRIAL else REPORT_TOO_LONG
            )
            return
        if not self._asked_to_stop and self._is_to_stop():
            self._asked_to_stop = now
        if self._asked_to_stop and now - self._asked_to_stop > GRACE_SECONDS:
            self._end_worker()
            self.store.end(self._job, self._claim)

    def _is_to_stop(self) -> bool:
        """Whether somebody said so, or its worker lingers after the job was over or is deleted."""
        try:
            return self.store.job(self._job).state != "running"
        except NotThereError:
            return True

    def _end_worker(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def one_thread() -> dict[str, str]:
    """The environment of a worker whose libraries start no threads of their own."""
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    return {**os.environ, **alone}
