"""What does Python leave alone while libraries and kernels are loaded?"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_within: list[bool] = []
"""for each who is loading, in any thread: whether Python looked before"""


@contextmanager
def loading() -> Iterator[None]:
    """Python does not look for what may go until the last who is loading is done.

    What is loaded stays, and there is much of it: to look through it all again and again took a
    quarter of a second start.
    """
    with _lock:
        _within.append(_within[0] if _within else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            looked = _within.pop()
            if looked and not _within:
                gc.enable()
