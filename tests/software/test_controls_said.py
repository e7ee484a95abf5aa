"""Is it said what a control is taken to feel like, and when arms feel alike?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from resynapse.report import render
from resynapse.report.arms import styles
from resynapse.report.sections import cannot_tell, safety
from resynapse.report.sections.controls_felt import CAPTION, controls_felt
from resynapse.web.view import parts
from software.report_example import toy_result

ROWS = (
    ("dissociation.after_midazolam", 1.5, "midazolam 1.5\u00a0CADSS"),
    ("dissociation.after_saline", 0.6, "saline 0.6\u00a0CADSS"),
)


def a_run_of(trial):
    made = toy_result(trial, people=20)
    row = dict(made.parameters_table[0])
    rows = [row | {"path": path, "value": value} for path, value, _ in ROWS]
    return replace(made, parameters_table=[*made.parameters_table, *rows])


def dissociation(result):
    return next(one for one in safety.safety(result, styles(result)) if one.name == "dissociation")


@pytest.mark.parametrize(
    ("trial", "felt"), [("dakwar-2019", [ROWS[0][2]]), ("grabski-2022", [ROWS[1][2]])]
)
def test_a_control_at_0_is_not_said_to_feel_nothing(trial, felt):
    result = a_run_of(trial)
    told = controls_felt(result, styles(result))

    assert [words for _, _, words in ROWS if words in told] == felt
    assert "assumption" in told
    assert CAPTION in dissociation(result).caption
    assert told in render(result)
    assert told in parts(result, ("safety",))["safety"].replace("&#39;", "'")


def test_where_every_arm_has_ketamine_nothing_is_said_of_controls():
    result = a_run_of("krupitsky-2002")

    assert controls_felt(result, styles(result)) == ""
    assert CAPTION not in dissociation(result).caption


@pytest.mark.parametrize("trial", ["bailey-2013", "ctn-0027", "kakko-2003"])
def test_where_an_arm_has_no_dose_nothing_is_said_of_what_a_dose_feels_like(trial):
    result = a_run_of(trial)

    assert controls_felt(result, styles(result)) == ""
    assert CAPTION not in dissociation(result).caption


def test_what_a_control_feels_like_is_said_to_act_on_belief_only_where_it_does():
    result = a_run_of("dakwar-2019")
    off = result.protocol.switches.model_copy(update={"expectancy": False})

    for fields in ({"blinding": "open"}, {"switches": off}):
        other = replace(result, protocol=result.protocol.model_copy(update=fields))
        assert controls_felt(other, styles(other)) == ""
        assert CAPTION in dissociation(other).caption


@pytest.mark.parametrize("trial", ["krupitsky-2011", "kakko-2003", "schottenfeld-2008"])
def test_of_masking_nothing_is_said_where_no_arm_has_a_dose(trial):
    told = masking_of(toy_result(trial, people=20))

    assert told.startswith(("Dotted lines", "This run has no world"))


def test_the_same_doses_in_another_order_are_not_said_to_feel_the_same():
    result = toy_result("scenario-heroin-booster", people=20)
    crossed = result.protocol.model_copy(update={"arms": result.protocol.arms[1:3]})

    assert masking_of(result).startswith("The doses feel different")
    assert masking_of(replace(result, protocol=crossed)).startswith("Every arm has doses of the")


def test_of_masking_nothing_is_said_with_one_arm():
    result = toy_result("krupitsky-2002", people=20)
    alone = result.protocol.model_copy(update={"arms": result.protocol.arms[:1]})

    assert masking_of(replace(result, protocol=alone)).startswith("Dotted lines")


def masking_of(result):
    told = cannot_tell.cannot_tell(result)
    return next(one.rest for one in told if one.bold == "How much is expectancy.")


def expectancy_of(result, **update):
    """What is said of masking where every arm has the doses of the first, the last changed."""
    first, *others = result.protocol.arms
    doses = [one.model_copy(update={"doses": first.doses}) for one in others]
    changed = [dose.model_copy(update=update) for dose in first.doses]
    doses[-1] = doses[-1].model_copy(update={"doses": tuple(changed)})
    plan = result.protocol.model_copy(update={"arms": (first, *doses), "blinding": "masked"})
    return masking_of(replace(result, protocol=plan))


def test_doses_that_are_alike_are_not_said_to_feel_different():
    result = toy_result("krupitsky-2002", people=20)

    assert expectancy_of(result).startswith("Every arm has the same doses")
    assert expectancy_of(result, days=(1.0, 5.0)).startswith("A dose feels the same in every arm")
    assert expectancy_of(result, if_rule="x").startswith("A dose feels the same in every arm")
    assert expectancy_of(result, ideal_body_weight=True).startswith("The doses feel different")
    assert expectancy_of(result, drug="saline").startswith("The doses feel different")
