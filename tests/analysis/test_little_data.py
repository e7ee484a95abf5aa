"""Does an analysis of few people, or of no events, say no more than they tell?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resynapse.input_error import InputError
from resynapse.trial.analysis import analyse, parse_plan
from resynapse.trial.kaplan_meier import kaplan_meier


def survival(controls=20, n=80):
    draw = np.random.default_rng(2)
    people = controls + n
    return pd.DataFrame({
        "person": np.arange(people), "arm": ["old"] * controls + ["new"] * n,
        "time": np.ceil(draw.exponential(60, people)).clip(1, 90), "event": 1,
        "site": draw.integers(0, 4, people), "yes": draw.integers(0, 2, people),
        "value": draw.normal(50, 8, people).round(1),
    })  # fmt: skip


def answers(table, *wishes, more=""):
    text = "".join(f"  - {{{wish}}}\n" for wish in wishes)
    return analyse(table, parse_plan(f"reference: old\nanalyses:\n{text}{more}", "plan"))


RESTRICTED = "name: area, method: restricted_mean, horizon: 60"


@pytest.mark.parametrize("table", [
    survival(controls=1),
    survival().assign(event=lambda rows: (rows["arm"] == "new") * 1, time=90.0),
])  # fmt: skip
def test_an_arm_whose_times_do_not_differ_gives_no_error_of_a_difference(table):
    table.loc[table["arm"] == "new", "time"] = np.arange(80) + 10.0

    (found,) = answers(table, RESTRICTED)

    gap = found.estimates[-1]
    assert "less" in gap.quantity and np.isfinite(gap.estimate)
    assert (gap.standard_error, gap.low, gap.p_value) == (None, None, None)
    assert "arm old do not differ" in found.notes[0]


def test_a_restricted_mean_without_a_p_counts_as_not_shown_among_several():
    more = "multiplicity: {method: holm, hypotheses: [{analysis: area}, {analysis: mean}]}"
    table = survival(controls=1)

    found = answers(table, RESTRICTED, "name: mean, method: wilcoxon", more=more)[-1]

    assert found.details["unadjusted"]["area"] == 1.0


@pytest.mark.parametrize("quantity", ["", ", quantity: 'restricted mean to 10, b less a'"])
def test_the_first_difference_of_restricted_means_lends_no_other_its_p(quantity):
    draw = np.random.default_rng(3)
    table = pd.DataFrame({"arm": [*"abc"] * 20, "event": [1, 0, 1] * 20, "time": 12.0})
    table.loc[table["arm"] == "a", "time"] = draw.uniform(1, 4, 20)
    table.loc[table["arm"] == "c", "time"] = draw.uniform(6, 9, 20)
    plan = f"""
analyses:
  - {{name: rm, method: restricted_mean, horizon: 10}}
  - {{name: ranks, method: log_rank}}
multiplicity: {{method: holm, hypotheses: [{{analysis: rm{quantity}}}, {{analysis: ranks}}]}}
"""

    area, _, found = analyse(table, parse_plan(plan, "plan"))

    assert [one.p_value for one in area.estimates[3:5]] == [None, pytest.approx(0.0, abs=1e-6)]
    assert found.details["unadjusted"]["rm"] == 1.0 and found.details["rejected"] == ["ranks"]
    assert found.notes == ("rm: restricted mean to 10, b less a has no p, so it counts as p = 1",)


def test_one_hypothesis_alone_is_told_that_two_are_needed():
    more = "multiplicity: {method: holm, hypotheses: [{analysis: area}]}"

    with pytest.raises(InputError, match="hypotheses: at least 2 are needed"):
        answers(survival(), RESTRICTED, more=more)


def test_a_quantity_that_never_has_a_p_is_no_hypothesis():
    more = """multiplicity:
  method: holm
  hypotheses: [{analysis: area, quantity: "restricted mean to 60, old"}, {analysis: mean}]
