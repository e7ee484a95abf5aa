"""How long do many clients of the page wait, and one of them beside a long run?

Over HTTP, without a browser. A client sets a value and lets go at once, every 3 s; nobody drags, so
no step on the way is computed before. An answer that has not come when the next release is due is
given up, as the page does, and counted as overtaken; the median is of those that were answered.
"""

from __future__ import annotations

import copy
import json
import math
import random
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

SLIDERS = {
    "First session after the first dose": [k for k in range(-2, 22) if k != 1],
    "Dose, each": [round(0.05 * k, 2) for k in range(1, 17) if k != 10],
    "Over": [5 * k for k in range(2, 25) if k != 8],
}
EVERY = 3.0
"""seconds between the releases of one client"""
OVERTAKEN = -1
PATIENCE = 120.0
ALONE, REST = 20, 0.5
"""releases of the one client, and s between an answer and the next"""
SEEN = ["opening", "notice", "outcomes", "curves"]
"""parts that are in sight when a slider is released"""


def load(
    port: int, seeds: Sequence[int], seconds: float, distinct: bool, spent: Callable[[], float]
) -> None:
    """A client for each seed; ``distinct``: none asks what another asked; ``spent`` on the server.

    Prints how many releases failed, were overtaken and were answered, and how fast.
    """
    example = _example(port)
    for seed in sorted(set(seeds)):
        _status(port, example | {"seed": seed}, PATIENCE)
    before, until = spent(), time.monotonic() + seconds
    with ThreadPoolExecutor(len(seeds)) as pool:
        jobs = [
            pool.submit(_client, port, example | {"seed": seed}, number, distinct, until)
            for number, seed in enumerate(seeds)
        ]
        found = [one for job in jobs for one in job.result()]
    overtaken = sum(status == OVERTAKEN for _, status in found)
    failed = [status for _, status in found if status not in (200, OVERTAKEN)]
    times = [took for took, status in found if status == 200]
    print(
        f"{len(seeds)} clients, {len(found)} releases, refused or failed {len(failed)} "
        f"{sorted(set(failed))}, overtaken by the next {overtaken}, "
        f"answered {len(times) / seconds:.1f}/s: {_told(times)}"
    )
    used = spent() - before
    print(
        f"processor time of the server {used:.1f} s, {1e3 * used / max(1, len(times)):.0f} ms an "
        "answer",
        flush=True,
    )


def alone_and_beside(port: int) -> None:
    """One client by itself, then while a long run works, none of whose values was asked before."""
    values = iter(_values(_example(port)))
    _releases(port, "one client alone", values)
    keep_busy(port)
    until = time.monotonic() + PATIENCE
    while not _works(port) and time.monotonic() < until:
        time.sleep(0.2)
    _releases(port, "one client beside a long run", values)
    print(f"the long run still worked at the end: {'yes' if _works(port) else 'NO'}")


def keep_busy(port: int) -> None:
    """A long run in the queue, which should slow nobody."""
    example = _json(port, "/api/example")
    body = {"protocol": example["protocol"], "arm": "ketamine-3-therapy", "people": 200}
    status = _status(port, {**body, "trials": 2000}, PATIENCE, "jobs")
    print(f"a long run in the queue, asked for: {status}")


def _works(port: int) -> bool:
    return any(job["state"] == "running" for job in _json(port, "/api/jobs"))


def _releases(port: int, words: str, values: Iterator[dict]) -> None:
    times, failed = [], []
    for _ in range(ALONE):
        begun = time.monotonic()
        status = _status(port, next(values), PATIENCE, page="alone")
        if status == 200:
            times.append(time.monotonic() - begun)
        else:
            failed.append(status)
        time.sleep(REST)
    print(f"{words}, {ALONE} releases, refused or failed {len(failed)}: {_told(times)}", flush=True)


def _values(example: dict) -> Iterator[dict]:
    """Doses that nobody asked for before, one after another."""
    for number in range(2 * ALONE):
        body = copy.deepcopy(example)
        body["protocol"]["arms"][1]["doses"][0]["amount"]["value"] = 0.2013 + 0.0101 * number
        yield body


def _told(seconds: Sequence[float]) -> str:
    """Median and 95th percentile; the greatest where there are fewer than twenty."""
    times = sorted(seconds) or [math.inf]
    late = times[min(len(times) - 1, int(0.95 * len(times)))]
    return f"median {1e3 * statistics.median(times):.0f} ms, 95th percentile {1e3 * late:.0f} ms"


def _example(port: int) -> dict:
    return _json(port, "/api/example") | {"worlds": ["default"], "parts": SEEN}


def _client(
    port: int, example: dict, number: int, distinct: bool, until: float
) -> list[tuple[float, int]]:
    chance = random.Random(number)
    time.sleep(chance.uniform(0.0, EVERY))
    found = []
    while time.monotonic() < until:
        body = copy.deepcopy(example)
        own = 1e-6 * (1 + number + 1000 * len(found)) if distinct else 0.0
        arm = body["protocol"]["arms"][1]
        if chance.random() < 0.5:
            arm["doses"][0]["amount"]["value"] = chance.choice(SLIDERS["Dose, each"]) + own
        else:
            by = chance.choice(SLIDERS["First session after the first dose"]) - 1 + own
            days = arm["therapies"][0]["days"]
            arm["therapies"][0]["days"] = [max(0.0, day + by) + 1e-3 * k
                                           for k, day in enumerate(days)]  # fmt: skip
        begun = time.monotonic()
        status = _status(port, body, EVERY, page=str(number))
        took = time.monotonic() - begun
        found.append((took, status))
        time.sleep(max(0.0, EVERY - took))
    return found


def _json(port: int, path: str) -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return json.load(answer)


def _status(port: int, body: dict, patience: float, what: str = "simulate", page: str = "") -> int:
    """What the server answers; given up after so many seconds."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/{what}", json.dumps(body).encode(),
        {"content-type": "application/json", "x-page": page},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=patience) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except TimeoutError:
        return OVERTAKEN
    except OSError as error:
        late = isinstance(getattr(error, "reason", None), TimeoutError)
        return OVERTAKEN if late else 0
