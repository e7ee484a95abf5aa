"""Are Simon's designs of one arm those published, and exact?"""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from oracle import in_r
from resynapse.cli.command_line import app
from resynapse.trial.design.two_stage import TwoStage, simon

PUBLISHED = {
    (0.05, 0.25, 0.10, 0.90): ((0, 9, 2, 24, 14.5, 0.63), (0, 13, 2, 20, 16.4, 0.51)),
    (0.20, 0.40, 0.10, 0.90): ((3, 17, 10, 37, 26.02, 0.5489), (3, 19, 10, 36, 28.26, 0.4551)),
    (0.20, 0.35, 0.05, 0.95): ((11, 50, 28, 109, 67.07, 0.7107), (15, 68, 25, 95, 75.44, 0.7244)),
    (0.05, 0.20, 0.10, 0.90): ((0, 12, 3, 37, 23.49, 0.5404), (0, 18, 3, 32, 26.44, 0.3972)),
    (0.25, 0.45, 0.05, 0.90): (
        (6, 22, 19, 57, 32.52206, 0.6993697), (6, 26, 17, 49, 37.14596, 0.5153932)),
}  # fmt: skip
"""p0, p1, alpha, power -> r1, n1, r, n, people on average and probability of the stop at p0

Optimal and minimax: the first of Simon 1989, Table 1, recalled; the others as clinfun's manual
prints them"""
SCRIPT = """
best <- function(p0, p1, alpha, power, most) {
  found <- NULL
  for (n in 2:most) for (n1 in 1:(n - 1)) for (r1 in 0:(n1 - 1)) {
    x <- (r1 + 1):n1; r <- 0:(n - 1)
    win <- function(p) sapply(r, function(k)
      sum(dbinom(x, n1, p) * pbinom(k - x, n - n1, p, lower.tail = FALSE)))
    keeps <- which(win(p0) <= alpha & win(p1) >= power & r > r1)
    if (length(keeps)) found <- rbind(found, c(n1, r1, n, r[keeps[1]],
      n1 + (1 - pbinom(r1, n1, p0)) * (n - n1), win(p0)[keeps[1]], win(p1)[keeps[1]]))
  }
  found <- found[order(found[, 3], found[, 5]), ]
  list(optimal = found[which.min(found[, 5]), ], minimax = found[1, ])
}
list(rare = best(.05, .3, .05, .8, 22), even = best(.4, .75, .1, .8, 20),
     common = best(.6, .9, .05, .8, 26), far = best(.1, .8, .6, .9, 8))
"""


@pytest.fixture(scope="module")
def r():
    return in_r(SCRIPT)


@pytest.mark.parametrize("asked", PUBLISHED)
def test_designs_are_those_published(asked):
    found = simon(*asked)

    for one, (r1, n1, r, n, people, stops) in zip(
        (found.optimal, found.minimax), PUBLISHED[asked], strict=True
    ):
        assert one == TwoStage(n1, r1, n, r)
        digits = [len(f"{value}".partition(".")[2]) for value in (people, stops)]
        assert round(one.expected_n(asked[0]), digits[0]) == people
        assert round(one.stops_early(asked[0]), digits[1]) == stops


@pytest.mark.parametrize(("name", "asked"), [
    ("rare", (0.05, 0.3, 0.05, 0.8)), ("even", (0.4, 0.75, 0.1, 0.8)),
    ("common", (0.6, 0.9, 0.05, 0.8)), ("far", (0.1, 0.8, 0.6, 0.9))])  # fmt: skip
def test_designs_of_one_arm_are_the_best_of_a_search_in_r(r, name, asked):
    found, p0 = simon(*asked), asked[0]

    for which, one in (("optimal", found.optimal), ("minimax", found.minimax)):
        said = [one.n1, one.r1, one.n, one.r, one.expected_n(p0), one.promising(p0)]
        assert [*said, one.promising(asked[1])] == pytest.approx(r[name][which], rel=1e-9)


