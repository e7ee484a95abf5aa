"""Can who takes part, and which contested mechanisms act, be set on the page as in the file?"""

from __future__ import annotations

import csv
import io
import json
import shlex

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app as command_line
from resynapse.patient import SWITCHES
from resynapse.protocol import parse, schema
from software.page_window import opened, outcomes, settled, taken
from software.test_page_fields import right_again, said, typed


@pytest.fixture
def detailed(page):
    """The page with its detail, and both folds of the form open."""
    page.locator("#detail").click()
    for fold in page.locator(".fold > summary").all():
        fold.click()
    return page


def chosen(page, path, value):
    """Another word in the list of this path, and its answer."""
    page.locator(f'[data-path="{path}"] select').select_option(value)
    settled(page)


def values(page, folder):
    """(arm, endpoint) -> value, of the file of outcomes."""
    file = taken(page, page.locator("#take-outcomes"), folder)
    return {
        (row["arm"], row["endpoint"]): row["value"]
        for row in csv.DictReader(io.StringIO(file.read_text()))
    }


def by_command(page, file):
    """The same of the command that stands on the page, run on the file that it gave."""
    words = shlex.split(page.locator("#command").inner_text())
    assert words[:2] == ["resynapse", "run"]
    assert words[2] == file.name
    words = ["run", str(file), *words[3:], "--draws", "0", "--json", "--quiet"]
    ran = CliRunner().invoke(command_line, words)
    return {
        (arm, name): "" if cell["value"] is None else repr(cell["value"])
        for arm, one in json.loads(ran.stdout)["arms"].items()
        for name, cell in one["endpoints"].items()
    }


def test_first_sight_shows_neither_switches_nor_genotypes(page):
    assert page.locator('[data-path="switches.window_gain"]').count() == 1
    assert not page.locator(".fold").first.is_visible()
    page.locator("#detail").click()
    assert page.locator(".fold").first.is_visible()
    assert not page.locator('[data-path="switches.window_gain"]').is_visible()


def test_a_mechanism_switched_on_the_page_gives_the_numbers_of_the_command_line(
    detailed, chromium, server, tmp_path
):
    before = values(detailed, tmp_path)
    chosen(detailed, "switches.window_gain", "off")
    chosen(detailed, "population.liver", "moderate")
    typed(detailed, "population.age_years.mean", "50")
    settled(detailed)
    typed(detailed, "population.cyp2b6.poor", "0.2")
    settled(detailed)
    page_says = values(detailed, tmp_path)
    file = taken(detailed, detailed.locator("#take-yaml"), tmp_path)
    written = parse(file.read_text(), "the page")

    assert page_says != before
    assert page_says == by_command(detailed, file)
    assert written.switches.chosen == {"window_gain": False}
    assert written.population.liver == "moderate"
    assert written.population.age_years.mean == 50.0
    assert written.population.cyp2b6.model_dump() == {
        "normal": 0.425, "intermediate": 0.375, "poor": 0.2
    }  # fmt: skip
    shown = outcomes(detailed)
    detailed.get_by_role("button", name="Copy link").click()
    other = opened(chromium, server, address=detailed.url.removeprefix(server.url))
    assert outcomes(other) == shown
    other.context.close()
    fresh = opened(chromium, server)
    fresh.locator("#file").set_input_files(str(file))
    fresh.locator('[data-fold="switches"]', has_text="1 changed").wait_for(state="attached")
    settled(fresh)
    assert outcomes(fresh) == shown
    fresh.context.close()


def test_a_switch_that_is_put_back_to_its_default_leaves_the_file(detailed, tmp_path):
    before = outcomes(detailed)
    chosen(detailed, "switches.expectancy_only", "on")
    assert outcomes(detailed) != before
    chosen(detailed, "switches.expectancy_only", "default")

    assert outcomes(detailed) == before
    file = taken(detailed, detailed.locator("#take-yaml"), tmp_path)
    assert parse(file.read_text(), "the page").switches.chosen == {}


def test_every_switch_says_what_is_contested_and_its_default_as_the_schema_of_the_file(detailed):
    known = schema()["$defs"]["Switches"]["properties"]

    for name, switch in SWITCHES.items():
        field = detailed.locator(f'[data-path="switches.{name}"]')
        told = field.locator(".help").inner_text()
        assert told == known[name]["description"]
        assert told.startswith(switch.question)
        assert switch.reason in told
        usual = "on" if switch.default else "off"
        assert field.locator("select option:checked").inner_text() == f"default, {usual}"


@pytest.mark.parametrize(
    ("path", "given", "words", "right"),
    [
        ("population.age_years.mean", "12", "12 lies outside 18 to 67", "40"),
        ("population.age_years.low", "12", "12 years is outside 18 to 90 years", "20"),
        ("population.age_years.high", "95", "95 years is outside 18 to 90 years", ""),
        ("population.weight_kg.mean", "150", "150 lies outside 45 to 140", "80"),
        ("population.weight_kg.sd", "-1", "must be at least 0", "10"),
        ("population.cyp2b6.poor", "2", "must be at most 1", "0.1"),
        ("population.female", "some", "is not a number", "0.5"),
    ],
)
def test_what_people_cannot_be_is_said_beside_its_field(detailed, path, given, words, right):
    typed(detailed, path, given)

    assert words in said(detailed, path)
    typed(detailed, path, right)
    right_again(detailed, path)


def test_shares_of_genotypes_that_leave_nothing_are_refused_where_the_rest_stands(detailed):
    typed(detailed, "population.cyp2b6.poor", "0.9")

    told = said(detailed, "population.cyp2b6.normal")
    assert "One and two *6 alleles add up to 1.275; together they may be 1 at most." in told
    assert "is given" not in told


def test_limits_and_units_of_people_are_those_of_the_schema(detailed):
    known = schema()["$defs"]["Population"]["properties"]["weight_kg"]
    field = detailed.locator('[data-path="population.weight_kg.mean"]')
    told = field.locator(".help").inner_text()

    assert field.locator(".unit").inner_text() == known["unit"] == "kg"
    assert f"{known['minimum']:g} to {known['maximum']:g} kg." in told
    assert known["description"][1:] in told


def test_what_is_wrong_with_a_field_out_of_sight_is_said_above_the_form(page):
    page.locator("#detail").click()
    fold = page.locator('[data-fold="population"] > summary')
    fold.click()
    typed(page, "population.age_years.mean", "12")
    said(page, "population.age_years.mean")
    fold.click()
    page.locator("#detail").click()
    typed(page, "title", "Another title")

    page.locator("#faults", has_text="12 lies outside 18 to 67").wait_for()
