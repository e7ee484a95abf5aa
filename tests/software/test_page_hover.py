"""Is the value under a resting mouse computed before it is pressed, and is it the one pressed?"""

from __future__ import annotations

import random
import shutil
import threading
import time

import pytest

from resynapse.trial import live
from software.page_server import SOON
from software.page_window import settled

SLIDER = "Over"
PLACES = 16
"""of the mouse on each slider"""
RANGES = [
    (0, 120, 5, 190), (-2, 21, 1, 190.5), (0, 1, 0.05, 203.3), (0, 0.75, 0.05, 310),
    (0.5, 8, 0.5, 191), (1, 7.3, 2, 120), (0, 1, 0.0025, 300), (50, 1000, 50, 60),
]  # fmt: skip
"""lowest, highest, step, and width in px"""
BUILD = """
(ranges) => document.body.replaceChildren(...ranges.map(([min, max, step, width], number) => {
  const range = document.createElement('input');
  Object.assign(range, { type: 'range', min, max, step });
  const place = { display: 'block', width: `${width}px`, marginLeft: `${7.3 * number}px` };
  Object.assign(range.style, place);
  return range;
}))
"""
TOLD = """
async (range) => {
  const { byPress } = await import('/static/reached.js');
  range.addEventListener('pointermove', ({ clientX }) => {
    range.told = byPress(clientX, range);
  });
}
"""
TOUCHED = """
(range) => {
  const { x, y, width } = range.getBoundingClientRect();
  for (const pointerType of ['touch', 'pen']) {
    const move = { pointerType, clientX: x + width / 4, clientY: y + 12, bubbles: true };
    range.dispatchEvent(new PointerEvent('pointermove', move));
  }
}
"""
SET = """
(range, value) => {
  range.value = value;
  for (const kind of ['input', 'change']) range.dispatchEvent(new Event(kind, { bubbles: true }));
}
"""
"""without coming to the slider, whose neighbours would be asked for"""
STILL = 60
"""ms after which a mouse is taken to lie still"""


class Runs(list):
    """The arms that are run from here on, each of which waits until it may ``go``."""

    def __init__(self):
        self.go = threading.Event()
        self.go.set()


@pytest.fixture
def runs(monkeypatch, page):
    """Of a programme with a dose that no other test gives, so that nothing of it is known."""
    page.get_by_role("slider", name="Dose, each").first.evaluate(SET, "0.35")
    page.locator("[data-told='ketamine-3-therapy']", has_text="0.35 mg/kg").wait_for()
    settled(page)
    found, real = Runs(), live.run_arm

    def run(*given):
        found.append(given[1].id)
        found.go.wait(SOON)
        return real(*given)

    monkeypatch.setattr(live, "run_arm", run)
    yield found
    found.go.set()


class Mouse:
    """A mouse over the slider of the duration of an infusion, and what is asked ahead for it."""

    def __init__(self, page):
        self.page = page
        self.asked, self.ended = [], []
        page.on("request", lambda one: self.asked.append(minutes(one)) if ahead(one) else None)
        for over in ("requestfinished", "requestfailed"):
            page.on(over, self.hear)
        self.slider = page.get_by_role("slider", name=SLIDER).first
        self.slider.scroll_into_view_if_needed()
        settled(page)

    def hear(self, request):
        if ahead(request):
            self.ended.append((minutes(request), request.failure is None))

    def to(self, value):
        """Over the place of a value, of 0 to 120 min; a thumb is 16 px wide."""
        box = self.slider.bounding_box()
        along = 8 + value / 120 * (box["width"] - 16)
        self.page.mouse.move(box["x"] + along, box["y"] + box["height"] / 2)

    def held_at(self, value, runs):
        """Over a value whose arms are begun and wait until they may ``go``."""
        runs.go.clear()
        self.to(value)
        self.until(lambda: len(runs) == 2)

    def until(self, there):
        """Until this is so."""
        last = time.monotonic() + SOON
        while not there() and time.monotonic() < last:
            self.page.wait_for_timeout(10)
        assert there()

    def press(self):
        """Pressed and let go; the answer to it."""
        with self.page.expect_response(answered) as waiting:
            self.page.mouse.down()
            self.page.mouse.up()
        return waiting.value.json()


def ahead(request) -> bool:
    return "x-ahead" in request.headers


def answered(response) -> bool:
    return response.url.endswith("/api/simulate") and response.status == 200


def minutes(request) -> float:
    """How long a dose lasts in what a page asks."""
    return request.post_data_json["protocol"]["arms"][-1]["doses"][0]["minutes"]


@pytest.fixture(params=[1.0, 1.25])
def zoomed(chromium, request):
    """A window so many times as large as it would be, in which layout is done at that size."""
    large = f"--force-device-scale-factor={request.param}"
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=["--no-sandbox", large],
    )  # fmt: skip
    window = browser.new_context(no_viewport=True).new_page()
    yield window
    assert window.evaluate("devicePixelRatio") == request.param
    browser.close()


