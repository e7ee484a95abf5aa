"""What does a hand wait for that moves a slider by keys, from the key to the new plots?

Real keys, with other people for each slider and key, so that no value was computed before it was
looked ahead to. Three hands are assumed: one steps by the arrow key and waits until the page rests,
one presses it every 0.5 s, and one jumps by Page Up each time that the page rests.
"""

from __future__ import annotations

import time

from measure_drag import OTHER_PEOPLE, WHOLE
from playwright.sync_api import Page

HANDS = {
    "stepped, once the page rests": ("ArrowRight", 0.0),
    "stepped, a key every 0.5 s": ("ArrowRight", 0.5),
    "Page Up, once the page rests": ("PageUp", 0.0),
}
"""key, and s from key to key; 0: as soon as nothing is under way"""
MOST_JUMPS, MOST_STEPS = 8, 15
"""after which a slider stands at its end"""
QUIET = 1.2
"""s without any request after which the page rests: it looks ahead to jumps 0.6 s after steps"""
BEGINS = {"First session after the first dose": -2, "Dose, each": 0.05, "Over": 10}
WATCH = """
() => {
  const root = document.documentElement;
  const seen = window.step = { pressed: 0, first: 0 };
  addEventListener('keydown', (event) => { seen.pressed = event.timeStamp; },
    { capture: true, once: true });
  const watch = new MutationObserver(() => {
    if (!seen.pressed || root.dataset.shown !== 'first') return;
    watch.disconnect();
    requestAnimationFrame(() => {
      seen.first = performance.now();
      const after = new MessageChannel();
      after.port1.onmessage = () => { seen.painted = performance.now(); };
      after.port2.postMessage(0);
    });
  });
  watch.observe(root, { attributes: true, attributeFilter: ['data-shown'] });
}
"""
SET = """
([label, value]) => {
  const range = [...document.querySelectorAll('input[type=range]')]
    .find((one) => one.getAttribute('aria-label') === label);
  range.focus();
  range.value = String(value);
  for (const kind of ['input', 'change']) range.dispatchEvent(new Event(kind, { bubbles: true }));
}
"""


class Traffic:
    """Requests under way, and since when there are none."""

    def __init__(self, page: Page) -> None:
        self._page, self._under_way, self._since = page, 0, time.monotonic()
        page.on("request", lambda _: self._count(1))
        for over in ("requestfinished", "requestfailed"):
            page.on(over, lambda _: self._count(-1))

    def _count(self, more: int) -> None:
        self._under_way += more
        self._since = time.monotonic()

    def rests(self) -> None:
        """Until the answer with its rivals is there, and what was looked ahead to."""
        self._page.wait_for_selector(WHOLE, state="attached", timeout=60_000)
        self._since = time.monotonic()
        while self._under_way > 0 or time.monotonic() - self._since < QUIET:
            self._page.wait_for_timeout(20)


def stepped(
    page: Page, label: str, hand: tuple[str, float], many: int, seed: int, traffic: Traffic
) -> list[dict[str, float]]:  # fmt: skip
    """ms from so many keys to the frame with their plots, where it begins and until painted."""
    key, pace = hand
    page.evaluate(OTHER_PEOPLE, seed)
    page.evaluate(SET, [label, BEGINS[label]])
    traffic.rests()
    found = []
    for _ in range(min(many, MOST_JUMPS if key == "PageUp" else MOST_STEPS)):
        begun = time.monotonic()
        page.evaluate(WATCH)
        page.keyboard.press(key)
        page.wait_for_function("() => window.step.painted", timeout=60_000)
        seen = page.evaluate("() => window.step")
        found.append({kind: seen[kind] - seen["pressed"] for kind in ("first", "painted")})
        if pace:
            time.sleep(max(0.0, pace - (time.monotonic() - begun)))
        else:
            traffic.rests()
    return found
