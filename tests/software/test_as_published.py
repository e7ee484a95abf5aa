"""Is a published result held against the trial that found it, and against no other?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from resynapse.cli import summary
from resynapse.protocol import from_data, library, load
from resynapse.protocol.as_published import SHARED, Changed, changed
from resynapse.report import render
from resynapse.report.arms import styles
from resynapse.report.sections import comparison, opening
from resynapse.trial.simulate import published_values
from resynapse.web.view import parts
from software.report_example import toy_result

TRIAL = "krupitsky-2007"


def edited(**fields):
    return load(TRIAL).model_copy(update=fields)


def first_arm_given(**update):
    trial = load(TRIAL)
    dose = trial.arms[0].doses[0].model_copy(update=update)
    arm = trial.arms[0].model_copy(update={"doses": (dose,)})
    return trial.model_copy(update={"arms": (arm, *trial.arms[1:])})


def said_of(protocol):
    """What a report of this programme says beside the comparison of its arms."""
    result = replace(
        toy_result(TRIAL, people=20), protocol=protocol, published=published_values(protocol)
    )
    return comparison.told_apart(result, styles(result)), result


@pytest.mark.parametrize("name", library())
def test_a_trial_of_the_library_that_went_through_the_page_is_still_that_trial(name):
    sent = load(name).model_dump_json(exclude_none=True)

    assert changed(from_data(json.loads(sent), name)) == Changed()


@pytest.mark.parametrize("name", ["title", "follow_up_days", "visits", "endpoints", "switches"])
def test_what_is_asked_and_how_long_it_is_followed_leave_it_that_trial(name):
    other = getattr(load("grabski-2022"), name)

    assert not changed(edited(**{name: other}))


@pytest.mark.parametrize("name", ["disorder", "population", "blinding"])
def test_another_substance_or_other_people_are_another_trial(name):
    told, result = said_of(edited(**{name: getattr(load("grabski-2022"), name)}))

    assert result.published and not result.comparable
    assert f"not {TRIAL} as it was published: {SHARED[name]}" in told
    assert "The published interval" not in told
    assert summary.changed_line(result) in told
    assert opening.lead(result).startswith(f"Simulation of {TRIAL}, changed: ")


def test_only_what_rests_on_a_changed_arm_is_held_against_nothing():
    values = published_values(first_arm_given(minutes=5.0))
    arms = {(value.arm, value.reference) for value in values if value.comparable}

    assert {value.arm for value in values} > {"single"}
    assert arms == {("single", None)}


def test_a_pooled_value_rests_on_every_arm_that_it_pools():
    trial = load("grabski-2022")
    kept = tuple(arm.model_copy(update={"doses": ()}) if k == 1 else arm
                 for k, arm in enumerate(trial.arms))  # fmt: skip
    values = published_values(trial.model_copy(update={"arms": kept}))
    pooled = [value for value in values if value.arm == "ket_pooled"]

    assert pooled and not any(value.comparable for value in pooled)


def test_the_trial_as_it_was_says_nothing_of_changes():
    told, result = said_of(load(TRIAL))

    assert result.comparable
    assert "as it was published" not in told
    assert summary.changed_line(result) == ""
    assert "changed" not in opening.lead(result)


def test_a_run_says_on_the_screen_what_was_changed(capsys, tmp_path):
    _, result = said_of(edited(disorder="cocaine"))

    summary.show(result, tmp_path)

    assert "is not krupitsky-2007 as it was published" in " ".join(capsys.readouterr().out.split())


def masked(**of_ketamine):
    """dakwar-2019 with its ketamine arm described otherwise."""
    trial = load("dakwar-2019")
    arms = [arm.model_copy(update=of_ketamine if arm.has_ketamine else {}) for arm in trial.arms]
    return trial.model_copy(update={"arms": tuple(arms)})


@pytest.mark.parametrize("said", [{"control": "midazolam"}, {"active": False}])
def test_an_arm_that_counts_as_something_else_moves_belief_and_is_changed(said):
    ketamine = next(arm.id for arm in load("dakwar-2019").arms if arm.has_ketamine)

    assert changed(masked(**said)) == Changed((), (ketamine,))


def test_the_shares_and_the_arms_of_a_masked_trial_are_part_of_it():
    trial = load("dakwar-2019")
    alone = trial.model_copy(update={"arms": trial.arms[:1], "reference": trial.arms[0].id})
    more = (*trial.arms, trial.arms[0].model_copy(update={"id": "another"}))

    assert changed(masked(allocation=2.0)).shared == ("allocation",)
    assert changed(alone).shared == ("arms",)
    assert changed(trial.model_copy(update={"arms": more})).shared == ("arms",)
    twice = tuple(arm.model_copy(update={"allocation": 2.0}) for arm in trial.arms)
    assert not changed(trial.model_copy(update={"arms": twice}))


def test_where_all_know_what_they_get_another_arm_changes_no_arm_that_was():
    trial = load("ctn-0027")
    more = (*trial.arms, trial.arms[0].model_copy(update={"id": "another", "allocation": 3.0}))

    assert trial.blinding == "open"
    assert not changed(trial.model_copy(update={"arms": more}))


def test_the_trial_that_was_changed_is_named_and_not_the_file():
    trial = first_arm_given(minutes=5.0).model_copy(update={"name": "mine"})
    told, result = said_of(trial)

    assert f"This programme is not {TRIAL} as it was published: " in told
    assert opening.lead(result).startswith(f"Simulation of mine ({TRIAL}, changed): ")
    assert opening.lead(said_of(edited(name="mine"))[1]).startswith("Simulation of mine: ")


def fitted_to_it(protocol):
    made = replace(said_of(protocol)[1], manifest={"calibrated_to": (TRIAL,)})
    return "were fitted" in comparison.told_apart(made, styles(made))


def test_what_was_fitted_is_said_of_the_trial_and_of_nothing_that_has_its_name():
    assert fitted_to_it(load(TRIAL)) and fitted_to_it(edited(name="mine"))
    assert not fitted_to_it(edited(disorder="cocaine"))
    assert not fitted_to_it(edited(study=None, state="scenario"))


def test_a_changed_pending_trial_says_what_differs_also_with_one_arm(capsys, tmp_path):
    made = toy_result("more-kare", people=20)
    other = replace(made, protocol=made.protocol.model_copy(update={"disorder": "cocaine"}))
    said = f"not more-kare as it was registered: {SHARED['disorder']} differs. It is no forecast"
    one = toy_result(made.protocol.model_copy(
        update={"arms": made.protocol.arms[:1], "reference": made.protocol.arms[0].id,
                "blinding": "open"}
    ), people=20)  # fmt: skip
    summary.show(other, tmp_path)

    assert said in " ".join(capsys.readouterr().out.split())
    for shown in (render(other), parts(other, ("compared",))["compared"]):
        assert said in shown
    for shown in (render(one), parts(one, ("compared",))["compared"]):
        assert f"not more-kare as it was registered: {SHARED['blinding']} differs" in shown
    assert "registered" not in render(made)
    mine = replace(other, protocol=other.protocol.model_copy(update={"state": "scenario"}))
    assert said in comparison.as_published(mine)


def test_a_pending_trial_that_was_changed_is_no_forecast_of_it():
    made = toy_result("more-kare", people=20)
    other = replace(made, protocol=made.protocol.model_copy(update={"disorder": "cocaine"}))

    assert "more-kare: a forecast of a pending trial, " in opening.lead(made)
    assert "forecast" not in opening.lead(other) and "more-kare, changed: " in opening.lead(other)
