"""What does a person read who sets a number or a switch from the terminal?"""

from __future__ import annotations

import pytest

from resynapse import InputError
from resynapse.cli import choices
from resynapse.evidence import assumption
from resynapse.parameter import (
    Beta,
    Choice,
    Declared,
    Entry,
    Fixed,
    HalfSpike,
    LogNormal,
    Normal,
)

REASON = assumption("an example for this test")


def entry(path, prior, unit="1"):
    return Entry(path, float(prior.median), Declared(prior, unit, REASON, "assumed"))


@pytest.fixture(autouse=True)
def five_numbers(monkeypatch):
    found = [
        entry("body.clearance", LogNormal(60.0, 0.2), "L/h"),
        entry("learning.window_gain", HalfSpike(Normal(0.0, 1.0), 1.0)),
        entry("learning.acute_impairment", Beta(2.0, 3.0)),
        entry("window.steepness", Choice((1.0, 2.0, 4.0), 2.0)),
        entry("scales.vas_range", Fixed(100.0), "VAS"),
    ]
    monkeypatch.setattr("resynapse.patient.parameters", lambda: found)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("body.clearance=70", 70.0),
        ("learning.window_gain=-0.5", -0.5),
        ("learning.window_gain=0", 0.0),
        ("learning.acute_impairment=0.4", 0.4),
        ("window.steepness=4", 4.0),
    ],
)
def test_a_value_that_its_prior_expects_is_taken_without_a_word(given, value, capsys):
    assert choices.settings([given]) == {given.partition("=")[0]: value}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("body.clearance=fast", "is not a number. Give it in L/h."),
        ("body.clearance=nan", "is not a number"),
        ("body.clearance=-1", "0 or more L/h"),
        ("learning.acute_impairment=1.5", "between 0 and 1"),
        ("window.steepness=3", "one of 1, 2, 4"),
        ("body.clearence=70", "Did you mean body.clearance?"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_is_allowed(given, words):
    with pytest.raises(InputError, match=words):
        choices.settings([given])


def test_a_value_that_its_prior_hardly_expects_is_used_and_remarked_upon(capsys):
    assert choices.settings(["body.clearance=600"]) == {"body.clearance": 600.0}
    assert "outside 35.8 to 100 L/h" in capsys.readouterr().err


def test_a_switch_is_on_or_off():
    from resynapse.patient import SWITCHES

    name = next(iter(SWITCHES))

    assert choices.switches([f"{name}=on"]) == {name: True}
    assert choices.switches([f"{name}=off"]) == {name: False}
    with pytest.raises(InputError, match=f"Write {name}=on or {name}=off"):
        choices.switches([f"{name}=maybe"])


def test_nothing_asked_is_nothing_changed():
    assert choices.settings([]) == {}
    assert choices.switches([]) == {}
