"""How long from the release of a slider to the new plots? python docs/measure_page.py [RELEASES]

Starts the page, opens it in headless Chromium, and releases one slider after another on values that
it has not computed before: 200 people in each of two arms over six months. Times are from the
release to the frame in which what is in sight is drawn anew, and to the answer with its rivals.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

from playwright.sync_api import sync_playwright

RELEASE = """
([label, value]) => new Promise((done) => {
  const root = document.documentElement;
  const range = [...document.querySelectorAll('input[type=range]')]
    .find((one) => one.getAttribute('aria-label') === label);
  const found = {};
  const watch = new MutationObserver(() => {
    if (root.dataset.shown === 'first' && !found.first)
      requestAnimationFrame(() => { found.first = performance.now() - begun; });
    if (root.dataset.shown === 'whole') {
      watch.disconnect();
      requestAnimationFrame(() => done({ ...found, whole: performance.now() - begun }));
    }
  });
  watch.observe(root, { attributes: true, attributeFilter: ['data-shown'] });
  range.value = String(value);
  range.dispatchEvent(new Event('input', { bubbles: true }));
  const begun = performance.now();
  range.dispatchEvent(new Event('change', { bubbles: true }));
})
"""
SLIDERS = {
    "First session after the first dose": [k for k in range(-2, 22) if k != 1],
    "Dose, each": [round(0.05 * k, 2) for k in range(1, 17) if k != 10],
    "Over": [5 * k for k in range(2, 25) if k != 8],
}


def main(releases: int) -> None:
    """Print a row a slider: median and 95th percentile."""
    port = _free_port()
    program = [sys.executable, "-m", "resynapse", "serve", "--port", str(port)]
    server = subprocess.Popen(program, stderr=subprocess.DEVNULL)
    try:
        _ready(port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector("html[data-shown=whole]", state="attached", timeout=60_000)
            page.locator("#outcomes-section").scroll_into_view_if_needed()
            print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
            for label, values in SLIDERS.items():
                _row(label, [page.evaluate(RELEASE, [label, v]) for v in values[:releases]])
            browser.close()
    finally:
        server.terminate()


def _row(label: str, found: list[dict[str, float]]) -> None:
    for kind in ("first", "whole"):
        times = sorted(one[kind] for one in found if kind in one)
        late = times[min(len(times) - 1, int(0.95 * len(times)))]
        print(
            f"{label}, {kind}: median {statistics.median(times):.0f} ms, "
            f"95th percentile {late:.0f} ms, n {len(times)}"
        )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _ready(port: int) -> None:
    for _ in range(400):
        time.sleep(0.25)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/state") as answer:
                if b'"ready":true' in answer.read():
                    return
        except OSError:
            continue
    raise TimeoutError("The server did not become ready.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
