"""What does a person get who draws one figure in Python?"""

from __future__ import annotations

import xml.etree.ElementTree as tree

import pytest

import resynapse
from software.report_example import toy_result

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def result():
    return toy_result(people=40)


@pytest.mark.parametrize(
    "name", ["abstinence", "relapse", "retention", "days_abstinent", "reference_kinetics", "window"]
)
def test_a_figure_is_a_whole_svg_file_that_says_where_it_comes_from(result, name):
    drawn = resynapse.plot(result, name)
    root = tree.fromstring(drawn.svg)
    words = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))

    assert root.tag == f"{SVG}svg"
    assert root.get("aria-label")
    assert "seed 7" in words
    assert "Research, not for dosing a patient." in words


def test_colours_stand_in_the_file_itself(result):
    style = next(tree.fromstring(resynapse.plot(result).svg).iter(f"{SVG}style")).text

    assert "var(" not in style
    assert ".line.a2{" in style
    assert "#0072B2" in style
    assert "#56B4E9" not in style


def test_every_name_that_is_listed_can_be_drawn(result):
    for name in resynapse.plots(result):
        assert resynapse.plot(result, name).svg.startswith("<svg")


def test_a_copy_of_a_pathway_keeps_its_sentence(result):
    assert "No human study has shown this." in resynapse.plot(result, "recovery").svg
    assert "No human study" not in resynapse.plot(result, "craving").svg


def test_a_notebook_shows_the_drawing_with_its_caption(result):
    shown = resynapse.plot(result)._repr_html_()

    assert "Kaplan-Meier" in shown
    assert "<svg" in shown
    assert "&lt;svg" not in shown


def test_a_figure_is_saved_as_it_is_shown(result, tmp_path):
    drawn = resynapse.plot(result)

    assert drawn.save(tmp_path / "one.svg").read_text(encoding="utf-8") == drawn._repr_svg_()
    assert "<figcaption>" in drawn.save(tmp_path / "one.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda result, _: resynapse.plot(result, "abstinense"), "Did you mean abstinence"),
        (lambda result, folder: resynapse.plot(result).save(folder / "a.png"), ".svg or .html"),
        (lambda result, folder: resynapse.plot(result).save(folder / "no" / "a.svg"), "could not"),
    ],
)
def test_what_cannot_be_drawn_or_saved_is_refused_in_a_sentence(result, tmp_path, wrong, said):
    with pytest.raises(resynapse.InputError, match=said):
        wrong(result, tmp_path)
