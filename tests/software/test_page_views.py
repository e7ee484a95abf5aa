"""What does a person do in the views that ask a question of their own, and what comes of it?"""

from __future__ import annotations

import re

from software.page_window import (
    PATIENCE,
    ensure_drawing,
    ensure_picture,
    opened,
    taken,
    violations,
)


def test_a_trial_is_run_many_times_stopped_and_kept_and_survives_a_closed_tab(
    page, chromium, server, tmp_path
):
    page.locator("#trial-section").scroll_into_view_if_needed()
    page.get_by_role("textbox", name="Trials", exact=True).fill("5000")
    page.get_by_role("textbox", name="Name of the run").fill("Is it <b>large</b> enough?")
    page.get_by_role("textbox", name="Largest trial, people in each arm").fill("40")
    page.locator('#trial-ask [data-path="endpoint"] select').select_option("abstinence_6_months")
    page.get_by_role("button", name="Run 5000 trials").click()
    page.locator("#trial-result", has_text="favours").wait_for(timeout=60_000)
    some = int(page.locator("#trial-result").get_attribute("data-done"))
    assert 0 < some < 5000
    assert some % 125 == 0
    assert "Monte Carlo interval" in page.locator("#trial-result .lead").inner_text()
    assert "Endpoint: No use for 6" in page.locator("#trial-result .lead").inner_text()

    other = opened(chromium, server)
    other.locator("#trial-result svg").first.wait_for(timeout=PATIENCE)
    other.locator("#runs button", has_text="Stop and keep").click()
    other.locator("#runs li[data-state=stopped]").wait_for(timeout=PATIENCE)
    assert other.locator("#runs .over button").inner_text() == "Is it <b>large</b> enough?"
    told = other.locator("#runs li p.small").inner_text()
    kept = int(re.fullmatch(r"Stopped: (\d+) of 5000 kept\.", told)[1])
    other.locator(f"#trial-result[data-done='{kept}']").wait_for(timeout=PATIENCE)
    rows = taken(other, other.locator("#runs button", has_text="Trials, CSV"), tmp_path)
    rows = rows.read_text().splitlines()
    assert rows[0] == "trial,people_in_reference_arm,difference_of_shares,risk_difference_z"
    assert len(rows) == 1 + 8 * kept
    command = other.locator("#trial-result .cmd").inner_text()
    assert f"--trials {kept} --people 256 --batches {kept // 125} --seed 1" in command
    for name, words in {
        "power": "Power against the number",
        "result": "Difference of shares",
    }.items():
        figure = other.locator(f'#trial-result figure[data-figure="{name}"]')
        drawing = taken(other, figure.get_by_role("button", name="SVG of"), tmp_path)
        assert drawing.name == f"heroin-ketamine-{name}.svg"
        ensure_drawing(drawing, words, "Ketamine ×3 against Saline ×3", f"{kept} ")
        picture = taken(other, figure.get_by_role("button", name="PNG of"), tmp_path)
        ensure_picture(picture, 900)
    assert violations(other) == []
    other.locator("#runs button", has_text="Delete").click()
    other.locator("#runs", has_text="appear here by name and date").wait_for()
    other.context.close()


def test_a_trial_that_no_run_can_hold_is_refused_beside_its_field(page):
    page.get_by_role("textbox", name="Largest trial, people in each arm").fill("1")
    page.get_by_role("button", name="Run 1000 trials").click()

    wrong = page.locator('#trial-ask [data-path="people"] .wrong')
    wrong.wait_for()
    assert "from 2 to 2000" in wrong.inner_text()


def test_an_infusion_is_steered_to_a_target_and_what_it_is_not_for_stays_in_sight(page):
    page.locator("#infusion-section").scroll_into_view_if_needed()
    said = page.locator("#infusion-result .lead")
    said.wait_for(timeout=PATIENCE)
    assert "believes 100 in plasma" in said.inner_text()
    over = float(re.search(r"holds (\d+) ng/mL", said.inner_text())[1])
    assert over > 115.0

    page.get_by_label("Set in the pump").select_option("resynapse")
    page.locator("#infusion-result .lead", has_text="the set of this model").wait_for()
    known = float(re.search(r"holds (\d+) ng/mL", said.inner_text())[1])
    assert abs(known - 100.0) < abs(over - 100.0)

    page.get_by_label("Infusion", exact=True).select_option("rate")
    page.get_by_role("slider", name="Dose", exact=True).focus()
    page.keyboard.press("Home")
    page.locator("#infusion-result .lead", has_text="0 ng/mL of racemic").wait_for()
    page.locator("#infusion-result summary", has_text="Show each part").click()
    page.locator("#infusion-result svg").last.scroll_into_view_if_needed()
    warning = page.locator("#infusion-section .warning")
    assert "Research, not for dosing a patient." in warning.inner_text()
    assert 0.0 <= warning.bounding_box()["y"] < 100.0


