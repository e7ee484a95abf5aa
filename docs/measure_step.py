"""What does a hand wait for that steps a slider by the arrow keys, from the key to the new plots?

Real keys, one step each, with other people for each slider, so that no value was computed before it
was looked ahead to. Two hands are assumed: one waits until the page rests, one presses every 0.5 s.
"""

from __future__ import annotations

import time

from measure_drag import OTHER_PEOPLE, WHOLE
from playwright.sync_api import Page

PACES = {"once the page rests": 0.0, "a key every 0.5 s": 0.5}
"""s from key to key; 0: as soon as nothing is under way"""
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


def stepped(
    page: Page, label: str, pace: float, many: int, seed: int
) -> list[dict[str, float]]:  # fmt: skip
    """ms from so many keys to the frame with their plots, where it begins and until painted."""
    page.evaluate(OTHER_PEOPLE, seed)
    page.evaluate(SET, [label, BEGINS[label]])
    _rested(page)
    found = []
    for _ in range(many):
        begun = time.monotonic()
        page.evaluate(WATCH)
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => window.step.painted", timeout=60_000)
        seen = page.evaluate("() => window.step")
        found.append({kind: seen[kind] - seen["pressed"] for kind in ("first", "painted")})
        if pace:
            time.sleep(max(0.0, pace - (time.monotonic() - begun)))
        else:
            _rested(page)
    return found


def _rested(page: Page) -> None:
    """Until the answer with its rivals is there, and what was looked ahead to."""
    page.wait_for_selector(WHOLE, state="attached", timeout=60_000)
    page.wait_for_load_state("networkidle")
    time.sleep(0.5)
    page.wait_for_load_state("networkidle")
