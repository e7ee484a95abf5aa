"""What does somebody at a Python prompt or in a notebook see, and what if they ask wrongly?"""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

import resynapse
from resynapse.input_error import InputError
from resynapse.patient import Patient
from resynapse.patient.registry import configured
from resynapse.report import notebook
from resynapse.report.sections import opening
from resynapse.trial.asked import planned
from resynapse.trial.provenance import version
from software.report_example import toy_result, with_arms
from software.small_trial import TEXT


class Cells(HTMLParser):
    """The words of each row of a table, and all words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.words, self.open = "", False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        self.open = tag in ("td", "th")
        if self.open:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.open = False

    def handle_data(self, data):
        self.words += data
        if self.open:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def result():
    return toy_result(people=40)


def test_a_result_is_told_in_a_line(result):
    said = repr(replace(result, manifest={**result.manifest, "draws": 8}))

    assert len(said) < 400 and "\n" not in said
    for word in ("krupitsky-2002", *result.arms, "40 people", "8 draws", *result.named):
        assert word in said
    assert opening.RESEARCH in said
    assert len(repr(result.arms)) < 400


def test_a_notebook_shows_each_endpoint_of_each_arm_with_unit_and_interval(result):
    shown = Cells(result._repr_html_())
    heads, *rows = shown.rows

    assert heads == ["Endpoint", "Arm", "Simulated", "Over draws", "If only expectancy acts"]
    assert len(rows) == len(result.named) * len(result.arms)
    assert any("%" in row[2] and "(" in row[2] for row in rows)


def test_a_notebook_says_what_the_report_says_first_and_what_the_bands_are(result):
    words = Cells(result._repr_html_()).words

    assert opening.RESEARCH in words and opening.APPROVAL in words
    assert opening.lead(result) in words
    assert "Parameters: prior, not calibrated" in words
    assert "interval over people, from their number alone" in words
    assert "draws of the parameters" in words
    assert f"Resynapse {version()}" in words and "seed 7" in words


def test_a_notebook_shows_parameters_as_a_table_whose_rows_hold_what_each_declares():
    heads, *rows = Cells(resynapse.parameters()._repr_html_()).rows
    told = {row[0]: row for row in rows}

    assert heads == ["Parameter", "Value", "Unit", "Prior", "Status", "Source"]
    assert [row[0] for row in rows] == [one.path for one in resynapse.parameters()]
    assert repr(resynapse.parameters()).startswith(f"{len(rows)} parameters;")
    assert told["absorption.inhaled"][1:4] == ["0.7", "1", "logit-normal, logit sd 0.25"]


def test_where_too_little_was_drawn_or_no_rival_was_run_no_column_pretends_it(result):
    alone = replace(result, knowledge={}, rival={}, manifest={**result.manifest})
    shown = Cells(alone._repr_html_())

    assert shown.rows[0] == ["Endpoint", "Arm", "Simulated"]
    assert "How far the parameters move a number is not shown (no draws" in shown.words


def test_more_arms_than_a_report_can_tell_apart_are_shown_all_the_same():
    many = toy_result(with_arms(8), people=20)

    assert len(Cells(notebook(many)).rows) == 1 + 8 * len(many.named)


def test_words_of_a_protocol_cannot_become_markup(result):
    plan = result.protocol.model_copy(update={"title": "<script>x</script>"})

    assert "<script>" not in notebook(replace(result, protocol=plan))


def test_a_name_a_path_and_a_protocol_mean_the_same_trial(tmp_path):
    place = tmp_path / "mine.yaml"
    place.write_text(TEXT)

    assert planned("krupitsky-2002", None) == (resynapse.load("krupitsky-2002"), None)
    assert planned(place, None) == (resynapse.load(place), "mine.yaml")
    assert planned(place, "x.yaml") == (resynapse.load(place), "x.yaml")
    assert planned(resynapse.load(place), "x.yaml") == (resynapse.load(place), "x.yaml")


def test_a_trial_is_simulated_from_its_file_and_written_without_further_words(tmp_path):
    place = tmp_path / "mine.yaml"
    place.write_text(TEXT)

    result = resynapse.simulate(place, patients=4, draws=0, rivals=False)
    found = resynapse.read_run(resynapse.write_run(result, tmp_path / "run"))

    assert "resynapse run mine.yaml" in result.manifest["command"]
    assert resynapse.parse(found.protocol_text) == result.protocol
    assert "<html" in found.report.read_text(encoding="utf-8")
    assert "small-trial, 4 people" in repr(found)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda p: resynapse.simulate(p, patients="64"), "'64' is text.*without quotes"),
        (lambda p: resynapse.simulate(p, patients=10.5), "patients 10.5: give a whole number"),
        (lambda p: resynapse.simulate(p, seed="1"), "seed '1' is text"),
        (lambda p: resynapse.simulate(3), "int is no protocol"),
        (lambda p: resynapse.simulate("krupitski-2002"), "Did you mean krupitsky-2002"),
        (lambda p: resynapse.simulate(p, switches={"nope": True}), "`resynapse parameters` list"),
        (lambda p: configured(Patient(), {"nope": True}), "`resynapse parameters` lists all"),
        (lambda p: resynapse.simulate(p, switches={"expectancy": "off"}), "True or False"),
        (lambda p: resynapse.plot(p), "Protocol is no result"),
        (lambda p: resynapse.plots(p), "Protocol is no result"),
        (lambda p: resynapse.write_report(p, "x.html"), "Protocol is no result"),
        (lambda p: resynapse.write_run(p, "x"), "Protocol is no result"),
        (lambda p: resynapse.read_run(3), "int is no folder"),
        (lambda p: resynapse.load(p), "neither the name of a protocol nor the path"),
        (lambda p: resynapse.parse(3), "int is no text"),
        (lambda p: resynapse.study(3), "int is no name of a study"),
        (lambda p: resynapse.studies("curves"), "No study holds 'curves'"),
    ],
)
def test_a_wrong_wish_gets_a_sentence(ask, said):
    with pytest.raises(InputError, match=said) as refusal:
        ask(resynapse.load("krupitsky-2002"))

    assert "\n" not in str(refusal.value)


def test_studies_are_a_line_each():
    assert repr(resynapse.study("price2022")).startswith("<Study price2022: Price")
    assert all(len(repr(one)) < 200 for one in resynapse.studies())


@pytest.mark.parametrize("name", [one for one in resynapse.__all__ if one != "SWITCHES"])
def test_every_public_name_says_what_it_is(name):
    assert (getattr(resynapse, name).__doc__ or "").strip()
