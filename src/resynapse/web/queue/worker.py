"""What does the process do that works on one job? python -m resynapse.web.queue.worker ..."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from resynapse.input_error import InputError
from resynapse.web.queue.report_work import KIND, NotWantedError, ReportWork, kind_of
from resynapse.web.queue.store import Job, Store

MEMORY_BYTES = 3 * 1024**3
MEMORY_WORDS = "This run needed more than 3 GB of memory. Ask for fewer people in each arm."
FAULT = "This is a fault in Resynapse, not in what was asked. What was found so far is kept."
REPORT_FAULT = "This is a fault in Resynapse, not in what was asked. A report is whole or none."
POLITE, REPORT_POLITE = 10, 5
"""added to the niceness, so that those who move sliders come first"""


def work(folder: Path, id: str, claim: str) -> None:
    """Do the job from where it stands, part by part, until it is done or no longer wanted."""
    store, parent = Store(folder), os.getppid()
    try:
        _parts(store, id, claim, parent)
    except InputError as error:
        store.end(id, claim, str(error))
    except MemoryError:
        store.end(id, claim, MEMORY_WORDS)
    except Exception:
        report = kind_of(store.job(id).asked) == KIND
        store.end(id, claim, REPORT_FAULT if report else FAULT)
        raise


def _parts(store: Store, id: str, claim: str, parent: int) -> None:
    from resynapse.web.queue.trial_work import TrialWork

    job = store.job(id)
    if kind_of(job.asked) == KIND:
        _report(store, job, claim)
        return
    done, begun = job.done, time.monotonic()
    for many, body in TrialWork.of(job.asked).parts(done):
        now = time.monotonic()
        wanted = store.put(id, claim, done, many, body, now - begun)
        done, begun = done + many, now
        if os.getppid() != parent:
            return
        if not wanted:
            break
    store.end(id, claim)


def _report(store: Store, job: Job, claim: str) -> None:
    def put(step: int, body: bytes, seconds: float) -> bool:
        return store.put(job.id, claim, step, 1, body, seconds)

    with suppress(NotWantedError):
        ReportWork.of(job.asked).made(put, job.done)
    store.end(job.id, claim)


def limit(memory: int = MEMORY_BYTES, polite: int = POLITE) -> None:
    """Bound the memory of this process, and let others go first, where the system knows how."""
    try:
        import resource
    except ImportError:
        return
    os.nice(polite)
    _, hardest = resource.getrlimit(resource.RLIMIT_DATA)
    most = memory if hardest == resource.RLIM_INFINITY else min(memory, hardest)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hardest))


def politeness(folder: Path, id: str) -> int:
    """Somebody waits for a report, unlike for a trial."""
    return REPORT_POLITE if kind_of(Store(folder).job(id).asked) == KIND else POLITE


if __name__ == "__main__":
    limit(polite=politeness(Path(sys.argv[1]), sys.argv[2]))
    work(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
