"""Who is next where more ask than can be answered at once?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

KEPT = 256
"""places that are kept for those who may ask again"""


@dataclass
class _Waiting:
    """One who stands in the row, from when on, and with the how-manieth question."""

    who: str
    since: int
    asked: int
    called: asyncio.Future = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Row:
    """Those who have waited longest come first, so many at once.

    Who asks again before being answered, with another value of a slider, keeps the place: fifty
    people are then answered in turn, each with the latest value, however fast they move.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: list[_Waiting] = []
        self._since: dict[str, int] = {}
        self._number = count()

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Held while this one is answered; ``who`` is empty for one who never asks again."""
        await self._called(who)
        try:
            yield
        finally:
            self._free += 1
            self._call()

    async def _called(self, who: str) -> None:
        number = next(self._number)
        one = _Waiting(who, self._place(who, number), number)
        self._waiting.append(one)
        self._call()
        try:
            await one.called
        except asyncio.CancelledError:
            if one in self._waiting:
                self._waiting.remove(one)
            elif one.called.done() and not one.called.cancelled():
                self._free += 1
                self._call()
            raise

    def _place(self, who: str, number: int) -> int:
        if not who:
            return number
        while len(self._since) >= KEPT:
            del self._since[next(iter(self._since))]
        return self._since.setdefault(who, number)

    def _call(self) -> None:
        while self._free and self._waiting:
            one = min(self._waiting, key=lambda each: (each.since, -each.asked))
            self._waiting.remove(one)
            if self._since.get(one.who) == one.since:
                del self._since[one.who]
            if not one.called.done():
                self._free -= 1
                one.called.set_result(None)
