"""How is the body of a request read while others are answered?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request

AT_ONCE = 4
"""bodies read beside one another; a long text of YAML takes seconds, and all others would wait"""
T = TypeVar("T")


def at_once() -> CapacityLimiter:
    """Lets so many bodies be read at once, in the loop of events in which the first is read."""
    return CapacityLimiter(AT_ONCE)


def read_beside(app: Starlette, reading: CapacityLimiter) -> None:
    """Let this application read its bodies among those that may be read at once."""
    app.state.reading = reading


async def received(request: Request, read: Callable[[bytes], T]) -> T:
    """What ``read`` makes of the body, in a thread."""
    reading: CapacityLimiter = request.app.state.reading
    return await beside(reading, read, await request.body())


async def beside(reading: CapacityLimiter, read: Callable[[bytes], T], body: bytes) -> T:
    """The same of a body that is here already."""
    return await to_thread.run_sync(read, body, limiter=reading)
