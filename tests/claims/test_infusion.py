"""Does a pump do what it believes, and do people get what their kinetics make of it?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from resynapse.patient import Patient
from resynapse.trial.infusion import Hold, InfusionError, InfusionPlan, Part, predict
from resynapse.trial.infusion.kinetics import Domino
from resynapse.trial.infusion.pump import pumped
from resynapse.trial.plan import MINUTES
from resynapse.trial.simulate import simulate
from resynapse.web.opening import example

PEOPLE = 16
HALF_LIFE = float(Patient().body.effect_site_half_life)
USUAL = InfusionPlan("rate", parts=(Part(0.5, 40.0),), watched=200.0)


@pytest.fixture(scope="module")
def programme():
    """The example over its first three days."""
    return example().model_copy(update={"follow_up_days": 4.0, "visits": (), "endpoints": ()})


@pytest.fixture(scope="module")
def usual(programme):
    """0.5 mg/kg over 40 min."""
    return predict(USUAL, programme, people=PEOPLE)


def test_dominos_set_gives_what_an_independent_run_of_its_constants_gave():
    weight = np.array([70.0])
    found = pumped(USUAL, Domino().linear(weight, HALF_LIFE), weight).plasma[5::6, 0]

    # docs of the constants: 240, 46, 38 and 18 ng/mL, by a matrix exponential in scipy
    at = [found[minute - 1] for minute in (40, 80, 110, 230)]
    assert np.round(at).tolist() == [240.0, 46.0, 38.0, 18.0]


def test_an_infusion_gives_the_people_of_a_run_what_the_run_gives_them(programme, usual):
    made = simulate(programme, patients=PEOPLE, draws=0, parameters="prior", rivals=False)
    run = made.acute.sel(arm="ketamine-3-therapy")
    kept = [minute for minute in MINUTES if minute <= usual.minutes[-1]]
    pairs = {
        "arterial_ketamine": usual.arterial, "venous_ketamine": usual.venous,
        "dissociation": usual.dissociation, "pressure_rise": usual.pressure_rise,
    }  # fmt: skip

    for name, ours in pairs.items():
        theirs = run[name].sel(minute=kept).values
        middle = np.percentile(ours[kept], (10, 50, 90), axis=1).T
        # the run keeps single precision
        assert middle == pytest.approx(theirs, rel=1e-5, abs=1e-4)


def test_a_pump_that_knows_the_patient_holds_plasma_at_its_target():
    weight = np.array([60.0, 90.0])
    plan = InfusionPlan("plasma", holds=(Hold(100.0, 20.0), Hold(150.0, 20.0)), highest_rate=60.0)
    found = pumped(plan, Domino().linear(weight, HALF_LIFE), weight)

    # the pump needs a minute or so to fill the first volume
    assert found.plasma[12:120] == pytest.approx(100.0)
    assert found.plasma[132:240] == pytest.approx(150.0)
    assert (found.rate >= 0.0).all()


def test_a_pump_that_steers_the_effect_site_reaches_its_target_and_never_exceeds_it():
    weight = np.array([70.0])
    plan = InfusionPlan("effect-site", holds=(Hold(100.0, 60.0),))
    found = pumped(plan, Domino().linear(weight, HALF_LIFE), weight)

    assert found.effect.max() <= 100.0 * (1.0 + 1e-9)
    assert found.effect[120:360] == pytest.approx(100.0, rel=1e-3)
    assert found.plasma.max() > 300.0


def test_the_rate_of_a_pump_stays_below_what_it_can_give():
    weight = np.array([70.0])
    plan = InfusionPlan("effect-site", holds=(Hold(200.0, 20.0),), highest_rate=2.0)
    rate = pumped(plan, Domino().linear(weight, HALF_LIFE), weight).rate / 60.0

    assert rate.max() == pytest.approx(2.0)


def test_a_pump_with_dominos_set_ends_above_its_target_as_its_clearance_is_the_higher(programme):
    plan = InfusionPlan("plasma", holds=(Hold(100.0, 120.0),))
    domino = predict(plan, programme, people=PEOPLE)
    ours = predict(replace(plan, believed="resynapse"), programme, people=PEOPLE)

    # genotypes, which nobody types into a pump, keep even the pump with our set from its target
    assert np.median(domino.arterial[120]) > np.median(ours.arterial[120]) + 15.0
    assert np.median(ours.arterial[120]) == pytest.approx(100.0, abs=15.0)


@pytest.mark.parametrize(
    ("plan", "said", "path"),
    [
        (InfusionPlan("plasma", holds=(Hold(5000.0, 10.0),)), "Langsjo 2005", "target"),
        (InfusionPlan("rate", parts=(Part(8.0, 40.0),)), "0.8 mg/kg", "mg_per_kg"),
        (InfusionPlan("rate", parts=(Part(float("nan"), 40.0),)), "0 to 3.2", "mg_per_kg"),
        (InfusionPlan("plasma"), "from 1 to 6", "holds"),
        (replace(USUAL, parts=(Part(0.1, 200.0),) * 2), "up to 240 min", "parts"),
        (replace(USUAL, mode="bolus"), "effect-site", "mode"),
    ],
)
def test_an_infusion_that_nothing_supports_is_refused_with_what_is_allowed(
    programme, plan, said, path
):
    with pytest.raises(InfusionError, match=said) as refused:
        predict(plan, programme, people=1)
    assert refused.value.path[-1] == path
