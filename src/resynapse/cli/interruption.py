"""How does a run stop when it is interrupted?

Libraries that are loading or compiling do not bear an exception at any moment: some take the
process down. Until files are written there is nothing to tidy, so the process just ends.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

INTERRUPTED = 130
ENDING = (signal.SIGINT, signal.SIGTERM)
"""Ctrl+C, and what ends a process from outside"""
UNSAID = "ignore:resource_tracker:UserWarning"
"""Python's tracker of semaphores tidies up after a process that ended at once; nothing is amiss"""
CURSOR = "\r\x1b[K\x1b[?25h"
"""Clears a line that a bar was drawn on, and shows the cursor that it hid"""


def message() -> str:
    """What a person reads, with the command that runs it again."""
    again = shlex.join(["resynapse", *sys.argv[1:]])
    return f"Interrupted; nothing half-written is left. To run it again: {again}"


@dataclass(frozen=True)
class _Stop:
    """Ends the process at once, with a sentence."""

    words: Callable[[], str]

    def __call__(self, number: int, _: FrameType | None) -> None:
        start = CURSOR if sys.stderr.isatty() else ""
        try:
            os.write(sys.stderr.fileno(), f"{start}{self.words()}\n".encode())
        finally:
            os._exit(128 + number)


def stop_at_once() -> None:
    """From now on an interrupt, or an end from outside, ends the process with one sentence."""
    os.environ.setdefault("PYTHONWARNINGS", UNSAID)
    _answer(_Stop(message))


def _answer(with_this: Any) -> None:
    for number in ENDING:
        signal.signal(number, with_this)


@contextmanager
def saying(words: Callable[[], str]) -> Iterator[None]:
    """Meanwhile an interrupt is answered with this sentence."""
    before = signal.getsignal(signal.SIGINT)
    ours = isinstance(before, _Stop)
    if ours:
        _answer(_Stop(words))
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(words()) from None
    finally:
        if ours:
            _answer(before)


@contextmanager
def tidying() -> Iterator[None]:
    """While files are written an interrupt is an exception, so that what is half-written goes."""
    before = signal.getsignal(signal.SIGINT)
    if not isinstance(before, _Stop):
        yield
        return
    _answer(signal.default_int_handler)
    try:
        yield
    finally:
        _answer(before)
