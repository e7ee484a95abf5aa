"""Does a printed page fill its sheets, and keep together what is read together?"""

from __future__ import annotations

SHEET = (680, 994)
"""px, what an A4 sheet holds between the margins of the page"""
HEIGHT = "(one) => document.querySelector(one).getBoundingClientRect().height"
TOPS = """
() => ['.cannot', 'figure'].map(
  (one) => document.querySelector(`#part-measured ${one}`).getBoundingClientRect().top)
"""
BREAKS = """
() => ['#part-curves .key', '#part-curves .shared', '#part-curves .meant'].map(
  (one) => { const told = getComputedStyle(document.querySelector(one)); return [told.breakAfter, told.breakInside]; })
"""  # noqa: E501


def test_two_curves_with_their_key_stand_on_one_sheet_and_words_before_the_first_figure(page):
    page.locator("#part-curves figure").nth(1).scroll_into_view_if_needed()
    page.emulate_media(media="print")
    page.evaluate("(width) => { document.body.style.width = `${width}px`; }", SHEET[0])

    assert page.evaluate(HEIGHT, "#part-curves") < SHEET[1]
    words, figure = page.evaluate(TOPS)
    assert words < figure
    assert page.evaluate(BREAKS)[0] == ["avoid", "avoid"]
    assert {after for after, _ in page.evaluate(BREAKS)} == {"avoid"}
