"""Whose margin is it, and which verdict holds where several are tested?"""

from __future__ import annotations

import pytest

from analysis.margin_plans import NI, found_in, shares
from resynapse.input_error import InputError
from resynapse.trial.analysis import analyse, parse_plan
from resynapse.trial.analysis.plan import Plan


def together(*hypotheses, method="holm"):
    lines = "".join(f"    - {{{one}}}\n" for one in hypotheses)
    return f"multiplicity:\n  method: {method}\n  hypotheses:\n{lines}"


def test_non_inferiority_is_to_an_arm_that_the_plan_or_the_analysis_names():
    rows = shares(ketamine=(40, 30), midazolam=(40, 31))
    wish = {"method": "risk_difference", "value": "y", "margin": 0.2}
    ni = {**wish, "higher_is_better": True}

    for given in (
        {"analyses": [ni], "reference": "midazolam"},
        {"analyses": [{**ni, "reference": "midazolam"}]},
    ):
        (one,) = analyse(rows, Plan.model_validate(given))
        assert one.margins[0].name.endswith("ketamine against midazolam")

    with pytest.raises(InputError, match="first in alphabetical order, which may be the treatment"):
        analyse(rows, Plan.model_validate({"analyses": [ni]}))
    (both,) = analyse(rows, Plan.model_validate({"analyses": [{**wish, "equivalence": True}]}))
    assert both.margins[0].shown is not None


FIRST = "non-inferiority, risk difference, new against old"


def test_of_several_arms_multiplicity_speaks_of_the_test_that_is_its_hypothesis_alone():
    rows = shares(old=(60, 45), new=(60, 45), third=(60, 46))

    a, _, found = found_in(
        rows, NI, "name: b, method: logistic, value: y", more=together("analysis: a", "analysis: b")
    )

    first, other = a.margins
    assert first.shown and first.shown_together is (found.tests[0].p_value <= 0.05)
    assert first.said.startswith("By itself, non-inferiority is shown (risk difference, new ")
    assert "Multiplicity has the last word" in first.said
    assert other.shown and other.shown_together is None
    assert other.said.endswith("It is not among the hypotheses of multiplicity.")
    assert f"a, {FIRST}: shown at one-sided 2.5 % for all hypotheses together" in found.notes
    assert not [note for note in found.notes if "third" in note]


def test_what_is_shown_by_itself_may_not_be_shown_together():
    a, _, found = found_in(
        shares(old=(40, 30), new=(40, 30)), NI, "name: b, method: logistic, value: y",
        more=together("analysis: a", "analysis: b"),
    )  # fmt: skip

    (one,) = a.margins
    assert (one.shown, one.shown_together) == (True, False)
    assert one.said.endswith("last word: not shown at one-sided 2.5 % for all hypotheses together.")
    assert found.details["rejected"] == []


def test_without_multiplicity_several_tests_say_that_each_has_its_own_level():
    rows = shares(old=(40, 30), new=(40, 31), third=(40, 31))

    (several,) = found_in(rows, NI)
    one, other = found_in(rows[rows["arm"] != "third"], NI, NI.replace("a,", "b,", 1))
    (alone,) = found_in(rows[rows["arm"] != "third"], NI)

    said = "each of 2 tests at a margin is made at its own level, one-sided 2.5 %"
    assert [any(said in note for note in each.notes) for each in (several, one, other, alone)] == [
        True, False, True, False
    ]  # fmt: skip


def test_superiority_follows_once_non_inferiority_is_shown():
    z = "z of two shares, new against old"
    hypotheses = (
        f"analysis: a, weight: 1, passes_to: {{'a, {z}': 1}}",
        f"analysis: a, weight: 0, quantity: '{z}'",
    )

    a, found = found_in(
        shares(old=(60, 36), new=(60, 49)), NI, more=together(*hypotheses, method="graphical")
    )

    held, superior = 2 * a.margins[0].p_value, a.tests[0].p_value
    assert {one.name: one.p_value for one in found.tests} == pytest.approx(
        {f"a, {FIRST}": held, f"a, {z}": max(held, superior)}
    )
    assert found.details["rejected"] == [f"a, {FIRST}", f"a, {z}"]


def test_weight_goes_to_an_analysis_by_its_name_or_by_that_of_its_test():
    z = "z of two shares, new against old"
    for to in ("b", f"b, {z}"):
        hypotheses = (
            f"analysis: a, weight: 1, passes_to: {{'{to}': 1}}",
            f"analysis: a, weight: 0, quantity: '{z}'", f"analysis: b, weight: 0, quantity: '{z}'",
        )  # fmt: skip

        *_, found = found_in(
            shares(old=(60, 36), new=(60, 49)), NI, "name: b, method: risk_difference, value: y",
            more=together(*hypotheses, method="graphical"),
        )  # fmt: skip

        assert found.details["rejected"] == [f"a, {FIRST}", f"b, {z}"]


def test_a_test_that_is_a_hypothesis_twice_is_refused():
    for second in ("analysis: a", f"analysis: a, quantity: '{FIRST}'"):
        with pytest.raises(InputError, match=f"'a, {FIRST}' is a hypothesis twice"):
            found_in(shares(old=(40, 30), new=(40, 30)), NI, more=together("analysis: a", second))


def test_a_pair_that_is_alike_has_no_test_of_no_difference_which_counts_as_p_1():
    z = "z of two shares, new against old"
    rows = shares(old=(40, 40), new=(40, 40), third=(40, 0))

    _, found = found_in(rows, NI, more=together("analysis: a", f"analysis: a, quantity: '{z}'"))

    assert found.details["unadjusted"][f"a, {z}"] == 1.0
    assert f"a: {z} has no p, so it counts as p = 1" in found.notes


def test_a_hypothesis_that_failed_has_a_note_and_still_stands_in_the_graph():
    rows = shares(old=(40, 30), new=(40, 30)).assign(v=lambda one: 1.0 * (one["arm"] == "new"))
    z = "z of two shares, new against old"
    mean = "name: m, method: mean_difference, value: v, margin: 1, higher_is_better: true"
    hypotheses = (
        f"analysis: a, weight: 1, quantity: '{z}', "
        "passes_to: {'m, non-inferiority, difference, new against old': 1}",
        "analysis: m, weight: 0", "analysis: a, weight: 0",
    )  # fmt: skip

    *_, found = found_in(rows, NI, mean, more=together(*hypotheses, method="graphical"))

    assert found.details["unadjusted"]["m"] == 1.0
    assert "m: the analysis failed, so it counts as p = 1" in found.notes


def test_the_plan_of_the_guide_gives_its_weight_to_the_test_of_superiority(root):
    guide = (root / "docs/analyse.md").read_text("utf-8")
    plan = guide.partition("Superiority once non-inferiority is shown:\n\n```yaml\n")[2]
    rows = shares(midazolam=(60, 36), ketamine=(60, 49)).rename(columns={"y": "clean"})

    _, found = analyse(rows, parse_plan(plan.partition("```")[0], "guide"))

    assert found.details["rejected"] == [one.name for one in found.tests]
