"""Do decision rules at visits, ratings and their errors do what a protocol says?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from claims.neutral import Values, rests_on
from claims.trial_course import (
    ALL_STAY,
    INFUSION,
    NO_EXPECTANCY,
    SALINE,
    SEED,
    TOLD_APART,
    Seen,
    programme,
    seen,
)
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.trial.table import patients_table

VISIT = 14.0
AFTER = 15.0625
"""an hour and a half after a dose on day 15"""
BOOSTER = {"drug": "ketamine", "dose": "0.5 mg/kg im", "days": [15], "if_rule": "asked"}
STARTED = {
    "drug": "buprenorphine", "amount": "16 mg", "start_day": VISIT, "may_stop": False,
    "if_rule": "asked",
}  # fmt: skip
GIVEN = 10.0
"""ng/mL in the artery, far above what a dose two days before has left"""


def give_when(condition: str) -> list[dict[str, Any]]:
    return [{"name": "asked", "visits": [VISIT], "when": condition, "then": "give"}]


def boosted(condition: str, values: Values) -> Seen:
    """People who may get a second dose the day after a visit."""
    given = programme(
        SALINE, BOOSTER, rules=give_when(condition), visits=[AFTER], follow_up_days=40
    )
    return seen(given, 16.0, values=ALL_STAY | NO_EXPECTANCY | values)


def got(run: Seen, day: float) -> np.ndarray:
    return run.of("arterial_ketamine", day) > GIVEN


def test_a_booster_goes_to_those_who_lapsed_and_to_no_one_else():
    def to_some(values: Values) -> bool:
        run = boosted("lapsed", values)
        lapsed = run.day_of("first_use") <= VISIT
        assert np.array_equal(got(run, AFTER), lapsed)
        return bool(0.1 < lapsed.mean() < 0.9)

    rests_on(to_some, {"lapse.baseline": 0.0, "lapse.uncommitted": 0.0})


@pytest.mark.parametrize("then", ["give", "withhold"])
def test_who_does_not_get_a_dose_guesses_nothing_anew(then):
    dose = BOOSTER if then == "give" else {k: v for k, v in BOOSTER.items() if k != "if_rule"}
    rule = give_when("lapsed")[0] | {"then": then}
    given = programme(INFUSION, dose | {"prepared": True}, rules=[rule], visits=[AFTER])

    before, after = (seen(given, day, TOLD_APART, ALL_STAY) for day in (15.5, 16.5))
    had = got(after, AFTER)

    assert 0.1 < had.mean() < 0.9
    for mark in ("belief", "commitment_shift"):
        moved = getattr(before.chunk.marks, mark) != getattr(after.chunk.marks, mark)
        assert np.array_equal(moved, had), mark


@pytest.mark.parametrize(
    ("symptom", "limit", "neutral"),
    [
        ("craving", 30, {"craving.cue_weight": 0.0, "craving.mood_weight": 0.0}),
        ("withdrawal", 5, {"withdrawal.gain": 0.0}),
    ],
)
def test_a_booster_goes_to_those_whose_symptom_stands_above_the_limit(symptom, limit, neutral):
    def to_some(values: Values) -> bool:
        run = boosted(f"{symptom} above {limit}", values)
        assert np.array_equal(got(run, AFTER), run.of(symptom, VISIT) > limit)
        return bool(0.01 < got(run, AFTER).mean() < 0.99)

    rests_on(to_some, neutral)


def test_a_medication_is_started_in_those_who_lapsed_and_holds_their_receptors():
    def holds(values: Values) -> bool:
        given = programme(arm={"medications": [STARTED]}, rules=give_when("lapsed"), visits=[AFTER])
        run = seen(given, 16.0, values=ALL_STAY | NO_EXPECTANCY | values)
        on = run.of("on_medication", AFTER) > 0.5
        assert np.array_equal(on, run.day_of("first_use") <= VISIT)
        free = run.of("using", AFTER) == 0.0
        return bool(run.of("opioid_effect", AFTER)[on & free].min() > 0.1)

    rests_on(holds, {"buprenorphine.max_occupancy": 0.0})


WITHHELD: dict[str, tuple[int, str, Values]] = {
    "pressure": (130, "pressure_most", {"pressure.greatest_rise": 0.0}),
    "dissociation": (10, "felt_most", {"people.dissociation_sd": 0.0}),
}
"""limit, the peak that is kept, and what is made neutral"""


def withheld(quantity: str, values: Values) -> Seen:
    """Two doses, the second of which is withheld from people the first was too much for."""
    limit = WITHHELD[quantity][0]
    rule = {
        "name": "safety", "visits": [1.5], "when": f"{quantity} above {limit}",
        "then": "withhold",
    }  # fmt: skip
    medication = {"drug": "buprenorphine", "amount": "16 mg", "start_day": 4, "may_stop": False}
    second = INFUSION | {"days": [3], "dose": "0.5 mg/kg im"}
    given = programme(
        INFUSION | {"dose": "0.5 mg/kg im"}, second, rules=[rule], visits=[3.0625],
        arm={"medications": [medication]}, follow_up_days=40,
    )  # fmt: skip
    return seen(given, 5.5, values=ALL_STAY | NO_EXPECTANCY | values)


@pytest.mark.parametrize("quantity", list(WITHHELD))
def test_the_next_dose_is_withheld_from_those_whose_pressure_or_dissociation_was_too_high(quantity):
    limit, mark, neutral = WITHHELD[quantity]

    def from_some(values: Values) -> bool:
        run = withheld(quantity, values)
        patient = replace(Patient(), values)
        resting = float(patient.pressure.resting) if quantity == "pressure" else 0.0
        too_high = resting + np.asarray(getattr(run.chunk.marks, mark)) > limit
        refused = ~got(run, 3.0625)
        assert np.all(too_high[refused])
        return bool(0.02 < refused.mean() < 0.98)

    rests_on(from_some, neutral)


def test_withholding_doses_withholds_no_medication():
    run = withheld("pressure", {})

    assert run.chunk.marks.withheld.mean() > 0.1
    assert np.all(run.of("on_medication", 5.0) == 1.0)


DAY = 7.0
RATINGS = {
    "craving_vas": ("craving", "vas", 100.0),
    "mood_madrs": ("mood", "madrs", 60.0),
    "mood_hamd17": ("mood_hamd17", "hamd", 52.0),
    "withdrawal_cows": ("withdrawal", "cows", 48.0),
}
"""the quantity behind a rating, the name of its error, and the top of its scale"""


def rated(values: Values, dose: dict = SALINE) -> tuple[pd.DataFrame, Seen]:
    """Scores as a clinic writes them down after four days without heroin, and the states."""
    setting = {"detoxification_days": 2, "use_days_before": 20}
    given = programme(dose, visits=[2, DAY], setting=setting)
    run = seen(given, 8.0, TOLD_APART, ALL_STAY | values)
    patient = replace(Patient(), ALL_STAY | values)
    arm = given.arms[0]
    return patients_table(given, arm, patient, run.plan, run.chunk, SEED), run


def written(table: pd.DataFrame, scale: str, day: float = DAY) -> np.ndarray:
    return table[f"{scale}_day_{day:g}"].to_numpy(float)


@pytest.mark.parametrize("scale", list(RATINGS))
def test_a_score_stays_on_its_scale_and_carries_the_error_of_its_scale(scale):
    quantity, short, top = RATINGS[scale]
    stated = float(getattr(Patient().scales, f"{short}_error"))

    def with_error(values: Values) -> bool:
        table, run = rated({"expectancy.report_weight": 0.0} | values)
        score, true = written(table, scale), run.of(quantity, DAY)
        assert score.min() >= 0.0 and score.max() <= top
        inside = (true > 2.5 * stated) & (true < top - 2.5 * stated)
        error = (score - true)[inside] if inside.sum() > 30 else score - true
        return bool(0.4 * stated < error.std() < 1.3 * stated)

    rests_on(with_error, {f"scales.{short}_error": 0.0})


@pytest.mark.parametrize("scale", ["craving_vas", "mood_madrs", "mood_hamd17"])
def test_belief_biases_what_people_report_of_themselves_and_not_what_is_so(scale):
    """The control arm of a masked trial: people who feel passed over report worse."""
    only = dict.fromkeys(
        (
            "mood.expectancy_weight", "lapse.expectancy_weight", "dropout.expectancy_weight",
            "attendance.expectancy_weight",
        ), 0.0,
    )  # fmt: skip
    quantity = RATINGS[scale][0]

    def biased(values: Values) -> bool:
        told, state = rated(only | values)
        plain, same = rated(only | {"expectancy.report_weight": 0.0})
        assert np.array_equal(state.of(quantity, DAY), same.of(quantity, DAY))
        return written(told, scale).mean() > written(plain, scale).mean() + 0.3

    rests_on(biased, {"expectancy.report_weight": 0.0})


def test_belief_does_not_bias_what_a_clinician_sees():
    told, _ = rated({})
    plain, _ = rated({"expectancy.report_weight": 0.0})

    assert np.array_equal(written(told, "withdrawal_cows"), written(plain, "withdrawal_cows"))


def test_hamilton_scores_run_below_montgomery_asberg_scores():
    def below(values: Values) -> bool:
        run = rated(values)[1]
        return run.mean("mood_hamd17", DAY) / 52.0 < 0.95 * run.mean("mood", DAY) / 60.0

    rests_on(below, {"scales.hamd_share": 1.0})
