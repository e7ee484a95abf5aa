"""What does the page get that asks how far the parameters themselves could be wrong?"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from resynapse.protocol import run_size
from resynapse.report import plot
from resynapse.trial.knowledge import PEOPLE, knowledge
from resynapse.trial.over_draws import Kind, OverDraws
from resynapse.trial.result import Result
from resynapse.web import view
from resynapse.web.answer import JSON, command
from resynapse.web.draws import Drawing, Draws
from resynapse.web.laboratory import Laboratory
from resynapse.web.received import received
from resynapse.web.refusal import BusyError
from resynapse.web.request import data, described, fields, holding
from resynapse.web.routes import SVG
from resynapse.web.scenario import SCENARIO, Scenario, scenario_in

FEWEST, MOST, USUAL = 4, 200, 32
"""draws; fewer than four have no interval that means anything"""
NOT_YET = "The parameters are being drawn, {} of {}. Take the figure when they all are."
KNOWN = holding(
    **SCENARIO["properties"],
    bands={"enum": ["knowledge", "both"], "default": "knowledge"},
    draws={"type": "integer", "minimum": FEWEST, "maximum": MOST, "default": USUAL},
)


@dataclass(frozen=True)
class Known:
    """A scenario, and what its bands are to show over how many draws of the parameters."""

    scenario: Scenario
    bands: Kind
    draws: int


def knowledge_routes(laboratory: Laboratory) -> APIRouter:
    """The page asks again and again how far the draws are, until they are there."""
    router, draws = APIRouter(prefix="/api"), Draws(laboratory.live.parameters)
    laboratory.beside.append(lambda: draws.working)

    @router.post("/knowledge", openapi_extra=described(KNOWN))
    async def known(request: Request) -> Response:
        asked = await received(request, read)
        there = laboratory.answers.there(asked)
        if there is not None:
            return Response(there, media_type=JSON)
        drawing = draws.ask(asked.scenario, asked.draws)
        if drawing.whole:
            made = await laboratory.run(_answer, laboratory, asked, drawing)
            return Response(made, media_type=JSON)
        far = {"done": len(drawing.draws), "total": drawing.total}
        return Response(json.dumps(far), media_type=JSON)

    @router.post(
        "/knowledge/figure", openapi_extra=described(KNOWN), response_class=PlainTextResponse
    )
    async def figure(request: Request) -> Response:
        asked = await received(request, read)
        drawing = draws.ask(asked.scenario, asked.draws)
        if not drawing.whole:
            raise BusyError(NOT_YET.format(len(drawing.draws), drawing.total))
        svg = await laboratory.run(_file, laboratory, asked, drawing)
        return Response(svg, media_type=SVG)

    return router


def read(body: bytes) -> Known:
    """The question in the body of a request; refused in a sentence where it is none."""
    given = fields(data(body), KNOWN, "a request")
    scenario = scenario_in(given)
    protocol = scenario.protocol
    run_size.ensure_possible(protocol, scenario.patients, scenario.seed, given["draws"])
    return Known(scenario, given["bands"], given["draws"])


def drawn(result: Result, asked: Known, drawing: Drawing) -> Result:
    """The result with its parameters drawn, as a run with so many draws has it."""
    bands = OverDraws(asked.bands, drawing.draws, PEOPLE)
    return replace(result, knowledge=knowledge(drawing.draws), bands=bands)


def _file(laboratory: Laboratory, asked: Known, drawing: Drawing) -> str:
    """One figure with its bands, which a line below it explains."""
    result = drawn(laboratory.result(asked.scenario), asked, drawing)
    return plot(result, asked.scenario.figure).svg


def _look(asked: Scenario) -> tuple[tuple[str, ...], bool, str, bool]:
    return asked.parts, asked.narrow, asked.unit, asked.log


def _answer(laboratory: Laboratory, asked: Known, drawing: Drawing) -> bytes:
    scenario = asked.scenario
    result = drawn(laboratory.result(scenario), asked, drawing)
    told: dict[str, Any] = {
        "done": drawing.total, "total": drawing.total,
        "parts": view.parts(result, *_look(scenario)),
        "arms": view.arms_shown(result),
        "command": f"{command(scenario, laboratory.live.parameters)} --draws {asked.draws}",
    }  # fmt: skip
    return laboratory.answers.get(asked, json.dumps(told).encode)