def test_figures_of_an_infusion_are_saved_and_read_off_by_what_their_lines_are(page, tmp_path):
    page.locator("#infusion-section").scroll_into_view_if_needed()
    figure = page.locator('#infusion-result figure[data-figure="arterial"]')
    figure.wait_for(timeout=PATIENCE)
    drawing = taken(page, figure.get_by_role("button", name="SVG of"), tmp_path)
    ensure_drawing(
        drawing, "Ketamine in arterial plasma", "what the pump believes, with Domino's set in it",
        "target", "median and middle 80 % of 200 people", "people of heroin-ketamine",
    )  # fmt: skip
    picture = taken(page, figure.get_by_role("button", name="PNG of"), tmp_path)
    ensure_picture(picture, 900)

    box = figure.locator("svg[role=img]").bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 80)
    read = figure.locator(".readout").inner_text()
    assert "what the pump believes" in read
    assert "Saline" not in read


def test_a_target_beyond_what_anyone_was_given_is_refused_beside_its_field(page):
    page.locator("#infusion-section").scroll_into_view_if_needed()
    page.locator("#infusion-result .lead").wait_for(timeout=PATIENCE)
    target = page.get_by_role("textbox", name="Target", exact=True)
    target.fill("300")
    page.keyboard.press("Tab")
    page.locator("#infusion-result .tag", has_text="Beyond evidence").wait_for()
    target.fill("3000")
    page.keyboard.press("Tab")

    wrong = page.locator('[data-path="holds.0.target"] .wrong')
    wrong.wait_for()
    assert "Langsjo 2005" in wrong.inner_text()


def test_an_infusion_that_is_waited_for_does_not_pass_for_the_one_before(page):
    page.locator("#infusion-section").scroll_into_view_if_needed()
    page.locator("#infusion-result .lead").wait_for(timeout=PATIENCE)
    held = []
    page.route("**/api/infusion", lambda route: held.append(route))
    page.get_by_label("Infusion", exact=True).select_option("rate")
    told = page.locator("#infusion-said")

    page.locator("#infusion-said", has_text="the figures are of the plan before").wait_for()
    held.pop().continue_()
    page.unroute("**/api/infusion")
    page.locator("#infusion-result .lead", has_text="38.0 mg in all").wait_for(timeout=PATIENCE)
    assert told.inner_text() == ""
    dose = page.get_by_role("textbox", name="Dose", exact=True)
    dose.fill("80")
    page.keyboard.press("Tab")
    page.locator("#infusion-said", has_text="the last plan that could be").wait_for()


def test_single_people_and_another_unit_are_shown_on_request(page):
    figure = page.locator('figure[data-figure="arterial_ketamine"]')
    assert figure.locator(".single").count() == 0
    page.locator("#more > summary").click()
    page.get_by_label("Single people, thin").check()
    figure.locator(".single").first.wait_for(state="attached", timeout=PATIENCE)
    assert figure.locator(".single.a2").count() == 12

    page.get_by_role("button", name="umol/L").click()
    page.locator('figure[data-figure="arterial_ketamine"] svg[data-unit="umol/L"]').wait_for()
    assert page.get_by_role("button", name="ng/mL").get_attribute("aria-pressed") == "false"


def test_forecasts_beside_published_values_are_seen_and_saved(page, tmp_path):
    page.locator("#evidence-section").scroll_into_view_if_needed()
    page.locator("#part-evidence .forest svg .miss").first.wait_for()
    page.locator("#part-evidence summary", has_text="Every value and its forecast").click()

    table = page.locator("#part-evidence details[open] table")
    assert table.locator("td", has_text="missed").first.is_visible()
    for kind, ensure in (("SVG", ensure_drawing), ("PNG", lambda file: ensure_picture(file, 980))):
        button = page.get_by_role("button", name=f"{kind} of Published values and forecasts")
        ensure(taken(page, button, tmp_path))


def test_detail_shows_the_parameters_behind_a_figure_with_unit_prior_and_source(page):
    inside = page.locator("section:has(#part-safety) details", has_text="Parameters behind")
    inside.wait_for(state="attached")
    assert not inside.is_visible()

    page.get_by_role("button", name="Show detail").click()
    inside.locator("summary").click()
    row = inside.locator("tr", has=page.get_by_role("rowheader", name="pressure.greatest_rise"))
    row.wait_for()
    assert "mmHg" in row.inner_text() and "log-normal" in row.inner_text()
    assert inside.locator("th", has_text="lapse.baseline").count() == 0
    page.get_by_role("button", name="Hide detail").click()
    assert not inside.is_visible()


def test_every_word_of_a_figure_lies_within_its_drawing(page):
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('main svg[role=img] text')].filter((word) => {
          const text = word.getBoundingClientRect();
          const drawing = word.ownerSVGElement.getBoundingClientRect();
          return text.width && text.right > drawing.right + 0.5;
        }).map((word) => word.textContent)"""
    )

    assert beyond == []
