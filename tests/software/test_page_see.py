"""What does the page show beside a programme's outcomes, and what may be set by hand?"""

from __future__ import annotations

import re

import pytest

from resynapse.report.names import spoken
from resynapse.report.options import OPTION
from software.page_window import PATIENCE, opened, settled, taken, violations

WITH_RIVAL = (
    "abstinence",
    "retention",
    "relapse",
    "days_abstinent",
    "differences",
    "craving",
    "mood",
)


WITHOUT_BRIEF = """all => all.map((one) => {
  const copy = one.cloneNode(true);
  copy.querySelector('.brief')?.remove();
  return copy.textContent;
})"""
BRIEFS = "all => all.map((one) => [getComputedStyle(one).display, one.textContent])"
UNITS = "all => all.map((one) => one.dataset.unit)"
HIDDEN = """one => {
  for (let e = one; e; e = e.parentElement) if (getComputedStyle(e).display === "none") return true;
  return false;
}"""
"""Said of a group in a drawing too, for which Chromium's checkVisibility is always true"""


def seen(locator):
    """Whether it would be shown if it were on the screen: what is far from it is not laid out."""
    return not locator.first.evaluate(HIDDEN)


def test_one_toggle_shows_expectancy_alone_in_every_figure_that_has_it(page):
    drawn = [page.locator(f'figure[data-figure="{name}"] .rival') for name in WITH_RIVAL]
    bands = page.locator('figure[data-figure="retention"] .of-rival .band')
    told = [
        page.locator("#part-outcomes td.of-rival"),
        page.locator("#part-outcomes th", has_text="only expectancy acts"),
        page.locator("#part-compared tr.of-rival"),
        page.locator("#part-curves .meant"),
    ]
    for one in (*drawn, bands, *told):
        assert seen(one)
    assert page.locator('figure[data-figure="arterial_ketamine"] .rival').count() == 0
    assert "nothing but what people expect of it" in told[-1].text_content()
    assert "no dotted lines" in page.locator("#part-safety .meant").text_content()
    of_controls = page.locator("#part-safety .felt")
    assert "that of ketamine alone" in of_controls.text_content()

    page.locator("#rival").uncheck()

    for one in (*drawn, bands, *told):
        assert not seen(one)
    assert seen(of_controls)
    assert violations(page) == []


def test_what_figures_of_a_view_share_is_said_once(page):
    whole = "Median and middle 80\u00a0% of 48\u00a0simulated people in each arm, parameters fixed."
    for view in ("why", "symptoms", "safety"):
        part = page.locator(f"#part-{view}")
        captions = part.locator("figcaption")
        groups = part.locator(".panels").count()
        shared = part.locator("p.shared").all_text_contents()
        assert len(shared) == groups
        assert all(one.startswith(whole) and "not measured" in one for one in shared)
        written = captions.evaluate_all(WITHOUT_BRIEF)
        assert len(written) > 2 and not [one for one in written if "edian" in one]
        assert {shown for shown, _ in captions.locator(".brief").evaluate_all(BRIEFS)} == {"none"}
        units = part.locator(".panels svg[role=img]").evaluate_all(UNITS)
        assert len(units) == len(written) and all(units)
    curves = page.locator("#part-curves")
    assert curves.locator("p.shared").text_content().count("interval over people (log-log). n") == 1
    assert "Kaplan-Meier" not in "".join(curves.locator("figcaption").all_text_contents())
    assert "of 256 simulated people" in page.locator("#part-measured figcaption").text_content()
    assert "Historical" not in page.locator("#part-curves").text_content()
    assert "Historical comparator" in page.locator("#part-outcomes .lead").text_content()
    assert "historical comparator" in page.locator("#part-curves .key").text_content()


