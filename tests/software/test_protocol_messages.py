"""Does a person learn what is wrong with a protocol, where, on whose authority, and what to do?"""

from __future__ import annotations

import pytest

from resynapse.protocol import ProtocolError, check, parse
from software.protocol_example import EXAMPLE, changed


def message(text: str) -> str:
    with pytest.raises(ProtocolError) as refused:
        parse(text, "my.yaml")
    return refused.value.message


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("disorder:", "disordr:", ["line 3", "disordr", "Did you mean disorder?"]),
        ("drug: ketamine", "drug: ketamin", ["line 11", "arm high, dose 1", "mean ketamine?"]),
        ("2 mg/kg im", "2 mg/kg intramuscular", ["line 12", "not a route", "Did you mean im?"]),
        ("type: KPT", "type: kpt", ["line 15", "Did you mean KPT?"]),
        ("control: low-dose", "control: placebo", ["line 20", "arm low", "mean saline?"]),
        ("heroin", "opioid", ["line 3", "Allowed: heroin, fentanyl", "mean heroin?"]),
        ("2 mg/kg im", "2 im", ["line 12", "number and a unit", "`0.5 mg/kg`"]),
        ("2 mg/kg im", "2", ["line 12", "no unit"]),
        ("2 mg/kg im", "-2 mg/kg im", ["line 12", "-2", "at least 0"]),
        ("2 mg/kg im", "2 mg/kg im over 40 min", ["line 12", "intravenous and inhaled"]),
        ("2 mg/kg im", "0.5 mg/kg iv", ["line 12", "over how long", "`over 40 min`"]),
        (
            "2 mg/kg im",
            "0.5 mg/kg iv\n        minuts: 40",
            ["line 13", "minuts", "Did you mean minutes?"],
        ),
        ("24 months", "24", ["line 5", "follow_up", "`24 months`"]),
        ("24 months", "20 years", ["line 5", "at most 3652.5"]),
        ("day 3", "day 900", ["line 13", "day 900", "737.5", "lengthen follow_up"]),
        ("days 1 to 6", "days 1 to 900", ["line 16", "therapy 1", "after the end of follow-up"]),
        ("day 3", "[3, 3]", ["line 13", "rising order"]),
        ("day 3", "[]", ["line 13", "at least 1"]),
        ("day 3", "[3, -1]", ["line 13", "-1", "at least 0"]),
        ("id: low", "id: high", ["line 18", "two arms are called high"]),
        ("reference: low", "reference: lo", ["line 6", "Arms: high, low", "Did you mean low?"]),
        ("2.5 h", "25 h", ["line 17", "25", "at most 24"]),
        ("name: example", "name: ../up", ["line 1", "small letters"]),
        ("blinding: masked\n", "", ["blinding", "missing", "masked, open"]),
        (
            "blinding: masked\n",
            "blinding: masked\npopulation: {female: 40 %}\n",
            ["population, female", '"40 %" is not a number', "Write a share of 0 to 1: 0.4."],
        ),
        (
            "blinding: masked\n",
            "blinding: masked\npopulation: {weight_kg: 80 kg}\n",
            ["weight_kg: ", '"80 kg" is not a number', "alone in the unit of the field: 80."],
        ),
        (
            "blinding: masked\n",
            'blinding: masked\npopulation: {female: "0,4 %"}\n',
            ["Write a share of 0 to 1, with a point: 0.004."],
        ),
        (
            "blinding: masked\n",
            "blinding: masked\npopulation: {age_years: 38 +- 9}\n",
            ['"38 +- 9" is not a number. Where people differ, write {mean: ..., sd: ...}.'],
        ),
        (
            "blinding: masked\n",
            "blinding: masked\npopulation: {female: 4 of 10}\n",
            ['female: "4 of 10" is not a number.'],
        ),
        (
            "blinding: masked\n",
            "blinding: masked\npopulation:\n  female: 0,4\n",
            ["population, female", "Write the number alone, with a point: 0.4."],
        ),
        (
            "blinding: masked\n",
            "blinding: masked\npopulation: {female: 0,4 }\n",
            ["4: this is not a field", "write that with a point: 0.5, not 0,5"],
        ),
        (
            "blinding: masked\n",
            "blinding: masked\nswitches: {window_gian: off}\n",
            ["not a field of the switches", "Did you mean window_gain?"],
        ),
    ],
)
def test_a_wrong_field_is_named_with_its_line_the_limit_and_the_remedy(old, new, parts):
    said = message(changed(old, new))

    assert said.startswith("my.yaml")
    assert [part for part in parts if part not in said] == []


