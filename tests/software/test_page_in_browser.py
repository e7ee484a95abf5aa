"""What does a person do on the page, and what comes of it? Driven by real clicks in a browser."""

from __future__ import annotations

import json
import re

import pytest

from resynapse.evidence import studies
from resynapse.protocol import parse
from software.page_window import (
    PATIENCE,
    WHOLE,
    WIDE,
    arms_shown,
    ensure_drawing,
    ensure_picture,
    event_days,
    opened,
    outcomes,
    settled,
    taken,
)


def test_the_page_opens_on_a_worked_example_with_its_notice_and_what_it_cannot_tell_first(page):
    assert page.locator("h1").inner_text() == "Ketamine with therapy after heroin"
    assert arms_shown(page) == ["Saline ×3", "Ketamine ×3"]
    told = page.locator("#part-opening").inner_text().replace("\u00a0", " ")
    assert "3 infusions of saline or 3 infusions of ketamine 0.5 mg/kg, 9 therapy sessions" in told
    notice = page.locator("#part-notice").inner_text()
    assert "Research, not for dosing a patient." in notice
    assert "Ketamine is not approved for any addiction." in notice
    assert "Historical comparator" in notice
    headings = page.locator("main h2, main h3").all_text_contents()
    outcome = next(k for k, heading in enumerate(headings) if heading.startswith("Outcomes at"))
    assert headings.index("What the model cannot tell") < outcome
    rows = page.locator("#part-outcomes table").first.locator("tbody th").all_inner_texts()
    assert rows[0].startswith("Still in follow-up")
    assert rows[1].startswith("Deaths from overdose expected")
    assert re.match(r"No use for 6.months", rows[2])


def test_a_slider_moved_by_the_keyboard_changes_the_result_and_undo_brings_it_back(page):
    before = outcomes(page)
    slider = page.get_by_role("slider", name="Dose, each")
    slider.focus()

    page.keyboard.press("Home")
    page.locator("[data-told='ketamine-3-therapy']", has_text="0 mg/kg intra").wait_for()
    settled(page)
    assert outcomes(page) != before
    assert page.evaluate("document.activeElement.type") == "range"

    page.locator("h1").click()
    page.keyboard.press("Control+z")
    page.locator("[data-told='ketamine-3-therapy']", has_text="0.5 mg/kg").wait_for()
    settled(page)
    assert outcomes(page) == before


def test_an_arm_is_duplicated_given_buprenorphine_and_removed(page):
    page.get_by_role("button", name="Duplicate: Ketamine ×3").click()
    assert arms_shown(page) == ["Saline ×3", "Ketamine ×3", "Ketamine ×3 (2)"]

    page.get_by_label("Medication", exact=True).select_option("buprenorphine")
    page.locator(".strip", has_text="buprenorphine 16 mg").wait_for()
    page.locator("#part-outcomes .named", has_text="Ketamine ×3 (2)").first.wait_for(
        timeout=PATIENCE
    )
    told = page.locator("[data-told='ketamine-3-therapy-copy']").inner_text()
    assert "buprenorphine 16 mg daily" in told
    assert "historical comparator" not in told

    page.get_by_role("button", name="Remove: Ketamine ×3 (2)").click()
    assert arms_shown(page) == ["Saline ×3", "Ketamine ×3"]


def test_an_arm_of_the_scenario_is_added(page):
    page.get_by_role("button", name="Add arm").click()
    page.locator('dialog [data-add="ketamine-3"]').click()

    assert arms_shown(page)[-1] == "Three ketamine infusions"
    assert event_days(page, 2, "therapies") == []
    page.locator("#part-outcomes .named", has_text="Three ketamine").first.wait_for(
        timeout=PATIENCE
    )
    settled(page)


