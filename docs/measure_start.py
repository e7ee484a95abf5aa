"""How long from ``resynapse serve`` to the first answer and to the first picture in a browser?

Once with an empty cache; once with the kernels that the first start left there, but without its
answers; once with both. Headless Chromium is there already and opens the page as soon as the server
listens. By the clock, and processor time of the server, which counts where cores are shared.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PATIENCE = 900.0
APART = {"OMP_ANSWERS_APART": "1"}
"""a setting that no library reads: answers are kept under all that such libraries might"""
STARTS: dict[str, dict[str, str]] = {
    "with an empty cache": {},
    "with cached kernels, no answer kept": APART,
    "with cached kernels and kept answers": {},
}
SHOWN = "() => ['first', 'whole'].includes(document.documentElement.dataset.shown)"
WHOLE = "() => document.documentElement.dataset.shown === 'whole'"


def start(port: int, spent: Callable[[int], float]) -> None:
    """Print the three starts; ``spent`` tells processor seconds of a process."""
    with tempfile.TemporaryDirectory() as cache, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for words, more in STARTS.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(1e3 * PATIENCE)
            print(f"{words}: {_start(port, Path(cache), more, page, spent)}", flush=True)
            page.close()
        browser.close()


def _start(
    port: int, cache: Path, more: dict[str, str], page: Page, spent: Callable[[int], float]
) -> str:
    kept = {"RESYNAPSE_CACHE": str(cache), "NUMBA_CACHE_DIR": str(cache / "numba")}
    program = [sys.executable, "-m", "resynapse", "serve", "--port", str(port)]
    begun = time.monotonic()
    server = subprocess.Popen(
        [*program, "--queue", str(cache / "queue")], env=os.environ | kept | more,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    told = []
    try:
        for words, wait in (
            ("first answer", lambda: _patiently(lambda: _read(port, ""))),
            ("page", lambda: page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")),
            ("first picture", lambda: page.wait_for_function(SHOWN)),
            ("with its rivals", lambda: page.wait_for_function(WHOLE)),
            ("ready for sliders", lambda: _ready(port)),
        ):
            wait()
            clock = time.monotonic() - begun
            told.append(f"{words} {clock:.1f} s ({spent(server.pid):.1f} s of processor time)")
    finally:
        server.terminate()
        server.wait()
    return ", ".join(told)


def _ready(port: int) -> None:
    while b'"ready":true' not in _read(port, "api/state"):
        time.sleep(0.05)


def _read(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=PATIENCE) as answer:
        return answer.read()


def _patiently(ask: Callable[[], object]) -> None:
    """Asked again until somebody listens."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            ask()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
