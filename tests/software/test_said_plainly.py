"""Is what a protocol leaves unsaid, or says twice, told to the person who writes it?"""

from __future__ import annotations

import pytest

from resynapse.protocol import ProtocolError, check, describe, dump, load, parse
from resynapse.protocol.quantity import dose
from resynapse.report.sections.opening import span
from resynapse.trial.live import Live
from software.small_trial import TEXT

TWO = TEXT.replace("blinding: open", "blinding: masked").replace(
    "follow_up:", "  - {id: other, label: Other, doses: [OTHER]}\nfollow_up:"
)
SALINE = "{drug: saline, dose: iv over 40 min, days: [1, 4]}"
MIDAZOLAM = "{drug: midazolam, dose: 0.025 mg/kg iv over 40 min, days: [1, 4]}"


def notes(text: str, where: str) -> list[str]:
    return [found.message for found in check(parse(text, "mine.yaml")) if found.where == where]


@pytest.mark.parametrize(("other", "count"), [(SALINE, 1), (MIDAZOLAM, 0)])
def test_ketamine_masked_against_saline_is_remarked_upon_whatever_the_arm_is_called(other, count):
    found = notes(TWO.replace("OTHER", other), "blinding")

    assert len(found) == count
    assert all("usually know ketamine from saline" in one for one in found)
    assert not notes(TWO.replace("OTHER", other).replace("masked", "open"), "blinding")


def test_saline_beside_no_ketamine_is_not_remarked_upon():
    text = TWO.replace("OTHER", SALINE).replace(
        "doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1, 4]}]", "doses: []"
    )

    assert not notes(text, "blinding")


def test_a_rating_on_the_day_of_a_dose_is_said_to_come_before_it():
    asked = "[dissociation_cadss_day_4, craving_vas_day_4.03, craving_vas_day_7, window_day_1]"
    (found,) = notes(TEXT.replace("[abstinence_1_months]", asked), "ratings")

    assert found.startswith("dissociation_cadss_day_4; window_day_1: read before the dose")
    (found,) = notes(TEXT.replace("visits: [2, 8]", "visits: [1, 2, 4]"), "ratings")
    assert found.startswith("visits on day 1, 4: read before")
    assert not notes(TEXT, "ratings")


def test_a_rating_on_the_day_of_a_dose_does_come_before_it():
    asked = "[dissociation_cadss_day_4, dissociation_cadss_day_4.03]"
    trial = parse(TEXT.replace("[abstinence_1_months]", asked), "mine.yaml")
    (arm,) = Live().result(trial, patients=64, worlds=("default",)).arms.values()
    before, after = (arm.endpoints[f"dissociation_cadss_day_{day}"].value for day in ("4", "4.03"))

    assert before == pytest.approx(0.0, abs=0.01)
    assert after > 1.0


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("weight_kg: 60", "weight_kg is given"),
        ("female: 0.4, age_years: 50", "age_years and female are given"),
    ],
)
def test_people_of_a_table_have_no_second_weight_age_or_sex(tmp_path, given, named):
    (tmp_path / "people.csv").write_text("weight_kg,age_years,female\n70,40,1\n80,30,0\n")
    mine = tmp_path / "mine.yaml"
    mine.write_text(TEXT + f"population: {{csv: people.csv, {given}}}\n")
    with pytest.raises(ProtocolError, match=f"{named}, and of each person in the table people.csv"):
        load(mine)

    mine.write_text(TEXT + "population: {csv: people.csv, patients_per_arm: 2}\n")
    plan = load(mine)
    again = tmp_path / "again.yaml"
    again.write_text(dump(plan))
    assert load(again).population == plan.population


def test_seconds_are_called_no_unit_of_time_and_not_taken_for_a_route():
    with pytest.raises(ValueError, match='"40 s": s is not a unit of time. Allowed: min, h'):
        dose("0.5 mg/kg iv over 40 s")
    assert dose("0.5 mg/kg over 40 min iv").route == "iv"


def test_a_part_of_a_day_among_days_is_told_as_it_may_be_written():
    text = TEXT.replace("40 min, days: [1, 4]", "40 min, days: [1.5, 4, 8]")

    assert "on day 1 + 12 h, day 4 and day 8" in describe(parse(text, "mine.yaml"))[0]


def test_a_follow_up_is_told_in_whole_days():
    assert [span(days).replace("\u00a0", " ").replace("\u202f", " ") for days in DAYS] == [
        "7.5 days", "98 days", "100 days", "6 months",
    ]  # fmt: skip


DAYS = (7.5, 98.3125, 100.0, 182.6)
