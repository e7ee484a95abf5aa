"""Does the report say what it must, show what was computed, and ask nothing of the network?"""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resynapse.report import ReportError, render, write_report
from resynapse.report.arms import styles
from resynapse.report.document import css_string
from resynapse.report.drawing.labels import GAP, pushed_apart
from resynapse.report.drawing.simplify import TOLERANCE, simplify
from resynapse.report.drawing.ticks import amounts
from resynapse.report.sections import comparison, knowledge, outcomes
from resynapse.report.sections.opening import lead, span
from resynapse.report.sections.published import in_points
from resynapse.report.sections.survival import ABSTINENCE, estimated, survival_figure
from resynapse.report.table import Cell
from resynapse.report.wording import MINUS, NARROW, counted, interval, plain
from resynapse.trial.result import Result
from software.report_example import six_arms, toy_result, with_arms, without

NEVER = ("optimal", "proven", "effective", "success", "addict ", "addicts", "abuse", "clean ")
LABEL = "Model quantity. No human study has shown this."


@pytest.fixture(scope="module")
def result() -> Result:
    """Two arms, followed for two years."""
    return toy_result(people=60)


@pytest.fixture(scope="module")
def page(result: Result) -> str:
    """Their report."""
    return render(result)


def words(page: str) -> str:
    """What a reader sees or hears, in order."""
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)).replace(NARROW, " ")


def test_a_report_asks_nothing_of_the_network(page: str):
    asking = re.findall(r"<script|<link|@import|url\(|\ssrc=|\shref=|javascript:|\son\w+=", page)

    assert not asking
    assert "default-src 'none'" in page


def test_a_report_opens_on_the_notice_and_on_what_the_model_cannot_tell(page: str):
    text = words(page)
    order = [
        text.index(sentence)
        for sentence in (
            "Ketamine 2.0 mg/kg, psychotherapy",
            "Research, not for dosing a patient.",
            "Ketamine is not approved for any addiction.",
            "Parameters: prior, not calibrated.",
            "What the model cannot tell",
            "ketamine use disorder".capitalize(),
            "Measured against modelled",
            "Outcomes at 12 months",
            "Difference between arms",
            "Why, in the model",
            "Craving, withdrawal, mood",
            "No event in the model is not the same as safe. The model",
            "uncertainty of the parameters",
            "Every parameter",
            "Made by",
        )
    ]

    assert order == sorted(order)


def test_each_printed_page_carries_the_notice_and_its_number(page: str):
    foot = re.search(r"@bottom-right \{ content: ([^;]*);", page)

    assert foot and "Research, not for dosing a patient" in foot[1]
    assert "counter(page)" in foot[1] and "counter(pages)" in foot[1]


def test_only_a_historical_comparator_is_called_one(page: str):
    cocaine = render(toy_result("dakwar-2019", people=30))

    assert "no arm has medication for opioid use disorder; withholding methadone" in words(page)
    assert "Historical comparator" not in cocaine


def test_words_that_judge_or_promise_do_not_occur(page: str):
    text = words(page).lower()

    assert [word for word in NEVER if word in text] == []


def test_every_figure_is_told_in_a_sentence_and_as_a_table(page: str):
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)

    assert len(figures) >= 18
    for figure in figures:
        spoken = re.findall(r'<svg role="img"[^>]*aria-label="([^"]*)"', figure)
        assert spoken and all(sentence.endswith(".") for sentence in spoken)
        assert figure.count("<table") == 1
        assert "n\u00a0=" in figure or "simulated people" in figure


def test_the_pathways_carry_the_sentence_that_no_human_study_has_shown_them(page: str):
    figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    titles = ("Plasticity window", "Old pathway", "New pathway: recovery", "New pathway: ext")
    carried = [f for f in figures if any(f"<b>{title}" in f for title in titles)]

    assert len(carried) == len(titles)
    assert all(LABEL in figure for figure in carried)


def test_the_reference_is_dashed_grey_wherever_the_protocol_lists_it(result: Result):
    assert [arm.id for arm in result.protocol.arms] == ["high", "low"]
    assert [(arm.id, arm.css) for arm in styles(result)] == [("low", "a1"), ("high", "a2")]


def test_a_seventh_arm_is_refused_with_a_reason():
    with pytest.raises(ReportError, match="7 arms; a report tells at most 6 apart"):
        render(toy_result(with_arms(7), people=20))


def test_six_arms_keep_six_colours_and_a_rival_of_their_own():
    page = render(six_arms())

    assert all(f'class="line a{place}"' in page for place in range(1, 7))
    assert "No use, if only expectancy acts" in page


