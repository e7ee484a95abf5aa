"""How is the page told what a programme brings, also before the whole application is there?"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable
from functools import partial

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from resynapse.trial.live import AbandonedError
from resynapse.trial.provenance import as_given
from resynapse.trial.testable import may_be_tested
from resynapse.web import view
from resynapse.web.asked_words import asked_words
from resynapse.web.earlier import SAID, SIMULATE
from resynapse.web.flights import gone
from resynapse.web.laboratory import Laboratory
from resynapse.web.scenario import Scenario

JSON = "application/json"
PAGE = "x-page"
"""header by which one open page is told from another, so that it keeps its place in the row"""
GONE = 499
"""nobody is there to read it"""


async def simulated(laboratory: Laboratory, request: Request, asked: Scenario) -> Response:
    """The parts that are asked for: known, of an earlier start, or computed now."""
    body = await request.body()
    first = partial(laboratory.run_first, page_of(request))
    lane = laboratory.run if len(asked.worlds) > 1 else first
    try:
        known = await laboratory.made_ahead(asked, partial(gone, request))
        if known is None:
            if kept := _of_an_earlier_start(laboratory, asked, body):
                return Response(kept, media_type=JSON, headers=SAID)
            known = await laboratory.flights.answer(
                request, asked, lambda wanted: lane(computed, laboratory, asked, wanted)
            )
    except AbandonedError:
        return Response(status_code=GONE)
    made = Response(known, media_type=JSON)
    by_itself = laboratory.asked_at_opening(asked)
    return and_kept(laboratory, SIMULATE, made, body) if by_itself else made


def page_of(request: Request) -> str:
    """Which open page asks; empty where it does not say."""
    return request.headers.get(PAGE, "")[:64]


def _of_an_earlier_start(laboratory: Laboratory, asked: Scenario, body: bytes) -> bytes | None:
    """The kept answer to what a page asks by itself."""
    if laboratory.earlier is None or not laboratory.asked_at_opening(asked):
        return None
    return laboratory.earlier.there(SIMULATE, body)


def and_kept(
    laboratory: Laboratory, path: str, made: Response, body: bytes = b""
) -> Response:  # fmt: skip
    """The same, kept for the next start once it was sent."""
    if laboratory.earlier:
        made.background = BackgroundTask(laboratory.earlier.keep, path, body, bytes(made.body))
    return made


def computed(laboratory: Laboratory, asked: Scenario, wanted: Callable[[], bool]) -> bytes:
    """All parts that are asked for, as JSON; kept, so that the next who asks waits for nothing."""
    laboratory.wait_until_open()
    if not wanted():
        raise AbandonedError
    begun = time.perf_counter()
    result = laboratory.result(asked, view.over_time(asked.parts), wanted)
    ran = time.perf_counter()
    shown = view.parts(result, asked.parts, asked.narrow, asked.unit, asked.log)
    answer = {
        "parts": shown,
        "arms": view.arms_shown(result),
        "testable": [(name, asked_words(name)) for name in may_be_tested(asked.protocol)],
        "command": command(asked, laboratory.live.parameters),
        "seconds": {"run": ran - begun, "draw": time.perf_counter() - ran},
    }
    return laboratory.answers.get(asked, json.dumps(answer).encode)


def command(asked: Scenario, parameters: str) -> str:
    """What makes the same numbers from the downloaded programme."""
    words = ["resynapse", "run", f"{asked.protocol.name}.yaml", "--patients", str(asked.patients)]
    words += ["--seed", str(asked.seed), "--parameters", as_given(parameters)]
    return shlex.join([*words, *(["--enantiomers"] if asked.enantiomers else [])])