"""

    with pytest.raises(InputError, match="has no p-value of 'restricted mean to 60, old'"):
        answers(survival(), RESTRICTED, "name: mean, method: wilcoxon", more=more)


def test_a_log_rank_test_tells_which_arm_has_fewer_events_than_expected():
    table = pd.DataFrame({"arm": ["old", "old", "new", "new", "late"], "event": [1, 1, 1, 0, 1],
                          "time": [1.0, 2.0, 3.0, 4.0, 5.0]})  # fmt: skip

    found = answers(table, "method: log_rank")[0].estimates

    assert [one.quantity for one in found] == [
        "events less expected, late", "events less expected, new"]  # fmt: skip
    # at risk of all 5, 4, 3, 2, 1; of new 2, 2, 2; of late 1 at each
    assert found[1].estimate == pytest.approx(1 - (2 / 5 + 2 / 4 + 2 / 3))
    assert found[0].estimate == pytest.approx(1 - (1 / 5 + 1 / 4 + 1 / 3 + 1))
    spread = 6 / 25 + 1 / 4 + 2 / 9
    assert found[1].standard_error == pytest.approx(np.sqrt(spread))


def test_a_log_rank_test_without_a_stratum_of_both_arms_has_no_answer():
    table = survival(n=100).assign(site=lambda rows: (rows["arm"] == "new") * 1)
    draw = np.random.default_rng(4)  # of which rounding left a variance of 7e-15
    table["time"] = np.ceil(draw.exponential(30, 120))
    table["event"] = draw.integers(0, 2, 120)

    (found,) = answers(table, "method: log_rank, strata: [site]")

    assert found.failed is not None
    assert "never at risk together" in found.failed


@pytest.mark.parametrize(
    ("x_1", "n_1", "x_0", "n_0", "low", "high"),
    [(10, 10, 0, 20, 0.6791, 1.0), (5, 56, 0, 29, -0.0381, 0.1926), (0, 10, 10, 10, -1.0, -0.6075)],
)
def test_a_share_of_nobody_or_everybody_has_newcombes_interval(x_1, n_1, x_0, n_0, low, high):
    """The intervals that Newcombe's Table II has for method 10, recalled, and statsmodels'."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    yes = [1] * x_0 + [0] * (n_0 - x_0) + [1] * x_1 + [0] * (n_1 - x_1)
    table = pd.DataFrame({"arm": ["old"] * n_0 + ["new"] * n_1, "value": yes})

    (found,) = answers(table, "method: risk_difference")

    (one,) = found.estimates
    assert (one.low, one.high) == pytest.approx((low, high), abs=6e-5)
    other = confint_proportions_2indep(x_1, n_1, x_0, n_0, method="newcomb")
    assert (one.low, one.high) == pytest.approx(other, abs=1e-9)
    assert one.standard_error is None
    assert "Newcombe" in found.notes[0]


def shares(**arms):
    """A row a person: arm -> people with yes, people."""
    rows = [(arm, k % 4, k < yes) for arm, (yes, n) in arms.items() for k in range(n)]
    return pd.DataFrame(rows, columns=["arm", "site", "value"]).astype({"value": int})


@pytest.mark.parametrize(("arms", "whose"), [
    ({"old": (0, 20), "new": (5, 20)}, "interval of Newcombe"),
    ({"old": (4, 20), "new": (5, 20)}, "interval of Wald"),
    ({"old": (4, 20), "new": (5, 20), "none": (0, 20)}, "Wald, or Newcombe where noted"),
])  # fmt: skip
def test_a_difference_of_shares_says_whose_interval_it_has(arms, whose):
    (found,) = answers(shares(**arms), "method: risk_difference")

    assert found.description.endswith(whose)


def test_all_against_nobody_within_strata_has_no_interval_and_says_why():
    (found,) = answers(shares(old=(0, 22), new=(30, 30)), "method: risk_difference, strata: [site]")

    (one,) = found.estimates
    assert (one.estimate, one.low, one.standard_error) == (pytest.approx(1.0), None, None)
    assert "new against old: the strata leave Sato's error none" in found.notes[0]


@pytest.mark.parametrize(("arms", "wish", "words"), [
    ({"old": (12, 12), "new": (2, 9)}, ", strata: [site]", "Sato"),
    ({"old": (1, 9), "new": (8, 9)}, "", "Wald"),
])  # fmt: skip
def test_an_interval_beyond_one_says_so(arms, wish, words):
    (found,) = answers(shares(**arms), f"method: risk_difference{wish}")

    (one,) = found.estimates
    end = max(one.low, one.high, key=abs)
    assert abs(end) > 1.0 and words in found.description
    assert f"an end of the interval, {end:.3g}, lies beyond {np.sign(end):g}" in found.notes[0]


def test_before_the_first_time_a_curve_is_as_sure_as_its_people_are_many():
    curve = kaplan_meier(np.array([40.0, 50.0, 60.0]), np.array([True, True, False]))

    low, high = curve.interval(np.array([0.0, 30.0]))

    assert low[0] == high[0] == high[1] == 1.0
    assert low[1] == pytest.approx(0.4385, abs=1e-4)  # Wilson's of 3 of 3


