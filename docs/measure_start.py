"""How long from ``resynapse serve`` to the first answer and to the first picture?

Once with an empty cache, once with the kernels that the first start left there: by the clock, and
processor time of the server, which counts where cores are shared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

PATIENCE = 900.0


def start(port: int, spent: Callable[[int], float]) -> None:
    """Print both starts; ``spent`` tells processor seconds of a process."""
    with tempfile.TemporaryDirectory() as cache:
        for words in ("with an empty cache", "with cached kernels"):
            print(f"{words}: {_start(port, Path(cache), spent)}", flush=True)


def _start(port: int, cache: Path, spent: Callable[[int], float]) -> str:
    kept = {"RESYNAPSE_CACHE": str(cache), "NUMBA_CACHE_DIR": str(cache / "numba")}
    program = [sys.executable, "-m", "resynapse", "serve", "--port", str(port)]
    begun = time.monotonic()
    server = subprocess.Popen(
        [*program, "--queue", str(cache / "queue")], env=os.environ | kept,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    told = []
    try:
        for words, ask in (
            ("first answer", lambda: _read(port, "")),
            ("first picture", lambda: _read(port, "api/simulate", _first(port))),
            ("the whole answer", lambda: _ready(port)),
        ):
            _patiently(ask)
            clock = time.monotonic() - begun
            told.append(f"{words} {clock:.1f} s ({spent(server.pid):.1f} s of processor time)")
    finally:
        server.terminate()
        server.wait()
    return ", ".join(told)


def _first(port: int) -> bytes:
    """What the page asks for first, on the worked example."""
    example = json.loads(_read(port, "api/example"))
    asked = example | {
        "worlds": ["default"],
        "parts": ["opening", "notice", "measured", "outcomes"],
    }
    return json.dumps(asked).encode()


def _ready(port: int) -> None:
    while b'"ready":true' not in _read(port, "api/state"):
        time.sleep(0.05)


def _read(port: int, path: str, body: bytes | None = None) -> bytes:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/{path}", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        return answer.read()


def _patiently(ask: Callable[[], object]) -> None:
    """Asked again until somebody listens."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            ask()
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
