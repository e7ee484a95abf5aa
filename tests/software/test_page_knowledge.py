"""What does the page show of what nobody knows, and is it what a run with draws shows?"""

from __future__ import annotations

import json
import re
import time

import pytest

from resynapse.protocol import from_data
from resynapse.trial.simulate import simulate
from resynapse.web import draws as page_draws
from resynapse.web import view
from resynapse.web.scenario import read
from software.page_window import PATIENCE, settled, violations

DRAWS, PATIENCE_SECONDS = 4, 90.0
COMPILED = 120_000
"""ms until the machine code of an observer is made, which is kept after that"""
DRAWN = "html[data-bands={}]"


@pytest.fixture(scope="module")
def known(server, asked):
    """The whole answer of the page, with bands over four draws."""
    body = {**asked, "draws": DRAWS, "bands": "knowledge"}
    until, far = time.monotonic() + PATIENCE_SECONDS, []
    while "parts" not in (found := server.json("/api/knowledge", body)):
        far.append((found["done"], found["total"]))
        assert time.monotonic() < until
        time.sleep(0.1)
    return far, found


def test_the_page_and_a_run_with_as_many_draws_show_the_same_intervals(asked, known):
    run = simulate(
        from_data(asked["protocol"], "test"), patients=asked["patients"], seed=asked["seed"],
        draws=DRAWS,
    )  # fmt: skip

    far, found = known

    whole = view.parts(run, ("outcomes", "compared"))
    assert "draws: " in whole["outcomes"]
    for name, html in whole.items():
        assert found["parts"][name] == html
    assert found["command"].endswith(f"--draws {DRAWS}")
    bars = re.findall(r'<line class="whisker drawn.*?/>', found["parts"]["curves"])
    assert bars == re.findall(
        r'<line class="whisker drawn.*?/>', view.parts(run, ("curves",))["curves"]
    )
    assert len(bars) >= 2
    assert far == sorted(far) and all(total == DRAWS for _, total in far)


def test_every_figure_says_what_its_band_is_over_how_many_people_and_draws(known):
    """Above it, where figures beside one another say the same, or under its title."""
    parts, told = known[1]["parts"], []
    for name in ("curves", "further", "why", "symptoms", "safety"):
        for group in re.split(r'(?=<p class="small shared">)', parts[name]):
            above = re.match(r'<p class="small shared">(.*?)</p>', group, re.DOTALL)
            captions = re.findall(r"<figcaption>(.*?)</figcaption>", group, re.DOTALL)
            told += [f"{above[1] if above else ''} {caption}" for caption in captions]

    drawn = [one for one in told if f"{DRAWS} draws of the parameters" in one]
    fixed = [one for one in told if "The parameters are not drawn in this figure." in one]

    assert len(told) > 12
    assert all(one.count("256 people in each") == 1 for one in drawn)
    assert len(drawn) + len(fixed) == len(told)
    assert ["Days without use" in one for one in fixed] == [True]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"draws": 3}, "from 4 to 200"),
        ({"draws": 10**9}, "from 4 to 200"),
        ({"bands": "patients"}, "give knowledge or both"),
        ({"log": "yes"}, "give true or false"),
        ({"enantiomers": 1}, "give true or false"),
    ],
)
def test_draws_that_cannot_be_made_are_refused_in_a_sentence(server, asked, change, said):
    status, sentence = server.sentence("/api/knowledge", {**asked, **change})

    assert status == 422
    assert said in sentence


def test_draws_that_break_end_in_a_sentence_and_the_next_programme_gets_its_turn(
    asked, monkeypatch
):
    def broken(one):
        raise OSError("no memory")

    monkeypatch.setattr(page_draws, "_draw", broken)
    scenario, draws = read(json.dumps(asked).encode()), page_draws.Draws("prior")

    for count in (DRAWS, DRAWS + 1):
        with pytest.raises(page_draws.DrawsError, match="ask again"):
            for _ in range(100):
                draws.ask(scenario, count)
                time.sleep(0.05)


def test_bands_over_draws_come_when_asked_for_and_go_when_the_programme_changes(page):
    curve = page.locator("#part-curves p.shared")
    assert "95\u00a0% interval over people" in curve.inner_text()
    page.locator("#draws").evaluate("one => { one.add(new Option('4')); one.value = '4'; }")
    page.locator("#draws").dispatch_event("change")
    page.locator("#more > summary").click()
    page.get_by_role("button", name="Both").click()
    page.wait_for_selector(DRAWN.format("both"), state="attached", timeout=2 * PATIENCE)

    assert f"both, 90\u00a0% over {DRAWS} draws" in curve.inner_text()
    assert "draws: " in page.locator("#part-outcomes table").first.inner_text()
    assert page.locator("#command").text_content().endswith(f"--draws {DRAWS}")
    assert violations(page) == []

    page.get_by_role("slider", name=re.compile("Dose")).first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector(DRAWN.format("patients"), state="attached")
    settled(page)
    assert "over people (log-log)" in curve.inner_text()
    assert "draws: " not in page.locator("#part-outcomes table").first.inner_text()
    assert "--draws" not in page.locator("#command").text_content()
    page.get_by_role("button", name="Bands: patients").click()
    settled(page)


def test_concentrations_are_drawn_on_a_logarithmic_axis_and_s_and_r_apart(page):
    page.locator("#why-section").scroll_into_view_if_needed()
    page.locator("#more > summary").click()
    page.get_by_label("Concentrations on a logarithmic axis").check()
    page.get_by_label("S and R apart").check()
    page.locator("#apart").wait_for(timeout=COMPILED)
    settled(page)

    level = page.locator('figure[data-figure="arterial_r_ketamine"]')
    level.scroll_into_view_if_needed()
    assert "None in Saline" in level.text_content()
    drawing = level.locator("svg[data-log]")
    both = page.locator('#part-why figure[data-figure="arterial_ketamine"] figcaption')
    assert both.text_content().endswith("Below the axis: Saline ×3.")
    low, high = drawing.get_attribute("data-y").split(" ")[2:]
    assert float(high) == 1000.0 * float(low)
    ticks = [
        one for one in drawing.locator("text").all_text_contents() if re.fullmatch(r"1?0*", one)
    ]
    assert len(ticks) >= 3
    page.mouse.move(0, 0)
    box = drawing.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    value = float(level.locator(".readout b").inner_text())
    later = level.locator("details table tbody tr").nth(1).locator("td b").first.text_content()
    assert 0.3 * float(later) < value < float(high)
    assert violations(page) == []
