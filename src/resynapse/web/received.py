"""How is the body of a request read while others are answered?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request

AT_ONCE = 4
"""bodies read beside one another; a long text of YAML takes seconds, and all others would wait"""
T = TypeVar("T")


def read_beside(app: FastAPI) -> None:
    """Let this application, in its own loop of events, read so many bodies at once."""
    app.state.reading = CapacityLimiter(AT_ONCE)


async def received(request: Request, read: Callable[[bytes], T]) -> T:
    """What ``read`` makes of the body, in a thread."""
    reading: CapacityLimiter = request.app.state.reading
    return await to_thread.run_sync(read, await request.body(), limiter=reading)
