"""What does a page ask first, and who answers it before the whole application is loaded?

Its example and its fields need no model: they are told at once, and the page is built from them
while the model is being loaded. Its first picture needs the model, not the other things that can
be asked: these are loaded after it, as Python does one thing at a time.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from resynapse.web.earlier import EXAMPLE, SCHEMA, SIMULATE
from resynapse.web.received import beside

if TYPE_CHECKING:
    from resynapse.web.earlier import Earlier
    from resynapse.web.laboratory import Laboratory

LOOK_SECONDS = 0.05
"""how often it is seen whether machine code has to be made"""
T = TypeVar("T")


class Awaited(Generic[T]):
    """What a thread makes and requests wait for."""

    def __init__(self) -> None:
        self._there = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._made: T | None = None

    def begin(self) -> None:
        """Called where requests are answered, before it can be there."""
        self._loop = asyncio.get_running_loop()

    def come(self, made: T) -> None:
        """Called in the thread that made it."""
        self._made = made
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._there.set)

    def give_up(self) -> None:
        """Called where requests are answered: it will not come."""
        self._there.set()

    async def got(self) -> T | None:
        """Waited for; None where it was given up."""
        await self._there.wait()
        return self._made


class First:
    """A page's first questions, answered as the whole application answers them."""

    def __init__(self) -> None:
        self._told: Awaited[dict[str, Any]] = Awaited()
        self._there: Awaited[Laboratory] = Awaited()
        self._given: dict[str, bytes] = {}
        self._needed = threading.Event()

    def begin(self) -> None:
        """Called where requests are answered, before anything is loaded."""
        self._told.begin()
        self._there.begin()

    def end(self) -> None:
        """Called there too, where loading failed: nobody waits for what will not come."""
        self._told.give_up()
        self._there.give_up()

    def need(self) -> None:
        """Called there too: the rest need not wait for the picture, or may not."""
        self._needed.set()

    def tell(self) -> None:
        """Load what needs no model. Called in a thread, as are the three below."""
        from resynapse.web.form import form, shown
        from resynapse.web.opening import example
        from resynapse.web.request import DEFAULT_PATIENTS, DEFAULT_SEED

        found = shown(example(), DEFAULT_PATIENTS, DEFAULT_SEED)
        self._told.come({EXAMPLE: found, SCHEMA: form()})

    def draw(self, laboratory: Laboratory) -> None:
        """Load what draws the first picture, while this laboratory computes it."""
        import resynapse.web.answer  # noqa: F401

        self._there.come(laboratory)

    def wait(self, laboratory: Laboratory) -> None:
        """Until the first picture is sent, machine code has to be made or the rest is needed."""
        from resynapse.engine.native.blueprint import compiling

        while not (self._needed.is_set() or laboratory.opened(LOOK_SECONDS) or compiling()):
            pass
        if not (self._needed.is_set() or compiling()):
            laboratory.let_others_go_first()

    def keep(self, earlier: Earlier) -> None:
        """Keep for the next start what was told here; that takes more than was loaded then.

        More may be told meanwhile, and no start ends because nothing can be kept.
        """
        from resynapse.engine.cache import tell

        try:
            for path, given in list(self._given.items()):
                earlier.keep(path, b"", given)
        except Exception as error:
            what = f"{type(error).__name__}: {error}".rstrip(".")
            tell(f"What the page asks first could not be kept for the next start ({what}).")

    async def answer(self, scope: dict[str, Any], body: bytes) -> Response | None:
        """The answer to what a page asks first; None where it takes the whole application."""
        path = scope["path"]
        if path != SIMULATE:
            told = await self._told.got()
            if told is None:
                return None
            made = JSONResponse(told[path])
            self._given[path] = bytes(made.body)
            return made
        laboratory = await self._there.got()
        return await _picture(laboratory, scope, body) if laboratory else None


async def _picture(
    laboratory: Laboratory, scope: dict[str, Any], body: bytes
) -> Response | None:  # fmt: skip
    """The first picture of the example; None where something else is asked, or it fails."""
    from resynapse.web.answer import simulated
    from resynapse.web.scenario import read

    try:
        asked = await beside(laboratory.reading, read, body)
        if not laboratory.asked_at_opening(asked):
            return None
        return await simulated(laboratory, Request(scope, _again(body)), asked)
    except Exception:
        return None  # the whole application says why, in its own words


def _again(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    """A request whose body is here already, from someone who waits."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if left:
            return left.pop()
        return await asyncio.get_running_loop().create_future()

    return receive
