"""Is a rival what its name says, whatever numbers were set by hand?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from resynapse import InputError
from resynapse.parameter import entries
from resynapse.patient import Patient
from resynapse.patient.hypotheses import KETAMINE_PATHS
from resynapse.protocol import Protocol, parse
from resynapse.trial.hypothesis import ensure_consistent, hypothesis
from resynapse.trial.power.people import Population, for_endpoint
from resynapse.trial.replay import replay
from resynapse.trial.search.people import People
from resynapse.trial.simulate import VARIANTS, simulate
from software.small_trial import TEXT

STRONG = dict.fromkeys(KETAMINE_PATHS, 0.25) | {"expectancy.present": 0.0}
"""ketamine acts by every path, and nobody believes anything"""
GAIN = "learning.window_gain"


@pytest.fixture(scope="module")
def trial() -> Protocol:
    return parse(TEXT, "small trial")


def numbers(patient: Patient) -> dict[str, float]:
    return {entry.path: float(entry.value) for entry in entries(patient)}


def test_expectancy_alone_holds_nothing_that_ketamine_does_whatever_is_set(trial):
    rival = VARIANTS["expectancy alone"]
    found = hypothesis(trial, settings=STRONG, rival=rival)

    assert found.settings == {}
    assert numbers(found.of(Patient())) == numbers(hypothesis(trial, rival=rival).of(Patient()))


def test_a_number_that_no_switch_of_the_rival_sets_stays_as_it_was_given(trial):
    asked = {"lapse.baseline": 0.02, GAIN: 2.5}
    found = hypothesis(trial, settings=asked, rival=VARIANTS["no window"])

    assert found.settings == {"lapse.baseline": 0.02}
    assert found.fixed == {"lapse.baseline": 0.02, GAIN: 0.0}
    assert hypothesis(trial, settings=asked).fixed == asked


@pytest.mark.parametrize("draw", [None, 3])
def test_the_rival_of_a_power_analysis_is_the_rival_in_every_draw(trial, draw):
    short = for_endpoint(trial, "abstinence_1_months")
    plain = Population(short, "abstinence_1_months", 1)
    strong = replace(plain, settings=STRONG)

    for world in ("expectancy alone", "no effect"):
        wanted, found = (numbers(one.patient(world, draw)) for one in (plain, strong))
        left = KETAMINE_PATHS if world == "no effect" else ()
        assert {p: v for p, v in found.items() if p not in left} == {
            p: v for p, v in wanted.items() if p not in left
        }
    assert numbers(strong.patient("as asked", draw))[GAIN] == 0.25


@pytest.mark.parametrize("world", ["expectancy alone", "no window"])
def test_the_rivals_of_a_search_are_the_rivals_in_every_draw(trial, world):
    plain = People(trial, "abstinence_1_months", 1, 64)
    strong = replace(plain, settings={GAIN: 2.5, "control.sustained_weight": 3.0})
    wanted, found = (numbers(one.patient(world, 2)) for one in (plain, strong))
    left = () if world == "expectancy alone" else ("control.sustained_weight",)

    assert {p: v for p, v in found.items() if p not in left} == {
        p: v for p, v in wanted.items() if p not in left
    }


def test_a_number_set_by_hand_moves_the_run_and_neither_rival(trial):
    plain, moved = (
        simulate(trial, patients=8, draws=0, settings=settings, check_grid=False)
        for settings in (None, {GAIN: 2.5})
    )

    def values(arms):
        return {name: one.value for name, one in arms["all"].endpoints.items()}

    def craving(result):
        return result.chronic["craving"].to_numpy().tolist()

    assert values(moved.rival) == values(plain.rival)
    assert values(moved.window_off) == values(plain.window_off)
    assert craving(moved) != craving(plain)


@pytest.mark.parametrize(
    ("switches", "settings", "words"),
    [
        ({"expectancy_only": True}, {GAIN: 2.5}, "--switch expectancy_only=on: with it"),
        ({"window_gain": False}, {GAIN: 2.5}, "--switch window_gain=off: with it"),
        ({"window_gain": True}, {GAIN: 0.0}, f"{GAIN}=0 is window_gain=off"),
        ({"norketamine": False}, {"potency.norketamine_counts": 1.0}, "norketamine=on"),
    ],
)
def test_a_switch_and_a_number_that_contradict_each_other_are_refused(
    trial, switches, settings, words
):
    for refused in (
        lambda: ensure_consistent(trial, switches, settings),
        lambda: simulate(trial, patients=8, switches=switches, settings=settings),
        lambda: replay(trial, 0, switches=switches, settings=settings),
    ):
        with pytest.raises(InputError) as error:
            refused()
        assert words in error.value.message
        assert "Leave" in error.value.message


def test_a_switch_of_the_file_is_named_as_one_and_the_command_line_wins_over_it():
    trial = parse(TEXT + "switches: {window_gain: off}\n", "small trial")

    with pytest.raises(InputError, match="switches: window_gain: off in small-trial"):
        ensure_consistent(trial, None, {GAIN: 2.5})
    ensure_consistent(trial, {"window_gain": True}, {GAIN: 2.5})


@pytest.mark.parametrize(
    ("switches", "settings"),
    [
        ({}, {GAIN: 1.0}),
        ({"window_gain": True}, {GAIN: 2.5}),
        ({"window_gain": False}, {GAIN: 0.0}),
        ({"experience": True}, {"experience.commitment_gain": 0.0}),
        ({"expectancy_only": False}, {GAIN: 0.0}),
    ],
)
def test_numbers_that_go_with_a_switch_are_taken(trial, switches, settings):
    ensure_consistent(trial, switches, settings)
