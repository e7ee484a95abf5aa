"""One server of the page for all tests that ask it, on a port of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import uvicorn

from resynapse.web.guard import names
from resynapse.web.server import application

PATIENCE_SECONDS = 90.0
SOON = 10.0
"""seconds within which something must have happened"""
FEW = 48
"""people in each arm of the example, for speed"""


class Awaited(asyncio.Event):
    """What requests wait for; ``come`` counts those that have come to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.come = threading.Semaphore(0)

    async def wait(self) -> Literal[True]:
        """One more has come."""
        self.come.release()
        return await super().wait()

    def by(self, many: int) -> bool:
        """Whether so many more have come, within a while."""
        return all(self.come.acquire(timeout=SOON) for _ in range(many))


class Heard(threading.Event):
    """The same for threads: ``come`` is released by whoever comes to wait or to look."""

    def __init__(self) -> None:
        super().__init__()
        self.come = threading.Semaphore(0)

    def wait(self, timeout: float | None = None) -> bool:
        """One more has come."""
        self.come.release()
        return super().wait(timeout)


class Server:
    """Where it is, and a way to ask it without a browser."""

    def __init__(self, port: int, app: Any) -> None:
        self.port, self.app = port, app
        self.url = f"http://127.0.0.1:{port}"

    def ask(
        self, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body; ``body`` is sent as JSON unless it is bytes."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"content-type": "application/json"} if data is not None else {}
        asked = urllib.request.Request(self.url + path, data, {**kind, **(headers or {})})
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, path: str, body: Any = None) -> Any:
        """The answer as data, whatever its status."""
        return json.loads(self.ask(path, body)[1])

    def forget_work(self) -> None:
        """Nothing is left in the queue."""
        kept = self.json("/api/jobs")
        for one in kept:
            self.ask(f"/api/jobs/{one['id']}/stop", {})
        for one in kept:
            wait_until(partial(self._deleted, one["id"]))

    def _deleted(self, id: str) -> bool:
        asked = urllib.request.Request(f"{self.url}/api/jobs/{id}", method="DELETE")
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as error:
            return error.code == 404

    def sentence(self, path: str, body: Any) -> tuple[int, str]:
        """Status and all that the refusal says."""
        status, answer = self.ask(path, body)
        told = json.loads(answer).get("problems", [])
        return status, " ".join(one["message"] for one in told)


def in_a_thread(asked: Coroutine[Any, Any, Any]) -> Any:
    """In a loop of its own: the driver of a browser keeps one running in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked).result()


@contextmanager
def listening(app: Any, port: int | None = None) -> Iterator[Server]:
    """A server of this application, until the block ends."""
    port = port or free_port()
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    server = Server(port, app)
    wait_until(lambda: running.started)
    yield server
    running.should_exit = True
    thread.join(10.0)


@contextmanager
def served(queue: Path) -> Iterator[Server]:
    """A server that has computed its example, until the block ends."""
    port = free_port()
    with listening(application(names("127.0.0.1", port), queue, FEW), port) as server:
        wait_until(lambda: server.json("/api/state")["ready"])
        yield server


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until(there: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not there():
        if time.monotonic() > until:
            raise TimeoutError("The server did not become ready.")
        time.sleep(0.05)