def test_numbers_at_risk_stand_under_the_ticks_as_the_estimate_counts_them(result: Result):
    arm = styles(result)[1]
    found = estimated(result.arms[arm.id], ABSTINENCE)
    figure = str(survival_figure(result, styles(result), ABSTINENCE, half=False).drawing)
    tick = re.search(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="middle">12</text>', figure)
    assert tick

    under = re.findall(rf'<text x="{tick[1]}" y="[\d.]+" text-anchor="middle">(\d+)</text>', figure)

    day = 12 * 30.4375
    second_of_each = [under[2], under[4], under[6]]
    expected = [found.at_risk(day), found.censored(day), found.events(day)]
    assert second_of_each == [str(int(count)) for count in expected]


def test_the_curve_of_no_use_meets_the_endpoint_where_both_are_read(result: Result):
    for arm in result.arms.values():
        curve = estimated(arm, ABSTINENCE)

        assert float(curve.at(12 * 30.4375)) == pytest.approx(
            arm.endpoints["abstinence_12_months"].value
        )


def test_the_table_of_outcomes_shows_the_estimates_of_the_trial(result: Result):
    table = outcomes.outcomes(result, styles(result))
    row = next(row for row in table.rows if row.head == f"No use for 12{NARROW}months")
    low, high = (result.arms[id].endpoints["abstinence_12_months"] for id in ("low", "high"))

    assert row.cells[0].value == plain(low.value, "proportion")
    assert row.cells[1].interval == interval(high.low, high.high, "proportion")
    gap = 100 * (high.value - low.value)
    assert row.cells[2].value == f"{gap:+.0f}".replace("-", MINUS)


def test_deaths_are_told_for_a_thousand_people_a_year(result: Result):
    table = outcomes.outcomes(result, styles(result))
    row = next(row for row in table.rows if "per 1000 people a year" in str(row.head))
    found = result.arms["low"].endpoints["overdose_per_100_person_years"].value

    assert float(row.cells[0].value) == pytest.approx(10 * found, abs=0.05)


class Known:
    """Bands over draws of the parameters, of the curves of events alone."""

    kind, draws, people = "knowledge", range(20), 64

    def curve(self, event: str, arm: str) -> tuple[np.ndarray, np.ndarray]:
        return np.full(800, 0.1), np.full(800, 0.9)


def test_where_the_parameters_are_drawn_the_rival_keeps_a_band_and_says_whose(result: Result):
    arms = styles(result)
    drawn = survival_figure(replace(result, bands=Known()), arms, ABSTINENCE, False)
    fixed = survival_figure(result, arms, ABSTINENCE, False)

    assert drawn.drawing.count("<path") == fixed.drawing.count("<path")
    assert "Dotted, with its band over people alone, at the reference parameters" in drawn.caption
    assert "Dotted, with its band: only expectancy acts" in fixed.caption


def test_without_the_rival_nothing_is_dotted_and_the_report_says_so(result: Result):
    page = render(without(result, "rival"))

    assert 'class="rival' not in page
    assert "Difference if only expectancy acts" not in page
    assert "no world beside it in which only expectancy acts" in words(page)


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (-1.0, 1.0, "This trial does not tell them apart."),
        (0.999, 1.0, "The published interval covers none of these runs."),
    ],
)
def test_the_report_says_whether_the_published_interval_tells_the_runs_apart(
    result: Result, low: float, high: float, sentence: str
):
    values = [
        replace(value, low=low, high=high) if value.measure == "risk_difference" else value
        for value in result.published
    ]

    said = comparison.told_apart(replace(result, published=values), styles(result))

    assert sentence in said


def test_a_run_with_parameters_fitted_to_its_trial_says_that_agreement_proves_little(
    result: Result,
):
    fitted = {**result.manifest, "calibrated_to": ["krupitsky-2002"]}
    said = comparison.told_apart(replace(result, manifest=fitted), styles(result))

    assert "were fitted to numbers of this trial" in said
    assert "were fitted" not in comparison.told_apart(result, styles(result))


def test_a_programme_without_published_trial_says_so(result: Result):
    page = render(without(result, "published"))

    assert "No published trial of this programme." in page
    assert 'class="pub a' not in page


def test_a_ratio_over_draws_is_not_written_in_percent(result: Result):
    table = knowledge.knowledge_table(result, styles(result))
    place = next(i for i, row in enumerate(table.rows) if "ratio of hazards" in str(row.head))

    assert table.rows[place + 1].cells[1].value == "0.90"


def test_what_is_drawn_carries_its_unit(result: Result):
    drawn = {"median": 8.6, "low": 1.0, "high": 9.0, "draws": 40, "unit": "1"}
    names = {
        "high against low: abstinence_12_months risk_difference": "points",
        "high against low: days_abstinent_percent mean_difference": "points",
        "high against low: craving_day_7 mean_difference": "VAS 0-100",
        "high: craving_day_7": "VAS 0-100",
    }
    units = {"days_abstinent_percent": "percent", "craving_day_7": "VAS 0-100"}
    found = {name: replace(next(iter(result.arms["high"].endpoints.values())), unit=unit)
             for name, unit in units.items()}  # fmt: skip
    arms = {id: replace(one, endpoints=one.endpoints | found) for id, one in result.arms.items()}
    known = replace(result, arms=arms, knowledge=dict.fromkeys(names, drawn))

    told = [one.cell().value.rsplit(" ", 1)[-1] for one in knowledge.entries(known)]

    assert told == [unit.rsplit(" ", 1)[-1] for unit in names.values()]


