"""Does the chain behave as its equations promise, in one typical person without chance?"""

from functools import cache

import equinox as eqx
import jax
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from claims.course import Dose, Plan, follow
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.patient.reference_scales import reference_scales
from resynapse.population.disorder import apply
from resynapse.receptor.mu_opioid import MuOpioidCompetition
from resynapse.receptor.nmda import NmdaBlock

REFERENCE = Dose(0.0, 0.5, 40.0)


@pytest.fixture(autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


def changed(**values):
    return replace(Patient(), {path.replace("__", "."): value for path, value in values.items()})


@cache
def after(*doses, days=15.0, sessions=(), retrievals=(), **values):
    plan = Plan(doses=doses, sessions=sessions, retrievals=retrievals)
    return follow(changed(**values), days, plan)


def peak_window(*doses, **values):
    return float(np.max(after(*doses, days=5.0, **values).state.window.window))


def mood_effect(dose, day):
    """Fall of negative mood's load that ketamine brings, before any other influence."""
    path, patient = after(dose), Patient()
    held, lasting = path.at(path.state.habenula, day), path.at(path.state.window.sustained, day)
    return patient.mood.habenula_weight * held + patient.mood.sustained_weight * lasting


def test_without_drug_every_ketamine_state_is_exactly_zero():
    state = after(Dose(0.0, 0.0, 40.0)).state

    assert np.all(state.habenula == 0.0)
    for values in jax.tree.leaves(state.window):
        assert np.all(values == 0.0)


def test_the_circuit_rests_at_one_and_a_full_block_silences_it():
    circuit = Patient().circuit

    assert float(circuit.rate(0.0, 0.0)) == pytest.approx(1.0, abs=1e-12)
    assert float(circuit.surge(0.0, 0.0)) == 0.0
    blocked = (0.05, 0.2)
    rise = float(circuit.rate(*blocked)) - 1.0
    # the rounded corner takes exp(-rise / w) = 1.4e-6 of it
    assert float(circuit.surge(*blocked)) == pytest.approx(rise, rel=2e-6)
    assert float(circuit.rate(1.0, 1.0)) < 1.0


def test_little_block_of_interneurons_disinhibits_and_equal_potencies_do_not():
    patient, low = Patient(), 0.3
    block = patient.nmda.block(low)
    equal = eqx.tree_at(
        lambda n: n.interneuron_voltage, patient.nmda, patient.nmda.pyramidal_voltage
    )
    same = equal.block(low)

    assert float(patient.circuit.rate(block.pyramidal, block.interneuron)) > 1.05
    assert float(patient.circuit.rate(same.pyramidal, same.interneuron)) < 1.0


def test_racemic_potencies_are_those_of_the_decisions():
    nmda = NmdaBlock()
    racemic = [
        float(nmda.ic50(v)) / nmda.racemate_equivalent
        for v in (nmda.pyramidal_voltage, nmda.interneuron_voltage, nmda.resting_voltage)
    ]

    assert racemic == pytest.approx([5.5, 1.6, 5.0], rel=0.01)


def test_the_scales_of_the_window_are_those_of_the_reference_infusion():
    patient = Patient()

    for path, value in reference_scales(patient).items():
        declared = patient
        for name in path.split("."):
            declared = getattr(declared, name)
        assert declared == pytest.approx(value, rel=0.01), path


def test_the_window_peaks_near_day_one_and_a_week_later_little_is_left():
    path = after(REFERENCE)
    window = path.state.window.window

    assert np.max(window) == pytest.approx(0.5, rel=0.02)
    assert 0.7 < path.day[np.argmax(window)] < 1.2
    assert 0.10 < path.at(window, 7.0) / np.max(window) < 0.22


def test_the_window_sees_more_than_the_area_under_the_curve():
    slow = Dose(0.0, 0.5, 1440.0)

    assert peak_window(slow) < 0.6 * peak_window(REFERENCE)


def test_where_the_drive_is_linear_a_slower_infusion_costs_nothing_and_elsewhere_it_does():
    slow = Dose(0.0, 0.5, 6 * 60.0)

    linear = peak_window(slow, window__steepness=1.0) / peak_window(
        REFERENCE, window__steepness=1.0
    )
    saturating = peak_window(slow) / peak_window(REFERENCE)

    assert linear > 1.0
    assert saturating < 0.85


def test_refractoriness_lowers_the_window_after_a_very_high_dose_and_nothing_else():
    high = Dose(0.0, 4.0, 40.0)
    with_it, without = peak_window(high), peak_window(high, window__refractory_gain=0.0)

    assert with_it < without
    assert peak_window(REFERENCE) == pytest.approx(
        peak_window(REFERENCE, window__refractory_gain=0.0), rel=0.02
    )


def test_a_control_dose_has_less_than_a_tenth_of_the_mood_effect():
    assert mood_effect(Dose(0.0, 0.05, 40.0), 1.0) < 0.1 * mood_effect(REFERENCE, 1.0)


def test_the_mood_effect_fades_as_measured():
    day_1 = mood_effect(REFERENCE, 1.0)

    assert mood_effect(REFERENCE, 3.0) / day_1 == pytest.approx(0.75, abs=0.15)
    assert mood_effect(REFERENCE, 7.0) / day_1 == pytest.approx(0.43, abs=0.15)
    assert mood_effect(REFERENCE, 14.0) / day_1 < 0.25


def test_without_window_gain_ketamine_teaches_nothing_at_equal_attendance():
    sessions, off = (1.0, 3.0), {"learning__window_gain": 0.0, "learning__acute_impairment": 0.0}
    with_drug = after(REFERENCE, sessions=sessions, **off).state
    without = after(Dose(0.0, 0.0, 40.0), sessions=sessions, **off).state

    assert np.array_equal(with_drug.recovery, without.recovery)
    assert np.array_equal(with_drug.extinction, without.extinction)


def test_a_session_in_the_window_teaches_more_than_one_two_weeks_later():
    def gain(day):
        drug = after(REFERENCE, days=25.0, sessions=(day,)).state.recovery[-1]
        none = after(Dose(0.0, 0.0, 40.0), days=25.0, sessions=(day,)).state.recovery[-1]
        return drug - none

    assert gain(1.0) > 3.0 * gain(14.0) > 0.0


def test_weakening_the_memory_needs_retrieval_and_ketamine_together():
    none = Dose(0.0, 0.0, 40.0)

    def memory(dose, retrievals, **values):
        return after(dose, days=3.0, retrievals=retrievals, **values).state.memory[-1]

    both = memory(REFERENCE, (0.0,))
    assert both < 0.97 * memory(REFERENCE, ())
    assert memory(none, (0.0,)) == pytest.approx(memory(none, ()), rel=1e-9)
    assert memory(REFERENCE, (0.0,), memory__reconsolidation_loss=0.0) == pytest.approx(
        memory(REFERENCE, ()), rel=1e-9
    )


def test_occupancy_of_the_mu_receptor_never_exceeds_one():
    chance = np.random.default_rng(1)
    receptor = MuOpioidCompetition()
    occupy = jax.vmap(receptor.occupancy, in_axes=(0, 0, 0, 0, None))

    found = occupy(
        200.0 * chance.random(5000), chance.random(5000), 0.99 * chance.random(5000),
        0.99 * chance.random(5000), 0.9,
    )  # fmt: skip

    total = found.substance + found.agonist + found.antagonist
    assert float(total.max()) <= 1.0 + 1e-12
    assert float(found.substance.min()) >= 0.0


def test_medication_takes_reward_from_a_use():
    receptor = MuOpioidCompetition()
    reward = [float(receptor.occupancy(1.0, 0.5, o, 0.0, 0.9).reward_left) for o in (0, 0.5, 0.9)]

    assert reward[0] == 1.0
    assert reward[0] > reward[1] > reward[2] > 0.0


def test_starting_buprenorphine_on_a_heavy_load_lowers_the_effect():
    receptor = MuOpioidCompetition()
    before = receptor.occupancy(30.0, 0.6, 0.0, 0.0, 0.5)
    after_start = receptor.occupancy(30.0, 0.6, 0.8, 0.0, 0.5)

    assert float(after_start.effect) < float(before.effect)


def test_two_recovery_states_are_stable_and_practice_decides_which():
    recovery = Patient().recovery
    R = np.linspace(0.00005, 0.90005, 9001)

    def change(practice):
        link = eqx.tree_at(lambda r: r.practice_rate, recovery, practice)
        found = jax.vmap(lambda r: link.relaxation(r, 1.0, 1.0, 0.0))(R)
        return np.asarray((found.to - R) / found.time_constant)

    crossings = R[:-1][np.diff(np.sign(change(recovery.practice_rate))) != 0]
    assert crossings == pytest.approx([0.107, 0.251, 0.601], abs=0.005)
    assert np.sum(np.diff(np.sign(change(0.0))) != 0) == 1


def test_more_craving_raises_the_hazard_and_more_control_lowers_it():
    from resynapse.behaviour.lapse import LapseHazard, Temptation

    hazard = LapseHazard()
    calm = Temptation(0.3, 0.0, 0.0, 0.4, 1.0, 0.0, 0.0)

    def changed_to(**one):
        return float(hazard.committed_hazard(Temptation(**{**vars(calm), **one}), 0.0, 0.0))

    base = changed_to()
    assert changed_to(craving=0.6) > base > changed_to(control=0.7)
    assert changed_to(reward_left=0.3) < base > changed_to(stability=0.8)
    assert changed_to(craving=50.0) <= hazard.greatest


def test_lost_tolerance_makes_a_use_more_dangerous():
    overdose = Patient().overdose

    assert float(overdose.death_rate(3.5, 0.0, -1.0, 0.0)) > float(
        overdose.death_rate(3.5, 0.0, 0.0, 0.0)
    )
    assert float(overdose.death_rate(3.5, 0.0, 0.0, 0.95)) < 0.1 * float(
        overdose.death_rate(3.5, 0.0, 0.0, 0.0)
    )


@pytest.mark.parametrize(("disorder", "error"), [("heroin", 1e-3), ("fentanyl", 0.05)])
def test_an_overdose_is_as_likely_as_doses_of_random_size_make_it(disorder, error):
    """The mean over log-normal doses of a logistic chance, from more tolerance to next to none."""
    link = apply(Patient(), disorder).overdose
    spread = float(link.steepness * link.dose_sd)

    for x in np.linspace(-1.0, 4.0, 11):
        middle = float(link.level + link.steepness * x)
        exact, _ = quad(_chance, -12.0, 12.0, (middle, spread))
        found = float(link.death_rate(1.0, x, 0.0, 0.0)) / float(link.fatal_share)
        assert found == pytest.approx(exact, rel=error)


def _chance(z, middle, spread):
    return norm.pdf(z) * expit(middle + spread * z)


def test_no_use_is_deadlier_than_an_overdose_at_every_use():
    """Of a strong drug at lost tolerance too; the share that is fatal bounds it."""
    link = replace(Patient(), {"overdose.dose_sd": 1.0}).overdose
    rates = [float(link.death_rate(1.0, x, 0.0, 0.0)) for x in np.linspace(-5.0, 30.0, 71)]

    assert np.all(np.diff(rates) >= 0.0)
    assert rates[-1] == pytest.approx(float(link.fatal_share), rel=1e-6)


def test_people_in_a_control_arm_who_see_through_it_are_disappointed():
    expectancy = Patient().expectancy

    gain, loss = float(expectancy.effect(0.8, 0.5)), float(expectancy.effect(0.2, 0.5))
    assert loss < 0.0 < gain < -loss
    silent = eqx.tree_at(lambda e: e.present, expectancy, 0.0)
    assert float(silent.effect(0.9, 0.5)) == 0.0
