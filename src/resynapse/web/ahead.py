"""What is made before anybody asks for it, one at a time, and when is it given up?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from anyio import to_thread

from resynapse.trial.live import AbandonedError

Wanted = Callable[[], bool]
"""whether what is being made is worth going on with"""
Gone = Callable[[], Awaitable[object]]
"""comes back when the one who asked has hung up"""


class _Making:
    """What is being made, for which page, and how many wait for it by now."""

    def __init__(self, key: Hashable, page: str) -> None:
        self.key, self.page = key, page
        self.waiting, self.left = 0, False
        self.over, self.turn = asyncio.Event(), asyncio.Event()


class Ahead:
    """Nothing is begun while anybody waits for anything, and it ends once somebody does.

    A page looks at one thing at a time: where it turns to another, or to none, what was made for it
    ends, between parts of an arm, and what waited for that goes. Who asks for that very thing
    meanwhile waits for it, and then it is finished.
    """

    def __init__(self, nobody_waits: Wanted) -> None:
        self._nobody_waits = nobody_waits
        self._now: _Making | None = None
        self._next: _Making | None = None

    async def make(
        self, key: Hashable, work: Callable[[Wanted], object], page: str = "",
        gone: Gone | None = None,
    ) -> None:  # fmt: skip
        """Work in a thread, for a ``page`` (empty: for one that never turns elsewhere)."""
        mine = _Making(key, page)
        watch = asyncio.ensure_future(_left(mine, gone)) if gone else None
        try:
            if await self._my_turn(mine) and not mine.left and self._nobody_waits():
                await self._made(mine, work)
        finally:
            if watch:
                watch.cancel()

    async def _my_turn(self, mine: _Making) -> bool:
        """Whether nothing else is being made, once what this page looked at before has ended.

        Of those that wait for that the last one stays; all others go, as does one that hung up.
        """
        now = self._now
        if now is None:
            return True
        if not mine.page or now.page != mine.page:
            return False
        now.left = now.left or now.key != mine.key
        before, self._next = self._next, mine
        if before:
            before.turn.set()
        await mine.turn.wait()
        if self._next is not mine:
            return False
        self._next = None
        return self._now is None

    async def _made(self, mine: _Making, work: Callable[[Wanted], object]) -> None:
        self._now = mine
        try:
            await to_thread.run_sync(work, lambda: self._wanted(mine))
        except AbandonedError:
            pass
        finally:
            self._now = None
            mine.over.set()
            if self._next:
                self._next.turn.set()

    def _wanted(self, mine: _Making) -> bool:
        return mine.waiting > 0 or (not mine.left and self._nobody_waits())

    async def over(self, key: Hashable, gone: Gone | None = None) -> None:
        """Wait while this very thing is made; AbandonedError where the one who waits is gone."""
        now = self._now
        if now is None or now.key != key:
            return
        now.waiting += 1
        ends = [asyncio.ensure_future(one()) for one in (now.over.wait, gone) if one is not None]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            now.waiting -= 1
            for one in ends:
                one.cancel()
        if not now.over.is_set():
            raise AbandonedError


async def _left(mine: _Making, gone: Gone) -> None:
    await gone()
    mine.left = True
    mine.turn.set()
