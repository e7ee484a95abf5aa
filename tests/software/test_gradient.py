"""Are derivatives those of the runs, through doses, and those of the likelihood of lapses?"""

import re
from dataclasses import fields
from types import SimpleNamespace
from unittest.mock import create_autospec

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from resynapse.behaviour.lapse import Temptation
from resynapse.inference.gradient import GradientError, gradient, outcome
from resynapse.inference.lapse_likelihood import FirstUses, log_likelihood
from resynapse.input_error import InputError
from resynapse.parameter import lookup, replace
from resynapse.patient import Patient
from resynapse.patient.state import State
from resynapse.protocol import parse
from resynapse.smooth import excess
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
DAY, USED = np.array([1.4, 1.9, 2.0, 1.7]), np.array([1, 0, 0, 1])
FLAT = {
    f"lapse.{name}": 0.0
    for name in (
        "craving_weight", "withdrawal_weight", "priming_weight", "control_weight",
        "blockade_weight", "stability_weight", "expectancy_weight", "frailty_sd",
    )
}  # fmt: skip
"""nothing moves the hazard of a first use"""


@pytest.fixture(scope="module")
def protocol():
    return parse(TEXT, "test")


def likelihood(protocol, values, day=DAY, used=USED):
    """With these values in place of the reference ones; always the same loop, compiled once."""
    conduct = Conduct(protocol, replace(Patient(), values), 3, backend="xla")
    return log_likelihood(conduct, protocol.arm("all"), NAMES, FirstUses(day, used))


@pytest.fixture(scope="module")
def found(protocol):
    return likelihood(protocol, {})


@pytest.mark.parametrize("k", range(len(NAMES)))
def test_derivatives_through_a_dose_are_those_of_central_differences(protocol, found, k):
    middle = float(lookup(Patient(), NAMES[k]))
    step = 1.0e-4 * middle
    above, below = (likelihood(protocol, {NAMES[k]: middle + sign * step})[0] for sign in (1, -1))
    slope = found[1][:, k]

    assert np.abs(slope).max() > 0.0
    assert np.abs((above - below) / (2.0 * step) - slope).max() < 1e-6 * np.abs(slope).max()


def _tempted(craving):
    return Temptation(craving, 0.2, 0.1, 0.4, 1.0, 0.3, 0.0)


ANALYTIC = {
    "dissociation": lambda x: Patient().dissociation.cadss(x, 1.5),
    "threshold": lambda x: excess(x, 0.4, 0.05),
    "hazard, by craving": lambda x: Patient().lapse.committed_hazard(_tempted(x), 0.1, 0.2),
    "hazard, by a parameter": lambda x: replace(
        Patient(), {"lapse.control_weight": x}
    ).lapse.committed_hazard(_tempted(0.5), 0.1, 0.2),
}
"""formulas without a modulus or a choice in them"""


@pytest.mark.parametrize("formula", ANALYTIC.values(), ids=ANALYTIC)
def test_derivatives_of_analytic_formulas_are_those_of_a_complex_step(formula):
    with jax.enable_x64(True):
        for x in (0.05, 0.4, 1.7):
            step = 1e-30
            exact = float(formula(jnp.asarray(complex(x, step))).imag) / step

            assert float(jax.grad(formula)(jnp.asarray(x))) == pytest.approx(exact, rel=1e-12)


def test_a_higher_hazard_makes_a_use_likelier_and_its_absence_less_so(found):
    slope = found[1][:, NAMES.index("lapse.baseline")]

    assert np.all(slope[USED == 1] >= 0.0) and np.all(slope[USED == 0] <= 0.0)
    assert np.any(slope[USED == 1] > 0.0) and np.any(slope[USED == 0] < 0.0)


def test_at_a_constant_hazard_the_likelihood_is_that_of_an_exponential_time(protocol):
    """log L of no use until T falls by the hazard a day; a use at T adds its logarithm."""
    alike = np.ones(PEOPLE, int)
    early, late, use = (
        likelihood(protocol, FLAT, day * alike, used * alike)[0]
        for day, used in ((1.5, 0), (2.0, 0), (2.0, 1))
    )
    law = Patient().lapse
    drive = law.baseline * np.exp(protocol.setting.site.log_hazard)
    committed = -law.greatest * np.expm1(-drive / law.greatest)
    hazard = (early - late) / 0.5

    assert np.all(
        np.isclose(hazard, committed, rtol=1e-9) | np.isclose(hazard, law.uncommitted, rtol=1e-9)
    )
    np.testing.assert_allclose(use - late, np.log(hazard), rtol=1e-9)


def test_a_parameter_that_does_not_exist_is_refused(protocol):
    conduct = Conduct(protocol, Patient(), 3, backend="xla")

    with pytest.raises(GradientError, match="no parameter 'lapse.basline'"):
        gradient(
            conduct, protocol.arm("all"), ["lapse.basline"], lambda lane: lane.totals, count=1,
            until=2.0,
        )  # fmt: skip


def test_what_is_decided_before_people_run_is_refused_in_a_sentence(protocol):
    conduct = Conduct(protocol, Patient(), 3, backend="xla")

    with pytest.raises(GradientError, match="people.site_commitment decides about a yes or no"):
        gradient(
            conduct, protocol.arm("all"), ["people.site_commitment"], lambda lane: lane.totals,
            count=1, until=2.0,
        )  # fmt: skip


def test_the_example_of_the_page_asks_for_what_there_is(root, monkeypatch):
    page = (root / "docs" / "engine.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n([^`]*\bgradient\([^`]*)```", page)
    asked = create_autospec(gradient, return_value=(None, None))
    monkeypatch.setattr("resynapse.inference.gradient.gradient", asked)

    exec(example, {})

    (conduct, arm, names, quantity), how = asked.call_args
    outcome(conduct, arm, names, **how)  # refuses names that there are not
    assert quantity(SimpleNamespace(state=SimpleNamespace(craving=1.0))) == 1.0
    assert "craving" in {field.name for field in fields(State)}


def test_data_that_do_not_fit_together_are_refused():
    with pytest.raises(InputError, match="2 days and 1 marks"):
        FirstUses(np.array([1.0, 2.0]), np.array([1]))