def test_an_optimal_design_is_not_missed_among_larger_ones():
    asked = 0.3, 0.5, 0.05, 0.8
    found = simon(*asked)

    average = found.optimal.expected_n(0.3)
    larger = [
        TwoStage(n1, r1, n, r).expected_n(0.3)
        for n in range(found.optimal.n + 1, found.optimal.n + 8)
        for n1 in range(1, int(average) + 1)
        for r1 in range(n1)
        for r in range(int(0.3 * n), int(0.5 * n))
        if TwoStage(n1, r1, n, r).expected_n(0.3) < average
        and TwoStage(n1, r1, n, r).promising(0.3) <= 0.05
        and TwoStage(n1, r1, n, r).promising(0.5) >= 0.8
    ]
    assert not larger


def test_trials_that_are_played_out_stop_and_succeed_as_often():
    draw, one = np.random.default_rng(4), TwoStage(17, 3, 37, 10)
    first, second = draw.binomial(17, 0.4, 200_000), draw.binomial(20, 0.4, 200_000)

    shown = np.mean((first > 3) & (first + second > 10))

    assert shown == pytest.approx(one.promising(0.4), abs=4 * np.sqrt(0.9 * 0.1 / 200_000))


def test_one_stage_is_the_smallest_exact_test():
    assert simon(0.4, 0.6, 0.1, 0.9).one_stage == (41, 20)  # clinfun's manual, ph2single


@pytest.mark.parametrize("asked", [
    (0.05, 0.9, 0.05, 0.8), (0.1, 0.8, 0.6, 0.9), (0.2, 0.9, 0.3, 0.6)])  # fmt: skip
def test_a_second_stage_can_always_change_the_answer(asked):
    found = simon(*asked)

    for one in (found.optimal, found.minimax):
        assert one.r1 < one.r
        assert one.promising(asked[0]) <= asked[2] and one.promising(asked[1]) >= asked[3]


def test_designs_that_larger_ones_may_beat_on_average_are_given_with_a_note():
    found = simon(0.3, 0.375, 0.05, 0.8)

    one = found.optimal
    assert (one.n <= 250, one.promising(0.3) <= 0.05, one.promising(0.375) >= 0.8) == (True,) * 3
    assert found.minimax.n <= one.n and one.expected_n(0.3) < found.minimax.expected_n(0.3)
    assert found.notes()[0] == (
        "the optimal design is that of up to 250 people; more people at most may have fewer on "
        "average"
    )
    assert not simon(0.2, 0.4, 0.05, 0.9).notes()


def answer(*words):
    return CliRunner().invoke(app, ["design", "simon", *words], env={"COLUMNS": "200"})


def test_the_command_says_both_designs_and_the_guide_says_its_example(root):
    words = ("--p0", "0.2", "--p1", "0.4", "--alpha", "0.05", "--power", "0.9")
    found, shown = json.loads(answer(*words, "--json").stdout), answer(*words).stdout

    one = found["optimal"]
    guide = " ".join((root / "docs/design.md").read_text("utf-8").split())
    assert (
        f"says that {one['n1']} people are treated, and no more where {one['r1']} or fewer of them "
        f"respond; else {one['n']} in all, and the treatment is promising where more than "
        f"{one['r']} respond (optimal: {one['expected_n']:.1f} people"
    ) in guide
    assert f"fewest people at most ({found['minimax']['n']})" in guide
    assert "optimal: stop with so many responders of them, or fewer" in shown
    assert "minimax: people at most" in shown and "Simon 1989" in shown


def test_the_command_says_where_a_test_without_a_stop_needs_no_more_people():
    words = ("--p0", "0.05", "--p1", "0.9")

    one = json.loads(answer(*words, "--json").stdout)
    people, most = one["one_stage"]["n"], one["minimax"]["n"]

    assert people <= most
    said = f"people without a stop ({people}) are no more than minimax has at most ({most})"
    assert one["note"] == said and f"Note: {said}" in answer(*words).stdout


@pytest.mark.parametrize(("words", "said"), [
    (("--p0", "0.4", "--p1", "0.2"), "count those in whom it did not happen"),
    (("--p0", "0", "--p1", "0.2"), "p0 was given as 0; it must lie between 0 and 1"),
    (("--p0", "0.2", "--p1", "0.25"), "lie too near"),
    (("--p0", "0.2", "--p1", "0.4", "--power", "0.01"), "must be above alpha"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(words, said):
    found = answer(*words)

    assert found.exit_code == 2 and said in " ".join(found.stderr.split())
