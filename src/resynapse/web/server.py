"""How is the page served, to this machine alone unless told otherwise?"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

from resynapse import __version__
from resynapse.input_error import InputError
from resynapse.protocol import ProtocolError
from resynapse.trial.parameter_set import CALIBRATED
from resynapse.web.guard import LOOPBACK, Guard
from resynapse.web.jobs import job_routes
from resynapse.web.knowledge import knowledge_routes
from resynapse.web.laboratory import Laboratory
from resynapse.web.queue.store import Store
from resynapse.web.queue.supervisor import Supervisor
from resynapse.web.refusal import Refused
from resynapse.web.routes import problem, routes
from resynapse.web.scenario import DEFAULT_PATIENTS
from resynapse.web.style import shared_style

STATIC = resources.files("resynapse.web").joinpath("static")


def application(
    hosts: Iterable[str], queue: Path, patients: int = DEFAULT_PATIENTS,
    parameters: str = CALIBRATED,
) -> Any:  # fmt: skip
    """The page and what it asks, for these values of the Host header.

    Long runs are kept in the folder ``queue``; the example opens with so many ``patients`` in
    each arm, whose ``parameters`` are named as in ``simulate``.
    """
    laboratory, store = Laboratory(patients, parameters), Store(queue)
    supervisor = Supervisor(store)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=laboratory.warm, daemon=True).start()
        supervisor.start()
        yield
        supervisor.close()

    app = FastAPI(
        title="Resynapse", version=__version__, docs_url=None, redoc_url=None, lifespan=life
    )
    app.include_router(routes(laboratory))
    app.include_router(job_routes(store, laboratory))
    app.include_router(knowledge_routes(laboratory))
    _static(app)
    app.add_exception_handler(InputError, _refused)
    app.add_exception_handler(Exception, _fault)
    return Guard(app, hosts)


def _static(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(str(STATIC.joinpath("index.html")), media_type="text/html")

    @app.get("/shared.css", include_in_schema=False)
    def shared() -> PlainTextResponse:
        return PlainTextResponse(shared_style(), media_type="text/css")

    app.mount("/static", StaticFiles(directory=str(STATIC)))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    status = error.status if isinstance(error, Refused) else Refused.status
    if not isinstance(error, ProtocolError):
        path = getattr(error, "path", ())
        return JSONResponse(problem(str(error), path), status)
    told = [
        {"path": list(one.path), "field": one.field, "line": one.line, "message": one.message}
        for one in error.problems
    ]
    return JSONResponse({"problems": told}, status)


async def _fault(request: Request, error: Exception) -> JSONResponse:
    """A fault of ours tells no stranger where the files stand."""
    return JSONResponse(problem("This is a fault in Resynapse, not in what was given."), 500)


def names(host: str, port: int) -> list[str]:
    """The values of the Host header that mean this server."""
    own = f"[{host}]" if ":" in host else host
    return [f"{name}:{port}" for name in (*LOOPBACK, own)] + [
        name for name in (*LOOPBACK, own) if port == 80
    ]


def serve(host: str, port: int, queue: Path, parameters: str = CALIBRATED) -> None:
    """Serve until interrupted; long runs are kept in the folder ``queue``."""
    import uvicorn

    made = application(names(host, port), queue, parameters=parameters)
    uvicorn.run(made, host=host, port=port, log_level="warning")