def test_a_dose_is_dragged_on_the_timeline_and_undo_is_one_step(page):
    dose = page.locator('[data-lane="1/doses"] button.ev').nth(2)
    box = dose.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 12, middle)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 12 + 20 * step, middle)
    assert page.locator(".ghost").count() == 1
    page.mouse.up()

    moved = event_days(page, 1, "doses")
    assert moved[:2] == [2.0, 9.0]
    assert moved[2] > 20.0
    assert "Move in all arms" in page.locator("#tl-said").inner_text()
    page.get_by_role("button", name="Move in all arms").click()
    assert event_days(page, 0, "doses") == moved
    settled(page)

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert event_days(page, 0, "doses") == event_days(page, 1, "doses") == [2.0, 9.0, 16.0]


def test_a_visit_is_dragged_in_all_arms_at_once_and_taken_away(page):
    visit = page.locator('[data-lane="all/visits"] button.ev').nth(1)
    day = float(visit.get_attribute("data-day"))
    box = visit.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 6, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, middle, steps=3)
    page.mouse.up()

    moved = event_days(page, "all", "visits")
    assert moved[1] > day
    assert moved == sorted(moved)
    settled(page)

    page.locator('[data-lane="all/visits"] button.ev').nth(1).press("Delete")
    assert event_days(page, "all", "visits") == [moved[0], *moved[2:]]
    settled(page)


def test_escape_during_a_drag_returns_the_event(page):
    box = page.locator('[data-lane="1/therapies"] button.ev').last.bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 12, steps=3)
    page.keyboard.press("Escape")
    page.mouse.up()

    assert event_days(page, 1, "therapies")[-1] == 19.0


def test_the_timeline_works_by_keyboard_alone(page):
    dose = page.locator('[data-lane="1/doses"] button.ev').last
    dose.focus()

    page.keyboard.press("ArrowRight")
    assert event_days(page, 1, "doses") == [2.0, 9.0, 17.0]
    page.keyboard.press("Shift+ArrowRight")
    assert event_days(page, 1, "doses") == [2.0, 9.0, 24.0]
    page.keyboard.press("n")
    assert event_days(page, 1, "doses") == [2.0, 9.0, 24.0, 25.0]
    page.keyboard.press("Delete")
    assert event_days(page, 1, "doses") == [2.0, 9.0, 24.0]
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.key").startswith("1/therapies/")
    page.keyboard.press("Enter")
    group = page.evaluate("document.activeElement.closest('[data-group]').dataset.group")
    assert group == "arms.1.therapies.0"


def test_a_dose_ten_times_too_high_is_refused_beside_its_field_and_the_figures_stay(page):
    before = outcomes(page)
    page.get_by_label("Dose, each", exact=True).first.fill("8")
    page.keyboard.press("Tab")

    wrong = page.locator('[data-path="arms.1.doses.0.amount"] .wrong')
    wrong.wait_for()
    assert "Did you mean 0.8 mg/kg?" in wrong.inner_text()
    assert "beyond_evidence" not in wrong.inner_text()
    assert outcomes(page) == before

    wrong.get_by_role("button", name="Allow doses far above").click()
    page.locator("#part-notice", has_text="Beyond evidence").wait_for(timeout=PATIENCE)
    settled(page)
    assert page.locator(".wrong").count() == 0


def test_two_infusions_at_one_time_are_refused_with_the_sentence_of_the_command_line(page):
    page.get_by_role("button", name="Add a dose").click()
    days = page.get_by_label("On days, from entry").nth(1)
    days.fill("9")
    page.keyboard.press("Tab")

    wrong = page.locator(".wrong", has_text="A patient has one infusion at a time")
    wrong.first.wait_for()


def test_the_address_holds_the_whole_programme(page, chromium, server):
    page.get_by_role("slider", name="Over").focus()
    page.keyboard.press("ArrowRight")
    page.locator("[data-told='ketamine-3-therapy']", has_text="45 min").wait_for()
    settled(page)
    page.wait_for_timeout(300)
    address = page.url

    other = opened(chromium, server, address=address.removeprefix(server.url))

    assert outcomes(other) == outcomes(page)
    assert "45 min" in other.locator("[data-told='ketamine-3-therapy']").inner_text()
    other.context.close()


