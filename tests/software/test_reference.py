"""Do people arrive where the reference takes them, whatever the grid?"""

import jax
import numpy as np
import pytest

from resynapse.engine.agreement import Paths, agreement
from resynapse.engine.back_end import DEFAULT, BackEndError, back_end
from resynapse.engine.cache import keep_compiled
from resynapse.patient import Patient, configured
from resynapse.patient.observe import NAMES
from resynapse.protocol import parse
from resynapse.trial import grid
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct

BOTH = (DEFAULT, "reference")
PEOPLE = 16
DAYS = 14
TEXT = """
name: short-trial
title: A short trial
disorder: heroin
blinding: masked
setting: {detoxification_days: 5, use_days_before: 5, community_day: 0}
arms:
  - id: placebo
    label: Saline
    control: saline
    doses: [{drug: saline, route: iv, minutes: 40, days: [1]}]
    therapies: [{type: CBT, days: [0, 3, 7], hours: 1 h}]
  - id: nothing
    label: Ketamine, 0 mg/kg
    control: low-dose
    doses: [{drug: ketamine, dose: 0 mg/kg iv over 40 min, days: [1]}]
    therapies: [{type: CBT, days: [0, 3, 7], hours: 1 h}]
  - id: ketamine
    label: Ketamine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1]}]
    therapies: [{type: CBT, days: [0, 3, 7], hours: 1 h}]
follow_up: 14 d
visits: [2, 7]
endpoints: [craving_vas_day_7]
reference: placebo
"""


@pytest.fixture(scope="module")
def run():
    """The same people through an arm in a back end; each is run once."""
    keep_compiled()
    protocol, kept = parse(TEXT, "test"), {}
    patient = configured(Patient(), {"expectancy": False}, None)

    def chosen(arm, backend):
        if (arm, backend) not in kept:
            conduct = Conduct(protocol, patient, 3, backend=backend)
            felt = unknown_arms(protocol, protocol.arm(arm))
            kept[arm, backend] = next(iter(conduct.chunks(protocol.arm(arm), felt, PEOPLE)))
        return kept[arm, backend]

    return chosen


def compared(one, other):
    parts = [Paths(c.marks.first_use, c.bouts, c.use_days, c.records) for c in (one, other)]
    return agreement(*parts, DAYS, NAMES)


def test_the_grid_keeps_its_budget(run):
    found = compared(run("ketamine", DEFAULT), run("ketamine", "reference"))

    assert found.first_uses >= 3
    assert found.first_use_median < 0.02
    assert found.first_use_tail < 0.2
    assert found.same_bouts == 1.0
    assert found.use_days_within_one == 1.0


def test_states_on_the_grid_lie_by_those_without_one(run):
    states = compared(run("ketamine", DEFAULT), run("ketamine", "reference")).states

    for name, share in (("withdrawal", 5e-3), ("mood", 0.005), ("craving", 0.01)):
        assert states[name] < share


@pytest.mark.parametrize("name", ["window", "sustained", "habenula_block", "surge"])
def test_the_acute_clock_keeps_its_budget_in_everyone(run, name):
    one, other = (run("ketamine", back).records[:, NAMES.index(name)] for back in BOTH)

    assert np.ptp(other) > 0.05
    assert np.abs(one - other).max() < 1e-6 * np.ptp(other)


def test_concentrations_are_those_of_kinetics_integrated_as_states(run):
    grid, reference = run("ketamine", DEFAULT).records, run("ketamine", "reference").records
    for name in ("arterial_ketamine", "venous_norketamine"):
        a, b = grid[:, NAMES.index(name)], reference[:, NAMES.index(name)]
        assert np.abs(a - b).max() < 1e-5 * b.max()


def test_no_ketamine_is_placebo_in_the_reference_too(run):
    nothing, placebo = run("nothing", "reference"), run("placebo", "reference")

    assert np.array_equal(nothing.records, placebo.records)
    assert np.array_equal(nothing.use_days, placebo.use_days)
    assert jax.tree.all(
        jax.tree.map(lambda a, b: np.array_equal(a, b), nothing.marks, placebo.marks)
    )


def test_two_runs_that_differ_are_told_apart(run):
    found = compared(run("ketamine", DEFAULT), run("placebo", DEFAULT))

    assert found.states["window"] > 0.5


def test_a_back_end_that_does_not_exist_is_refused_with_the_nearest_name():
    with pytest.raises(BackEndError, match="Did you mean reference"):
        back_end("referense")


def test_a_manifest_says_of_whom_and_on_which_grid_its_error_was_measured(monkeypatch):
    asked = []

    def counted(conduct, arm, felt, people, until):
        asked.append((conduct.backend, people))
        none = np.zeros((2, len(NAMES), people))
        return Paths(np.full(people, 1e9), np.zeros(people), np.zeros((people, 14)), none)

    monkeypatch.setattr(grid, "_paths", counted)
    found = grid.grid_error(parse(TEXT, "test"), Patient(), 3, arms=("ketamine",))

    assert asked == [("native", 64), ("reference", 64)]
    assert (found["seed"], found["people"], found["days"]) == (3, [0, 63], 14.0)
    arm = found["arms"]["ketamine"]
    assert arm["people"] == 64
    assert set(arm["states_share_of_range"]) == set(NAMES)
    assert arm["grid"]["shortest_step_d"] <= 2.5 / 1440.0 < arm["grid"]["longest_step_d"] <= 0.25
    assert arm["grid"]["steps"] > 14 * 4
    assert "nothing was tuned" in found["tuning"]