def test_an_unknown_field_or_medication_is_the_only_thing_said_of_its_part():
    unknown = message(changed("2 mg/kg im", "0.5 mg/kg iv\n        minuts: 40"))
    arm = "    label: Low dose\n    historical_comparator: false\n    medications:\n"
    taken = arm + "      - {drug: suboxone, amount: 16 mg}\n"

    unheard = message(changed("    label: Low dose\n", taken))

    assert "over how long" not in unknown
    assert "suboxone" in unheard
    assert "historical" not in unheard


def test_ten_times_the_highest_dose_is_refused_on_the_authority_of_a_trial():
    said = message(changed("2 mg/kg im", "8 mg/kg iv over 40 min"))

    assert "8 mg/kg is 10 times the highest dose of intravenous ketamine" in said
    assert "0.8 mg/kg (KARE, Grabski 2022)" in said
    assert "Did you mean 0.8 mg/kg?" in said
    assert "beyond_evidence: true" in said


def test_a_dose_far_beyond_the_evidence_is_let_through_where_that_is_asked_for():
    asked = changed("2 mg/kg im", "8 mg/kg iv over 40 min") + "beyond_evidence: true\n"

    assert parse(asked, "my.yaml").arms[0].doses[0].amount.value == 8.0


def test_the_limit_counts_milligrams_for_the_weight_of_the_population():
    light = "population: {weight_kg: 50}\n"
    heavy = "population: {weight_kg: 100}\n"
    dose = changed("2 mg/kg im", "600 mg im")

    assert "4.8 times" in message(dose + light)
    assert parse(dose + heavy, "my.yaml")


def test_a_dose_that_nobody_gave_is_refused():
    assert "no dose of inhaled ketamine" in message(changed("2 mg/kg im", "20 mg inhaled"))


def test_a_medication_far_above_what_people_take_is_refused():
    asked = "medications: [{drug: methadone, amount: 5000 mg}]"

    said = message(changed("label: High dose", f"label: High dose\n    {asked}"))

    assert "25 times the highest dose of methadone" in said
    assert "CTN-0027" in said


def test_two_infusions_at_once_are_refused_and_one_after_the_other_are_not():
    bolus = "0.11 mg/kg iv over 2 min\n        days: [3]\n      - drug: ketamine\n        dose: "
    rest = "0.6 mg/kg iv over 50 min\n        days: day 3 + 1 min"
    at_once = changed("2 mg/kg im\n        days: day 3", bolus + rest)
    after = at_once.replace("day 3 + 1 min", "day 3 + 2 min")

    assert "line 16, arm high, dose 2, days: this infusion starts" in message(at_once)
    assert len(parse(after, "my.yaml").arms[0].doses) == 2


def test_a_seventh_arm_is_refused_because_it_could_not_be_told_apart():
    more = "".join(f"  - {{id: arm-{k}, label: Arm}}\n" for k in range(5))

    said = message(EXAMPLE + more)

    assert "7 arms are given" in said
    assert "at most 6" in said


def test_a_protocol_without_arms_is_refused():
    assert "arms: nothing is given" in message(EXAMPLE[: EXAMPLE.index("arms:")] + "arms: []\n")
    assert "arms: this field is missing" in message(EXAMPLE[: EXAMPLE.index("arms:")])


def test_a_dose_for_a_rule_that_does_not_exist_is_refused():
    rule = "rules:\n  - {name: rescue, visits: [30], when: craving above 60, then: give}\n"
    asked = changed("days: day 3", "days: day 60\n        if_rule: resque") + rule

    assert "Rules that give: rescue. Did you mean rescue?" in message(asked)
    assert parse(asked.replace("resque", "rescue"), "my.yaml").rules[0].threshold == 60.0


