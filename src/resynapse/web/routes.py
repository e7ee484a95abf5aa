"""What may the page ask, and what is it told?"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from resynapse.protocol import Protocol, describe, dump, library, load, schema, text
from resynapse.protocol.limits import DOSES, MEDICATIONS
from resynapse.report import plot, render
from resynapse.report.concentration import NAMES
from resynapse.trial.live import AbandonedError
from resynapse.trial.result import Result
from resynapse.web import infused, opening, studies, tables, view
from resynapse.web.bounds import ensure_quick
from resynapse.web.flights import Flights
from resynapse.web.laboratory import Laboratory
from resynapse.web.scenario import DEFAULT_PATIENTS, RequestError, Scenario, data, protocol_in, read

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "protocol": {"type": "object", "description": "as `resynapse schema` says"},
                        "text": {"type": "string", "description": "the same as YAML"},
                        "patients": {"type": "integer", "minimum": 1, "maximum": 2000},
                        "seed": {"type": "integer", "minimum": 0, "maximum": 4294967295},
                        "worlds": {"type": "array", "items": {"type": "string"}},
                        "parts": {"type": "array", "items": {"type": "string"}},
                        "figure": {"type": "string"},
                        "width": {"enum": ["wide", "narrow"]},
                        "unit": {"enum": list(NAMES), "description": "of concentrations"},
                        "singles": {"type": "integer", "minimum": 0, "maximum": 24},
                    },
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": {
        "422": {"description": "The sentence that the command line would say, and where"},
        "413": {"description": "Too many bytes"},
        "429": {"description": "Too many requests wait"},
    },
}  # fmt: skip
INFUSED = ("protocol", "text", "seed", "people", "plan", "width")
INFUSION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "protocol": {"type": "object", "description": "whose people are drawn"},
                        "text": {"type": "string", "description": "the same as YAML"},
                        "seed": {"type": "integer", "minimum": 0, "maximum": 4294967295},
                        "people": {"type": "integer", "minimum": 1, "maximum": 500},
                        "plan": {
                            "type": "object",
                            "properties": {
                                "mode": {"enum": ["rate", "plasma", "effect-site"]},
                                "believed": {"enum": ["domino", "resynapse"]},
                                "highest_rate": {"type": "number", "description": "mg/min"},
                                "watched": {"type": "number", "description": "min"},
                                "parts": {"type": "array", "description": "mg_per_kg, minutes"},
                                "holds": {"type": "array", "description": "target ng/mL, minutes"},
                            },
                        },
                        "width": {"enum": ["wide", "narrow"]},
                    },
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": {"422": {"description": "What is wrong, in a sentence, and where"}},
}
JSON = "application/json"
GONE = 499
"""nobody is there to read it"""
MISSING = {404: {"description": "No protocol of this name"}}


def routes(laboratory: Laboratory) -> APIRouter:
    """All that is answered, with one laboratory behind it."""
    router = APIRouter(prefix="/api")
    _reading(router, laboratory)
    _simulating(router, laboratory)
    _infusing(router, laboratory)
    _taking_away(router, laboratory)
    return router


def _reading(router: APIRouter, laboratory: Laboratory) -> None:
    @router.get("/state")
    async def state() -> dict[str, bool]:
        return laboratory.state()

    @router.get("/example")
    def example() -> dict[str, Any]:
        shown = laboratory.opening
        found = opening.as_data(shown.protocol)
        return {"protocol": found, "patients": shown.patients, "seed": shown.seed}

    @router.get("/schema")
    def form() -> dict[str, Any]:
        given = {
            f"{drug} {route}": {"value": limit.value, "unit": limit.unit, "given": str(limit)}
            for (drug, route), limit in DOSES.items()
        }
        taken = {drug: {"value": x.value, "given": str(x)} for drug, x in MEDICATIONS.items()}
        return {"schema": schema(), "doses": given, "medications": taken}

    @router.get("/evidence")
    def evidence() -> dict[str, str]:
        return {"html": studies.evidence_html()}

    @router.get("/parameters")
    async def parameters() -> dict[str, str]:
        result = await laboratory.run(laboratory.result, laboratory.opening)
        return {"html": studies.parameters_html(result)}

    @router.get("/protocols")
    def protocols() -> list[dict[str, Any]]:
        kept = ("name", "title", "state", "disorder", "study")
        return [{key: getattr(load(name), key) for key in kept} for name in library()]

    @router.get("/protocols/{name}", responses=MISSING)  # type: ignore[arg-type]
    def protocol(name: str) -> JSONResponse:
        if name not in library():
            return JSONResponse(problem(f"There is no protocol {name[:60]!r}."), 404)
        found = load(name)
        return JSONResponse({"protocol": opening.as_data(found), "text": text(name)})


def _simulating(router: APIRouter, laboratory: Laboratory) -> None:
    @router.post("/check", openapi_extra=BODY)
    async def check(request: Request) -> dict[str, Any]:
        asked = read(await request.body())
        return {
            "protocol": opening.as_data(asked.protocol),
            "sentences": describe(asked.protocol),
        }

    flights = Flights()

    @router.post("/simulate", openapi_extra=BODY)
    async def simulate(request: Request) -> Response:
        asked = read(await request.body())
        known = laboratory.answers.there(asked)
        if known is not None:
            return Response(known, media_type=JSON)
        try:
            made = await flights.answer(
                request, asked, lambda wanted: laboratory.run(_answer, laboratory, asked, wanted)
            )
        except AbandonedError:
            return Response(status_code=GONE)
        return Response(made, media_type=JSON)

    @router.post("/circuit", openapi_extra=BODY)
    async def circuit(request: Request) -> dict[str, Any]:
        asked = read(await request.body())
        return await laboratory.run(laboratory.circuit, asked)


def _infusing(router: APIRouter, laboratory: Laboratory) -> None:
    @router.post("/infusion", openapi_extra=INFUSION)
    async def infusion(request: Request) -> dict[str, str]:
        given = data(await request.body())
        strange = [name for name in given if name not in INFUSED]
        if strange:
            raise RequestError(f"{strange[0][:60]!r} is no part of a request.")
        people, seed = given.get("people", DEFAULT_PATIENTS), given.get("seed", 1)
        protocol = protocol_in(given)
        ensure_quick(protocol, people, seed)
        few = min(people, infused.MOST_PEOPLE)
        plan, narrow = infused.plan_of(given.get("plan")), given.get("width") == "narrow"
        html = await laboratory.run(infused.infusion_html, plan, protocol, few, seed, narrow)
        return {"html": html}


def _answer(laboratory: Laboratory, asked: Scenario, wanted: Callable[[], bool]) -> bytes:
    """All parts that are asked for, as JSON; kept, so that the next who asks waits for nothing."""
    begun = time.perf_counter()
    result = laboratory.result(asked, view.over_time(asked.parts), wanted)
    ran = time.perf_counter()
    shown = view.parts(result, asked.parts, asked.narrow, asked.unit)
    answer = {
        "parts": shown,
        "arms": view.arms_shown(result),
        "command": command(result),
        "seconds": {"run": ran - begun, "draw": time.perf_counter() - ran},
    }
    return laboratory.answers.get(asked, json.dumps(answer).encode)


def _taking_away(router: APIRouter, laboratory: Laboratory) -> None:
    @router.post("/report", openapi_extra=BODY, response_class=HTMLResponse)
    async def report(request: Request) -> HTMLResponse:
        asked = read(await request.body())
        return HTMLResponse(await laboratory.run(lambda: render(laboratory.whole(asked))))

    @router.post("/yaml", openapi_extra=BODY, response_class=PlainTextResponse)
    async def yaml(request: Request) -> PlainTextResponse:
        asked = read(await request.body())
        return PlainTextResponse(programme(asked.protocol, asked.patients, asked.seed))

    @router.post("/outcomes.csv", openapi_extra=BODY, response_class=PlainTextResponse)
    async def outcomes(request: Request) -> Response:
        asked = read(await request.body())
        result = await laboratory.run(laboratory.result, asked)
        return Response(tables.outcomes_csv(result), media_type="text/csv")

    @router.post("/curves.csv", openapi_extra=BODY, response_class=PlainTextResponse)
    async def curves(request: Request) -> Response:
        asked = read(await request.body())
        result = await laboratory.run(laboratory.result, asked)
        return Response(tables.curves_csv(result), media_type="text/csv")

    @router.post("/figure", openapi_extra=BODY, response_class=PlainTextResponse)
    async def figure(request: Request) -> Response:
        asked = read(await request.body())
        result = await laboratory.run(laboratory.result, asked)
        return Response(plot(result, asked.figure or "abstinence").svg, media_type="image/svg+xml")


def programme(protocol: Protocol, patients: int, seed: int) -> str:
    """The protocol as a file that says how its result is made."""
    told = shlex.join(_command(protocol, patients, seed))
    return f"# Made on the page of Resynapse. The same numbers: {told}\n{dump(protocol)}"


def command(result: Result) -> str:
    """What makes the same numbers from the downloaded programme."""
    return shlex.join(_command(result.protocol, result.patients_per_arm, result.seed))


def _command(protocol: Protocol, patients: int, seed: int) -> list[str]:
    file = f"{protocol.name}.yaml"
    return ["resynapse", "run", file, "--patients", str(patients), "--seed", str(seed)]


def problem(sentence: str, path: Sequence[str | int] = ()) -> dict[str, Any]:
    """A refusal in one sentence, and the field that it is about."""
    return {"problems": [{"path": list(path), "message": sentence}]}
