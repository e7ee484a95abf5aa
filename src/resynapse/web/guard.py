"""Who may ask this server, how much may they send, and what may the page they get do?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from resynapse.web.refusal import TooLargeError, problem

MOST_BYTES = 300_000
"""A programme is some kilobytes; a file dropped on the page may be longer, not this long"""
READING = ("GET", "HEAD", "OPTIONS")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-cache",
}
App = Callable[[dict[str, Any], Callable, Callable], Awaitable[None]]


def names(host: str, port: int) -> list[str]:
    """The values of the Host header that mean this server."""
    own = f"[{host}]" if ":" in host else host
    return [f"{name}:{port}" for name in (*LOOPBACK, own)] + [
        name for name in (*LOOPBACK, own) if port == 80
    ]


class Guard:
    """Lets only requests through that come from this page or from a program on this machine."""

    def __init__(self, app: App, hosts: Iterable[str]) -> None:
        self.app, self.hosts = app, frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(send)
        wrong = self._wrong(scope)
        if wrong:
            await answer.refuse(*wrong)
            return
        counted = _Counted(receive)
        try:
            await self.app(scope, counted, answer)
        except TooLargeError as error:
            if not answer.begun:
                await answer.refuse(error.status, str(error))

    def _wrong(self, scope: dict[str, Any]) -> tuple[int, str] | None:
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        host = headers.get("host", "").lower()
        if host not in self.hosts:
            return 403, f"This server does not answer to the name {host[:80]!r}."
        origin = headers.get("origin")
        if scope["method"] not in READING and origin is not None:
            asked = urlsplit(origin)
            if asked.scheme not in ("http", "https") or asked.netloc.lower() not in self.hosts:
                return 403, "This request comes from another page, which may not change anything."
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > MOST_BYTES:
            return TooLargeError.status, too_large()
        return None


def too_large() -> str:
    """The sentence for a body that is too long."""
    return f"More than {MOST_BYTES} bytes were sent; a programme is a page or two of YAML."


class _Counted:
    """Counts the bytes of a body as they arrive, whatever its headers say."""

    def __init__(self, receive: Callable) -> None:
        self.receive, self.seen = receive, 0

    async def __call__(self) -> dict[str, Any]:
        message = await self.receive()
        self.seen += len(message.get("body", b""))
        if self.seen > MOST_BYTES:
            raise TooLargeError(too_large())
        return message


class _Answer:
    """Adds the rules of the page to every answer."""

    def __init__(self, send: Callable) -> None:
        self.send, self.begun = send, False

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            given = {name.lower() for name, _ in message["headers"]}
            ours = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in given]
            message = {**message, "headers": [*message["headers"], *ours]}
        await self.send(message)

    async def refuse(self, status: int, sentence: str) -> None:
        """A sentence instead of an answer."""
        body = json.dumps(problem(sentence)).encode()
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})