def test_on_a_telephone_where_that_sentence_is_far_away_each_figure_says_it_in_a_few_words(
    chromium, server
):
    page = opened(chromium, server, viewport={"width": 360, "height": 800})
    told = {
        view: page.locator(f"#part-{view}:has(p.shared) .brief").evaluate_all(BRIEFS)
        for view in ("curves", "why", "symptoms", "safety")
    }
    figures = {view: page.locator(f"#part-{view} figcaption").count() for view in told}
    page.context.close()

    assert told.pop("curves") == 2 * [["inline", "Band: 95\u00a0% interval over people. "]]
    for view, briefs in told.items():
        assert briefs == figures[view] * [["inline", "Median, middle 80\u00a0% of people. "]]


def test_names_that_are_shortened_are_told_and_options_of_a_command_do_not_break(server):
    protocol = server.json("/api/protocols/grabski-2022")["protocol"]
    asked = {"protocol": protocol, "patients": 4, "parts": ["outcomes", "compared"]}
    parts = server.json("/api/simulate", asked)["parts"]
    told = re.search(r'<div class="key" id="names".*?</div>', parts["outcomes"], re.DOTALL)

    for arm in protocol["arms"]:
        assert arm["label"] in told[0] and spoken(arm["id"]) in told[0]
    options = re.findall(r"--[\w-]+", parts["compared"])
    assert options and len(options) == len(
        re.findall(r"<code>--[\w-]+ [^<]+</code>", parts["compared"])
    )


def test_an_option_of_two_words_or_of_one_letter_does_not_break_either():
    found = OPTION.findall("With --max-people 8 or --seed 1, --target 100.5.")

    assert found == ["--max-people 8", "--seed 1", "--target 100.5"]


def test_visits_are_typed_and_what_no_server_can_read_is_refused_beside_the_field(page):
    field = page.locator('[data-path="visits"] input')
    field.fill("every 14 days from day 14 to day 70")
    field.press("Tab")
    settled(page)
    days = [e.get_attribute("data-day") for e in page.locator('[data-lane="all/visits"] .ev').all()]
    assert days == ["14", "28", "42", "56", "70"]

    field.fill("soon")
    field.press("Tab")
    page.locator('[data-path="visits"] .wrong').wait_for(timeout=PATIENCE)
    assert page.locator('[data-lane="all/visits"] .ev').count() == 0
    field.fill("7, 9999")
    field.press("Tab")
    wrong = page.locator('[data-path="visits"] .wrong')
    wrong.filter(has_text="9999").wait_for(timeout=PATIENCE)


def test_a_medication_ends_on_the_day_that_is_set_and_not_before_it_begins(page):
    page.get_by_label("Medication", exact=True).first.select_option("buprenorphine")
    until = page.get_by_role("textbox", name="Until day")
    until.fill("28")
    until.press("Tab")
    settled(page)
    page.locator(".armcard[data-on=true] p", has_text="until day 28").wait_for(timeout=PATIENCE)

    page.get_by_role("textbox", name="From day").fill("30")
    page.get_by_role("textbox", name="From day").press("Tab")
    wrong = page.locator('[data-path$="medications.0.stop_day"] .wrong')
    wrong.wait_for(timeout=PATIENCE)
    assert "is not after the start" in wrong.inner_text()
    until.fill("")
    until.press("Tab")
    settled(page)
    assert wrong.count() == 0


def test_an_infusion_is_taken_away_as_numbers_as_an_arm_and_as_a_command(page, tmp_path):
    page.locator("#infusion-section").scroll_into_view_if_needed()
    page.locator("#infusion-csv").wait_for(timeout=PATIENCE)
    rows = taken(page, page.locator("#infusion-csv"), tmp_path).read_text().splitlines()
    assert rows[0] == "minute,quantity,unit,percentile_10,median,percentile_90"
    assert any(row.startswith("40,arterial,ng/mL,") for row in rows)
    assert any(row.startswith("40,pressure_rise,mmHg,") for row in rows)
    command = page.locator("#infusion-result .cmd").inner_text()
    assert command.startswith("resynapse infusion heroin-ketamine.yaml --target 100/40 --at plasma")

    arm = taken(page, page.locator("#infusion-yaml"), tmp_path)
    text = arm.read_text(encoding="utf-8")
    assert text.startswith("# Research, not for dosing a patient.")
    assert "A protocol has no targets" in text
    assert re.search(r"id: infusion\n", text)
    page.locator("#file").set_input_files(str(arm))
    page.locator(".armcard", has_text="This infusion").wait_for(timeout=PATIENCE)
    settled(page)


