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

INTERRUPTED = 130
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

    def __call__(self, _: int, __: FrameType | None) -> None:
        start = CURSOR if sys.stderr.isatty() else ""
        os.write(sys.stderr.fileno(), f"{start}{self.words()}\n".encode())
        os._exit(INTERRUPTED)


def stop_at_once() -> None:
    """From now on an interrupt ends the process with one sentence."""
    signal.signal(signal.SIGINT, _Stop(message))


@contextmanager
def saying(words: Callable[[], str]) -> Iterator[None]:
    """Meanwhile an interrupt is answered with this sentence."""
    before = signal.getsignal(signal.SIGINT)
    if isinstance(before, _Stop):
        signal.signal(signal.SIGINT, _Stop(words))
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(words()) from None
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def tidying() -> Iterator[None]:
    """While files are written an interrupt is an exception, so that what is half-written goes."""
    before = signal.getsignal(signal.SIGINT)
    if not isinstance(before, _Stop):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