def test_what_is_taken_away_opens_and_agrees_with_the_page(page, tmp_path):
    files = {}
    for button in ("take-yaml", "take-outcomes", "take-report"):
        with page.expect_download(timeout=60_000) as waiting:
            page.locator(f"#{button}").click()
        files[button] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(files[button])

    programme = parse(files["take-yaml"].read_text(encoding="utf-8"), "download")
    assert [arm.label for arm in programme.arms] == ["Saline ×3", "Ketamine ×3"]
    report = files["take-report"].read_text(encoding="utf-8")
    assert "Research, not for dosing a patient." in report
    first = re.search(r"No use for 6.months.*?<b>([\d.]+.%)</b>", report, re.DOTALL)
    assert first is not None
    assert first[1] in outcomes(page)

    page.locator("#file").set_input_files(str(files["take-yaml"]))
    settled(page)
    assert arms_shown(page) == ["Saline ×3", "Ketamine ×3"]


@pytest.mark.parametrize("name", ["abstinence", "window"])
def test_a_figure_is_saved_as_drawing_and_as_picture_with_where_it_comes_from(page, tmp_path, name):
    figure = page.locator(f'figure[data-figure="{name}"]')

    drawing, picture = (
        taken(page, figure.get_by_role("button", name=f"{kind} of"), tmp_path)
        for kind in ("SVG", "PNG")
    )

    assert drawing.name == f"heroin-ketamine-{name}.svg"
    ensure_drawing(drawing, "seed 1", "Ketamine ×3")
    ensure_picture(picture, 600)


def test_one_moment_of_the_circuit_is_saved_with_its_label(page, tmp_path):
    page.locator("#circuit-section").scroll_into_view_if_needed()
    figure = page.locator("#brains figure").last
    figure.wait_for(timeout=PATIENCE)

    drawing, picture = (
        taken(page, figure.get_by_role("button", name=f"{kind} of circuit"), tmp_path)
        for kind in ("SVG", "PNG")
    )

    ensure_drawing(drawing, "Model quantity. No human study has shown this.", "habit", "day ")
    ensure_picture(picture, 900)


def test_a_file_that_is_no_protocol_is_refused_with_line_and_sentence(page, tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text("name: x\ntitle: y\nfollow_up: soon\n", encoding="utf-8")

    page.locator("#file").set_input_files(str(file))

    page.locator("dialog[open]", has_text="bad.yaml cannot be opened").wait_for()
    assert "line 3" in page.locator("dialog").inner_text()


def test_a_published_trial_is_loaded_with_its_published_values(page):
    page.get_by_role("button", name="Load a published trial").click()
    page.locator('[data-trial="krupitsky-2002"]').click()
    page.locator("h1", has_text="etamine").wait_for()

    page.locator("#part-compared", has_text="What the trial reported").wait_for(timeout=60_000)
    settled(page)

    assert page.locator('figure[data-figure="abstinence"] .pub').count() > 0
    page.locator("#published").uncheck()
    assert not page.locator('figure[data-figure="abstinence"] .pub').first.is_visible()


def test_expectancy_bands_and_arms_can_be_taken_out_of_sight(page):
    figure = page.locator('figure[data-figure="abstinence"]')
    assert figure.locator(".rival").first.is_visible()
    page.locator("#rival").uncheck()
    assert not figure.locator(".rival").first.is_visible()
    page.get_by_role("button", name="Typical only").click()
    assert not figure.locator(".band").first.is_visible()
    page.locator("#more > summary").click()
    page.locator("#arm-toggles").get_by_label("Saline ×3").uncheck()
    assert page.locator("body.off-a1").count() == 1


def test_pointing_at_a_curve_reads_it_off(page):
    drawing = page.locator('figure[data-figure="retention"] svg[role=img]')
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 80)

    read = page.locator('figure[data-figure="retention"] .readout').inner_text()
    assert "months" in read
    assert "Ketamine ×3" in read
    shares = [float(word) for word in re.findall(r"^\d+(?:\.\d+)?", read, re.MULTILINE)]
    assert "Ketamine ×3, expectancy alone" in read
    assert len(shares) == 4
    assert all(50.0 < share <= 100.0 for share in shares)


