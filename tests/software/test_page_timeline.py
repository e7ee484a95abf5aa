"""Is each event of the timeline to be had by a finger, and can one be added where nothing is?"""

from __future__ import annotations

import itertools

from software.page_window import event_days, settled

DAYS = "() => import('/static/timeline.js').then((one) => one.ticks())"
PLACES = """
() => [...document.querySelectorAll('.tl-axis b:not(.cut)')].map((one) => {
  const box = one.getBoundingClientRect();
  return [box.left, box.right];
}).sort((a, b) => a[0] - b[0])
"""


def test_events_of_successive_days_lie_apart_and_are_as_large_as_a_finger(page):
    for lane in page.locator(".lane[data-lane]").all():
        boxes = [one.bounding_box() for one in lane.locator("button.ev").all()]
        for box in boxes:
            assert box["width"] >= 24 and box["height"] >= 24
        for one, other in itertools.combinations(boxes, 2):
            beside = abs(one["x"] - other["x"]) >= 23.9
            below = abs(one["y"] - other["y"]) >= 23.9
            assert beside or below


def test_a_click_on_an_empty_place_adds_an_event_there(page):
    lane = page.locator('[data-lane="1/doses"] .track')
    days = event_days(page, 1, "doses")
    box = lane.bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 14)

    more = event_days(page, 1, "doses")
    assert more[:-1] == days
    assert more[-1] > days[-1]
    assert "added on day" in page.locator("#tl-said").inner_text()
    assert page.evaluate("document.activeElement.dataset.day") == f"{more[-1]:g}"
    page.keyboard.press("Control+z")
    assert event_days(page, 1, "doses") == days
    settled(page)


def test_an_empty_lane_has_a_button_that_the_keyboard_reaches(page):
    page.get_by_role("button", name="Remove therapy 1").click()
    assert event_days(page, 1, "therapies") == []
    page.locator('[data-lane="1/doses"] button.ev').first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    assert event_days(page, 1, "therapies") == [3.0, 10.0, 17.0]
    settled(page)


def test_a_move_to_a_taken_day_says_why_nothing_moves(page):
    page.locator('[data-lane="1/therapies"] button.ev').first.focus()
    days = event_days(page, 1, "therapies")
    page.keyboard.press("ArrowRight")

    assert event_days(page, 1, "therapies") == days
    assert "is taken" in page.locator("#tl-said").inner_text()
    page.locator('[data-lane="1/doses"] button.ev').first.press("End")
    assert "is the last of follow-up" not in page.locator("#tl-said").inner_text()
    page.locator('[data-lane="1/doses"] button.ev').last.press("ArrowRight")
    assert "is the last of follow-up" in page.locator("#tl-said").inner_text()
    settled(page)


def test_a_programme_without_visits_keeps_its_timeline(page):
    visits = page.locator('[data-lane="all/visits"] button.ev')
    there = visits.count()
    assert there > 0
    for _ in range(there):
        visits.first.press("Delete")

    assert visits.count() == 0
    page.locator('[data-lane="1/doses"] button.ev').first.press("ArrowRight")
    assert event_days(page, 1, "doses")[0] == 3
    settled(page)


def test_no_two_numbers_of_the_axis_lie_on_one_another_over_two_years(page):
    page.get_by_label("Follow-up", exact=True).first.fill("24")
    page.keyboard.press("Tab")
    page.locator(".tl-axis b", has_text="737").wait_for()
    settled(page)
    places = page.evaluate(PLACES)

    assert all(one[1] < other[0] for one, other in itertools.pairwise(places))
    later = page.evaluate(DAYS)["later"]
    assert later[-1] > 700 and len(later) > 2 and all(day % 91 == 0 for day in later[:-1])
    assert page.locator(".tl-axis b.cut").last.inner_text() == "scale changes at day 56"


def test_a_follow_up_that_is_no_whole_month_is_told_beside_its_field(page):
    said = """(days) => import('/static/programme.js').then((one) => one.followedWords(
      {follow_up_days: days, origin: 'entry', setting: {community_day: 0}, arms: [{doses: []}]}))"""

    assert page.evaluate(said, 7).startswith("Now 7 days")
    assert page.evaluate(said, 35).startswith("Now 35 days")
    assert page.evaluate(said, 6 * 30.4375) == ""


def test_what_is_no_infusion_is_not_called_one(page):
    def lanes():
        return page.locator('.tl-arm [data-lane$="/doses"] > span').all_inner_texts()

    assert set(lanes()) == {"Infusion"}
    page.locator('[data-arm="ketamine-3-therapy"] h3 button').click()
    page.get_by_label("Given", exact=True).first.select_option("im")

    page.locator(".tl-arm .lane > span", has_text="Dose").wait_for()
    assert sorted(lanes()) == ["Dose", "Infusion"]
