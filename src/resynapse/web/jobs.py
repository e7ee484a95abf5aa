"""What may the page ask of the queue of long runs, and what is it told?"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from resynapse.protocol import from_data
from resynapse.trial.power.as_they_come import BatchShown
from resynapse.web import opening, scenario
from resynapse.web.laboratory import Laboratory
from resynapse.web.queue.report_work import KIND, STEPS, ReportWork, html_of, kind_of
from resynapse.web.queue.store import TRIAL, Job, Store
from resynapse.web.queue.trial_work import (
    MOST_TRIALS,
    Question,
    TrialWork,
    ensure_bounded,
    sizes,
    unpacked,
)
from resynapse.web.received import received
from resynapse.web.refusal import NotThereError
from resynapse.web.repeated import repeated_file, repeated_html
from resynapse.web.request import MOST_PATIENTS, PROGRAMME, data, described, fields, holding
from resynapse.web.scenario import SCENARIO, protocol_in
from resynapse.web.tables import trials_csv

LONGEST_NAME = 80
RUN = holding(
    **PROGRAMME,
    name={"type": "string", "maxLength": LONGEST_NAME, "default": ""},
    arm={"type": "string", "default": ""},
    endpoint={"type": "string", "default": "time_to_lapse_median"},
    people={"type": "integer", "minimum": 2, "maximum": MOST_PATIENTS, "default": 100},
    trials={"type": "integer", "minimum": 1, "maximum": MOST_TRIALS, "default": 1000},
)
ALONE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
)
"""A report is one file with its style inside; it may run nothing and ask for nothing"""
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No run of this id"}}
LINKED = {
    "links": {
        f"{name}_it": {"operationId": f"{name}_work", "parameters": {"id": "$response.body#/id"}}
        for name in ("read", "stop", "delete")
    }
}
"""What may be asked of work that was just taken or stopped"""
AFTERWARDS = {
    "links": {
        f"{name}_it": {"operationId": f"{name}_work", "parameters": {"id": "$request.path.id"}}
        for name in ("read", "delete")
    }
}
"""What may still be asked of work that is gone: it is not found"""


def job_routes(store: Store, laboratory: Laboratory) -> APIRouter:
    """All that is answered of the queue."""
    router = APIRouter(prefix="/api/jobs")
    _reports(router, store, laboratory)

    @router.get("")
    def every() -> list[dict[str, Any]]:
        return [told(job, ahead) for job, ahead in in_order(store.jobs())]

    @router.post("", status_code=201, responses={201: LINKED}, openapi_extra=described(RUN))
    async def ask(request: Request) -> dict[str, Any]:
        reading = partial(read, parameters=laboratory.live.parameters)
        name, work = await received(request, reading)
        return told(store.add(name, work.told(), work.total))

    @router.get("/{id}", responses=MISSING, operation_id="read_work")
    async def one(id: str, width: str = "wide") -> dict[str, Any]:
        return await laboratory.run(_shown, store, id, width == "narrow")

    @router.get("/{id}/trials.csv", responses=MISSING, response_class=PlainTextResponse)
    def trials(id: str) -> Response:
        return Response(trials_csv(*_found(store, id)), media_type="text/csv")

    @router.get("/{id}/figure/{name}", responses=MISSING, response_class=PlainTextResponse)
    async def figure(id: str, name: str) -> Response:
        svg = await laboratory.run(lambda: repeated_file(*_found(store, id), name))
        return Response(svg, media_type="image/svg+xml")

    @router.post("/{id}/stop", responses={200: LINKED, **MISSING}, operation_id="stop_work")
    def stop(id: str) -> dict[str, Any]:
        return told(store.stop(id))

    @router.delete(
        "/{id}", operation_id="delete_work",
        responses={200: AFTERWARDS, **MISSING, 429: {"description": "Not over yet"}},
    )  # fmt: skip
    def delete(id: str) -> dict[str, bool]:
        store.delete(id)
        return {"deleted": True}

    return router


def _reports(router: APIRouter, store: Store, laboratory: Laboratory) -> None:
    @router.post(
        "/report", status_code=201, responses={201: LINKED}, openapi_extra=described(SCENARIO)
    )
    async def report(request: Request) -> dict[str, Any]:
        asked = await received(request, scenario.read)
        work = ReportWork.of_scenario(asked, laboratory.live.parameters)
        return told(store.add(asked.protocol.title[:LONGEST_NAME], work.told(), STEPS))

    @router.get("/{id}/report", responses=MISSING, response_class=HTMLResponse)
    def made(id: str) -> Response:
        return HTMLResponse(_report(store, id), headers={"content-security-policy": ALONE})


def read(body: bytes, parameters: str) -> tuple[str, TrialWork]:
    """Name and work in the body of a request; refused in a sentence where it is none."""
    given = fields(data(body), RUN, "a run")
    protocol = protocol_in(given)
    question = Question(given["arm"], given["endpoint"], sizes(given["people"]))
    work = TrialWork(protocol, question, given["trials"], given["seed"], parameters)
    ensure_bounded(work)
    return given["name"].strip() or protocol.title[:LONGEST_NAME], work


def in_order(jobs: list[Job]) -> list[tuple[Job, int]]:
    """Each job, and how many waiting ones of its kind stand before it."""
    waiting: dict[str, list[str]] = {}
    for job in reversed(jobs):
        if job.state == "waiting":
            waiting.setdefault(kind_of(job.asked), []).append(job.id)
    places = {id: place for ids in waiting.values() for place, id in enumerate(ids)}
    return [(job, places.get(job.id, 0)) for job in jobs]


def told(job: Job, ahead: int = 0) -> dict[str, Any]:
    """What a list says of a job; files are called by the name of its programme."""
    asked = json.loads(job.asked)
    return {
        "id": job.id, "name": job.name, "state": job.state, "created": job.created,
        "ended": job.ended, "done": job.done, "total": job.total, "left": job.left,
        "ahead": ahead, "restarted": job.starts > 1, "message": job.message,
        "kind": str(asked.get("kind", TRIAL)),
        "file": str(asked.get("protocol", {}).get("name", "programme")),
    }  # fmt: skip


def _shown(store: Store, id: str, narrow: bool) -> dict[str, Any]:
    """The job with its programme and what was found so far."""
    ahead = {one.id: place for one, place in in_order(store.jobs())}
    job = store.job(id)
    if kind_of(job.asked) == KIND:
        return told(job, ahead.get(id, 0)) | _programme(job)
    work, found = _found(store, id)
    asked = json.loads(job.asked)
    return {
        **told(job, ahead.get(id, 0)),
        "html": repeated_html(work, found, narrow),
        "protocol": opening.as_data(work.protocol), "seed": work.seed,
        "asked": {part: asked[part] for part in ("arm", "sizes", "trials")},
    }  # fmt: skip


def _programme(job: Job) -> dict[str, Any]:
    """The programme of a report, as the page takes it."""
    asked = ReportWork.of(job.asked).asked
    protocol = from_data(asked["protocol"], "The programme")
    kept = {name: asked[name] for name in ("patients", "seed")}
    return {"protocol": opening.as_data(protocol), **kept}


def _report(store: Store, id: str) -> bytes:
    """The report that is done; refused where it is none, or not yet."""
    job = store.job(id)
    if kind_of(job.asked) != KIND or job.state != "done":
        raise NotThereError("There is no report of this name here, or it is not done yet.")
    parts = store.parts(id)
    if not parts:
        raise NotThereError("This report has been deleted.")
    return html_of(parts)


def _found(store: Store, id: str) -> tuple[TrialWork, list[BatchShown]]:
    """What a job asks, and the batches that are done."""
    job = store.job(id)
    if kind_of(job.asked) == KIND:
        raise NotThereError("This is a report: it holds no trials.")
    work = TrialWork.of(job.asked)
    return work, [] if work.earlier else unpacked(store.parts(id))
