"""What is computed while a hand drags a slider, and is it there when the hand lets go?"""

from __future__ import annotations

import json

from software.page_window import settled

DRAWN = """() => [...document.querySelectorAll('#part-curves path.line')]
  .map((one) => one.getAttribute('d')).join(' ')"""
FIRST = "html[data-shown=first]"
RESTED = 150
"""ms after which a hand surely rests"""
ASKED = 5_000
"""ms within which something that is due is asked for"""


class Hand:
    """A mouse on the thumb of the duration of an infusion."""

    def __init__(self, page):
        self.mouse = page.mouse
        page.locator("#outcomes-section").scroll_into_view_if_needed()
        slider = page.get_by_role("slider", name="Over").first
        slider.scroll_into_view_if_needed()
        self.box = slider.bounding_box()
        self.to(40)
        self.mouse.down()

    def to(self, minutes):
        """Over the place of a value, of 0 to 120 min; a thumb is 16 px wide."""
        along = 8 + minutes / 120 * (self.box["width"] - 16)
        self.mouse.move(self.box["x"] + along, self.box["y"] + self.box["height"] / 2)


class Asked:
    """Minutes of the infusion in each request; the first so many wait until they are let go."""

    def __init__(self, page, held):
        self.minutes, self.waiting, self.held = [], [], held
        page.route("**/api/simulate", self.hear)

    def hear(self, route):
        protocol = json.loads(route.request.post_data)["protocol"]
        self.minutes.append(protocol["arms"][1]["doses"][0]["minutes"])
        if len(self.minutes) > self.held:
            route.continue_()
        else:
            self.waiting.append(route)


def test_the_plots_of_the_value_under_a_resting_hand_are_there_before_it_lets_go(page):
    before = page.evaluate(DRAWN)
    hand = Hand(page)
    hand.to(80)
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before)
    held = page.evaluate(DRAWN)
    page.mouse.up()
    settled(page)

    assert page.evaluate(DRAWN) == held


def test_a_step_that_the_hand_has_left_does_not_hold_up_the_one_where_it_rests(page):
    asked, hand = Asked(page, held=1), Hand(page)
    for minutes in (60, 80):
        with page.expect_request("**/api/simulate", timeout=ASKED):
            hand.to(minutes)
    page.wait_for_selector(FIRST, state="attached")
    page.mouse.up()
    settled(page)

    assert asked.minutes[:2] == [60, 80]


def test_of_two_steps_that_a_hand_leaves_one_after_another_the_second_is_shown(page):
    before = page.evaluate(DRAWN)
    asked, hand = Asked(page, held=2), Hand(page)
    for minutes in (60, 80):
        with page.expect_request("**/api/simulate", timeout=ASKED):
            hand.to(minutes)
    hand.to(100)
    page.wait_for_timeout(RESTED)
    left = list(asked.minutes)
    asked.waiting[1].continue_()
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before)
    page.mouse.up()
    settled(page)

    assert left == [60, 80]
    assert asked.minutes[2] == 100
