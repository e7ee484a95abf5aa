"""Can everybody read and operate the page, in light and dark, on a desk and on a telephone?"""

from __future__ import annotations

import pytest

from software.page_window import PATIENCE, WIDE, opened, violations


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 360), ("dark", 360)]
)
def test_no_accessibility_rule_is_broken_on_the_screen_or_in_print(chromium, server, scheme, width):
    page = opened(chromium, server, viewport={"width": width, "height": 900}, scheme=scheme)
    for section in ("#circuit-section", "#infusion-section", "#evidence-section"):
        page.locator(section).scroll_into_view_if_needed()
    page.locator("#brains figure").first.wait_for(timeout=PATIENCE)
    page.locator("#infusion-result svg").first.wait_for(timeout=PATIENCE)
    page.locator("#part-evidence summary").first.wait_for(timeout=PATIENCE)
    page.locator("#detail").click()
    if width != WIDE["width"]:
        page.locator("#edit > summary").click()
    for fold in page.locator(".fold > summary").all():
        fold.click()
    page.locator('[data-path="population.female"] input[type=text]').fill("2")
    page.keyboard.press("Tab")
    page.locator('[data-path="population.female"] .wrong').wait_for()
    found = violations(page)
    page.locator("#add-arm").click()
    page.locator("#shelf[open] li").first.wait_for()
    found += violations(page)
    page.keyboard.press("Escape")
    page.emulate_media(media="print")
    printed = violations(page)
    page.context.close()

    assert found == []
    assert printed == []


def test_nothing_is_cut_off_on_a_telephone_and_the_timeline_is_a_list_there(chromium, server):
    page = opened(chromium, server, viewport={"width": 360, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".tl-list").is_visible()
    assert "days 2, 9, 16" in page.locator(".tl-list").inner_text()
    page.context.close()


def test_on_a_telephone_misses_are_seen_and_no_command_breaks_between_its_hyphens(chromium, server):
    page = opened(chromium, server, viewport={"width": 360, "height": 800})
    page.locator("#evidence-section").scroll_into_view_if_needed()
    page.locator("#part-evidence .forest .narrow .miss").first.wait_for(timeout=PATIENCE)
    words = page.locator("#part-evidence > .scroll td", has_text="missed").all()
    marks = page.locator("#part-evidence .forest .narrow .miss").all()
    boxes = [one.bounding_box() for one in (*words, *marks)]
    wider = page.locator("#part-evidence > .scroll, #part-evidence .forest").evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    )
    page.locator("#command").scroll_into_view_if_needed()
    lines = page.locator("#command span").evaluate_all("all => all.map((one) => one.offsetHeight)")
    page.context.close()

    assert len(words) > 2 and len(marks) > 2
    assert all(one["x"] >= 0 and one["x"] + one["width"] <= 360 for one in boxes)
    assert wider == 0
    assert len(lines) > 4 and set(lines) == {min(lines)}
