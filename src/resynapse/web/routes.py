"""What may the page ask, and what is it told?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from resynapse.protocol import describe, dump, library, load, text
from resynapse.protocol.without_use import uses
from resynapse.report import plot
from resynapse.trial.live import AbandonedError
from resynapse.trial.runnable import ensure_runnable
from resynapse.web import form as page_form
from resynapse.web import (
    infused,
    infused_files,
    infusion_request,
    numbers,
    opening,
    report_process,
    studies,
    tables,
)
from resynapse.web.answer import GONE, and_kept, command, computed, page_of, simulated
from resynapse.web.earlier import AHEAD, EXAMPLE, SCHEMA
from resynapse.web.flights import Flights, gone
from resynapse.web.infusion_request import INFUSION
from resynapse.web.laboratory import Laboratory
from resynapse.web.received import received
from resynapse.web.refusal import problem
from resynapse.web.request import described
from resynapse.web.scenario import SCENARIO, Scenario, read

BODY = described(SCENARIO)
SVG = "image/svg+xml"
MISSING = {404: {"description": "No protocol of this name"}}


def routes(laboratory: Laboratory) -> APIRouter:
    """All that is answered, with one laboratory behind it."""
    router = APIRouter(prefix="/api")
    _reading(router, laboratory)
    _simulating(router, laboratory)
    _seeing_one_person(router, laboratory)
    _infusing(router, laboratory)
    _taking_away(router, laboratory)
    return router


def _reading(router: APIRouter, laboratory: Laboratory) -> None:
    @router.get("/state")
    async def state() -> dict[str, bool]:
        return laboratory.state()

    @router.get("/example", response_model=dict[str, Any])
    def example() -> Response:
        shown = laboratory.opening
        made = page_form.shown(shown.protocol, shown.patients, shown.seed)
        return and_kept(laboratory, EXAMPLE, JSONResponse(made))

    @router.get("/schema", response_model=dict[str, Any])
    def form() -> Response:
        return and_kept(laboratory, SCHEMA, JSONResponse(page_form.form()))

    @router.get("/evidence")
    def evidence() -> dict[str, str]:
        return {"html": studies.evidence_html()}

    @router.get("/evidence/figure", response_class=PlainTextResponse)
    def evidence_figure() -> Response:
        return Response(studies.forecasts_file(), media_type=SVG)

    @router.get("/protocols")
    def protocols() -> list[dict[str, Any]]:
        kept = ("name", "title", "state", "disorder", "study")
        return [{key: getattr(p, key) for key in kept} for p in map(load, library()) if uses(p)]

    @router.get("/protocols/{name}", responses=MISSING)  # type: ignore[arg-type]
    def protocol(name: str) -> JSONResponse:
        if name not in library():
            return JSONResponse(problem(f"There is no protocol {name[:60]!r}."), 404)
        found = load(name)
        return JSONResponse({"protocol": opening.as_data(found), "text": text(name)})


def _simulating(router: APIRouter, laboratory: Laboratory) -> None:
    @router.post("/check", openapi_extra=BODY)
    async def check(request: Request) -> dict[str, Any]:
        asked = await received(request, read)
        plan = ensure_runnable(asked.protocol)
        return {"protocol": opening.as_data(plan), "sentences": describe(plan)}

    @router.post("/parameters", openapi_extra=BODY)
    async def parameters(request: Request) -> dict[str, str]:
        asked = await received(request, read)
        named = laboratory.live.parameters
        return {"html": numbers.parameters_html(asked.protocol, asked.parts, named)}

    @router.post("/simulate", openapi_extra=BODY)
    async def simulate(request: Request) -> Response:
        asked = await received(request, read)
        if AHEAD in request.headers:
            return await _ahead(request, laboratory, asked)
        return await simulated(laboratory, request, asked)


def _seeing_one_person(router: APIRouter, laboratory: Laboratory) -> None:
    @router.post("/circuit", openapi_extra=BODY)
    async def circuit(request: Request) -> dict[str, Any]:
        asked = await received(request, read)
        return await laboratory.run(laboratory.circuit, asked)


def _infusing(router: APIRouter, laboratory: Laboratory) -> None:
    body = described(INFUSION)

    @router.post("/infusion", openapi_extra=body)
    async def infusion(request: Request) -> dict[str, str]:
        asked = await received(request, infusion_request.read)
        html = await laboratory.run_first("", infused.infusion_html, asked)
        return {"html": html, "command": infused_files.infusion_command(asked)}

    @router.post(
        "/infusion/figure",
        openapi_extra=body,
        response_class=PlainTextResponse,
        responses={404: {"description": "No figure of this name"}},
    )
    async def figure(request: Request) -> Response:
        asked = await received(request, infusion_request.read)
        return Response(await laboratory.run(infused.infusion_file, asked), media_type=SVG)

    @router.post("/infusion.csv", openapi_extra=body, response_class=PlainTextResponse)
    async def table(request: Request) -> Response:
        asked = await received(request, infusion_request.read)
        found = await laboratory.run(infused_files.infusion_table, asked)
        return Response(found, media_type="text/csv")

    @router.post("/infusion/yaml", openapi_extra=body, response_class=PlainTextResponse)
    async def arm(request: Request) -> PlainTextResponse:
        asked = await received(request, infusion_request.read)
        found = await laboratory.run(infused_files.infusion_programme, asked)
        return PlainTextResponse(found)


async def _ahead(request: Request, laboratory: Laboratory, asked: Scenario) -> Response:
    """Nothing is sent; the answer is kept, if there was time to make it. Rivals are never ahead."""
    if len(asked.worlds) == 1 and laboratory.answers.there(asked) is None:
        left = partial(gone, request)
        await laboratory.run_ahead(asked, partial(_kept, laboratory, asked), page_of(request), left)
    return Response(status_code=204)


def _kept(laboratory: Laboratory, asked: Scenario, wanted: Callable[[], bool]) -> bytes:
    """The answer, made now if it is not there."""
    return laboratory.answers.there(asked) or computed(laboratory, asked, wanted)


def _taking_away(router: APIRouter, laboratory: Laboratory) -> None:
    reports, named = Flights(), laboratory.live.parameters

    @router.post("/report", openapi_extra=BODY, response_class=HTMLResponse)
    async def report(request: Request) -> HTMLResponse:
        asked = await received(request, read)
        try:
            html = await reports.answer(
                request,
                asked,
                lambda wanted: laboratory.run_apart(report_process.made, asked, named, wanted),
            )
        except AbandonedError:
            return HTMLResponse(status_code=GONE)
        return HTMLResponse(html)

    @router.post("/yaml", openapi_extra=BODY, response_class=PlainTextResponse)
    async def yaml(request: Request) -> PlainTextResponse:
        asked = await received(request, read)
        return PlainTextResponse(programme(asked, named))

    @router.post("/outcomes.csv", openapi_extra=BODY, response_class=PlainTextResponse)
    async def outcomes(request: Request) -> Response:
        asked = await received(request, read)
        result = await laboratory.run(laboratory.result, asked)
        return Response(tables.outcomes_csv(result), media_type="text/csv")

    @router.post("/curves.csv", openapi_extra=BODY, response_class=PlainTextResponse)
    async def curves(request: Request) -> Response:
        asked = await received(request, read)
        result = await laboratory.run(laboratory.result, asked)
        return Response(tables.curves_csv(result), media_type="text/csv")

    @router.post("/figure", openapi_extra=BODY, response_class=PlainTextResponse)
    async def figure(request: Request) -> Response:
        asked = await received(request, read)
        result = await laboratory.run(laboratory.result, asked)
        return Response(plot(result, asked.figure).svg, media_type=SVG)


def programme(asked: Scenario, parameters: str) -> str:
    """The protocol as a file that says how its result is made."""
    told = command(asked, parameters)
    return f"# Made on the page of Resynapse. The same numbers: {told}\n{dump(asked.protocol)}"
