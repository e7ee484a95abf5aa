"""What does a hand that drags a slider or clicks on it wait for, from letting go to the plots?

Real mouse events: the thumb is taken, drawn over to a value at the pace of a hand (0.8 s, slow at
both ends), held there for a while, and let go. Both are assumed; how long a hand holds still before
it lets go is varied. A click sets the value as the button goes down, and is let go after a while
that is assumed too, as is how long the mouse lay still over the place before: not at all, or for a
while in which the page may look ahead. Each is made with other people (another seed), so that
nothing of it was computed before but the value where it begins.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page

SECONDS = 0.8
"""from where the thumb was to where it is let go"""
RATE = 60.0
"""events of the mouse in a second"""
THUMB = 16.0
"""width of the thumb in Chromium, px"""
HOLDS = (0, 50, 100, 200)
"""ms between the last movement and letting go"""
PRESSES = (50, 100)
"""ms between pressing the button on the track and letting it go"""
LAY = (0, 100, 200)
"""ms between coming to the place on the track and pressing the button"""
DRAGS = {
    "First session after the first dose": [4, 9, 14, 19, 6, 12, 17, -1, 3, 10],
    "Dose, each": [0.15, 0.3, 0.45, 0.6, 0.75, 0.2, 0.35, 0.65, 0.7, 0.1],
    "Over": [15, 25, 60, 80, 100, 20, 55, 75, 95, 115],
}
REST = 0.3
"""s from the answer with its rivals to the next drag"""
WATCH = """
() => {
  const root = document.documentElement;
  const drawn = () => [...document.querySelectorAll('#part-curves path.line')]
    .map((one) => one.getAttribute('d')).join(' ');
  const seen = window.drag = { inputs: 0, last: 0, up: 0, frames: [[0, drawn()]] };
  addEventListener('input', (event) => { seen.inputs += 1; seen.last = event.timeStamp; }, true);
  addEventListener('pointerup', (event) => { seen.up = event.timeStamp; }, true);
  const watch = new MutationObserver(() => {
    const { shown } = root.dataset;
    if (shown !== 'first' && shown !== 'whole') return;
    const whole = shown === 'whole' && seen.up > 0;
    requestAnimationFrame((begins) => {
      seen.frames.push([Math.max(begins, performance.now()), drawn()]);
      if (whole) { watch.disconnect(); seen.done = true; }
    });
  });
  watch.observe(root, { attributes: true, attributeFilter: ['data-shown'] });
}
"""
OTHER_PEOPLE = """
async (seed) => {
  const { change } = await import('/static/store.js');
  change((next) => { next.seed = seed; });
}
"""
WHOLE = "html[data-shown=whole]"


def drag(page: Page, label: str, value: float, hold: float, seed: int) -> dict[str, float]:
    """One drag with other people: ms from letting go to the frame with the plots of the value."""
    return _seen(page, label, value, hold, seed, _moved)


def click(
    page: Page, label: str, value: float, press: float, seed: int, lay: float = 0
) -> dict[str, float]:  # fmt: skip
    """The same of a click on the track at the place of the value, where the mouse ``lay`` ms."""
    return _seen(page, label, value, press, seed, partial(_clicked, lay=lay))


def _seen(
    page: Page, label: str, value: float, hold: float, seed: int, hand: Callable[..., None]
) -> dict[str, float]:
    page.evaluate(OTHER_PEOPLE, seed)
    page.wait_for_selector(WHOLE, state="attached", timeout=60_000)
    time.sleep(REST)
    page.evaluate(WATCH)
    hand(page, label, value, hold)
    page.wait_for_function("() => window.drag.done", timeout=60_000)
    seen = page.evaluate("() => window.drag")
    final = seen["frames"][-1][1]
    begins = [at for at, drawn in seen["frames"] if drawn == final]
    others = [at for at, drawn in seen["frames"] if drawn != final]
    shown = next(at for at in begins if at > max(others))
    steps = sum(at < seen["up"] for at, _ in seen["frames"][1:])
    return {
        "first": max(0.0, shown - seen["up"]), "held": seen["up"] - seen["last"],
        "values": seen["inputs"], "steps": steps,
    }  # fmt: skip


def _moved(page: Page, label: str, value: float, hold: float) -> None:
    """The mouse takes the thumb, moves it, waits so many ms, and lets it go."""
    begin, end, y = _places(page, label, value)
    page.mouse.move(begin, y)
    page.mouse.down()
    begun, share = time.perf_counter(), 0.0
    while share < 1.0:
        time.sleep(1.0 / RATE)
        share = min(1.0, (time.perf_counter() - begun) / SECONDS)
        page.mouse.move(begin + _eased(share) * (end - begin), y)
    time.sleep(hold / 1e3)
    page.mouse.up()


def _clicked(page: Page, label: str, value: float, press: float, lay: float) -> None:
    """The mouse comes to the track, lies there, is pressed, waits so many ms, and is let go."""
    begin, end, y = _places(page, label, value)
    page.mouse.move(begin, y)
    page.mouse.move(end, y)
    time.sleep(lay / 1e3)
    page.mouse.down()
    time.sleep(press / 1e3)
    page.mouse.up()


def _places(page: Page, label: str, value: float) -> tuple[float, float, float]:
    """Where the thumb is, where it is at the value, and its height, px."""
    slider = page.locator(f'input[type=range][aria-label="{label}"]').first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    told = slider.evaluate("(one) => [one.min, one.max, one.value]")
    low, high, now = map(float, told)

    def place(of: float) -> float:
        return box["x"] + THUMB / 2 + (of - low) / (high - low) * (box["width"] - THUMB)

    return place(now), place(value), box["y"] + box["height"] / 2


def _eased(share: float) -> float:
    """The way of a hand that jerks as little as it can (Flash and Hogan 1985)."""
    return share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
