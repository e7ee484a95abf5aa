"""What does the page consist of, once the model is loaded?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from resynapse import __version__
from resynapse.input_error import InputError
from resynapse.protocol import ProtocolError
from resynapse.trial.parameter_set import CALIBRATED
from resynapse.web.files import files
from resynapse.web.guard import Guard
from resynapse.web.jobs import job_routes
from resynapse.web.knowledge import knowledge_routes
from resynapse.web.laboratory import Laboratory
from resynapse.web.queue.report_work import KIND
from resynapse.web.queue.store import Store
from resynapse.web.queue.supervisor import Supervisor
from resynapse.web.received import read_beside
from resynapse.web.refusal import Refused, problem
from resynapse.web.request import DEFAULT_PATIENTS
from resynapse.web.routes import routes


def application(
    hosts: Iterable[str], queue: Path, patients: int = DEFAULT_PATIENTS,
    parameters: str = CALIBRATED,
) -> Any:  # fmt: skip
    """The page and what it asks, for these values of the Host header."""
    return Guard(unguarded(queue, patients, parameters), hosts)


def unguarded(
    queue: Path, patients: int = DEFAULT_PATIENTS, parameters: str = CALIBRATED
) -> FastAPI:
    """The same, whoever asks.

    Long runs are kept in the folder ``queue``; the example opens with so many ``patients`` in
    each arm, whose ``parameters`` are named as in ``simulate``.
    """
    return around(Laboratory(patients, parameters), queue)


def around(laboratory: Laboratory, queue: Path) -> FastAPI:
    """The same for a laboratory, which may be open already."""
    store = Store(queue)
    supervisors = (Supervisor(store), Supervisor(store, kind=KIND))
    laboratory.beside.append(lambda: any(one.process is not None for one in supervisors))

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        laboratory.open()
        for one in supervisors:
            one.start()
        yield
        for one in supervisors:
            one.close()

    app = FastAPI(
        title="Resynapse", version=__version__, docs_url=None, redoc_url=None, lifespan=life
    )
    read_beside(app, laboratory.reading)
    app.include_router(routes(laboratory))
    app.include_router(job_routes(store, laboratory))
    app.include_router(knowledge_routes(laboratory))
    app.router.routes.extend(files())
    app.add_exception_handler(InputError, _refused)
    app.add_exception_handler(Exception, _fault)
    return app


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
