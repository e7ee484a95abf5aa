"""Who makes a report while others move sliders: a process of low priority, one at a time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

from resynapse.input_error import InputError
from resynapse.trial.live import AbandonedError
from resynapse.web.queue.supervisor import one_thread
from resynapse.web.report_worker import REFUSED, TOO_LARGE
from resynapse.web.scenario import Scenario

TICK_SECONDS = 0.25
MOST_SECONDS = 1800.0
TOO_LONG = (
    "This report took longer than half an hour, which is the limit. Ask for fewer people in each "
    "arm, or run the programme from the command line."
)
TOO_MUCH = "This report needed more than 3 GB of memory. Ask for fewer people in each arm."


class ReportError(InputError):
    """A report that cannot be made, in a sentence."""


def made(
    asked: Scenario, parameters: str, wanted: Callable[[], bool],
    most_seconds: float = MOST_SECONDS,
) -> bytes:  # fmt: skip
    """The report as HTML; AbandonedError once nobody ``wanted`` it any more."""
    if not wanted():
        raise AbandonedError
    process = subprocess.Popen(
        [sys.executable, "-m", "resynapse.web.report_worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=one_thread(), start_new_session=True,
    )  # fmt: skip
    try:
        written = _waited(
            process, _told(asked, parameters), wanted, time.monotonic() + most_seconds
        )
    finally:
        process.kill()
        process.wait()
    if process.returncode == REFUSED:
        raise ReportError(written.decode())
    if process.returncode == TOO_LARGE:
        raise ReportError(TOO_MUCH)
    if process.returncode:
        raise RuntimeError(f"The process of a report ended with {process.returncode}.")
    return written


def _told(asked: Scenario, parameters: str) -> bytes:
    protocol = asked.protocol.model_dump(mode="json", exclude_none=True)
    told = {"protocol": protocol, "patients": asked.patients, "seed": asked.seed}
    told |= {"parameters": parameters, "enantiomers": asked.enantiomers}
    return json.dumps(told).encode()


def _waited(
    process: subprocess.Popen, told: bytes, wanted: Callable[[], bool], until: float
) -> bytes:
    """What it writes until it ends by itself."""
    given: bytes | None = told
    while True:
        try:
            return process.communicate(given, timeout=TICK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            given = None
            if not wanted():
                raise AbandonedError from None
            if time.monotonic() > until:
                raise ReportError(TOO_LONG) from None
