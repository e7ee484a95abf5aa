"""How does the page answer at once, while the model is still being loaded?

Loading the model takes seconds. Meanwhile the page and its files are given, the state is told, and
what an earlier start of this very program answered to the first questions is given as it was; all
other requests wait.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from resynapse.web.earlier import AHEAD, EXAMPLE, SAID, SCHEMA, SIMULATE, Earlier
from resynapse.web.files import held
from resynapse.web.first import First
from resynapse.web.guard import Guard, names
from resynapse.web.refusal import problem

JSON = "application/json"
UNASKED = (("GET", "/api/jobs"), ("GET", "/api/evidence"))
"""what a page asks by itself beside its first picture (the second on a tall screen)"""
NOT_LOADED = "The model could not be loaded, so this server ends; where it was started it says why."


class Start:
    """An application that is there before the one that it gives way to."""

    def __init__(
        self, load: Callable[[], Any], failed: Callable[[], object],
        earlier: Earlier | None = None, first: First | None = None,
    ) -> None:  # fmt: skip
        """``load`` makes the other one, in a thread; where it cannot, ``failed`` is called.

        ``earlier``: answers that may be given before; ``first``: who else may answer before.
        """
        self._load, self._failed, self._earlier, self._first = load, failed, earlier, first
        self._there = asyncio.Event()
        self._whole: Any = None
        self.fault: BaseException | None = None
        state = Route("/api/state", _loading)
        self._early = Starlette(routes=[*held(), state], lifespan=self._life)
        self._known = {"/", "/shared.css", "/api/state"}

    async def __call__(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        if scope["type"] == "lifespan" or (self._whole is None and self._is_early(scope["path"])):
            await self._early(scope, receive, send)
            return
        if self._whole is None and _asked_first(scope):
            body, receive = await _read(scope, receive)
            made = await self._early_answer(scope, body)
            if made is not None:
                await made(scope, receive, send)
                return
        if self._first and (scope.get("method"), scope["path"]) not in UNASKED:
            self._first.need()
        await self._there.wait()
        whole = self._whole or JSONResponse(problem(NOT_LOADED), 503)
        await whole(scope, receive, send)

    async def _early_answer(self, scope: dict[str, Any], body: bytes) -> Response | None:
        """What was kept, or what may be answered already; None where it takes the other one."""
        kept = self._earlier.there(scope["path"], body) if self._earlier else None
        if kept is not None:
            if self._first and scope["path"] == SIMULATE:
                self._first.need()
            return Response(kept, media_type=JSON, headers=SAID)
        return await self._first.answer(scope, body) if self._first else None

    def _is_early(self, path: str) -> bool:
        return path in self._known or path.startswith("/static/")

    @asynccontextmanager
    async def _life(self, app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as lives:
            if self._first:
                self._first.begin()
            loading = asyncio.create_task(self._loaded(lives))
            yield
            loading.cancel()

    async def _loaded(self, lives: AsyncExitStack) -> None:
        try:
            whole = await to_thread.run_sync(self._load)
            await lives.enter_async_context(whole.router.lifespan_context(whole))
        except Exception as fault:
            self.fault = fault
            if self._first:
                self._first.end()
            self._failed()
        else:
            self._whole = whole
        self._there.set()


def _asked_first(scope: dict[str, Any]) -> bool:
    """Whether it is what a page asks before anything else."""
    asked = scope.get("method"), scope["path"]
    if asked == ("POST", SIMULATE):
        return AHEAD.encode() not in dict(scope["headers"])
    return asked in (("GET", EXAMPLE), ("GET", SCHEMA))


async def _read(scope: dict[str, Any], receive: Callable) -> tuple[bytes, Callable]:
    """The body of a request; and the request as if nobody had read it."""
    if scope["method"] == "GET":
        return b"", receive
    read: list[dict[str, Any]] = []
    while not read or read[-1].get("more_body"):
        read.append(await receive())
    body = b"".join(message.get("body", b"") for message in read)

    async def again() -> dict[str, Any]:
        return read.pop(0) if read else await receive()

    return body, again


async def _loading(request: Request) -> JSONResponse:
    return JSONResponse({"ready": False, "compiling": False})


def loaded(parameters: str, queue: Path, earlier: Earlier, first: First) -> Any:
    """The whole application; what a page asks first is answered before it is there.

    Nothing that is loaded may go, so Python need not look through it all again and again.
    """
    gc.disable()
    first.tell()
    from resynapse.trial.fitted import fitted_for

    fitted_for(parameters, "heroin")  # refuses what no programme could be run with
    from resynapse.web.laboratory import Laboratory

    laboratory = Laboratory(parameters=parameters, earlier=earlier)
    laboratory.open()
    first.draw(laboratory)
    first.wait(laboratory)
    from resynapse.web.server import around

    whole = around(laboratory, queue)
    first.keep(earlier)
    return whole


def serve(host: str, port: int, queue: Path, parameters: str) -> None:
    """Serve until interrupted; long runs are kept in the folder ``queue``.

    Parameters that cannot be used end it with an InputError, soon after it has begun.
    """

    def failed() -> None:
        server.should_exit = True

    earlier, first = Earlier(parameters), First()
    start = Start(lambda: loaded(parameters, queue, earlier, first), failed, earlier, first)
    guarded = Guard(start, names(host, port))
    server = uvicorn.Server(uvicorn.Config(guarded, host=host, port=port, log_level="warning"))
    with suppress(KeyboardInterrupt):
        server.run()
    if start.fault:
        raise start.fault
