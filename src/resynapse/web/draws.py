"""Who draws the parameters of a programme while others move sliders, and how far is it?

A process of low priority makes one draw after another, for one programme at a time, as long as
somebody asks how far it is. What is whole is kept, so that the next who asks waits for nothing.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from resynapse.input_error import InputError
from resynapse.web.draws_worker import taken
from resynapse.web.queue.supervisor import one_thread
from resynapse.web.report_worker import REFUSED, TOO_LARGE
from resynapse.web.scenario import Scenario

log = logging.getLogger(__name__)
FORGOTTEN_SECONDS = 6.0
"""without a question, after which nobody is taken to wait any more"""
KEPT = 6
"""programmes whose draws are kept; one of 32 draws has about 7 MB"""
TICK_SECONDS = 0.25
TOO_MUCH = "Drawing the parameters needed more than 3 GB of memory. Ask for a shorter follow-up."
FAULT = (
    "This is a fault in Resynapse, not in what was asked: the parameters could not be drawn. "
    "Choose bands of patients, or ask again."
)


class DrawsError(InputError):
    """Draws that cannot be made, in a sentence."""


@dataclass
class Drawing:
    """The draws of one programme, so far."""

    told: str
    total: int
    draws: list[dict[str, np.ndarray]] = field(default_factory=list)
    asked: float = field(default_factory=time.monotonic)
    """when somebody last asked how far it is"""
    problem: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing is left to draw."""
        return len(self.draws) >= self.total

    @property
    def wanted(self) -> bool:
        """Whether somebody waits."""
        return time.monotonic() - self.asked < FORGOTTEN_SECONDS


class Draws:
    """All programmes that somebody waits for, one after another, and some that are whole."""

    def __init__(self, parameters: str) -> None:
        self._parameters = parameters
        self._known: dict[str, Drawing] = {}
        self._row: deque[Drawing] = deque()
        self._lock = threading.Lock()
        self._running = False

    def ask(self, asked: Scenario, count: int) -> Drawing:
        """How far the draws of this programme are; begun now if they were not."""
        told = _told(asked, count, self._parameters)
        with self._lock:
            one = self._known.pop(told, None) or self._begun(told, count)
            self._known[told] = one
            self._forget()
            one.asked = time.monotonic()
            if not self._running and self._row:
                self._running = True
                threading.Thread(target=self._work, daemon=True).start()
        if one.problem:
            del self._known[told]
            raise DrawsError(one.problem)
        return one

    @property
    def working(self) -> bool:
        """Whether any are being made."""
        return self._running

    def _begun(self, told: str, count: int) -> Drawing:
        one = Drawing(told, count)
        self._row.append(one)
        return one

    def _forget(self) -> None:
        """The longest unused go; what is under way is left by its worker when nobody asks."""
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]

    def _work(self) -> None:
        """One programme after another until none is left that somebody waits for."""
        while True:
            with self._lock:
                if not self._row:
                    self._running = False
                    return
                one = self._row.popleft()
            if one.wanted:
                _drawn(one)
            if not one.whole and not one.problem:
                with self._lock:
                    self._known.pop(one.told, None)


def _drawn(one: Drawing) -> None:
    """Whatever happens, the next programme gets its turn."""
    try:
        _draw(one)
    except Exception:
        log.exception("Drawing the parameters of a programme failed.")
        one.problem = FAULT


def _draw(one: Drawing) -> None:
    """Everything that is left, by a process that is ended when nobody asks any more."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "resynapse.web.draws_worker"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=said, env=one_thread(), start_new_session=True,
        )  # fmt: skip
        given_up, over = threading.Event(), threading.Event()
        threading.Thread(
            target=_end_unwanted, args=(one, process, given_up, over), daemon=True
        ).start()
        try:
            _collect(one, process)
        finally:
            over.set()
            if one.whole:
                process.kill()
            code = process.wait()
        if not one.whole and not given_up.is_set():
            said.seek(0)
            told = said.read().decode(errors="replace")
            one.problem = {REFUSED: told, TOO_LARGE: TOO_MUCH}.get(code, FAULT)


def _collect(one: Drawing, process: subprocess.Popen) -> None:
    """What the process writes, until all is there or it ends."""
    assert process.stdin is not None and process.stdout is not None
    with process.stdout as stream, suppress(BrokenPipeError):
        process.stdin.write(one.told.encode())
        process.stdin.close()
        while not one.whole and (found := taken(stream)) is not None:
            one.draws.append(found)


def _end_unwanted(
    one: Drawing, process: subprocess.Popen, given_up: threading.Event, over: threading.Event
) -> None:
    while not over.wait(TICK_SECONDS):
        if not one.wanted:
            given_up.set()
            process.kill()
            return


def _told(asked: Scenario, count: int, parameters: str) -> str:
    """What the process is told; the number of people is not part of it."""
    protocol = asked.protocol.model_dump(mode="json", exclude_none=True)
    told = {"protocol": protocol, "seed": asked.seed, "draws": count, "parameters": parameters}
    return json.dumps(told, sort_keys=True)
