"""What does Python leave alone while libraries and kernels are loaded?"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Python does not look for what may go meanwhile.

    What is loaded stays, and there is much of it: to look through it all again and again took a
    quarter of a second start.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
