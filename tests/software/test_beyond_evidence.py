"""Is a dose above those given to people marked wherever a result is shown?"""

from __future__ import annotations

import pytest

from resynapse.cli import summary
from resynapse.protocol import from_data
from resynapse.protocol.findings import check
from resynapse.report import render
from resynapse.report.sections.opening import FAR, beyond_words, of_played_out
from resynapse.web import view
from software.report_example import toy_result

GIVEN = "in human addiction trials, 0.8 mg/kg (KARE, Grabski 2022): extrapolated."


def given(amount: str, **fields) -> dict:
    """A trial of one dose of ketamine against saline, as plain data."""
    over = "iv over 40 min"
    return {
        "name": "mine", "title": "Mine", "disorder": "alcohol", "blinding": "masked",
        "arms": [
            {"id": "k", "label": "K", "doses": [
                {"drug": "ketamine", "dose": f"{amount} {over}", "days": [1]},
            ]},
            {"id": "s", "label": "S", "control": "saline", "doses": [
                {"drug": "saline", "dose": over, "days": [1]},
            ]},
        ],
        "follow_up": "6 months", "endpoints": ["abstinence_6_months"], "reference": "s", **fields,
    }  # fmt: skip


UNTOLD = "no study in the evidence tells what {} does in people who use {}."


def of(protocol):
    return toy_result(protocol, people=40)


@pytest.mark.parametrize(
    ("amount", "times", "allowed"), [("2 mg/kg", "2.5", False), ("30 mg/kg", "37.5", True)]
)
def test_report_page_and_terminal_say_what_check_says_of_a_dose_beyond_evidence(
    amount, times, allowed
):
    protocol = from_data(given(amount, beyond_evidence=allowed), "mine.yaml")
    said = f"{amount} is {times} times the highest dose of intravenous ketamine {GIVEN}"
    assert any(said in str(found) for found in check(protocol))

    result = of(protocol)

    read = render(result), view.parts(result, ["notice"])["notice"]
    for shown, arm in (
        *((one, "\u201cK\u201d") for one in read),
        (summary.beyond_line(protocol), "k"),
    ):
        assert "Beyond evidence:" in shown
        assert f"arm {arm}, dose 1: {said}" in shown


def test_nothing_is_said_of_doses_that_were_given():
    protocol = from_data(given("0.8 mg/kg", beyond_evidence=True), "mine.yaml")

    assert beyond_words(protocol) == summary.beyond_line(protocol) == ""
    assert "Beyond evidence" not in render(of(protocol))


def test_the_same_dose_of_two_arms_is_told_once():
    data = given("2 mg/kg")
    data["arms"][1]["doses"] = data["arms"][0]["doses"]

    said = beyond_words(from_data(data, "mine.yaml"))

    assert said.count("extrapolated") == 1
    assert all(f"arm {arm['id']}, dose 1" in said for arm in data["arms"])


@pytest.mark.parametrize(("disorder", "medication"), [("heroin", True), ("alcohol", False)])
def test_above_trials_that_are_played_out_stands_what_their_people_are_not_given(
    disorder, medication
):
    """Methadone is withheld from people who use opioids, and from nobody else."""
    data = given("2 mg/kg", disorder=disorder)
    data["arms"][1]["historical_comparator"] = True
    protocol = from_data(data, "mine.yaml")

    said = of_played_out(protocol, protocol.arms, ["x=1 is odd."])

    assert "Historical comparator: an arm has " in said
    assert ("withholding methadone or buprenorphine" in said) is medication
    assert said.endswith(f"{beyond_words(protocol)} {FAR} x=1 is odd.")
    assert of_played_out(protocol, (), ()) == f"Beyond evidence: {beyond_words(protocol)}"


@pytest.mark.parametrize(
    ("drug", "disorder", "told"),
    [
        ("methadone", "alcohol", UNTOLD),
        ("buprenorphine-monthly", "cocaine", UNTOLD),
        ("naltrexone", "cocaine", UNTOLD),
        ("naltrexone", "alcohol", "{} has trials in people who use {}, none of which was fitted."),
        ("methadone", "heroin", None),
    ],
)
def test_medication_for_opioids_in_people_who_use_something_else_is_beyond_evidence(
    drug, disorder, told
):
    asked = given("0.5 mg/kg", disorder=disorder)
    monthly = {"every": "28 days"} if drug.endswith("monthly") else {}
    first = {"drug": drug, "dose": "40 mg", "stop_day": 56, **monthly}
    asked["arms"][0]["medications"] = [first, {**first, "start_day": 56, "stop_day": 112}]
    said = told and told.format(drug, disorder)

    protocol = from_data(asked, "mine.yaml")

    found = [str(one) for one in check(protocol) if "comes from people who use opioids" in str(one)]
    if said is None:
        assert found == []
        return
    (one,) = found
    assert said in one
    assert said in summary.beyond_line(protocol)
