"""Is an arm called what somebody called it, and not what it was copied from?"""

from __future__ import annotations

from dataclasses import replace

from resynapse.protocol import load
from resynapse.report.arms import LONGEST, styles
from software.report_example import toy_result

NAME = "my-trial"


def names(*labels, name=NAME, trial="krupitsky-2002"):
    """What a report calls the arms of a trial that were renamed; the reference comes first."""
    made = toy_result(trial, people=20)
    arms = {
        id: replace(arm, label=label or arm.label)
        for (id, arm), label in zip(made.arms.items(), labels, strict=True)
    }
    plan = made.protocol.model_copy(update={"name": name})
    found = {one.id: one.name for one in styles(replace(made, protocol=plan, arms=arms))}
    return [found[id] for id in arms]


def test_a_name_of_up_to_24_letters_stands_beside_the_curve_as_it_was_given():
    given = ("Ketamine, no therapy", "Saline with therapy")

    assert names(*given) == list(given)
    assert names(given[0], "B", name="krupitsky-2002") == [given[0], "B"]


def test_a_longer_name_is_cut_after_a_word_and_says_that_it_goes_on():
    told = names("Ketamine with mindfulness-based relapse prevention", "S" * 30)

    assert told == ["Ketamine with\u2026", "S" * (LONGEST - 1) + "\u2026"]


HEROIN = "scenario-heroin-ketamine"


def test_a_renamed_arm_goes_by_its_name_also_where_others_cannot_be_told_apart():
    told = names("", "", "", "Ketamine alone", "", "", name=HEROIN, trial=HEROIN)

    assert told == [
        "Saline, therapy", "ketamine-1-therapy", "Three ketamine\u2026",
        "Ketamine alone", "ketamine-1-late-therapy", "ketamine-1-buprenorphine",
    ]  # fmt: skip


def test_a_name_that_is_cut_keeps_the_number_of_a_copy_and_ends_on_no_comma():
    label = "Ketamine 0.5 mg/kg, with therapy"

    short = "Ketamine 0.5 mg/kg\u2026"
    assert names(label, f"{label} (2)") == [short, f"{short} (2)"]


def test_a_name_that_is_the_identifier_of_another_arm_is_not_shown_for_both():
    told = names("ketamine-1-therapy", "", "", "", "", "", name=HEROIN, trial=HEROIN)

    assert told == [arm.id for arm in load(HEROIN).arms]


def test_where_names_cannot_be_told_apart_arms_go_by_their_identifiers():
    assert names("A" * 40, "A" * 50) == ["high", "low"]


def test_arms_of_the_library_go_by_their_identifiers_as_long_as_nobody_renamed_them():
    assert names("", "", name="krupitsky-2002") == ["high", "low"]
    assert names("", "") == ["high", "low"]
