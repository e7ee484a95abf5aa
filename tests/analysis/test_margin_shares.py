"""Do shares at a margin keep the level that the guide says, also where all are alike or few?"""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from analysis.margin_plans import NI, found_in, shares
from resynapse.cli.command_line import app
from resynapse.input_error import InputError
from resynapse.trial.analysis.risk_difference import Shares


def shares_of(n_1, x_1, n_0, x_0):
    return Shares(*(np.array([float(one)]) for one in (n_1, x_1, n_0, x_0)), stratified=False)


def exact_level(n_1, n_0, margin):
    """Of one-sided 2.5 %, at the share of the reference where it is largest."""
    shown = [
        [shares_of(n_1, a, n_0, b).score(-margin) >= 1.959964 for b in range(n_0 + 1)]
        for a in range(n_1 + 1)
    ]
    p_0 = np.linspace(margin + 0.001, 0.999, 120)[:, None]
    own = stats.binom.pmf(np.arange(n_1 + 1), n_1, p_0 - margin)
    other = stats.binom.pmf(np.arange(n_0 + 1), n_0, p_0)
    return np.max(np.sum(own @ np.array(shown, float) * other, axis=1))


@pytest.mark.parametrize(("people", "margin"), [
    ((75, 75), 0.05), ((20, 20), 0.2), ((100, 50), 0.05), ((80, 20), 0.1), ((60, 20), 0.1),
    ((40, 20), 0.05), ((40, 10), 0.1)])  # fmt: skip
def test_the_exact_level_is_what_the_guide_says(root, people, margin):
    guide = " ".join((root / "docs/analyse.md").read_text("utf-8").split())

    said = f"{100 * exact_level(*people, margin):.1f} % for {people[0]} and {people[1]}"

    assert f"{said} people (margin {margin:g})" in guide or f"{said} (margin {margin:g})" in guide


def test_people_expected_at_a_margin_are_those_of_the_likeliest_shares():
    grid = np.linspace(0.1 + 1e-9, 1 - 1e-9, 200_001)  # share of the reference; the other is lower
    likely = stats.binom.logpmf(33, 40, grid - 0.1) + stats.binom.logpmf(9, 10, grid)
    q = grid[np.argmax(likely)]

    assert shares_of(40, 33, 10, 9).fewest(-0.1) == pytest.approx(10 * (1 - q), abs=1e-4)


def test_a_note_tells_where_few_are_expected_at_the_margin():
    (few,) = found_in(shares(new=(40, 35), old=(10, 10)), NI)
    (many,) = found_in(shares(new=(60, 40), old=(60, 42)), NI)

    assert "with yes, or with no, are expected in an arm" in few.notes[0]
    assert few.notes[0].startswith("new against old: at the margin ") and not many.notes


@pytest.mark.parametrize("yes", [0, 40])
def test_outcomes_that_are_all_alike_are_held_against_a_margin_and_against_that_alone(yes):
    rows = shares(new=(40, yes), old=(40, yes))

    (found,) = found_in(rows, NI)

    (one,), (held,) = found.estimates, found.margins
    end = 1.959964**2 / (40 + 1.959964**2)
    assert (one.low, one.high) == pytest.approx((-end, end), rel=1e-6)
    assert held.shown and held.statistic == pytest.approx(0.2 / np.sqrt(0.16 / 40), rel=1e-6)
    with pytest.raises(InputError, match="the same value in every row"):
        found_in(rows, "method: risk_difference, value: y")


@pytest.mark.parametrize(("yes", "wish", "said"), [
    (100, "higher_is_better: true", "All of it lies on the worse side of no difference."),
    (100, "higher_is_better: false", "All of it lies on the better side of no difference."),
    (190, "higher_is_better: true", "All of it lies on the better side of no difference."),
    (100, "equivalence: true", "All of it lies below no difference."),
    (190, "equivalence: true", "All of it lies above no difference."),
])  # fmt: skip
def test_what_lies_on_one_side_of_no_difference_is_said_also_where_the_margin_is_kept(
    yes, wish, said
):
    rows = shares(new=(200, yes), old=(200, 145))
    for method in ("risk_difference, value: y, margin: 0.5", "logistic, value: y, margin: 40"):
        down = method.startswith("logistic") and wish == "higher_is_better: true"
        asked = f"method: {method.replace('40', '0.025') if down else method}, {wish}"

        (found,) = found_in(rows, asked)

        assert found.margins[0].shown and found.margins[0].said.endswith(said)


def test_limits_that_no_difference_reaches_are_the_ends_of_all_differences():
    assert shares_of(5, 3, 5, 3).limits(0.0, 1e6) == (-1.0, 1.0)
    assert shares_of(5, 3, 5, 3).limits(0.0, np.inf) == (-1.0, 1.0)


def test_confidence_too_near_to_1_is_refused():
    with pytest.raises(InputError, match=r"confidence.*0\.999999"):
        found_in(shares(new=(40, 30), old=(40, 30)), NI, more="confidence: 0.9999999999999999\n")
    (found,) = found_in(shares(new=(40, 30), old=(40, 30)), NI, more="confidence: 0.999999\n")
    assert "the 99.9999 % interval" in found.margins[0].said


def test_the_screen_says_whose_error_and_which_interval_stand_there(tmp_path):
    data, plan = tmp_path / "data.csv", tmp_path / "plan.yaml"
    rows = shares(new=(40, 30), old=(40, 31)).assign(site=[0, 1] * 40)
    rows.to_csv(data, index=False)
    show = partial(CliRunner().invoke, app, ["analyse", str(data), "--plan", str(plan)],
                   env={"COLUMNS": "300"})  # fmt: skip

    for strata, error in (("", "Farrington and Manning's score, Wald's error"),
                          (", strata: [site]", "score within strata, Sato's error")):  # fmt: skip
        plan.write_text(f"reference: old\nconfidence: 0.975\nanalyses:\n  - {{{NI}{strata}}}\n")
        shown = show().stdout

        assert "97.5% interval" in shown and error in " ".join(shown.split())
