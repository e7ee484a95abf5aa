"""Does the page hold when an arm has a long name?"""

from __future__ import annotations

import itertools

from software.page_window import settled

LONG = "Three ketamine infusions of 0.5 mg/kg over 40 min with mindfulness-based relapse prevention"
HEADS = """
(table) => [...document.querySelector(table).querySelectorAll('thead th')].map((one) => {
  const all = document.createRange();
  all.selectNodeContents(one);
  const box = all.getBoundingClientRect();
  return [box.left, box.right];
})
"""
BRAINS = """
() => [...document.querySelectorAll('#brains svg.brain')].map(
  (one) => one.getBoundingClientRect().top)
"""


def test_a_long_name_lies_on_no_other_and_moves_no_brain(page):
    page.get_by_label("Name of the arm").fill(LONG)
    page.keyboard.press("Tab")
    page.locator(".armcard h3 button", has_text=LONG).wait_for()
    settled(page)

    for table in ("#part-outcomes table", "#part-safety > table", "#part-compared table"):
        page.locator(table).first.scroll_into_view_if_needed()
        edges = page.evaluate(HEADS, table)
        assert len(edges) > 3
        assert all(one[1] <= other[0] + 0.5 for one, other in itertools.pairwise(edges))
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator("#brains svg.brain").nth(1).wait_for()
    tops = page.evaluate(BRAINS)
    assert len(tops) == 2 and abs(tops[0] - tops[1]) < 0.5


def test_a_long_name_to_choose_from_is_as_wide_as_its_column(page):
    page.get_by_label("Name of the arm").fill(LONG)
    page.keyboard.press("Tab")
    page.locator(".armcard h3 button", has_text=LONG).wait_for()
    settled(page)
    page.locator("#trial-section").scroll_into_view_if_needed()
    field = page.locator("#trial-ask .field", has_text="Against").first
    field.wait_for()

    assert field.locator("select").bounding_box()["width"] > 0.9 * field.bounding_box()["width"]
