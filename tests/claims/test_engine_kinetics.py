"""Do doses by every route, and all rules of linear kinetics, survive the whole engine?

What is looked at are the records of people of one body, by the minute after the first dose.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from claims.ketamine_course import MASS, Course, racemate
from claims.neutral import Values, rests_on
from claims.test_people_differ import ALIKE, BODY, SHORT
from claims.trial_course import ALL_STAY, NO_EXPECTANCY, SALINE, Seen, programme, seen
from resynapse.patient.observe import NAMES

MG = 28.0
INFUSED = {"drug": "ketamine", "dose": f"{MG} mg iv over 40 min", "days": [1]}
BOLUS = INFUSED | {"dose": f"{MG} mg iv bolus"}
NO_FIRST_PASS = {
    "body.gut_wall_passed": 0.999,
    "s_enantiomer.intrinsic_clearance": 1.0e-3,
    "r_enantiomer.intrinsic_clearance": 1.0e-3,
}


def run(*doses: dict[str, Any], values: Values | None = None, until: float = 2.5) -> Seen:
    """People of one body, who stay and expect nothing."""
    given = programme(*doses, setting=SHORT, population=BODY, beyond_evidence=True)
    fixed = ALL_STAY | NO_EXPECTANCY | ALIKE | (values or {})
    return seen(given, until, values=fixed)


def minutes(one: Seen) -> np.ndarray:
    """After the first dose."""
    days = one.plan.record_days[one.plan.minutes]
    return np.round((days - days[0]) * 1440.0, 3)


def level(one: Seen) -> np.ndarray:
    """ng/mL of ketamine in the artery of the first person."""
    return one.minutes("arterial_ketamine")[:, 0]


def exposure(one: Seen) -> float:
    """Its area over a day, ng h/mL."""
    return float(np.trapezoid(level(one), minutes(one) / 60.0))


def by(route: str, drug: str = "ketamine") -> dict[str, Any]:
    return {"drug": drug, "dose": f"{MG} mg {route}", "days": [1]}


def share_of_infusion(route: str, values: Values) -> float:
    """Exposure over that of the same amount infused; absorption does not touch an infusion."""
    infused = values if values == NO_FIRST_PASS else {}
    return exposure(run(by(route), values=values)) / exposure(run(INFUSED, values=infused))


ROUTES: dict[str, tuple[float, float, Values]] = {
    "im": (0.8, 1.0, {"absorption.intramuscular": 0.0}),
    "sc": (0.8, 1.0, {"absorption.subcutaneous": 0.0}),
    "intranasal": (0.35, 0.6, {"absorption.atomiser_first": 0.0}),
    "intranasal-spray": (0.35, 0.7, {"absorption.spray_first": 0.0}),
    "oral": (0.05, 0.3, NO_FIRST_PASS),
    "sublingual": (0.2, 0.5, {"absorption.sublingual": 0.0}),
    "inhaled": (0.5, 0.9, {"absorption.inhaled": 0.0}),
}
"""least and most of a dose that arrives, and what is made neutral"""


@pytest.mark.parametrize("route", list(ROUTES))
def test_by_each_route_its_share_of_a_dose_arrives(route):
    least, most, neutral = ROUTES[route]

    rests_on(lambda values: least < share_of_infusion(route, values) < most, neutral)


def test_a_bolus_peaks_at_once_and_an_infusion_at_its_end():
    bolus, infused = run(BOLUS), run(INFUSED)

    assert np.argmax(level(bolus)) == 0
    assert minutes(infused)[np.argmax(level(infused))] == 40.0
    assert level(bolus).max() > 3.0 * level(infused).max()


def test_ketamine_arrives_later_from_under_the_skin_than_from_muscle():
    def later(values: Values) -> bool:
        skin, muscle = (level(run(by(route), values=values)) for route in ("sc", "im"))
        return bool(np.argmax(skin) > np.argmax(muscle))

    rests_on(later, {"body.subcutaneous_absorption": 6.0, "body.intramuscular_absorption": 6.0})


def test_an_atomised_dose_is_partly_swallowed_and_so_gives_more_norketamine_than_a_vein():
    def per_ketamine(one: Seen) -> float:
        norketamine = one.minutes("venous_norketamine")[:, 0]
        return float(np.trapezoid(norketamine, minutes(one) / 60.0)) / exposure(one)

    def more(values: Values) -> bool:
        return per_ketamine(run(by("intranasal"), values=values)) > 1.3 * per_ketamine(run(INFUSED))

    rests_on(more, {"absorption.nasal_swallowed": 0.0})


def test_controls_hold_no_ketamine_and_only_the_benzodiazepines_sedate():
    def sedation(drug: str, dose: str, values: Values) -> float:
        one = run({"drug": drug, "dose": dose, "days": [1]}, values=values)
        assert np.all(one.minutes("arterial_ketamine") == 0.0)
        assert np.all(one.minutes("window") == 0.0)
        return float(one.minutes("sedation").max())

    assert sedation("saline", "iv over 40 min", {}) == 0.0
    for drug, dose in (("midazolam", "0.045 mg/kg iv over 40 min"), ("lorazepam", "2 mg iv bolus")):
        rests_on(
            lambda values, drug=drug, dose=dose: sedation(drug, dose, values) > 0.1,
            {"sedation.benzodiazepine_half_effect": 1.0e9},
        )


def test_lorazepam_still_sedates_when_midazolam_is_gone():
    def longer(values: Values) -> bool:
        calm = [
            run({"drug": drug, "dose": dose, "days": [1]}, values=values).mean("sedation", 2.0)
            for drug, dose in (("midazolam", "3 mg iv bolus"), ("lorazepam", "2 mg iv bolus"))
        ]
        return calm[1] > 5.0 * calm[0]

    rests_on(longer, {"lorazepam.clearance": 1.0e3})


def test_midazolam_under_the_skin_reaches_the_blood():
    def arrives(values: Values) -> bool:
        dose = {"drug": "midazolam", "dose": "3 mg sc", "days": [1]}
        return bool(run(dose, values=values).minutes("sedation").max() > 0.1)

    rests_on(arrives, {"benzodiazepine_absorption.midazolam_injected": 0.0})


def test_the_engine_gives_each_person_the_exact_course_of_the_own_body():
    """Against the matrix exponential of this person's disposition; records have 24 bits."""
    one = run(INFUSED, values=dict.fromkeys(ALIKE, 0.3))
    with jax.enable_x64(True):
        for who in range(2):
            total = 0.0
            for name in ("s_ketamine", "r_ketamine"):
                own = jax.tree.map(lambda x, k=who: float(x[k]), getattr(one.chunk.person, name))
                at = Course(own).infusion(racemate(MG), 40.0 / 60.0)
                total = total + np.array([float(own.arterial(at(m / 60))) for m in minutes(one)])
            found = one.minutes("arterial_ketamine")[:, who]
            np.testing.assert_allclose(found, total * MASS.ketamine, rtol=1e-5, atol=1e-5)