def test_the_circuit_is_scrubbed_and_played_and_always_carries_its_label(page):
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator("#brains figure").first.wait_for(timeout=PATIENCE)
    assert page.locator("#brains svg.brain").count() == 2
    for figure in page.locator("#brains figure").all():
        assert "Model quantity. No human study has shown this." in figure.inner_text()

    time = page.locator("#time")
    time.focus()
    before = page.locator("#brains .read").last.inner_text()
    page.get_by_role("button", name="Minutes").click()
    page.keyboard.press("Home")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert time.get_attribute("aria-valuetext") == "40 min"
    assert page.locator("#brains .read").last.inner_text() != before
    assert page.locator("#brains .mark").count() > 0
    page.keyboard.press("Space")
    assert page.locator("#play").inner_text() == "Pause"
    page.keyboard.press("Space")
    assert page.locator("#play").inner_text() == "Play"
    assert page.locator(".hot").count() == 0


def test_the_evidence_and_the_parameters_can_be_read(page):
    page.locator("#evidence-section").scroll_into_view_if_needed()
    page.locator("#part-evidence", has_text="Held out").wait_for()
    page.get_by_label("Find a study").fill("krupitsky 2002 rater")
    assert page.locator("#part-evidence .one:visible").count() == 1
    assert page.locator("#study-found").inner_text() == "1 study found."
    page.locator("#part-evidence summary", has_text="Krupitsky et al. 2002").click()
    assert page.locator("#part-evidence .one[open] table").is_visible()
    page.get_by_label("Find a study").fill("")
    assert page.locator("#part-evidence .one:not([hidden])").count() == len(studies())
    assert page.locator("#part-evidence .role[open]").count() == 0
    page.locator("#parameters > summary").click()
    page.locator("#parameters", has_text="habenula").first.wait_for(timeout=PATIENCE)


def test_printed_the_page_keeps_its_notice_and_figures_and_loses_what_cannot_be_pressed(page):
    page.emulate_media(media="print")

    assert page.locator("#part-notice").is_visible()
    assert page.locator('figure[data-figure="abstinence"] svg[role=img]').is_visible()
    assert not page.locator(".build").is_visible()
    assert page.locator("button:visible").count() == page.locator("button.ev:visible").count()


def test_when_the_server_is_gone_the_page_says_so_and_keeps_the_programme(page):
    page.route("**/api/simulate", lambda route: route.abort())
    page.get_by_role("slider", name="Over").focus()
    page.keyboard.press("ArrowRight")

    page.locator("#gone", has_text="nothing is lost").wait_for()
    page.wrong.clear()


def test_the_first_load_is_smaller_than_700_kilobytes(chromium, server):
    context = chromium.new_context(viewport=WIDE)
    page = context.new_page()
    sizes = []
    page.on("response", lambda answer: sizes.append(answer))
    page.goto(server.url)
    page.wait_for_selector(WHOLE, state="attached", timeout=PATIENCE)
    total = sum(len(answer.body()) for answer in sizes)
    context.close()

    assert len(sizes) > 10
    assert total < 700_000


def test_the_example_is_the_scenario_of_the_library(server):
    shown = server.json("/api/example")["protocol"]
    whole = server.json("/api/protocols/scenario-heroin-ketamine")["protocol"]
    known = {arm["id"]: arm for arm in whole["arms"]}

    for arm in shown["arms"]:
        assert {**arm, "label": ""} == {**known[arm["id"]], "label": ""}
    assert json.dumps(shown["setting"]) == json.dumps(whole["setting"])
