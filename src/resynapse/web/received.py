"""How is the body of a request read while others are answered?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

AT_ONCE = CapacityLimiter(4)
"""bodies read beside one another; a long text of YAML takes seconds, and all others would wait"""
T = TypeVar("T")


async def received(request: Request, read: Callable[[bytes], T]) -> T:
    """What ``read`` makes of the body, in a thread."""
    return await to_thread.run_sync(read, await request.body(), limiter=AT_ONCE)