def test_what_is_infused_is_cleared():
    """Mass balance: clearance times exposure is the dose, in each person; trapezia to 3 %."""
    esketamine = INFUSED | {"drug": "esketamine"}
    one = run(esketamine, values=dict.fromkeys(ALIKE, 0.2))
    cleared = np.asarray(one.chunk.person.s_ketamine.clearance())

    areas = np.trapezoid(one.minutes("arterial_ketamine"), minutes(one) / 60.0, axis=0)

    np.testing.assert_allclose(cleared * areas / 1000.0, MG, rtol=0.03)


def test_two_doses_together_give_the_sum_of_what_each_gives_alone():
    """Saline keeps the grid where a dose is left out."""
    later = {"days": [1.0 + 30.0 / 1440.0]}
    first, second = by("im"), by("oral") | later

    both = run(first, second)
    alone = run(first, SALINE | {"dose": "im"} | later), run(SALINE | {"dose": "im"}, second)

    for name in ("arterial_ketamine", "venous_ketamine", "venous_norketamine"):
        parts = sum(one.minutes(name) for one in alone)
        np.testing.assert_allclose(both.minutes(name), parts, rtol=1e-5, atol=1e-4)


def test_splitting_an_infusion_changes_nothing():
    """Two halves, one after the other. Levels are exact; the second start refines the grid, so
    everything behind them agrees to the error of the grid."""
    half = {"drug": "ketamine", "dose": f"{MG / 2} mg iv over 90 min"}
    split = run(half | {"days": [1]}, half | {"days": [1.0 + 90.0 / 1440.0]})
    whole = run(INFUSED | {"dose": f"{MG} mg iv over 180 min"})

    for name in NAMES:
        share = 1.0e-6 if "ketamine" in name else 2.0e-3
        most = np.abs(whole.minutes(name)).max()
        np.testing.assert_allclose(
            split.minutes(name), whole.minutes(name), rtol=1e-4, atol=share * most, err_msg=name
        )


def test_an_infusion_ever_shorter_becomes_a_bolus():
    bolus = run(BOLUS)
    after = minutes(bolus) >= 20.0

    def apart(length: float) -> float:
        short = run(INFUSED | {"dose": f"{MG} mg iv over {length} min"})
        return float(np.max(np.abs(level(short) / level(bolus) - 1.0)[after]))

    assert apart(0.25) < 0.02
    assert apart(0.25) < 0.2 * apart(5.0)


def test_the_same_dose_two_days_later_gives_the_same_course_two_days_later():
    now, later = run(INFUSED), run(INFUSED | {"days": [3]}, until=4.5)

    for name in ("arterial_ketamine", "venous_norketamine", "block_interneuron", "dissociation"):
        np.testing.assert_allclose(
            later.minutes(name), now.minutes(name), rtol=1e-5, atol=1e-5, err_msg=name
        )


@pytest.mark.parametrize("written", ["0.4 mg/kg iv over 40 min", "0.6 mg/kg/h iv over 40 min"])
def test_a_dose_in_another_unit_is_the_same_dose(written):
    """0.4 mg/kg are 28 mg in 70 kg, and 0.6 mg/kg/h for 40 minutes are 0.4 mg/kg."""
    np.testing.assert_allclose(level(run(INFUSED | {"dose": written})), level(run(INFUSED)), 1e-5)


@pytest.mark.parametrize("dose", [by("oral"), by("im"), BOLUS])
def test_no_quantity_but_belief_is_ever_negative_and_none_leaves_its_scale(dose):
    tops = {"dissociation": 84.0, "withdrawal": 48.0, "craving": 100.0, "mood": 60.0}
    ends = {"mood_hamd17": 52.0} | tops | {"sedation": 1.0, "recovery": 1.0, "control": 1.0}
    one = run(dose)
    rows = one.plan.record_days < 2.5

    for name in (name for name in NAMES if name != "expectancy"):
        values = one.chunk.records[rows, NAMES.index(name)]
        assert values.min() >= 0.0, name
        assert values.max() <= ends.get(name, np.inf), name
    for total in jax.tree.leaves(one.chunk.totals):
        assert np.all(total >= 0.0)
