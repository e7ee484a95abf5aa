"""What do ketamine, therapy and retrieval teach and unteach, and how long does it last?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import jax
import numpy as np
import pytest

from claims.course import Dose, Path, Plan, detoxified, follow
from claims.neutral import Values, rests_on, with_values
from claims.trial_course import (
    ALL_STAY,
    INFUSION,
    NO_EXPECTANCY,
    SALINE,
    Seen,
    programme,
    seen,
)
from resynapse.patient import Patient

KETAMINE, NO_KETAMINE = Dose(0.0, 0.5), Dose(0.0, 0.0)
EQUAL_ATTENDANCE = ALL_STAY | {
    f"attendance.{name}_weight": 0.0
    for name in ("withdrawal", "craving", "mood", "use", "expectancy")
}
NO_GAIN = {"learning.window_gain": 0.0, "learning.acute_impairment": 0.0}
NO_PRACTICE = {"recovery.practice_rate": 0.0}
SESSIONS = {"type": "CBT", "days": [2, 3], "hours": "2 h"}


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@cache
def free() -> tuple:
    """Ten days after the last use."""
    return detoxified(Patient())


def course(values: Values, dose: Dose, days: float, **plan: Any) -> Path:
    return follow(with_values(values), days, Plan(doses=(dose,), **plan), free())


def taught(values: Values, day: float) -> float:
    """What ketamine adds to one session on this day, as R three weeks later."""
    given, not_given = (
        course(values, dose, 25.0, sessions=(day,)).state.recovery[-1]
        for dose in (KETAMINE, NO_KETAMINE)
    )
    return float(given - not_given)


def test_ketamine_adds_most_to_a_session_on_the_first_day_and_hardly_anything_after_a_week():
    def within_a_day(values: Values) -> bool:
        first_day = max(taught(values, day) for day in (0.25, 1.0))
        return first_day > 1.5 * taught(values, 3.0) > 3.0 * taught(values, 7.0) > 0.0

    rests_on(within_a_day, {"learning.window_gain": 0.0})
    rests_on(within_a_day, {"window.window_time": 300.0})


def test_a_negative_gain_would_be_antagonism():
    assert taught({"learning.window_gain": -1.0}, 1.0) < 0.0


def test_learning_is_impaired_while_the_infusion_runs():
    """Against a session whose trace is over within the hour."""
    brief = {"session.homework_time": 0.04, "learning.window_gain": 0.0}

    def impaired(values: Values) -> bool:
        return taught(brief | values, 0.02) < 0.0

    rests_on(impaired, {"learning.acute_impairment": 0.0})


def cost(values: Values, dose: Dose, day: float) -> float:
    """How much a day of use raises the memory of the drug."""
    used, not_used = (
        course(values, dose, day + 3.0, use=use).state.memory[-1]
        for use in (((day, day + 1.0),), ())
    )
    return float(used - not_used)


def test_a_lapse_in_the_window_costs_more():
    def costs_more(values: Values) -> bool:
        dear = cost(values, KETAMINE, 1.0) / cost(values, NO_KETAMINE, 1.0)
        late = cost(values, KETAMINE, 14.0) / cost(values, NO_KETAMINE, 14.0)
        return dear > 1.1 and abs(late - 1.0) < 0.3 * (dear - 1.0)

    rests_on(costs_more, {"learning.window_gain": 0.0})


def test_ketamine_alone_fades_within_days_to_weeks():
    """Without sessions: the hazard of a first use is lower at first and back at three weeks."""

    def fades(values: Values) -> bool:
        ketamine, none = (course(values, dose, 25.0) for dose in (KETAMINE, NO_KETAMINE))

        def relief(path_of: Any, day: float) -> float:
            return 1.0 - ketamine.at(path_of(ketamine), day) / none.at(path_of(none), day)

        hazard, mood = (lambda p: p.flow.hazards[0]), (lambda p: p.state.mood)
        return (
            relief(hazard, 2.0) > 0.03
            and relief(hazard, 21.0) < 0.3 * relief(hazard, 2.0)
            and 0.0 <= relief(mood, 14.0) < 0.4 * relief(mood, 2.0)
        )

    rests_on(fades, {"window.window_time": 300.0, "window.sustained_time": 300.0})


def arm(dose: dict, values: Values, until: float, sessions: dict | None = SESSIONS) -> Seen:
    """People who all come to their sessions alike and expect nothing."""
    therapies = [sessions] if sessions else []
    given = programme(dose, arm={"therapies": therapies})
    return seen(given, until, values=EQUAL_ATTENDANCE | NO_EXPECTANCY | values)


def test_at_equal_attendance_ketamine_without_window_gain_changes_nothing_that_therapy_teaches():
    def unchanged(values: Values) -> bool:
        ketamine, saline = (
            arm(dose, NO_GAIN | NO_PRACTICE | values, 8.5) for dose in (INFUSION, SALINE)
        )
        return bool(
            np.array_equal(ketamine.chunk.marks.attended, saline.chunk.marks.attended)
            and np.allclose(ketamine.of("recovery", 7.0), saline.of("recovery", 7.0), atol=1e-6)
        )

    rests_on(unchanged, {"learning.window_gain": 1.0})
    rests_on(unchanged, {"learning.window_gain": -1.0})


def memory(dose: dict, retrieval: bool, values: Values) -> float:
    """Drug memory on day 3 after a session on the day of the dose."""
    session = {"type": "CBT", "days": [1], "hours": "1 h", "retrieval": retrieval}
    return arm(dose, values, 3.5, session).mean("drug_memory", 3.0)


def test_people_lose_drug_memory_to_retrieval_and_ketamine_together_and_to_neither_alone():
    def together(values: Values) -> bool:
        neither = memory(SALINE, False, values)
        alone = memory(SALINE, True, values), memory(INFUSION, False, values)
        both = memory(INFUSION, True, values)
        return both < neither - 0.01 and all(abs(one - neither) < 0.002 for one in alone)

    rests_on(together, {"memory.reconsolidation_loss": 0.0})


def lift(other: Seen, day: float) -> float:
    """Points of MADRS below saline alone."""
    return arm(SALINE, {}, 60.0, None).mean("mood", day) - other.mean("mood", day)


def test_an_antidepressant_is_slow_where_ketamine_is_fast():
    """Half of what it gives at eight weeks comes after the second week; ketamine peaks in two
    days and is over by then."""
    daily = {"drug": "antidepressant", "amount": "20 mg", "start_day": 0}

    def slow(values: Values) -> bool:
        values = EQUAL_ATTENDANCE | NO_EXPECTANCY | values
        taken = seen(programme(arm={"medications": [daily]}), 60.0, values=values)
        return 0.0 < lift(taken, 2.0) < 0.2 * lift(taken, 56.0) and (
            lift(taken, 14.0) < 0.7 * lift(taken, 56.0)
        )

    ketamine = arm(INFUSION, {}, 60.0, None)
    assert lift(ketamine, 2.0) > 2.0 * lift(ketamine, 14.0)
    assert lift(ketamine, 2.0) > 4.0 * abs(lift(ketamine, 28.0))
    rests_on(slow, {"antidepressant.time_constant": 0.5})
    rests_on(slow, {"mood.antidepressant_weight": 0.0})


RACEMATE = 0.5
S_EQUIVALENT = 0.5 * RACEMATE * (1.0 + 0.214)
"""mg/kg of esketamine that block as much; 0.214 is the potency of R over that of S"""


def infused(drug: str, mg_per_kg: float) -> dict:
    return {"drug": drug, "dose": f"{mg_per_kg} mg/kg iv over 40 min", "days": [1]}


def test_esketamine_and_the_racemate_open_the_same_window_at_the_same_s_equivalents():
    """One equation serves both; R counts by its potency and clears a little more slowly."""

    def same(values: Values) -> bool:
        windows = [
            arm(infused(drug, dose), values, 2.5, None).mean("window", 2.0)
            for drug, dose in (("ketamine", RACEMATE), ("esketamine", S_EQUIVALENT))
        ]
        return abs(windows[0] / windows[1] - 1.0) < 0.05 and windows[1] > 0.2

    rests_on(same, {"potency.r_ketamine": 0.0})


def test_arketamine_blocks_less_than_esketamine_and_dissociates_nobody():
    s, r = (arm(infused(drug, 0.25), {}, 2.5, None) for drug in ("esketamine", "arketamine"))
    end = 1.0 + 40.0 / 1440.0

    assert 0.0 < r.mean("block_interneuron", end) < 0.5 * s.mean("block_interneuron", end)
    assert r.mean("dissociation", end) == 0.0 < s.mean("dissociation", end)
