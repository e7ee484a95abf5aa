"""Does what is known of a person act through the engine: body, genes, liver, severity?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from claims.neutral import Values, rests_on
from claims.trial_course import ALL_STAY, BASE, NO_EXPECTANCY, Seen, programme, seen

SHORT = {"detoxification_days": 2, "use_days_before": 1}
NORMAL_GENES = {"cyp2b6": {"normal": 1, "intermediate": 0, "poor": 0}}
BODY = BASE["population"] | NORMAL_GENES
ALIKE = {
    f"variability.{name}": 0.0
    for name in (
        "central_volume", "liver_flow", "intrinsic_clearance", "deep_exchange", "transit_time",
        "norketamine_clearance", "hydroxynorketamine_volume", "hydroxynorketamine_clearance",
        "hydroxynorketamine_exchange", "nasal_absorption", "gut_absorption", "venous_slow_odds",
    )
}  # fmt: skip
"""no spread of kinetics between people of the same body"""
INFUSED = {"drug": "ketamine", "dose": "35 mg iv over 40 min", "days": [1]}
SWALLOWED = {"drug": "ketamine", "dose": "50 mg oral", "days": [1]}
SIX_HOURS = 1.25
TABLE = "weight_kg,age_years,female\n70,40,0\n140,40,0\n70,80,0\n70,40,1\n"
TYPICAL, HEAVY, OLD, WOMAN = range(4)


def run(dose: dict, population: dict, values: Values, **changed) -> Seen:
    """One dose after a short run-in, in people who stay."""
    given = programme(dose, setting=SHORT, population=population, **changed)
    return seen(given, 2.5, values=ALL_STAY | NO_EXPECTANCY | ALIKE | values)


def late(one: Seen) -> float:
    """Mean level in the vein six hours after the dose began."""
    return one.mean("venous_ketamine", SIX_HOURS)


def peak(one: Seen) -> float:
    """Mean over people of their highest level in the artery."""
    return float(one.minutes("arterial_ketamine").max(axis=0).mean())


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> str:
    """Four people who differ in one thing each."""
    path: Path = tmp_path_factory.mktemp("people") / "people.csv"
    path.write_text(TABLE, encoding="utf-8")
    return str(path)


def test_a_table_of_people_is_who_takes_part_again_and_again(table):
    person = run(INFUSED, {"csv": table} | NORMAL_GENES, {}).chunk.person

    assert np.array_equal(person.weight_kg[:8], [70, 140, 70, 70] * 2)
    assert np.array_equal(person.age_years[:8], [40, 40, 80, 40] * 2)
    assert np.array_equal(person.female[:8], [0, 0, 0, 1] * 2)


FROM_THE_TABLE = {
    "weight": (HEAVY, 0.5, 0.9, {"clearance_exponent": 0.0, "volume_exponent": 0.0}),
    "age": (OLD, 1.1, 3.0, {"liver_flow_lost_per_year": 0.0}),
    "sex": (WOMAN, 0.7, 0.98, {"female_clearance": 1.0}),
}
"""who differs, between which ratios the level six hours later lies, and what is made neutral"""


@pytest.mark.parametrize("covariate", list(FROM_THE_TABLE))
def test_weight_and_sex_lower_the_level_of_a_fixed_dose_and_age_raises_it(table, covariate):
    who, least, most, effect = FROM_THE_TABLE[covariate]

    def differs(values: Values) -> bool:
        level = run(INFUSED, {"csv": table} | NORMAL_GENES, values).of("venous_ketamine", SIX_HOURS)
        return bool(least < level[who] / level[TYPICAL] < most)

    rests_on(differs, {f"covariates.{name}": value for name, value in effect.items()})


def test_a_dose_by_ideal_weight_is_smaller_for_a_heavy_person():
    per_kg = {"drug": "ketamine", "dose": "0.5 mg/kg iv over 40 min", "days": [1]}
    heavy = BODY | {"weight_kg": 120}

    def smaller(values: Values) -> bool:
        ideal = run(per_kg | {"ideal_body_weight": True}, heavy, values)
        actual = run(per_kg, heavy, {})
        return late(ideal) < 0.8 * late(actual)

    rests_on(
        smaller, {"people.ideal_men": 120.0, "people.ideal_women": 120.0, "people.ideal_slope": 0.0}
    )


@pytest.mark.parametrize(("degree", "ratio"), [("mild", 1.05), ("moderate", 1.5)])
def test_liver_disease_raises_the_level(degree, ratio):
    def raises(values: Values) -> bool:
        diseased = run(INFUSED, BODY | {"liver": degree}, values)
        return late(diseased) > ratio * late(run(INFUSED, BODY, {}))

    rests_on(raises, {f"covariates.{degree}_liver_disease": 1.0})


@pytest.mark.parametrize("gene", ["intermediate", "poor"])
def test_a_slow_cyp2b6_raises_the_level(gene):
    slow = {"cyp2b6": {"normal": 0, "intermediate": 0, "poor": 0} | {gene: 1}}

    def raises(values: Values) -> bool:
        carriers = run(INFUSED, BODY | slow, values)
        return late(carriers) > 1.05 * late(run(INFUSED, BODY, {}))

    rests_on(raises, {"covariates.cyp2b6_effect": 0.0})


@pytest.mark.parametrize(
    ("drug", "neutral"),
    [
        ("ticlopidine", {"ticlopidine": 1.0}),
        ("grapefruit", {"grapefruit": 1.0, "grapefruit_gut": 1.0}),
        ("rifampicin", {"rifampicin": 1.0, "rifampicin_gut": 1.0}),
    ],
)
def test_inhibitors_raise_and_rifampicin_lowers_the_peak_of_a_swallowed_dose(drug, neutral):
    sign = -1.0 if drug == "rifampicin" else 1.0

    def changes(values: Values) -> bool:
        with_it = peak(run(SWALLOWED, BODY | {"inhibitor": drug}, values))
        return sign * np.log(with_it / peak(run(SWALLOWED, BODY, {}))) > np.log(1.3)

    rests_on(changes, {f"covariates.{name}": value for name, value in neutral.items()})


@pytest.mark.parametrize(
    ("symptom", "neutral"),
    [("withdrawal", {"withdrawal.gain": 0.0}), ("craving", {"craving.cue_level": 0.0})],
)
def test_people_who_enter_with_severe_symptoms_feel_more_of_them(symptom, neutral):
    def severe_is_worse(values: Values) -> bool:
        mild, severe = (
            run(INFUSED, BODY, values, severity={symptom: degree}).mean(symptom, 0.0)
            for degree in ("mild", "severe")
        )
        return severe > 1.2 * mild

    rests_on(severe_is_worse, neutral)


HIGH = {"drug": "ketamine", "dose": "2 mg/kg im", "days": [1]}
ACUTE = {
    "dissociation": ("felt_most", {"people.dissociation_sd": 0.0}),
    "blood pressure": ("pressure_most", {"people.pressure_sd": 0.0}),
    "loss of response": ("unresponsive_most", {}),
    "nausea": ("nausea_most", {}),
}
"""the peak that is kept, and the spread of its own beside that of kinetics"""
NO_SENSITIVITY = {"people.dissociation_sd": 0.0, "people.pressure_sd": 0.0}


def spread(mark: str, values: Values) -> float:
    """Coefficient of variation between people of one body."""
    run_ = seen(programme(HIGH, setting=SHORT, population=BODY), 2.5, values=ALL_STAY | values)
    peak = np.asarray(getattr(run_.chunk.marks, mark))
    return float(peak.std() / peak.mean())


@pytest.mark.parametrize("effect", list(ACUTE))
def test_people_differ_in_each_acute_effect(effect):
    """By kinetics in all, and beside it by their own sensitivity in two; nausea saturates."""
    mark, own = ACUTE[effect]

    rests_on(lambda values: spread(mark, values) > 0.001, ALIKE | NO_SENSITIVITY)
    for path in own:
        assert spread(mark, {path: 0.0}) < 0.7 * spread(mark, {}), path


def test_people_differ_in_sedation():
    def differ(values: Values) -> bool:
        given = programme(HIGH, setting=SHORT, population=BODY)
        sedation = seen(given, 2.5, values=ALL_STAY | values).minutes("sedation")
        return bool(sedation.max(axis=0).std() > 0.002)

    rests_on(differ, ALIKE)
