"""What is computed while a hand drags a slider, and is it there when the hand lets go?"""

from __future__ import annotations

import json

import pytest

from software.page_window import settled

DRAWN = """() => [...document.querySelectorAll('#part-curves path.line')]
  .map((one) => one.getAttribute('d')).join(' ')"""
FIRST = "html[data-shown=first]"
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


@pytest.fixture
def asked(page):
    """Minutes of the infusion in each request; the first for 60 min is never answered."""
    found = []

    def hear(route):
        minutes = json.loads(route.request.post_data)["protocol"]["arms"][1]["doses"][0]["minutes"]
        found.append(minutes)
        if found != [60]:
            route.continue_()

    page.route("**/api/simulate", hear)
    return found


def test_the_plots_of_the_value_under_a_resting_hand_are_there_before_it_lets_go(page):
    before = page.evaluate(DRAWN)
    hand = Hand(page)
    hand.to(80)
    page.wait_for_function(f"(before) => ({DRAWN})() !== before", arg=before)
    held = page.evaluate(DRAWN)
    page.mouse.up()
    settled(page)

    assert page.evaluate(DRAWN) == held


def test_a_step_that_the_hand_has_left_does_not_hold_up_the_one_where_it_rests(page, asked):
    hand = Hand(page)
    with page.expect_request("**/api/simulate"):
        hand.to(60)
    with page.expect_request("**/api/simulate", timeout=ASKED):
        hand.to(80)
    page.wait_for_selector(FIRST, state="attached")
    page.mouse.up()
    settled(page)

    assert asked[:2] == [60, 80]


def test_of_two_steps_that_a_hand_leaves_one_after_another_the_second_is_shown(page, asked):
    hand = Hand(page)
    for minutes in (60, 80):
        with page.expect_request("**/api/simulate", timeout=ASKED):
            hand.to(minutes)
    hand.to(100)
    page.wait_for_selector(FIRST, state="attached")
    shown = list(asked)
    page.mouse.up()
    settled(page)

    assert shown[:2] == [60, 80]
    assert asked[2] == 100
