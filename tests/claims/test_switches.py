"""Does every contested mechanism do what its switch says, and nothing once it is off?

Each claim is asked of a patient with the switch on and of one with it off, everything else alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import equinox as eqx
import jax
import numpy as np
import pytest

from claims.course import Dose, Medicine, Path, Plan, at_rest, detoxified, follow
from claims.neutral import Values, with_values
from claims.trial_course import ALL_STAY, INFUSION, SALINE, TOLD_APART, programme, seen
from resynapse.patient import SWITCHES, Patient, settings
from resynapse.pharmacology.opioid_medication import naltrexone_monthly

REFERENCE, NONE = Dose(0.0, 0.5), Dose(0.0, 0.0)
ANAESTHETIC = Dose(0.0, 6.0, 40.0)
"""above all doses given to people with addiction; below them the switch hardly matters"""
SWALLOWED = Dose(0.0, 2.0, 0.0, "oral")
PREPARED = {"drug": "ketamine", "dose": "2 mg/kg im", "days": [1], "prepared": True}


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@cache
def free() -> tuple:
    """Ten days after the last use."""
    return detoxified(Patient())


def after(values: Values, *doses: Dose, days: float = 4.0, **plan) -> Path:
    return follow(with_values(values), days, Plan(doses=doses, **plan), free())


def window(values: Values, dose: Dose) -> float:
    """Its peak."""
    return float(np.max(after(values, dose).state.window.window))


def therapy_teaches_more(values: Values) -> bool:
    given, none = (
        after(values, dose, days=10.0, sessions=(1.0,)).state.recovery[-1]
        for dose in (REFERENCE, NONE)
    )
    return given > 1.01 * none


def a_high_dose_closes_its_own_window(values: Values) -> bool:
    open_all_along = values | {"window.refractory_gain": 0.0}
    return window(values, ANAESTHETIC) < 0.95 * window(open_all_along, ANAESTHETIC)


def retrieval_with_ketamine_weakens_the_memory(values: Values) -> bool:
    retrieved, not_retrieved = (
        after(values, REFERENCE, retrievals=days).state.memory[-1] for days in ((0.0,), ())
    )
    return retrieved < 0.98 * not_retrieved


def the_window_opens_the_same_without_a_surge(values: Values) -> bool:
    same_potency = {"nmda.interneuron_voltage": Patient().nmda.pyramidal_voltage}
    with_surge, without = window(values, REFERENCE), window(values | same_potency, REFERENCE)
    return with_surge > 0.05 and abs(without / with_surge - 1.0) < 1.0e-6


def naltrexone_takes_part_of_the_lift(values: Values) -> bool:
    """Mood on the day after an infusion, under a monthly injection and without."""
    under = Medicine(naltrexone_monthly(), 380.0, (0.0,))

    def lift(antagonist: Medicine | None) -> float:
        given, none = (
            after(values, Dose(2.0, mg_per_kg), antagonist=antagonist) for mg_per_kg in (0.5, 0.0)
        )
        return none.at(none.state.mood, 3.0) - given.at(given.state.mood, 3.0)

    return lift(under) < 0.8 * lift(None)


def norketamine_opens_the_window_too(values: Values) -> bool:
    not_counted = values | {"potency.norketamine_counts": 0.0}
    return window(values, SWALLOWED) > 1.05 * window(not_counted, SWALLOWED)


def the_genotype_slows_clearance(values: Values) -> bool:
    levels = []
    for gene in ("normal", "poor"):
        shares = {"normal": 0, "intermediate": 0, "poor": 0} | {gene: 1}
        people = {"weight_kg": 70, "age_years": 40, "female": 0.0, "cyp2b6": shares}
        run = seen(programme(INFUSION, population=people), 2.5, values=values)
        levels.append(run.mean("venous_ketamine", 1.25))
    return levels[1] > 1.1 * levels[0]


def a_strong_recovery_pathway_keeps_itself_up(values: Values) -> bool:
    state, marks = at_rest(Patient())
    strong = eqx.tree_at(lambda s: s.recovery, state, 0.5)
    later = follow(with_values(values), 250.0, start=(strong, marks))
    return later.state.recovery[-1] > 0.4


def an_intense_prepared_session_commits_people(values: Values) -> bool:
    ketamine, saline = (
        seen(programme(dose), 3.5, values=ALL_STAY | {"expectancy.present": 0.0} | values)
        for dose in (PREPARED, SALINE | {"prepared": True})
    )
    moved = ketamine.chunk.marks.committed.mean() - saline.chunk.marks.committed.mean()
    return moved > 0.02 and ketamine.mean("recovery", 3.0) > saline.mean("recovery", 3.0) + 0.005


def control_rises_without_therapy(values: Values) -> bool:
    given, none = (after(values, dose) for dose in (REFERENCE, NONE))
    return given.control[-1] > none.control[-1] + 0.005


def cues_lose_force(values: Values) -> bool:
    """Mood and control kept out of it."""
    apart = {"mood.habenula_weight": 0.0, "mood.sustained_weight": 0.0} | values
    given, none = (after(apart, dose) for dose in (REFERENCE, NONE))
    return given.state.craving[-1] < 0.98 * none.state.craving[-1]


def withdrawal_is_relieved(values: Values) -> bool:
    path = after(values, Dose(0.0, 10.0 / 70.0, 0.0, "im"))
    half_hour = 0.5 / 24.0
    return path.at(path.withdrawal, half_hour) < 0.8 * path.at(path.state.withdrawal, half_hour)


def belief_leaves_a_trace(values: Values) -> bool:
    run = seen(programme(SALINE), 2.5, TOLD_APART, ALL_STAY | values)
    return run.mean("expectancy", 2.0) < -0.1


def ketamine_leaves_no_trace_but_belief(values: Values) -> bool:
    """In a person who expects nothing."""
    given, none = (
        after(values, dose, retrievals=(0.0,), sessions=(1.0,)) for dose in (REFERENCE, NONE)
    )
    return all(
        np.array_equal(one, other)
        for one, other in (
            (given.state.mood, none.state.mood),
            (given.state.craving, none.state.craving),
            (given.state.recovery, none.state.recovery),
            (given.state.memory, none.state.memory),
            (given.control, none.control),
            (given.withdrawal, none.withdrawal),
            (given.flow.hazards[0], none.flow.hazards[0]),
        )
    )


CLAIMS: dict[str, Callable[[Values], bool]] = {
    "window_gain": therapy_teaches_more,
    "refractoriness": a_high_dose_closes_its_own_window,
    "reconsolidation": retrieval_with_ketamine_weakens_the_memory,
    "direct_trigger_only": the_window_opens_the_same_without_a_surge,
    "naltrexone_interaction": naltrexone_takes_part_of_the_lift,
    "norketamine": norketamine_opens_the_window_too,
    "cyp2b6": the_genotype_slows_clearance,
    "self_maintenance": a_strong_recovery_pathway_keeps_itself_up,
    "experience": an_intense_prepared_session_commits_people,
    "sustained_control": control_rises_without_therapy,
    "cue_craving": cues_lose_force,
    "withdrawal_relief": withdrawal_is_relieved,
    "expectancy": belief_leaves_a_trace,
    "expectancy_only": ketamine_leaves_no_trace_but_belief,
}


@pytest.mark.parametrize("name", list(CLAIMS))
def test_what_a_switch_turns_on_is_gone_when_it_is_off(name):
    assert CLAIMS[name](settings({name: True}))
    assert not CLAIMS[name](settings({name: False}))


@pytest.mark.parametrize("name", list(CLAIMS))
def test_a_switch_left_alone_stands_where_it_says_it_does(name):
    asked = settings({name: SWITCHES[name].default})
    patient = with_values({})

    assert all(eqx.tree_equal(patient, with_values({path: v})) for path, v in asked.items())


def test_every_switch_has_a_claim():
    assert set(CLAIMS) == set(SWITCHES)
