"""How long from the release of a slider to the new plots? python docs/measure_page.py --help

Starts the page three times, with an empty cache, with the kernels of the first start, and with its
answers too, and says how long until it answers (measure_start.py). Then opens it in headless
Chromium, and releases one slider after another on values that it has not computed before: 200
people in each of two arms over six months, each once the page has come to rest from the one before.
A value is set and released at once, which nobody could know before; then sliders are moved by keys,
where the next values are computed ahead (measure_step.py), and dragged with a mouse or clicked on
(measure_drag.py).
Times are from the release to the frame in which all that is in sight is drawn anew (two survival
curves with their tables, the tops of two more figures, the end of the table of outcomes): to its
beginning (first) and until it is painted, and to the answer with its rivals; of the processor,
those of the server and of the browser until it is painted.
With --clients, so many of them release a slider every 3 s for a minute, over HTTP
(measure_load.py). They ask for values in common, or none asks what another asked (--distinct), or
each has people of its own (--apart). With --load both of the first for fifty, and then one client
alone and beside a long run, all in less than 4 minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from measure_drag import DRAGS, HOLDS, LAY, PRESSES, click, drag
from measure_load import SLIDERS, alone_and_beside, keep_busy, load
from measure_start import start
from measure_step import HANDS, Traffic, stepped
from playwright.sync_api import Page, sync_playwright

RELEASE = """
([label, value]) => new Promise((done) => {
  const root = document.documentElement;
  const range = [...document.querySelectorAll('input[type=range]')]
    .find((one) => one.getAttribute('aria-label') === label);
  const seen = {};
  let whole;
  window.whole = new Promise((go) => { whole = go; });
  const watch = new MutationObserver(() => {
    const { shown } = root.dataset;
    if (shown !== 'first' && shown !== 'whole') return;
    if (shown === 'whole') watch.disconnect();
    requestAnimationFrame(() => {
      seen[shown] = performance.now() - begun;
      const after = new MessageChannel();
      after.port1.onmessage = () => {
        if (shown === 'first') { seen.painted = performance.now() - begun; done(); }
        else setTimeout(() => requestIdleCallback(() => whole(seen)), REST);
      };
      after.port2.postMessage(0);
    });
  });
  watch.observe(root, { attributes: true, attributeFilter: ['data-shown'] });
  range.value = String(value);
  range.dispatchEvent(new Event('input', { bubbles: true }));
  const begun = performance.now();
  range.dispatchEvent(new Event('change', { bubbles: true }));
})
""".replace("REST", "250")  # ms
KINDS = dict.fromkeys(("first", "painted", "whole", "server", "browser", "held"), " ms") | {
    "values": "", "steps": "",
}  # fmt: skip
"""what is measured of a release or a drag; of a drag also how long the last value was held, and how
many values and drawn steps there were before it was let go"""
PARTS = ("start", "releases", "steps", "drags", "clicks")
MANY = 50
"""clients of --load"""


def main(asked: argparse.Namespace) -> None:
    """Print all starts and a row a slider, or one for all clients: median, 95th percentile."""
    if "start" in asked.only and not asked.clients and not asked.load:
        start(free_port(), _processor_seconds)
    port = free_port()
    queue = tempfile.mkdtemp()
    program = [sys.executable, "-m", "resynapse", "serve", "--port", str(port), "--queue", queue]
    server = subprocess.Popen(program, stderr=subprocess.DEVNULL)
    try:
        ready(port)
        if asked.busy:
            keep_busy(port)
        if asked.load:
            _whole_load(port, asked.seconds, server.pid)
        elif asked.clients:
            _load(port, asked, server.pid)
        else:
            _in_browser(port, asked, server.pid)
        print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    finally:
        server.terminate()


def _in_browser(port: int, asked: argparse.Namespace, server: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/")
        page.wait_for_selector("html[data-shown=whole]", state="attached", timeout=60_000)
        page.locator("#outcomes-section").scroll_into_view_if_needed()
        if "releases" in asked.only:
            for label, values in SLIDERS.items():
                made = [_release(page, server, label, value) for value in values[: asked.releases]]
                _row(label, made)
        if "steps" in asked.only:
            _steps(page, asked.releases)
        if "drags" in asked.only:
            _held(page, asked.drags, drag, HOLDS, "dragged and", 2)
        if "clicks" in asked.only:
            for lay in LAY:
                words = f"a click on the track where the mouse lay still for {lay} ms,"
                _held(page, asked.drags, partial(click, lay=lay), PRESSES, words, 1000 + 1000 * lay)
        browser.close()


def _steps(page: Page, many: int) -> None:
    """Print a row for each slider and for each hand on the keys."""
    traffic = Traffic(page)
    for number, label in enumerate(SLIDERS):
        for place, (words, hand) in enumerate(HANDS.items()):
            seed = 200 + len(HANDS) * number + place
            _row(f"{label}, {words}", stepped(page, label, hand, many, seed, traffic))


def _held(
    page: Page, many: int, hand: Callable[[Page, str, float, float, int], dict[str, float]],
    times: Sequence[int], words: str, seed: int,
) -> None:  # fmt: skip
    """Print a row for each slider and for each time in ms that the button stays down."""
    for label, values in DRAGS.items():
        for held in times:
            made = [hand(page, label, v, held, seed + k) for k, v in enumerate(values[:many])]
            _row(f"{label}, {words} held for {held} ms", made)
            seed += many


def _release(page: Page, server: int, label: str, value: float) -> dict[str, float]:
    """Milliseconds until both frames, and of processor time until the first of them."""
    begun = _processor_seconds(server), _processor_seconds(*_children(os.getpid(), server))
    page.evaluate(RELEASE, [label, value])
    ended = _processor_seconds(server), _processor_seconds(*_children(os.getpid(), server))
    found = page.evaluate("() => window.whole")
    spent = (1e3 * (after - before) for before, after in zip(begun, ended, strict=True))
    return {**found, **dict(zip(("server", "browser"), spent, strict=True))}


def _children(parent: int, but: int) -> list[int]:
    """All processes that this one started and that they started, where /proc tells, but one."""
    of: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            of.setdefault(int(file.read_text().rpartition(")")[2].split()[1]), []).append(
                int(file.parent.name)
            )
    found, waiting = [], [parent]
    while waiting:
        new = [child for child in of.get(waiting.pop(), []) if child != but]
        found, waiting = found + new, waiting + new
    return found


def _load(port: int, asked: argparse.Namespace, server: int) -> None:
    seeds = [1 + (number if asked.apart else 0) for number in range(asked.clients)]
    load(port, seeds, asked.seconds, asked.distinct, lambda: _processor_seconds(server))


def _whole_load(port: int, seconds: float, server: int) -> None:
    """Fifty with values in common, fifty without, and one alone and beside a long run."""
    for words, distinct in (("values in common", False), ("no two values the same", True)):
        print(f"{MANY} clients, {words}:", flush=True)
        load(port, [1] * MANY, seconds, distinct, lambda: _processor_seconds(server))
    alone_and_beside(port)


def _processor_seconds(*processes: int) -> float:
    """What they have used so far, where the system keeps it under /proc."""
    ticks = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return math.nan
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _row(label: str, found: list[dict[str, float]]) -> None:
    for kind, unit in KINDS.items():
        times = sorted(one[kind] for one in found if kind in one)
        if times:
            late = times[min(len(times) - 1, int(0.95 * len(times)))]
            print(
                f"{label}, {kind}: median {statistics.median(times):.0f}{unit}, "
                f"95th percentile {late:.0f}{unit}, n {len(times)}",
                flush=True,
            )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ready(port: int) -> None:
    for _ in range(400):
        time.sleep(0.25)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/state") as answer:
                if b'"ready":true' in answer.read():
                    return
        except OSError:
            continue
    raise TimeoutError("The server did not become ready.")


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--releases", type=int, default=20, help="of each slider, in a browser")
    words.add_argument("--drags", type=int, default=10, help="or clicks of a slider and a hold")
    words.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="leave the rest out")
    words.add_argument("--clients", type=int, default=0, help="at once, without a browser")
    words.add_argument("--load", action="store_true", help="fifty clients, and a long run beside")
    words.add_argument("--seconds", type=float, default=60.0, help="that the clients go on")
    words.add_argument("--distinct", action="store_true", help="no client asks what another asked")
    words.add_argument("--apart", action="store_true", help="each client has people of its own")
    words.add_argument("--busy", action="store_true", help="while a long run is in the queue")
    return words.parse_args()


if __name__ == "__main__":
    main(_asked())
