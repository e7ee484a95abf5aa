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


def test_a_programme_of_ones_own_is_called_after_its_title_and_its_arms_as_they_were_named(page):
    page.get_by_label("People who use").select_option("cocaine")
    page.get_by_role("button", name="Duplicate: Ketamine ×3").click()
    _typed(page, "Name of the arm", "Ketamine, no therapy")
    _typed(page, "Title", 'Cocaïne: "one" <b>infusion</b> 🙂')
    page.locator("#command", has_text="cocaine-one-b-infusion-b.yaml").wait_for(timeout=PATIENCE)
    settled(page)

    assert 'Cocaïne: "one" <b>infusion</b> 🙂' in page.locator("h1").inner_text()
    assert "Simulation of cocaine-one-b-infusion-b" in page.locator("#part-opening").inner_text()
    told = page.locator("#part-outcomes table").first.text_content()
    assert "Ketamine, no therapy" in told and "ketamine-3-therapy" not in told
    help = page.locator('[data-path$="medications.0.start_day"] .help')
    page.get_by_label("Medication", exact=True).first.select_option("antidepressant")
    help.first.wait_for()
    assert help.first.inner_text() == "0 d or more."


def test_a_programme_of_ones_own_does_not_get_the_name_of_a_published_trial(page):
    said = """([title, state]) => import('/static/programme.js').then(async (one) => {
      const { library } = await (await fetch('/api/schema')).json();
      const own = { name: 'mine', state };
      one.entitle(own, title, library);
      return own.name; })"""

    assert page.evaluate(said, ["Krupitsky 2002", "scenario"]) == "krupitsky-2002-own"
    assert page.evaluate(said, ["Krupitsky 2003", "scenario"]) == "krupitsky-2003"
    assert page.evaluate(said, ["Krupitsky 2002", "completed"]) == "mine"


def test_why_a_link_cannot_be_read_is_told_apart(page):
    said = """([scenario, older]) => import('/static/share.js').then(async (one) => {
      const link = await one.fragment(scenario);
      const known = window.DecompressionStream;
      if (older) window.DecompressionStream = class { constructor() { throw new TypeError(); } };
      try { return await one.fromAddress(link); } catch (error) { return error.message; }
      finally { window.DecompressionStream = known; } })"""
    whole = {"protocol": {"arms": [{"id": "one"}]}}

    assert page.evaluate(said, [whole, False]) == whole
    assert page.evaluate(said, [{"protocol": {"arms": []}}, False]).startswith("The link is whole")
    assert page.evaluate(said, [whole, True]).startswith("This browser cannot unpack")


def test_a_link_that_was_cut_is_said_to_be_cut(chromium, server):
    other = opened(chromium, server, address="/#p=5VVNj9s4DP0rhs6aWd")

    assert "cannot be read" in other.locator("#shelf h2").inner_text()
    assert "The link is not whole" in other.locator("#shelf li").inner_text()
    assert other.wrong == []
    other.locator("#shelf button", has_text="Close").click()
    assert "Simulation of heroin-ketamine" in other.locator("#part-opening").inner_text()
    other.context.close()


def test_a_link_that_cannot_be_made_or_copied_is_not_said_to_be_copied(page):
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error(); }; }")
    page.locator("#share").click()
    page.locator("#share", has_text="In the address bar").wait_for()
    page.evaluate("() => { window.CompressionStream = class { constructor() { throw 1; } }; }")
    page.locator("#share", has_text="Copy link").wait_for()
    page.locator("#share").click()

    page.locator("#shelf h2", has_text="The link could not be made").wait_for()
    told = page.locator("#shelf li").inner_text()
    assert told.startswith("This browser cannot pack a programme into a link")
    assert page.locator("#share").inner_text() == "Copy link"
    assert page.wrong == []


def test_a_fault_of_an_arm_names_it_as_it_was_named(page):
    page.locator('[data-arm="ketamine-3-therapy"] h3 button').click()
    _typed(page, "Name of the arm", "Inhaled once")
    page.get_by_label("Given", exact=True).first.select_option("inhaled")
    page.locator(".wrong").first.wait_for()
    page.locator('[data-arm="placebo-therapy"] h3 button').click()

    told = page.locator("#faults")
    told.get_by_text("arm \u201cInhaled once\u201d, dose 1").wait_for()
    assert "press \u201cAllow doses" in told.inner_text()
    assert "ketamine-3-therapy" not in told.inner_text()
