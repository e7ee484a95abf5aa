"""What does a person see who opens the report in a browser?"""

from __future__ import annotations

import pytest

from resynapse.report import write_report
from software.report_example import toy_result

FEWEST_FIGURES = 10
"""Kinetics, survival, days without use, and the small pictures of the mechanism"""
NARROWEST_FIGURE = 200
"""Pixels that a curve needs to be read"""


@pytest.fixture(scope="module")
def opened(chromium, tmp_path_factory):
    """The report in a window, what it asked for elsewhere, and what went wrong."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(toy_result(), path)
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.goto(path.as_uri())
    yield page, [url for url in asked if not url.startswith(("file:", "data:"))], wrong
    page.close()


def test_the_report_asks_nothing_of_the_network_and_nothing_goes_wrong(opened):
    _, asked, wrong = opened

    assert asked == []
    assert wrong == []


def test_the_report_says_that_it_tells_nobody_how_to_dose_a_patient(opened):
    page, _, _ = opened
    text = page.inner_text("body").lower()

    assert "research" in text
    assert "not approved for any addiction" in text


@pytest.mark.parametrize("width", [1280, 390])
def test_every_figure_is_drawn_and_named_and_nothing_is_cut_off_at_the_right(opened, width):
    page, _, _ = opened
    page.set_viewport_size({"width": width, "height": 900})
    figures = page.locator("figure svg[role=img]:visible")

    assert figures.count() >= FEWEST_FIGURES
    for place in range(figures.count()):
        figure = figures.nth(place)
        assert figure.bounding_box()["width"] > NARROWEST_FIGURE
        assert figure.locator("path").count() > 0
        assert figure.get_attribute("aria-label")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
