"""What may the page ask of the queue of long runs, and what is it told?"""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from resynapse.trial.repeats import Question
from resynapse.web import opening
from resynapse.web.bounds import MOST_PATIENTS
from resynapse.web.laboratory import Laboratory
from resynapse.web.queue.store import Job, Store
from resynapse.web.queue.trial_work import MOST_TRIALS, TrialWork, ensure_bounded, sizes, unpacked
from resynapse.web.repeated import repeated_html
from resynapse.web.scenario import RequestError, data, protocol_in
from resynapse.web.tables import trials_csv

KNOWN = ("protocol", "text", "seed", "name", "arm", "event", "people", "trials")
LONGEST_NAME = 80
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
                        "seed": {"type": "integer", "minimum": 0, "maximum": 4294967295},
                        "name": {"type": "string", "maxLength": LONGEST_NAME},
                        "arm": {"type": "string"},
                        "event": {"type": "string"},
                        "people": {"type": "integer", "minimum": 2, "maximum": 2000},
                        "trials": {"type": "integer", "minimum": 1, "maximum": 5000},
                    },
                    "additionalProperties": False,
                }
            }
        },
    },
    "responses": {
        "422": {"description": "What is wrong, in a sentence"},
        "413": {"description": "Too many bytes"},
        "429": {"description": "The queue is full"},
    },
}  # fmt: skip
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "No run of this id"}}


def job_routes(store: Store, laboratory: Laboratory) -> APIRouter:
    """All that is answered of the queue."""
    router = APIRouter(prefix="/api/jobs")

    @router.get("")
    def every() -> list[dict[str, Any]]:
        return [told(job, ahead) for job, ahead in in_order(store.jobs())]

    @router.post("", status_code=201, openapi_extra=BODY)
    async def ask(request: Request) -> dict[str, Any]:
        name, work = read(await request.body())
        return told(store.add(name, work.told(), work.trials))

    @router.get("/{id}", responses=MISSING)
    async def one(id: str, width: str = "wide") -> dict[str, Any]:
        return await laboratory.run(_shown, store, id, width == "narrow")

    @router.get("/{id}/trials.csv", responses=MISSING, response_class=PlainTextResponse)
    def trials(id: str) -> Response:
        work = TrialWork.of(store.job(id).asked)
        found = unpacked(store.parts(id), len(work.question.sizes))
        return Response(trials_csv(work.question.sizes, found), media_type="text/csv")

    @router.post("/{id}/stop", responses=MISSING)
    def stop(id: str) -> dict[str, Any]:
        return told(store.stop(id))

    @router.delete("/{id}", responses={**MISSING, 429: {"description": "Not over yet"}})
    def delete(id: str) -> dict[str, bool]:
        store.delete(id)
        return {"deleted": True}

    return router


def read(body: bytes) -> tuple[str, TrialWork]:
    """Name and work in the body of a request; refused in a sentence where it is none."""
    given = data(body)
    unknown = [name for name in given if name not in KNOWN]
    if unknown:
        raise RequestError(f"{unknown[0][:60]!r} is no part of a run. Known: {', '.join(KNOWN)}.")
    protocol = protocol_in(given)
    people = _whole(given, "people", 100, 2, MOST_PATIENTS)
    trials = _whole(given, "trials", 1000, 1, MOST_TRIALS)
    seed = given.get("seed", 1)
    arm, event = (_words(given, part) for part in ("arm", "event"))
    work = TrialWork(protocol, Question(arm, event or "lapse", sizes(people)), trials, seed)
    ensure_bounded(work)
    return _words(given, "name")[:LONGEST_NAME].strip() or protocol.title[:LONGEST_NAME], work


def _whole(given: dict[str, Any], field: str, usual: int, low: int, high: int) -> int:
    found = given.get(field, usual)
    if not isinstance(found, int) or isinstance(found, bool) or not low <= found <= high:
        said = f"{field} {str(found)[:40]}: give a whole number from {low} to {high}."
        raise RequestError(said, (field,))
    return found


def _words(given: dict[str, Any], field: str) -> str:
    found = given.get(field, "")
    if not isinstance(found, str):
        raise RequestError(f"{field}: give it as text.")
    return found


def in_order(jobs: list[Job]) -> list[tuple[Job, int]]:
    """Each job, and how many waiting ones stand before it."""
    waiting = [job.id for job in reversed(jobs) if job.state == "waiting"]
    return [(job, waiting.index(job.id) if job.id in waiting else 0) for job in jobs]


def told(job: Job, ahead: int = 0) -> dict[str, Any]:
    """What a list says of a job."""
    return {
        "id": job.id, "name": job.name, "state": job.state, "created": job.created,
        "ended": job.ended, "done": job.done, "total": job.total, "left": job.left,
        "ahead": ahead, "restarted": job.starts > 1, "message": job.message,
    }  # fmt: skip


def _shown(store: Store, id: str, narrow: bool) -> dict[str, Any]:
    """The job with its programme and what was found so far."""
    ahead = {one.id: place for one, place in in_order(store.jobs())}
    job = store.job(id)
    work = TrialWork.of(job.asked)
    found = unpacked(store.parts(id), len(work.question.sizes))
    asked = json.loads(job.asked)
    return {
        **told(job, ahead.get(id, 0)),
        "html": repeated_html(work, found, narrow),
        "protocol": opening.as_data(work.protocol), "seed": work.seed,
        "asked": {part: asked[part] for part in ("arm", "event", "sizes", "trials")},
    }  # fmt: skip
