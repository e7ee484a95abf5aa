"""What does a person get who draws one figure in Python?"""

from __future__ import annotations

import xml.etree.ElementTree as tree
from dataclasses import replace

import numpy as np
import pytest

import resynapse
from resynapse.report.arms import historical, styles
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


class Drawn:
    """Bands over draws of the parameters, of the curves of events alone."""

    kind, draws, people = "both", range(20), 64

    def curve(self, event, arm):
        return np.full(800, 0.1), np.full(800, 0.9)

    def course(self, minutes, variable, arm):
        return None


@pytest.mark.parametrize("bands", [None, Drawn()])
@pytest.mark.parametrize("protocol", ["krupitsky-2002", "scenario-heroin-ketamine"])
def test_a_file_says_all_that_the_caption_says_and_once(protocol, bands):
    """With an arm that withholds what care today would give, and without."""
    found = replace(toy_result(protocol, people=40), bands=bands)
    said = historical(styles(found))
    for name in resynapse.plots(found):
        drawn = resynapse.plot(found, name)
        texts = tree.fromstring(drawn.svg).iter(f"{SVG}text")
        words = " ".join(" ".join(text.text or "" for text in texts).split())

        assert drawn.figure.caption, name
        assert " ".join(drawn.figure.caption.split()) in words, name
        assert not said or words.count(said) == 1, name


def test_a_copy_of_a_pathway_keeps_its_sentence(result):
    assert "No human study has shown this." in resynapse.plot(result, "recovery").svg
    assert "No human study" not in resynapse.plot(result, "craving").svg


def test_a_notebook_shows_the_drawing_with_its_caption(result):
    shown = resynapse.plot(result)._repr_html_()

    assert shown.count("Kaplan-Meier") == 1
    assert "<svg" in shown
    assert "&lt;svg" not in shown


def test_a_figure_is_saved_as_it_is_shown(result, tmp_path):
    drawn = resynapse.plot(result)

    assert drawn.save(tmp_path / "one.svg").read_text(encoding="utf-8") == drawn._repr_svg_()
    assert drawn._repr_svg_() in drawn.save(tmp_path / "one.html").read_text(encoding="utf-8")


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
