"""Have deaths from overdose one unit in every table of a run?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from resynapse.cli import summary
from resynapse.report.arms import styles
from resynapse.report.sections import knowledge, outcomes
from software.report_example import toy_result

NAME = "overdose_per_100_person_years"


@pytest.fixture(scope="module")
def run():
    """A run that was asked for deaths, and drew its parameters."""
    made = toy_result(people=60)
    found = made.arms["low"].endpoints[NAME].value
    drawn = {"low": found, "median": found, "high": found, "draws": 50, "unit": ""}
    plan = made.protocol.model_copy(update={"endpoints": (NAME,)})
    return replace(made, protocol=plan, knowledge={f"low: {NAME}": drawn})


def in_outcomes(run):
    row = next(row for row in outcomes.outcomes(run, styles(run)).rows if "verdose" in row.head)
    return row.head, row.cells[[arm.id for arm in styles(run)].index("low")].value


def in_every_endpoint(run):
    rows = outcomes.every_endpoint(run, styles(run)).rows
    row = next(row for row in rows if "verdose" in row.head)
    return row.head, row.cells[[arm.id for arm in styles(run)].index("low")].value


def over_draws(run):
    (one,) = knowledge.entries(run)
    return one.words, one.cell().value


def on_screen(run):
    words, arms, shown, *_ = (list(one.cells) for one in summary.endpoint_table(run).columns)
    place = arms.index(run.arms["low"].label)
    assert "per 100 " not in " ".join(shown)
    return next(word for word in words if word), shown[place].split()[0]


def on_screen_over_draws(run):
    words, shown, _ = (next(iter(one.cells)) for one in summary.knowledge_table(run).columns)
    return words, shown.split()[0]


@pytest.mark.parametrize(
    "told", [in_outcomes, in_every_endpoint, over_draws, on_screen, on_screen_over_draws]
)
def test_deaths_are_told_for_a_thousand_people_a_year_wherever_they_are_shown(run, told):
    words, value = told(run)

    assert "per 1000 people a year" in words
    assert float(value) == pytest.approx(10 * run.arms["low"].endpoints[NAME].value, rel=0.03)


def test_files_keep_the_unit_that_the_name_of_the_endpoint_says(run):
    assert run.arms["low"].endpoints[NAME].unit == "expected deaths per 100 person-years"
