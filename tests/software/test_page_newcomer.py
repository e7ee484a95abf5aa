"""Can somebody who never saw the page ask a question of their own, and leave with the answer?"""

from __future__ import annotations

import re

from software.page_window import PATIENCE, opened, outcomes, settled, taken


def _typed(page, label, value):
    page.get_by_role("textbox", name=label, exact=True).first.fill(value)
    page.keyboard.press("Tab")


def test_a_second_infusion_within_the_window_is_asked_about_in_people_on_buprenorphine(
    page, chromium, server, tmp_path
):
    page.locator('[data-arm="ketamine-3-therapy"] h3 button').click()
    page.get_by_label("Medication", exact=True).select_option("buprenorphine")
    _typed(page, "Number of doses", "1")
    _typed(page, "Name of the arm", "One infusion")
    page.get_by_role("button", name="Duplicate: One infusion").click()
    _typed(page, "Number of doses", "2")
    _typed(page, "Days between", "2")
    _typed(page, "Name of the arm", "Two infusions")
    page.get_by_role("button", name="Compare with this: One infusion").click()
    page.get_by_role("button", name="Remove: Saline ×3").click()
    _typed(page, "Title", "A second infusion, on buprenorphine")
    page.locator("h1", has_text="A second infusion, on buprenorphine").wait_for()
    page.locator("#part-compared", has_text="Two infusions against One infusion").wait_for(
        timeout=PATIENCE
    )
    settled(page)

    told = page.locator(".armcard [data-told]").all_inner_texts()
    assert [one for one in told if "buprenorphine 16 mg daily" not in one] == []
    assert "on days 2 and 4" in told[1]
    page.get_by_role("button", name="Copy link").click()
    page.locator("#taken", has_text=re.compile("link|address")).wait_for()
    report = taken(page, page.locator("#take-report"), tmp_path).read_text(encoding="utf-8")
    assert ">A second infusion, on buprenorphine</h1>" in report
    assert "Research, not for dosing a patient." in report
    other = opened(chromium, server, address=page.url.removeprefix(server.url))
    assert outcomes(other) == outcomes(page)
    other.context.close()
