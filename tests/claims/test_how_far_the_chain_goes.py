"""How near do the model's numbers, each at the edge of its prior, come to Krupitsky 2002?"""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from resynapse import simulate

EDGE = {
    "control.sustained_weight": 3.9, "craving.sustained_weight": 12.5,
    "window.sustained_time": 11.0, "learning.window_gain": 1.6,
    "experience.commitment_gain": 7.8, "experience.recovery_gain": 1.4,
    "lapse.expectancy_weight": 2.0, "expectancy.learning_weight": 1.0, "expectancy.lasting": 122.0,
}  # fmt: skip
"""every path of ketamine and belief to use at the upper end of its prior"""
PUBLISHED = 0.38
ERROR = 0.06
"""of the log of the ratio, with 1024 people an arm"""
PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


@pytest.fixture(scope="module")
def ratios():
    """Of the logs of the shares abstinent, high over low: as it ships, and at the edge."""

    def ratio(settings):
        made = simulate(
            "krupitsky-2002", patients=1024, draws=0, rivals=False, settings=settings,
            check_grid=False,
        )  # fmt: skip
        high, low = (
            math.log(made.arms[arm].endpoints["abstinence_12_months"].value)
            for arm in ("high", "low")
        )
        return high / low

    return ratio({}), ratio(EDGE)


def test_every_path_at_the_edge_of_its_prior_does_not_come_to_what_was_published(ratios):
    _, edge = ratios

    assert math.log(edge / PUBLISHED) > 5.0 * ERROR


def test_the_page_tells_what_a_run_gives(ratios):
    rows = {row[0]: float(row[2].strip("*")) for row in _rows()}

    for name, found in zip(("as it ships", "all of them together"), ratios, strict=True):
        (told,) = (ratio for row, ratio in rows.items() if row.startswith(name))
        assert abs(math.log(found / told)) < 3.0 * ERROR


def test_each_ratio_of_the_page_is_that_of_its_shares():
    rows = _rows()

    assert len(rows) == 10
    for _, shares, ratio in rows:
        high, low = (float(one) / 100.0 for one in re.findall(r"([\d.]+) %", shares))
        assert float(ratio.strip("*")) == pytest.approx(math.log(high) / math.log(low), abs=0.006)


def test_the_command_of_the_page_sets_what_is_run_here():
    told = re.findall(r"--set ([\w.]+)=([\d.]+)", PAGE.read_text(encoding="utf-8"))

    assert {name: float(value) for name, value in told} == EDGE


def _rows() -> list[tuple[str, ...]]:
    """Rows of the table but for the published one: what is set, shares, ratio."""
    part = PAGE.read_text(encoding="utf-8").split("## How far the chain itself can go")[1]
    lines = [line for line in part.split("```")[0].splitlines() if line.startswith("| ")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return [row for row in cells[2:] if not row[0].startswith("published")]
