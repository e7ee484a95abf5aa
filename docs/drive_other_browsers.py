"""Does the page work in the engines of Safari and of Firefox? python docs/drive_other_browsers.py

Starts the page and drives it with a mouse and keys in WebKit (WebKitGTK, the engine of Safari;
Debian packages webkit2gtk-driver and xvfb) and in Firefox (firefox-esr), one after the other.
Prints a line a check and leaves a picture of each where --pictures says. Ends with 1 where a check
fails. WebKit draws on a screen, so without one run it under xvfb-run.
"""

from __future__ import annotations

import argparse
import base64
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from measure_page import free_port, ready
from other_engines import DOWN, UP, Engine, firefox, to, webkit

PATIENCE, MOVED = 300.0, 60.0
ARROW_RIGHT, CONTROL = "\ue014", "\ue009"
SLIDER = "document.querySelector('aside input[type=range]')"
DOSE = "[...document.querySelectorAll('button.ev.dose')].pop()"
OUTCOMES = "return document.querySelector('#outcomes-section').textContent"
PLACE = (
    "const one = %s; one.scrollIntoView({block: 'center'});"
    "const box = one.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]"
)
PRESS = (
    "[...document.querySelectorAll('%s')].find((one) => one.textContent === arguments[0]).click()"
)
HEARD = "window.wrong = []; addEventListener('error', (one) => wrong.push(one.message))"
FILES = """
window.made = [];
const make = URL.createObjectURL;
URL.createObjectURL = (blob) => {
  window.made.push(`${blob.type} ${blob.size}`);
  return make.call(URL, blob);
};
"""


def checks(engine: Engine, address: str) -> Iterator[tuple[str, bool, str]]:
    """Each check, whether it holds, and what was seen."""
    engine.size(1440, 1000)
    engine.go(address)
    engine.look(HEARD)
    yield "it opens with its plots and their rivals", _rests(engine), _agent(engine)
    for words, act in (
        ("a click on a slider's track", lambda: _press(engine, -0.3)),
        ("a slider dragged", lambda: _press(engine, -0.3, 0.2)),
        ("an arrow key", lambda: engine.keys(ARROW_RIGHT)),
    ):
        yield words, *_moves(engine, act, f"return {SLIDER}.value")
    day = f"return {DOSE}.dataset.day"
    yield "a dose dragged on the timeline", *_moves(engine, lambda: _later(engine), day)
    yield "the same undone", *_moves(engine, partial(engine.keys, CONTROL, "z"), day)
    engine.look(PRESS % "button", "Dark")
    yield "dark", engine.look("return document.documentElement.dataset.theme") == "dark", ""
    yield "its address in a fresh window", *_again(engine)
    yield "a figure as SVG and PNG", *_figure(engine)
    for wide in (768, 360):
        engine.size(wide, 900)
        time.sleep(1.0)
        over = engine.look("return document.documentElement.scrollWidth - innerWidth")
        yield f"{engine.look('return innerWidth')} px wide, nothing beside it", over <= 0, ""
    wrong = engine.look("return window.wrong")
    yield "no script went wrong", not wrong, "; ".join(wrong)


def _agent(engine: Engine) -> str:
    return engine.look("return navigator.userAgent.split(' ').slice(-2).join(' ')")


def _rests(engine: Engine) -> bool:
    """Whether the page comes to show all that it was asked for."""
    until = time.monotonic() + PATIENCE
    time.sleep(0.5)
    while time.monotonic() < until:
        if engine.look("return document.documentElement.dataset.shown") == "whole":
            return True
        time.sleep(0.2)
    return False


def _moves(engine: Engine, act: Callable[[], object], value: str) -> tuple[bool, str]:
    """Whether it changes the value, the outcomes and the address."""
    seen = (value, OUTCOMES, "return location.hash")
    before = [engine.look(one) for one in seen]
    act()
    until = time.monotonic() + MOVED
    while time.monotonic() < until:
        time.sleep(0.3)
        after = [engine.look(one) for one in seen]
        if all(one != two for one, two in zip(before, after, strict=True)):
            return _rests(engine), f"{before[0]} to {after[0]}"
    return False, f"{before[0]} to {after[0]}"


def _press(engine: Engine, *shares: float) -> None:
    """Press the slider at the first share of its width from its middle, let go at the last."""
    x, y, width, height = engine.look(PLACE % SLIDER)
    first, *others = [to(x + width * (0.5 + share), y + height / 2) for share in shares]
    engine.mouse(first, DOWN, *others, UP)


def _later(engine: Engine) -> None:
    """Drag the last dose to the right."""
    x, y, width, height = engine.look(PLACE % DOSE)
    start, many = (x + width / 2, y + height / 2), 4
    steps = [to(start[0] + 15 * step, start[1]) for step in range(1, many + 1)]
    engine.mouse(to(*start), DOWN, *steps, UP)


def _again(engine: Engine) -> tuple[bool, str]:
    seen = (f"return {SLIDER}.value", OUTCOMES)
    before = [engine.look(one) for one in seen]
    address = engine.look("return location.href")
    engine.go("about:blank")
    engine.go(address)
    engine.look(HEARD)
    return _rests(engine) and before == [engine.look(one) for one in seen], before[0]


def _figure(engine: Engine) -> tuple[bool, str]:
    engine.look(FILES)
    for kind in ("SVG", "PNG"):
        engine.look(PRESS % "figure button", kind)
        time.sleep(2.0)
    made = engine.look("return window.made")
    kinds = {one.split()[0] for one in made if int(one.split()[1]) > 1000}
    return {"image/svg+xml", "image/png"} <= kinds, ", ".join(made)


def _keep(engine: Engine, where: Path) -> None:
    """A picture of what is seen first on a wide screen."""
    engine.size(1440, 1000)
    engine.look("scrollTo(0, 0)")
    time.sleep(3.0)
    where.write_bytes(base64.b64decode(engine.picture()))


def main(asked: argparse.Namespace) -> int:
    """Number of checks that failed; an engine that is not here is one."""
    port = free_port()
    with tempfile.TemporaryDirectory() as queue:
        program = [sys.executable, "-m", "resynapse", "serve", "--port", str(port)]
        server = subprocess.Popen([*program, "--queue", queue], stderr=subprocess.DEVNULL)
        try:
            ready(port)
            return sum(_driven(opened, port, asked.pictures) for opened in (webkit, firefox))
        finally:
            server.terminate()
            server.wait()


def _driven(opened: Callable[..., Any], port: int, pictures: str | None) -> int:
    """How many checks of this engine failed, each told."""
    failed = 0
    try:
        with opened(free_port()) as engine:
            for words, holds, seen in checks(engine, f"http://127.0.0.1:{port}/"):
                failed += not holds
                told = "holds" if holds else "FAILS"
                print(f"{engine.name}: {words}: {told}{seen and f' ({seen})'}", flush=True)
            if pictures:
                _keep(engine, Path(pictures, f"{engine.name.lower()}.png"))
    except FileNotFoundError as missing:
        print(missing, flush=True)
        return failed + 1
    return failed


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--pictures", metavar="FOLDER", help="where a picture of each goes")
    return words.parse_args()


if __name__ == "__main__":
    sys.exit(min(main(_asked()), 1))
