"""Is what a planned trial is expected to tell what exact answers say, where there are any?"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.inference.free import Free
from resynapse.inference.information import Planned, of_arms, told
from resynapse.inference.information.arm_outcome import arm_outcome
from resynapse.inference.information.planned import natural_history
from resynapse.inference.statistic import Arm
from resynapse.input_error import InputError
from resynapse.parameter import HalfSpike, Normal
from resynapse.protocol import load

FREE = (Free("window_gain", "x", "1", HalfSpike(Normal(0.0, 1.0), 1.0), {}, ""),)
SPREAD, PEOPLE = 1.0, 4


def _straight(signal: float) -> Planned:
    """One statistic: ``signal`` times the number, with the chance of a person of sd 1."""
    x = norm.ppf((np.arange(256) + 0.5) / 256)[:, None]
    noise = 1e-3 * np.random.default_rng(1).standard_normal(x.shape)
    return Planned(("a", "b"), x, signal * x + noise, np.array([[SPREAD]]))


def _exact(signal: float) -> float:
    """Expected fall of entropy, bits, by quadrature: y ~ N(0, s^2 + v) if on, N(0, v) if not."""
    v = SPREAD / PEOPLE
    on, off = norm(0.0, np.sqrt(signal**2 + v)), norm(0.0, np.sqrt(v))
    y = np.linspace(-12.0, 12.0, 20001) * np.sqrt(signal**2 + v)
    mixed = 0.5 * (on.pdf(y) + off.pdf(y))
    p = 0.5 * on.pdf(y) / mixed
    q = np.clip(p, 1e-12, 1.0 - 1e-12)
    bits = -q * np.log2(q) - (1.0 - q) * np.log2(1.0 - q)
    return float(1.0 - np.trapezoid(mixed * bits, y))


@pytest.mark.parametrize("signal", [0.5, 2.0])
def test_the_information_on_one_number_is_that_of_quadrature(signal):
    (one,) = told(_straight(signal), (PEOPLE,), FREE)

    assert one.information == pytest.approx(_exact(signal), abs=0.04)


def test_a_trial_that_a_number_does_not_reach_tells_nothing_of_it():
    (one,) = told(_straight(0.0), (PEOPLE,), FREE)

    assert one.information == pytest.approx(0.0, abs=1e-3)
    assert one.probability_if_on == pytest.approx(0.5, abs=1e-2)
    assert one.found == one.cleared == one.misled == 0.0


def test_more_people_tell_more():
    few, many = told(_straight(0.5), (4, 400), FREE)

    assert many.information > few.information + 0.1


def test_the_chance_in_a_slope_on_belief_is_that_of_least_squares():
    chance = np.random.default_rng(1)
    people, days = 4000, 40
    belief = chance.uniform(0.1, 0.9, people)
    use = chance.random((people, days)) < (0.7 - 0.4 * belief)[:, None]
    arm = Arm(pd.DataFrame({"belief": belief}), use)

    found = arm_outcome(arm, 0.0)
    y = 1.0 - use.mean(axis=1)
    design = np.column_stack([np.ones(people), belief])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    error = left.std() / (belief.std() * np.sqrt(people))

    assert found.values[2] == pytest.approx(0.4, abs=4.0 * error)
    assert np.sqrt(found.covariance[2, 2] / people) == pytest.approx(error, rel=0.05)


@pytest.mark.parametrize(
    ("arms", "days", "words"),
    [(["x"], 98.0, "has no arm x"), ([], 20.0, "Give at least 35"),
     (["ketamine-3"], 98.0, "at least two arms")],
)  # fmt: skip
def test_a_trial_that_tells_nothing_by_its_shape_is_refused(arms, days, words):
    with pytest.raises(InputError, match=words):
        of_arms(load("scenario-heroin-ketamine"), arms, days)


def test_sizes_that_are_no_numbers_are_refused_with_what_is_allowed():
    found = CliRunner().invoke(app, ["information", "grabski-2022", "--people", "many"])

    assert found.exit_code == 2
    assert "whole numbers" in json.dumps(found.output + str(found.exception))


def test_natural_history_of_opioids_goes_to_people_who_use_opioids_alone():
    before = natural_history("heroin")
    assert before is not None and "lapse.baseline" in before.paths
    assert natural_history("alcohol") is None