def test_parameters_without_a_prior_width_leave_the_section_honest(result: Result):
    assert "what nobody knows is not shown" in render(without(result, "knowledge"))


def test_names_given_by_a_user_are_text_and_never_markup(result: Result):
    evil = "<script>alert(1)</script>"
    arms = {id: replace(arm, label=evil, sentence=evil) for id, arm in result.arms.items()}
    plan = result.protocol.model_copy(update={"title": evil, "name": '"}</style><b>'})

    page = render(replace(result, arms=arms, protocol=plan, manifest={"command": evil}))

    assert "<script" not in page and "</style><b>" not in page
    assert page.count("</style>") == 1


def test_a_string_in_the_style_sheet_cannot_be_left():
    written = css_string('a"}\\</style>é')

    assert not set(written[1:-1]) & set('"<>{}') and "é" in written


def test_a_report_lies_in_one_file_under_a_megabyte(result: Result, tmp_path: Any):
    path = write_report(result, tmp_path / "report.html")

    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert path.stat().st_size < 1_000_000


def test_numbers_have_a_true_minus_an_unbreakable_space_and_no_negative_zero():
    assert plain(0.63, "proportion") == f"63{NARROW}%"
    assert interval(0.56, 0.69, "proportion") == f"56{NARROW}to{NARROW}69"
    assert plain(-2.34, "", signed=True) == f"{MINUS}2.3"
    assert plain(2.34, "", signed=True) == "+2.3"
    assert plain(-0.001, "", signed=True) == "0.00"
    assert plain(None, "mmHg") == plain(float("nan")) == "\u2013"


@pytest.mark.parametrize(
    ("given", "said"),
    [("1%", "1 point"), ("+1%", "+1 point"), (f"{MINUS}1%", f"{MINUS}1 point"),
     ("+10%", "+10 points"), ("+1.0%", "+1.0 points"), ("0%", "0 points"), ("11%", "11 points")],
)  # fmt: skip
def test_exactly_one_is_written_in_the_singular(given: str, said: str):
    value = given.replace("%", f"{NARROW}%")

    assert in_points(Cell(value)).value == said.replace(" ", NARROW)


def test_a_single_day_and_a_single_person_are_one():
    assert span(1.0) == f"1{NARROW}day"
    assert span(28.0) == f"28{NARROW}days"
    assert (counted("1", "people"), counted("21", "people")) == ("person", "people")


def test_a_report_of_one_person_says_one_person(result: Result):
    one, many = (lead(made).replace(NARROW, " ") for made in (toy_result(people=1), result))

    assert ", each of 1 person who uses heroin; " in one
    assert f" {result.patients_per_arm} people who use heroin; " in many


@given(st.lists(st.floats(0, 200), min_size=1, max_size=6))
def test_labels_at_the_ends_of_lines_never_touch(heights: list[float]):
    placed = pushed_apart(heights, lowest=200.0)

    gaps = np.diff(sorted(placed))
    assert np.all(gaps > 0.9 * GAP)
    assert max(placed) <= 200.0 + 1e-6


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=60))
def test_points_that_are_left_out_lie_within_the_tolerance_of_the_line(heights: list[float]):
    points = np.column_stack([np.arange(len(heights), dtype=float), heights])

    kept = simplify(points)

    drawn = np.interp(points[:, 0], kept[:, 0], kept[:, 1])
    steepest = np.max(np.abs(np.diff(kept[:, 1]) / np.diff(kept[:, 0])))
    assert np.max(np.abs(drawn - heights)) <= TOLERANCE * np.hypot(1.0, steepest) + 1e-9


@given(st.floats(1e-3, 1e5))
def test_an_axis_reaches_the_highest_value_in_few_round_steps(highest: float):
    axis = amounts(highest, "")

    assert axis.ticks[0] == 0.0 and axis.high >= highest * (1 - 1e-9)
    assert 4 <= len(axis.ticks) <= 8


@pytest.mark.parametrize("width", [360, 900])
def test_the_page_never_scrolls_sideways(chromium: Any, result: Result, width: int):
    view = chromium.new_page(viewport={"width": width, "height": 800})
    view.set_content(render(result))

    assert view.evaluate("document.documentElement.scrollWidth") == width
    smallest = (
        "Math.min(...[...document.querySelectorAll('svg text')].filter(e => e.getBBox().width"
    )
    scale = ").map(e => 11 * e.getCTM().a))"
    assert view.evaluate(smallest + scale) >= 10.9
    view.close()


def test_what_is_drawn_of_a_large_run_says_of_how_many_people():
    result = replace(toy_result(people=100), patients_per_arm=1_000_000)
    page = unescape(render(result)).replace("\u00a0", " ")

    assert "n = 100, the first of 1 000 000 in each arm." in page
    assert "2048 simulated people, the first of 1 000 000 in each arm" in page
    assert "the first of" not in unescape(render(toy_result(people=100)))