def test_what_is_foretold_of_a_press_on_a_slider_is_what_chromium_does(zoomed, server):
    window = zoomed
    window.goto(f"{server.url}/api/state")
    window.evaluate(BUILD, RANGES)
    places, wrong, moved = random.Random(1), [], 0
    for number, (low, high, _, _) in enumerate(RANGES):
        slider = window.locator("input").nth(number)
        slider.evaluate(TOLD)
        box = slider.bounding_box()
        inside = [places.uniform(0.0, box["width"]) for _ in range(PLACES)]
        for along in (0.1, 8.0, *inside, box["width"] - 8.0, box["width"] - 0.1):
            begin = high if along < box["width"] / 2 else low
            slider.evaluate("(range, value) => { range.value = value; }", begin)
            window.mouse.move(box["x"] + along, box["y"] + box["height"] / 2)
            window.mouse.down()
            window.mouse.up()
            found = slider.evaluate("(range) => [range.told, Number(range.value)]")
            moved += found[1] != begin
            if found[0] != found[1]:
                wrong.append((number, along, *found))

    assert wrong == []
    assert moved > 0.9 * len(RANGES) * PLACES


def test_a_press_on_the_thumb_moves_nothing_and_nothing_is_foretold(chromium, server):
    window = chromium.new_page()
    window.goto(f"{server.url}/api/state")
    window.evaluate(BUILD, [(0, 120, 1, 190)])
    slider = window.locator("input").first
    slider.evaluate(TOLD)
    box = slider.bounding_box()
    found = []
    for off in (-7.5, -3.0, 0.0, 3.0, 7.5):
        slider.evaluate("(range) => { range.value = 60; }")
        window.mouse.move(box["x"] + box["width"] / 2 + off, box["y"] + box["height"] / 2)
        window.mouse.down()
        window.mouse.up()
        found.append(slider.evaluate("(range) => [range.told, Number(range.value)]"))
    window.close()

    assert found == [[60, 60]] * 5


def test_whoever_rests_with_the_mouse_on_a_slider_and_presses_finds_the_value_made(page, runs):
    mouse = Mouse(page)
    mouse.to(80)
    mouse.until(lambda: mouse.ended)
    made = list(runs)
    mouse.press()
    shown = len(runs)

    assert mouse.ended == [(80, True)]
    assert made and shown == len(made)
    assert mouse.slider.input_value() == "80"


def test_a_press_on_the_value_that_is_just_made_ahead_waits_for_that_one(page, runs):
    mouse = Mouse(page)
    mouse.held_at(85, runs)
    with page.expect_request("**/api/simulate"):
        page.mouse.down()
    page.wait_for_timeout(3 * STILL)
    with page.expect_response(answered):
        runs.go.set()
    shown = sorted(runs)
    page.mouse.up()
    settled(page)

    assert shown == ["ketamine-3-therapy", "placebo-therapy"]
    assert mouse.ended == [(85, True)]
    assert mouse.slider.input_value() == "85"


def test_what_is_made_for_a_mouse_that_moves_on_is_left_for_where_it_rests_next(page, runs):
    mouse = Mouse(page)
    mouse.held_at(90, runs)
    mouse.to(15)
    mouse.until(lambda: mouse.asked == [90, 15])
    runs.go.set()
    mouse.until(lambda: len(mouse.ended) == 2)
    made = len(runs)
    mouse.press()

    assert mouse.ended == [(90, False), (15, True)]
    assert len(runs) == made


def test_a_mouse_that_leaves_a_slider_takes_back_what_was_asked_for_it(page, runs):
    mouse = Mouse(page)
    mouse.held_at(95, runs)
    page.mouse.move(900, 500)
    mouse.until(lambda: mouse.ended)

    assert mouse.ended == [(95, False)]


def test_a_mouse_that_comes_to_rest_while_the_page_computes_is_foreseen_once_it_rests(page, runs):
    mouse = Mouse(page)
    runs.go.clear()
    mouse.to(60)
    page.mouse.down()
    page.mouse.up()
    mouse.to(100)
    page.wait_for_timeout(3 * STILL)
    runs.go.set()
    mouse.until(lambda: (100, True) in mouse.ended)

    assert mouse.slider.input_value() == "60"
    assert page.evaluate("document.documentElement.dataset.shown") == "whole"


def test_a_mouse_that_passes_over_a_slider_or_lies_on_its_thumb_asks_for_nothing(page):
    mouse = Mouse(page)
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    for value in (100, 90, 80, 60):
        mouse.to(value)
        page.clock.run_for(STILL - 1)
    mouse.to(40)
    page.clock.run_for(2 * STILL)
    mouse.to(70)
    page.clock.run_for(STILL)
    mouse.until(lambda: mouse.asked)

    assert mouse.asked == [70]


def test_a_finger_or_a_pen_over_a_slider_asks_for_nothing(page):
    mouse = Mouse(page)
    mouse.slider.evaluate(TOUCHED)
    page.wait_for_timeout(3 * STILL)

    assert mouse.asked == []


def test_a_resting_mouse_changes_nothing_of_the_programme_that_is_shown(page):
    title, told = page.title(), page.locator("#part-outcomes").inner_text()
    mouse = Mouse(page)
    mouse.to(75)
    mouse.until(lambda: mouse.ended)

    assert mouse.slider.input_value() == "40"
    assert (page.title(), page.locator("#part-outcomes").inner_text()) == (title, told)
    assert page.evaluate("document.documentElement.dataset.shown") == "whole"
