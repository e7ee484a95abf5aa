"""Do states that drugs alone drive go where they are driven, and are they found?"""

import jax
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from resynapse.engine import driven, hermite
from resynapse.engine.stepper import Moment, driven_places
from resynapse.patient import Patient
from resynapse.patient.model import Around, Model
from resynapse.protocol import load
from resynapse.system import gains_and_fades, relaxes
from resynapse.trial.arm_setting import arm_setting, as_arrays, benzodiazepine, unknown_arms
from resynapse.trial.conduct import Conduct

DAYS = 1.0


def flow(fixed, state, amounts, other):
    """A drug drives the first state, that the second; the third sees stress, the fourth all."""
    trigger, window, mood, _, alone = state
    return [
        relaxes(to=amounts * fixed, time_constant=0.5),
        gains_and_fades(gain=trigger * fixed, time_constant=2.0),
        relaxes(to=other + amounts, time_constant=0.1),
        relaxes(to=mood + window, time_constant=0.1),
        relaxes(to=0.0 * alone, time_constant=1.0 + alone),
    ]


def test_driven_states_are_those_that_nothing_but_amounts_and_they_themselves_reach():
    assert driven.places(flow, 1.0, [0.0] * 5, 1.0, 1.0) == (0, 1)


def test_ketamine_alone_drives_the_window_and_the_habenula():
    protocol, patient = load("krupitsky-2002"), Patient()
    arm = protocol.arms[0]
    model = Model(as_arrays(patient), as_arrays(benzodiazepine(patient, arm)))
    setting = as_arrays(arm_setting(protocol, arm, patient, unknown_arms(protocol, arm)))
    with jax.enable_x64(True):
        person = jax.tree.map(lambda x: x[0], Conduct(protocol, patient, 1).persons(0, 1))
        lane = model.begin(setting, person, np.uint32(1))
        moment = Moment(0.0, 0.25, 0.0, Around(1.0, 1.0, 1.0, 0.0))
        found = driven_places(model, person, setting, lane, moment)
    names = [
        jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(lane.state)
    ]

    wanted = {".habenula", ".window.refractoriness", ".window.trigger", ".window.window"}
    assert {names[place] for place in found} == wanted | {".window.sustained"}


def heading_at(time, x):
    """A state that binds and leaves ever faster, and one that the first opens."""
    on = 3.0 * np.exp(-time / 0.3)
    off = 4.0 * jax.numpy.exp(-3.0 * x[0])
    first = relaxes(to=on / (on + off), time_constant=1.0 / (on + off))
    return [first, gains_and_fades(gain=5.0 * x[0], time_constant=0.4)]


def end_after(steps):
    h, x = DAYS / steps, [0.1, 0.0]
    for k in range(steps):

        def heading(n, values, begin=k * h):
            return heading_at(begin + 0.5 * n * h, values)

        x = driven.along(heading, x, h).end
    return np.array([float(one) for one in x])


def test_a_step_of_driven_states_is_of_fourth_order():
    def rate(time, x):
        return [(r.to - v) / r.time_constant for v, r in zip(x, heading_at(time, x), strict=True)]

    with jax.enable_x64(True):
        exact = solve_ivp(rate, (0.0, DAYS), [0.1, 0.0], rtol=1e-12, atol=1e-13).y[:, -1]
        errors = [np.abs(end_after(steps) - exact).max() for steps in (8, 16)]

    assert errors[1] < 1e-4
    assert 12.0 < errors[0] / errors[1] < 24.0


def test_haste_is_the_change_of_a_rate_that_a_state_makes_itself():
    with jax.enable_x64(True):

        def heading(x):
            return [relaxes(to=0.0, time_constant=0.5 / x[0]), relaxes(to=9.0, time_constant=3.0)]

        found = float(driven.haste(heading, [0.2, 1.0]))
    assert found == pytest.approx(2.0 * (0.2 * 2.0 * 0.2))  # rate 2 x, and dx/dt = -2 x x


def test_amounts_between_the_ends_of_a_step_follow_what_they_obey():
    rates, h = np.array([0.3, 1.5, 4.0]), 0.2

    def amounts(t):
        return np.exp(-rates * t)

    ends = amounts(0.0), amounts(h)
    at = hermite.between(
        ends, tuple(-rates * x for x in ends), tuple(rates**2 * x for x in ends), h
    )
    shares = np.linspace(0.0, 1.0, 11)
    worst = max(np.abs(at(s) - amounts(s * h)).max() for s in shares)

    assert worst < (4.0 * h) ** 6 / 46080 * 1.05  # largest derivative times (s (1 - s) h)^3 / 6!
    assert np.array_equal(at(0.0), ends[0])