def test_an_incidence_of_nobody_is_as_sure_as_those_still_without_are_many():
    table = survival(controls=10, n=30)
    table.loc[:9, "time"] = [5.0, 6.0, *[50.0] * 8]  # one left, one had another event
    table.loc[:9, "event"] = [0, 2, *[1] * 8]

    (found,) = answers(table, "method: cumulative_incidence, cause: 1, at: [20]")

    none = found.estimates[0]
    assert (none.estimate, none.standard_error, none.low) == (0.0, None, 0.0)
    assert none.high == pytest.approx(3.8415 / (9 + 3.8415), abs=1e-4)  # Wilson's, of 0 of 9


def test_a_variance_robust_to_eight_clinics_says_what_it_rests_on():
    table = survival().assign(clinic=lambda rows: rows["person"] % 8)

    (found,) = answers(table, "method: cox, person: clinic")

    assert "same clinic" in found.description
    assert any("take rows as independent" in note for note in found.notes)
    assert any("8 groups" in note for note in found.notes)


INTERVALS = pd.DataFrame({
    "person": list("aabbcdef"), "arm": ["new", "old", "new", "new", "old", "old", "new", "old"],
    "start": [0, 10, 0, 12, 0, 0, 0, 0], "time": [10, 20, 12, 25, 15, 30, 22, 9],
    "event": [1, 1, 1, 0, 1, 1, 1, 1], "visit": [1, 2, 1, 2, 1, 1, 1, 1],
    "clinic": [0, 0, 1, 1, 0, 0, 1, 1], "value": [1, 0, 1, 0, 0, 1, 1, 0],
})  # fmt: skip


@pytest.mark.parametrize("wish", [
    "method: gee", "method: recurrent", "method: recurrent, model: pwp_gap",
    "method: cox, start: start",
])  # fmt: skip
def test_a_person_who_changes_arm_is_refused_with_the_line(wish):
    with pytest.raises(InputError, match="Person a changes arm in column 'arm', line 3;") as caught:
        answers(INTERVALS, wish)
    assert "Crossover designs, whose people are in both arms, have no method" in str(caught.value)


def test_arms_may_differ_within_a_clinic_by_which_rows_are_grouped():
    table = INTERVALS[INTERVALS["start"] == 0]

    assert answers(table, "method: cox, start: start, person: clinic")


@pytest.mark.parametrize(("code", "told"), [(-99, True), (-9, True), (999, True), (99, False)])
def test_a_code_for_not_known_among_numbers_is_told(code, told):
    table = survival()
    table.loc[[3, 7], "value"] = code

    notes = answers(table, "method: mean_difference")[0].notes

    assert any(f"{code} in column 'value', line 5 and 1 more" in note for note in notes) == told


def test_all_codes_for_not_known_of_a_column_are_told_in_one_sentence():
    table = survival()
    table.loc[[3, 7], "value"] = -9
    table.loc[4, "value"] = -99
    table.loc[5, "value"] = 999

    (note,) = answers(table, "method: mean_difference")[0].notes

    assert note.startswith(
        "-9 in column 'value', line 5 and 1 more; -99, line 6; 999, line 7, are taken as numbers"
    )
    assert note.endswith("negative or near them; if they are codes, leave such rows out")


def test_a_number_among_others_is_no_code_beside_one():
    table = survival()
    table.loc[[3, 4, 5], "value"] = [-9, 999, 500]

    (note,) = answers(table, "method: mean_difference")[0].notes

    assert note.startswith("-9 in column 'value', line 5, is taken as a number")


def test_negative_numbers_of_a_scale_that_goes_below_zero_are_no_code():
    table = survival()
    table["value"] -= 50.0
    table.loc[3, "value"] = -9.0

    assert answers(table, "method: mean_difference")[0].notes == ()


def test_days_of_nobody_observed_are_not_counted():
    draw = np.random.default_rng(1)
    table = survival().assign(days=draw.integers(5, 30, 100))
    table.loc[[0, 40], "days"] = 0
    table["value"] = draw.binomial(table["days"], draw.beta(1, 1, 100))

    (found,) = answers(table, "method: beta_binomial, trials: days")

    assert found.n == 98
    assert "2 with 0 in days" in found.notes[0]


def test_shares_of_pairs_have_no_ties_where_none_is_undecided():
    values = np.random.default_rng(30).permutation(90)  # of which rounding left 6e-17
    table = pd.DataFrame({"arm": ["new"] * 30 + ["old"] * 60, "value": values})

    (found,) = answers(table, "method: win_ratio, outcomes: [{value: value}]")

    assert found.estimates[-1].estimate == 0.0
