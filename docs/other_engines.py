"""A browser that is no Chromium, driven by its own door: WebKit's WebDriver, Firefox's Marionette.

Both understand the commands of the W3C's WebDriver; only the way in differs (HTTP, and a socket
that carries JSON with its length in front).
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MINI = sorted(Path("/usr/lib").glob("*/webkit2gtk-*/MiniBrowser"))
"""the window that WebKit is driven in; of the package webkit2gtk-driver's libraries"""
PATHS = {
    "Navigate": "url", "ExecuteScript": "execute/sync", "SetWindowRect": "window/rect",
    "PerformActions": "actions",
}  # fmt: skip
"""commands of the WebDriver, and where they go over HTTP"""
WAIT = 60.0
DOWN, UP = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}


class Engine(ABC):
    """What is asked of a browser here: go, look, press, type, picture."""

    name: str

    @abstractmethod
    def picture(self) -> str:
        """The window as PNG, in base64."""

    @abstractmethod
    def ask(self, command: str, given: dict[str, Any]) -> Any:
        """What the browser answers to a command; RuntimeError where it refuses."""

    def go(self, address: str) -> None:
        """Open an address."""
        self.ask("Navigate", {"url": address})

    def look(self, script: str, *given: Any) -> Any:
        """What a script returns."""
        return self.ask("ExecuteScript", {"script": script, "args": list(given)})

    def size(self, width: int, height: int) -> None:
        """Of the window, in px; no smaller than it can be."""
        self.ask("SetWindowRect", {"width": width, "height": height})

    def mouse(self, *moves: dict[str, Any]) -> None:
        """Moves and presses of one mouse, one after the other."""
        hand = {"id": "mouse", "type": "pointer", "actions": list(moves)}
        self.ask("PerformActions", {"actions": [hand]})

    def keys(self, *pressed: str) -> None:
        """These keys down in this order, and up again."""
        ways = ("keyDown", pressed), ("keyUp", pressed[::-1])
        acts = [{"type": way, "value": key} for way, keys in ways for key in keys]
        self.ask("PerformActions", {"actions": [{"id": "keys", "type": "key", "actions": acts}]})


def to(x: float, y: float, ms: int = 120) -> dict[str, Any]:
    """A move of the mouse to this place of the window."""
    place = {"x": round(x), "y": round(y), "origin": "viewport"}
    return {"type": "pointerMove", "duration": ms, **place}


class _Http(Engine):
    name = "WebKit"

    def __init__(self, port: int) -> None:
        self.at = f"http://127.0.0.1:{port}/session"
        browser = {"binary": str(MINI[-1]), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": browser}}
        self.at += "/" + self._post(self.at, {"capabilities": wanted})["sessionId"]

    def ask(self, command: str, given: dict[str, Any]) -> Any:
        return self._post(f"{self.at}/{PATHS[command]}", given)

    def picture(self) -> str:
        with urllib.request.urlopen(f"{self.at}/screenshot", timeout=WAIT) as got:
            return json.load(got)["value"]

    def _post(self, where: str, given: dict[str, Any]) -> Any:
        asked = urllib.request.Request(where, json.dumps(given).encode(), method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=WAIT) as got:
                return json.load(got)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from error


class _Marionette(Engine):
    name = "Firefox"

    def __init__(self, door: socket.socket) -> None:
        self.door, self.asked = door, 0
        self._heard()
        self.ask("NewSession", {})

    def ask(self, command: str, given: dict[str, Any]) -> Any:
        self.asked += 1
        said = json.dumps([0, self.asked, f"WebDriver:{command}", given]).encode()
        self.door.sendall(b"%d:%s" % (len(said), said))
        _, _, fault, found = self._heard()
        if fault:
            raise RuntimeError(fault["message"])
        return found["value"] if isinstance(found, dict) and "value" in found else found

    def picture(self) -> str:
        return self.ask("TakeScreenshot", {"full": False})

    def _heard(self) -> Any:
        length = b""
        while (one := self.door.recv(1)) != b":":
            if not one:
                raise RuntimeError("Firefox hung up.")
            length += one
        with self.door.makefile("rb") as told:
            return json.loads(told.read(int(length)))


@contextmanager
def webkit(port: int) -> Iterator[_Http]:
    """WebKit, driven on this port; FileNotFoundError where it is not installed."""
    driver = shutil.which("WebKitWebDriver")
    if driver is None or not MINI:
        raise FileNotFoundError("WebKit is not here: apt-get install webkit2gtk-driver.")
    server = subprocess.Popen([driver, f"--port={port}"], stderr=subprocess.DEVNULL)
    try:
        yield _Http(_listening(port))
    finally:
        server.terminate()
        server.wait()


@contextmanager
def firefox(port: int) -> Iterator[_Marionette]:
    """Firefox without a screen, on this port; FileNotFoundError where it is not installed."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        raise FileNotFoundError("Firefox is not here: apt-get install firefox-esr.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        command = [program, "--headless", "--no-remote", "--marionette", "--profile", profile]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            with socket.create_connection(("127.0.0.1", _listening(port)), WAIT) as door:
                yield _Marionette(door)
        finally:
            server.terminate()
            server.wait()


def _listening(port: int) -> int:
    """The port, once something listens there."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return port
        time.sleep(0.1)
    raise RuntimeError(f"The browser did not listen within {WAIT:g} s.")