def test_a_report_is_made_in_the_background_listed_and_opened_from_another_window(
    page, chromium, server, tmp_path
):
    page.get_by_label("Title").fill("A <b>report</b> of mine")
    page.get_by_label("Title").press("Tab")
    settled(page)
    with page.expect_download(timeout=300_000) as waiting:
        page.locator("#take-report").click()
        page.locator("#reports li progress").wait_for(timeout=PATIENCE)
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == "a-b-report-b-of-mine.html"
    assert "Research, not for dosing a patient." in file.read_text(encoding="utf-8")

    other = opened(chromium, server)
    link = other.locator("#reports li[data-state=done] a", has_text="A <b>report</b> of mine")
    link.wait_for(timeout=PATIENCE)
    assert other.locator("#runs li[data-run]").count() == 0
    with other.expect_popup() as window:
        link.click()
    shown = window.value
    shown.locator("h1", has_text="A <b>report</b> of mine").wait_for(timeout=PATIENCE)
    assert shown.locator("figure svg").first.is_visible()
    weight = "getComputedStyle(document.querySelector('figcaption b')).fontWeight"
    assert shown.evaluate(weight) == "600"
    assert violations(other) == []
    mine = other.locator("#reports li", has_text="A <b>report</b> of mine")
    mine.get_by_role("button", name="Delete").click()
    mine.wait_for(state="detached", timeout=PATIENCE)
    other.context.close()


def test_the_list_of_reports_stays_still_between_polls_and_says_what_is_refused(page):
    id = "0" * 16
    one = {
        "id": id, "name": "Mine", "state": "running", "created": 1.0, "ended": None, "done": 10,
        "total": 100, "left": 9.0, "ahead": 0, "restarted": False, "message": "",
        "kind": "report", "file": "mine",
    }  # fmt: skip
    gone = {"problems": [{"path": [], "message": "It may have been deleted."}]}
    page.route("**/api/jobs", lambda route: route.fulfill(json=[one]))
    page.route(f"**/api/jobs/{id}**", lambda route: route.fulfill(status=422, json=gone))
    page.reload()
    settled(page)
    entry = page.locator("#reports li")
    stop = entry.get_by_role("button", name="Stop")
    stop.focus(timeout=PATIENCE)
    first = stop.element_handle()

    one["done"] = 20
    entry.locator("p", has_text="20 %").wait_for(timeout=PATIENCE)
    assert entry.locator("progress").evaluate("bar => bar.value") == 20
    assert first.evaluate("b => b.isConnected && document.activeElement === b")

    one |= {"state": "done", "done": 100}
    page.locator("#reports li[data-state=done]").wait_for(timeout=PATIENCE)
    assert page.evaluate("document.activeElement.ariaLabel") == "Save: Mine"
    entry.get_by_role("button", name="Open its programme").click()
    page.locator("#taken", has_text="It may have been deleted.").wait_for(timeout=PATIENCE)


@pytest.mark.parametrize("path", ["/api/infusion.csv", "/api/infusion/yaml"])
@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"mode": "plasma", "holds": [{"target": 3000.0, "minutes": 40.0}]}, "Langsjo 2005"),
        ({"mode": "rate", "parts": [{"mg_per_kg": -1.0, "minutes": 40.0}]}, "give 0 to 3.2 mg/kg"),
    ],
)
def test_files_of_an_infusion_are_refused_in_a_sentence(server, path, plan, why):
    told = server.json("/api/example")["protocol"]
    status, said = server.sentence(path, {"protocol": told, "plan": plan})

    assert status == 422
    assert why in said
