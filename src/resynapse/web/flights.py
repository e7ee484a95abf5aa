"""How is one thing that several ask for at once computed once, and left off when all have gone?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from starlette.requests import Request

from resynapse.trial.live import AbandonedError

Work = Callable[[Callable[[], bool]], Awaitable[Any]]
"""given a way to ask whether anyone still waits -> the answer; AbandonedError where nobody does"""


class _Flight:
    """One computation, how many wait for it, and whether it has begun."""

    def __init__(self, work: Work) -> None:
        self.waiting, self.begun = 0, False
        self.task = asyncio.ensure_future(work(self._wanted))

    def _wanted(self) -> bool:
        self.begun = True
        return self.waiting > 0


class Flights:
    """Computations under way, by what they answer."""

    def __init__(self) -> None:
        self._flying: dict[Hashable, _Flight] = {}

    async def answer(self, request: Request, key: Hashable, work: Work) -> Any:
        """The answer of this key, of a computation under way if there is one."""
        while True:
            flight = self._flying.get(key) or self._begun(key, work)
            flight.waiting += 1
            left = asyncio.ensure_future(gone(request))
            try:
                await asyncio.wait({flight.task, left}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._left(key, flight)
                left.cancel()
            if not flight.task.done():
                raise AbandonedError
            if not isinstance(flight.task.exception(), AbandonedError):
                return flight.task.result()

    def _left(self, key: Hashable, flight: _Flight) -> None:
        """One waits no longer; what nobody waits for and has not begun leaves the row."""
        flight.waiting -= 1
        if flight.waiting == 0 and not flight.begun and not flight.task.done():
            self._flying.pop(key, None)
            flight.task.cancel()

    def _begun(self, key: Hashable, work: Work) -> _Flight:
        flight = self._flying[key] = _Flight(work)
        flight.task.add_done_callback(lambda _: self._landed(key, flight))
        return flight

    def _landed(self, key: Hashable, flight: _Flight) -> None:
        if self._flying.get(key) is flight:
            del self._flying[key]
        if not flight.task.cancelled():
            flight.task.exception()


async def gone(request: Request) -> None:
    """Comes back at the moment when the browser no longer waits."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
