"""Does every figure of an outcome show where only expectancy acts, and what was published?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from resynapse.report.arms import styles
from resynapse.report.drawing.ticks import spread, written
from resynapse.report.plot import PlotError, plot
from resynapse.report.sections.comparison import comparison_table
from resynapse.report.sections.days_abstinent import days_abstinent
from resynapse.report.sections.differences import differences
from resynapse.report.sections.rival import MEANING, SAME, TOO_MANY, rival_words
from resynapse.report.sections.safety import safety_table
from resynapse.report.sections.safety_limits import HEAD as LIMIT_HEAD
from resynapse.report.sections.safety_limits import (
    LIMITS,
    NO_INTERVAL,
    NONE,
    NOT_COUNTED,
    NOT_DEFINED,
    ONE_PERSON,
    limit_cell,
    told,
)
from resynapse.report.sections.survival import LAPSE, RELAPSE, published_on, survival_figure
from resynapse.report.sections.symptoms import symptoms
from resynapse.report.table import Cell
from resynapse.trial.estimate import Estimate
from resynapse.trial.interruptions import COLUMNS
from resynapse.trial.simulate import published_values
from software.report_example import six_arms, toy_result

CURVES = ("abstinence", "relapse", "retention", "days_abstinent", "differences")


@pytest.fixture(scope="module")
def result():
    made = toy_result()
    return replace(made, rival_days=0.5 * made.chronic)


@pytest.mark.parametrize("name", [*CURVES, "craving", "withdrawal", "mood", "control"])
def test_every_figure_of_an_outcome_has_the_rival_of_every_arm(result, name):
    svg = plot(result, name).svg

    assert 'class="rival a2"' in svg
    assert plot(replace(result, rival={}, rival_days=None), name).svg.count('class="rival') == 0


def test_bands_of_the_rival_go_out_of_sight_with_its_lines(result):
    svg = plot(result, "retention").svg

    assert svg.count('<g class="of-rival">') == 2
    assert svg.count("band a") == 4


def test_what_the_rival_is_or_why_there_is_none_is_said(result):
    many = six_arms()
    alone = result.protocol.arms[0].model_copy(update={"doses": ()})
    none = replace(result, protocol=result.protocol.model_copy(update={"arms": (alone,)}))

    assert rival_words(result, styles(result)) == MEANING
    assert rival_words(many, styles(many)) == TOO_MANY.format("three")
    assert rival_words(none, styles(result)) == SAME
    assert rival_words(replace(result, rival={}), styles(result)) == ""
    assert "rival a" not in str(symptoms(many, styles(many)))


def test_a_published_difference_is_drawn_beside_every_world(result):
    figure = differences(result, styles(result))

    assert figure.drawing.count('class="pub a2"') == 1
    assert [row.head for row in figure.table.rows][1:] == [
        "Default, prior", "No window (gain 0)", "Expectancy alone",
        "Krupitsky et al. 2002, retrospective",
    ]  # fmt: skip
    assert figure.table.rows[-1].cells[0] == Cell("+22.9", "6.4\u00a0to\u00a039.4")
    assert differences(result, styles(result)[:1]) is None


def test_differences_that_are_all_nothing_are_drawn_on_zero(result):
    same = next(iter(result.arms.values()))
    alike = replace(result, arms=dict.fromkeys(result.arms, same), rival={}, published=[])
    cells = [row.cells[0].value for row in differences(alike, styles(alike)).table.rows[1:2]]

    assert cells == ["0"]
    assert spread(0.0, 0.0, "points").ticks[0] == 0.0 < spread(0.0, 0.0, "points").high


@pytest.mark.parametrize("reach", [0.7, 0.05, 3.0, 40.0])
def test_zero_is_a_mark_of_its_own_on_an_axis_of_differences(reach):
    axis = spread(-reach, reach, "points")

    assert 0.0 in axis.ticks
    assert axis.low == axis.ticks[0] <= -reach < reach <= axis.ticks[-1] == axis.high
    assert "e" not in "".join(map(written, axis.ticks))


def test_a_figure_of_differences_needs_two_arms(result):
    one = replace(result, arms=dict([next(iter(result.arms.items()))]))

    with pytest.raises(PlotError, match="a difference needs two arms"):
        plot(one, "differences")


def test_published_days_without_use_are_told_and_those_that_prove_nothing_are_not_drawn():
    made = toy_result("grabski-2022")
    made = replace(made, published=published_values(made.protocol))
    arms = styles(made)
    figure = days_abstinent(made, arms)
    level = next(
        one for one in made.published
        if one.endpoint == "days_abstinent_percent" and one.measure == "mean"
    )  # fmt: skip
    kept = replace(level, comparable=True, low=80.0, high=92.0)
    drawn = days_abstinent(replace(made, published=[kept]), arms)

    assert 'class="pub' not in figure.drawing
    assert "Not drawn, as nothing may be held against them: 4 published values" in figure.caption
    assert drawn.drawing.count('class="pub') == 1
    assert "Diamonds: means from entry on" in drawn.caption
    assert "value='+16', interval='4\\xa0to\\xa028'" in str(comparison_table(made, arms))
    assert 'class="pub' in differences(made, arms).drawing


@pytest.mark.parametrize(
    ("protocol", "kind", "arm", "share"),
    [("lee-2016", RELAPSE, "naltrexone", 57.0), ("gossop-1989", LAPSE, None, 29.0)],
)
def test_a_published_share_with_the_event_stands_on_the_curve_of_those_without(
    protocol, kind, arm, share
):
    made = toy_result(protocol)
    marks = survival_figure(made, styles(made), kind, half=False).drawing

    told = [one.value for one in published_on(made, kind) if arm in (None, one.arm)]
    assert told[0] == pytest.approx(1.0 - share / 100.0)
    assert 'class="pub' in marks
    assert f"{share:.0f}\u00a0%</text>" in marks


def test_no_cell_of_safety_is_empty_and_each_quantity_has_its_limit_or_none_is_known(result):
    table = safety_table(result, styles(result))

    assert table.labels[-1] == "Limit"
    assert all(cell.value or cell.words for row in table.rows for cell in row.cells)
    assert [row.cells[-1].words for row in table.rows] == [
        LIMITS[name] for name in ("dissociation_peak", "pressure_peak_rise", "nausea")
    ]
    assert "US label of nasal esketamine" in table.rows[1].cells[-1].words
    assert limit_cell("strange") == Cell(words=NONE)
    assert set(COLUMNS) <= set(LIMITS)


def test_with_more_than_three_arms_the_limit_stands_below_each_quantity():
    many = six_arms()
    rows = safety_table(many, styles(many)).rows

    assert all(row.group or row.cells[0].value or row.cells[0].words for row in rows)
    below = [rows[k - 1] for k in range(1, len(rows) + 1) if k == len(rows) or rows[k].group]
    assert [(row.head, row.cells[0].words) for row in below] == [
        (LIMIT_HEAD, LIMITS[name]) for name in ("dissociation_peak", "pressure_peak_rise", "nausea")
    ]


def test_a_value_without_an_interval_says_why():
    alone = Estimate(3.0, "mmHg", None, None, 1)

    assert told(alone, Cell("3.0")).interval == ONE_PERSON
    assert told(None, Cell()).words == NOT_COUNTED
    assert told(Estimate(3.0, "mmHg", None, None, 2), Cell("3.0")).interval == NO_INTERVAL
    assert told(Estimate(None, "mmHg", None, None, 0), Cell()).words == NOT_DEFINED