@pytest.mark.parametrize(
    ("when", "part"),
    [
        ("craving above 600", "cannot happen"),
        ("mood above 3", "craving, withdrawal, pressure, dissociation"),
        ("relapsed", "is not a condition"),
    ],
)
def test_a_condition_that_cannot_be_read_or_met_is_refused(when, part):
    rule = f"rules:\n  - {{name: rescue, visits: [30], when: {when}, then: give}}\n"

    assert part in message(EXAMPLE + rule)


@pytest.mark.parametrize(
    "population",
    [
        "{female: 1.3}",
        "{female: -0.1}",
        "{cyp2b6: {normal: 0.9, intermediate: 0.3, poor: 0.1}}",
        "{female: .nan}",
        "{patients_per_arm: 2.5}",
        "{patients_per_arm: 0}",
        "{weight_kg: -3}",
        "{age_years: 12}",
        "{weight_kg: {mean: 80, sd: 10, high: 70}}",
    ],
)
def test_shares_outside_0_to_1_and_people_who_cannot_be_are_refused(population):
    assert "line 25, population" in message(f"{EXAMPLE}population: {population}\n")


def test_everything_wrong_is_said_at_once_in_the_order_of_lines():
    wrong = (
        changed("2 mg/kg im", "20 mg/kg im")
        .replace("0.2 mg/kg im", "0.2 mg/kg ip")
        .replace("reference: low", "reference: lov")
        .replace("2.5 h", "25 h")
    )

    lines = message(wrong).splitlines()

    assert lines[0] == "my.yaml has 4 problems:"
    assert [line.split(",")[0].strip() for line in lines[1:]] == [
        "line 6",
        "line 12",
        "line 17",
        "line 23",
    ]


def test_a_problem_found_beside_a_dose_left_out_keeps_its_own_place():
    wrong = changed(
        "2 mg/kg im\n        days: day 3",
        "2 im\n        days: day 3\n      - drug: ketamine\n        dose: 2 mg/kg im\n"
        "        days: day 900",
    )

    assert "line 16, arm high, dose 2, days: day 900 is after" in message(wrong)


def test_people_who_use_heroin_without_medication_are_a_historical_comparator():
    protocol = parse(EXAMPLE, "my.yaml")

    assert all(arm.historical_comparator for arm in protocol.arms)
    denied = changed("label: High dose", "label: High dose\n    historical_comparator: false")
    assert "0.47, Santo 2021" in message(denied)


def test_the_harm_of_withholding_is_noted_once_for_all_arms_that_withhold(capsys):
    from resynapse.cli.library import check

    check("scenario-heroin-ketamine")
    said = capsys.readouterr().out

    assert said.count("raises mortality") == 1
    assert said.count("a historical comparator") == 5
    assert "Note: arms placebo-therapy, ketamine-1-therapy, " in said
    assert "arms ketamine-1-buprenorphine" not in said


@pytest.mark.parametrize(("dose", "said"), [("50 mg intranasal", True), ("2 mg/kg im", False)])
def test_how_little_is_known_of_an_atomiser_is_said_with_what_to_try(dose, said):
    given = changed("2 mg/kg im", dose)

    warned = [str(one) for one in check(parse(given, "my.yaml")) if "atomised" in one.message]

    assert bool(warned) is said
    assert all("--set absorption.atomiser_first=0.05" in one for one in warned)


def test_people_with_alcohol_use_disorder_are_not():
    protocol = parse(changed("heroin", "alcohol"), "my.yaml")

    assert not any(arm.historical_comparator for arm in protocol.arms)


def test_ketamine_is_active_unless_its_arm_is_a_control():
    high, low = parse(EXAMPLE, "my.yaml").arms

    assert (high.active, low.active) == (True, False)


def test_a_medication_takes_its_amount_by_either_name_and_one_of_them():
    short, full = (
        parse(changed("    control: low-dose", f"    control: low-dose\n{_taken(name)}"), "my.yaml")
        for name in ("dose", "amount")
    )

    assert short == full
    assert short.arm("low").medications[0].amount.value == 16.0


def test_an_amount_under_both_names_is_told_once():
    both = "    medications: [{drug: buprenorphine, amount: 16 mg, dose: 8 mg}]"

    told = message(changed("    control: low-dose", f"    control: low-dose\n{both}"))

    assert told.endswith("dose: dose and amount say the same. Keep one of them.")


def _taken(name: str) -> str:
    return f"    medications: [{{drug: buprenorphine, {name}: 16 mg}}]"
