"""Are derivatives those of the runs, through doses, and is the likelihood of lapses what it says?"""

import jax
import numpy as np
import pytest

from resynapse.inference.gradient import GradientError, gradient, outcome
from resynapse.inference.lapse_likelihood import FirstUses, log_likelihood
from resynapse.input_error import InputError
from resynapse.parameter import lookup
from resynapse.patient import Patient
from resynapse.protocol import parse
from resynapse.trial.conduct import Conduct

PEOPLE = 4
TEXT = """
name: small-trial
title: A small trial for tests
disorder: heroin
blinding: open
setting: {detoxification_days: 3, community_day: 1, use_days_before: 1}
arms:
  - id: all
    label: Ketamine
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1]}]
follow_up: 30 d
visits: [2, 8]
endpoints: [abstinence_1_months]
reference: all
"""
NAMES = ("s_enantiomer.intrinsic_clearance", "lapse.baseline", "craving.time_constant")
"""kinetics of the dose, a hazard, a slow state"""


@pytest.fixture(scope="module")
def trial():
    protocol = parse(TEXT, "test")
    return Conduct(protocol, Patient(), 3, backend="xla"), protocol.arm("all")


def difference(function, values, k):
    """Central, of order four."""
    step = np.zeros(len(values))
    step[k] = 1.0e-3 * values[k]
    near, far = (
        np.asarray(function(values + m * step)) - np.asarray(function(values - m * step))
        for m in (1, 2)
    )
    return (8.0 * near - far) / (12.0 * step[k])


def hazard(lane):
    return lane.totals.lapse_hazard


def test_derivatives_through_a_dose_are_those_of_central_differences(trial):
    values = np.array([float(lookup(Patient(), name)) for name in NAMES])
    found, slopes = gradient(*trial, NAMES, hazard, count=PEOPLE, until=2.0)

    with jax.enable_x64(True):
        run = outcome(*trial, NAMES, PEOPLE, 2.0)
        assert np.array_equal(np.asarray(hazard(run(values))), found)
        for k in range(len(NAMES)):
            apart = difference(lambda v: hazard(run(v)), values, k) - slopes[:, k]
            assert np.abs(apart).max() < 1e-6 * np.abs(slopes[:, k]).max()


def test_a_parameter_that_does_not_exist_is_refused(trial):
    with pytest.raises(GradientError, match="no parameter 'lapse.basline'"):
        gradient(*trial, ["lapse.basline"], hazard, count=1, until=2.0)


def test_data_that_do_not_fit_together_are_refused():
    with pytest.raises(InputError, match="2 days and 1 marks"):
        FirstUses(np.array([1.0, 2.0]), np.array([1]))


def test_the_likelihood_of_first_uses_changes_as_its_differences_say(trial):
    data = FirstUses(np.array([1.4, 1.9, 2.0, 1.7]), np.array([1, 0, 0, 1]))
    found, slopes = log_likelihood(*trial, ["lapse.baseline"], data)

    assert np.isfinite(found).all() and slopes.shape == (PEOPLE, 1)
    assert (slopes[:, 0] < 0.0)[[1, 2]].all() and (slopes[:, 0] > 0.0)[[0, 3]].all()
