"""Does the picture of forecasts draw every interval whole, or say where it is cut?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from resynapse.inference.validated import stored
from resynapse.report.forest import (
    CUT,
    NARROW_SCREEN,
    PAGE,
    PERCENT_TITLE,
    SHARES_TITLE,
    SHEET,
    _doublings,
    _even,
    _numbers,
    _parts,
    drawing,
)
from resynapse.report.forest import forest as whole
from resynapse.report.sections.forecasts import forecasts, forecasts_table, held_out


def test_every_axis_reaches_as_far_as_what_is_drawn_on_it():
    for part in _parts(stored().endpoints):
        numbers = _numbers(part.endpoints)
        assert part.ticks[0] <= min(numbers) and max(numbers) <= part.ticks[-1]
        assert len(part.ticks) < 10
    assert 'class="beyond"' not in drawing(stored().endpoints)
    assert "Arrow head" not in whole(stored()) and CUT not in forecasts(stored()).caption


@pytest.mark.parametrize("size", [SHEET, PAGE])
def test_no_two_ends_of_an_interval_are_drawn_at_the_edge_by_force(size):
    found = drawing([one for one in stored().endpoints if one.measure == "proportion"], size)

    ends = [float(x) for x in re.findall(r'class="outer"[^>]* x2="([\d.]+)"', found)]
    assert len(ends) == len(set(ends)) or max(ends) < size.width - 20.0


def test_a_ratio_beyond_the_farthest_axis_is_marked_and_the_mark_explained():
    one = next(one for one in stored().endpoints if one.measure == "odds_ratio")
    found = replace(stored(), endpoints=(replace(one, high90=500.0, low90=0.0),))

    picture, figure = whole(found), forecasts(found)

    assert picture.count('class="beyond"') == 2
    assert "Arrow head" in picture and CUT in figure.caption


@pytest.mark.parametrize(
    ("numbers", "ticks"),
    [
        ([-0.1, 0.887], (-0.25, 0.0, 0.25, 0.5, 0.75, 1.0)),
        ([0.1, 0.2], (0.0, 0.25)),
        ([], (0.0, 0.25)),
    ],
)
def test_ticks_of_shares_stand_at_quarters(numbers, ticks):
    assert _even(numbers, 0.25) == ticks


def test_ticks_of_ratios_are_powers_of_two_with_one_among_them():
    assert _doublings([0.3, 5.0]) == (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    assert _doublings([]) == (0.5, 1.0, 2.0)
    wide = _doublings([0.001, 1000.0])
    assert 1.0 in wide and (wide[0], wide[-1]) == (1 / 64, 64.0)


def test_the_table_holds_the_values_that_the_headline_counts():
    rows = held_out(stored()).rows
    hits = sum("within" in [cell.words for cell in row.cells] for row in rows)

    assert stored().words()[0].startswith(f"{hits} of {len(rows)} published values")


def test_what_is_or_is_not_told_apart_says_by_which_test_and_over_how_many_studies():
    said = [one for one in stored().words() if "standard error" in one and "told apart" in one]

    assert len(said) > 3
    for one in said:
        assert one.count("told apart") <= len(re.findall(r"Student's t over \d+ studies", one))


def test_each_axis_says_its_unit_and_shares_are_drawn_in_percent():
    picture = drawing(stored().endpoints)

    for title in ("Ratios; 1, no difference", SHARES_TITLE, PERCENT_TITLE, "COWS points"):
        assert title in picture
    _, after = picture.split(SHARES_TITLE)
    axis = after[: after.index("Other values")]
    assert ">75<" in axis and ">100<" in axis and ">0.75<" not in axis


def test_a_difference_is_told_in_points_and_a_share_in_percent():
    for one, row in zip(stored().endpoints, forecasts_table(stored()).rows, strict=True):
        told = row.cells[0].words, row.cells[1].value
        if one.measure in ("risk_difference", "mean_difference", "interaction"):
            assert all(cell.endswith(("points", "point")) and "%" not in cell for cell in told)
        elif one.measure in ("proportion", "percent_difference"):
            assert all(cell.endswith("%") for cell in told)


@pytest.mark.parametrize("size", [NARROW_SCREEN, PAGE])
def test_the_line_of_no_difference_crosses_no_name(size):
    found = drawing(stored().endpoints, size)
    zero = re.findall(r'class="zero" x1="([\d.]+)" y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)"', found)
    names = re.findall(r'<text class="soft" x="0" y="([\d.]+)">', found)
    rows = len(stored().endpoints)

    assert len(zero) == (3 if size.labels else rows) and len(names) >= rows
    for x, top, end in zero:
        assert float(x) > size.labels
        if not size.labels:
            assert not any(float(top) < float(y) + 4 and float(y) - 10 < float(end) for y in names)
