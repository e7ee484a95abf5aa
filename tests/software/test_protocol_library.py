"""Do the protocols that come with the package load, read well, and say what they assume?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resynapse import evidence
from resynapse.protocol import (
    Protocol,
    ProtocolError,
    check,
    describe,
    dump,
    library,
    limits,
    load,
    parse,
    text,
)
from resynapse.trial.endpoint_name import endpoints_for
from software.protocol_example import EXAMPLE, changed

TRIALS = {
    "krupitsky-2002": ["high", "low"],
    "krupitsky-2007": ["multiple", "single"],
    "jovaisa-2006": ["ketamine", "saline"],
    "dakwar-2014": ["k041", "k071", "lzp"],
    "dakwar-2017": ["ketamine", "midazolam"],
    "dakwar-2019": ["ketamine", "midazolam"],
    "dakwar-2020": ["ketamine", "midazolam"],
    "grabski-2022": ["ket_ther", "ket_edu", "pla_ther", "pla_edu"],
    "engeriser-2026": ["ket"],
    "more-kare": ["high_therapy", "high_education", "low_therapy", "low_education"],
    "nct06943859": ["ket", "ctl"],
    "nct04084860": ["ket_ther", "ket", "ctl_ther", "ctl"],
    "nct06496750": ["ket", "mid"],
    "smyth-2010": ["detox"],
    "bailey-2013": ["inpatient_detox"],
    "gossop-1989": ["maudsley_inpatient_programme"],
    "ctn-0027": ["methadone", "buprenorphine"],
    "ctn-0030-short": ["short"],
    "ctn-0030-long": ["long"],
    "schottenfeld-2008": ["buprenorphine", "naltrexone", "placebo"],
    "krupitsky-2011": ["xr_naltrexone", "placebo"],
    "krupitsky-2012": ["oral", "placebo"],
    "lee-2016": ["naltrexone", "usual_care"],
    "lee-2018": ["xr_naltrexone", "buprenorphine"],
    "kakko-2003": ["buprenorphine", "placebo"],
    "lii-2023": ["ketamine", "saline"],
    "kishimoto-2016": ["ketamine", "placebo"],
    "han-2016": ["ketamine", "placebo"],
    "newport-2015": ["ketamine", "placebo"],
    "berman-2000": ["ketamine_0.5_mg_kg_iv_40_min", "saline"],
    "zarate-2006": ["ketamine", "saline"],
    "murrough-2013": ["ketamine", "midazolam"],
    "murrough-2013-repeated": ["6_infusions"],
    "phillips-2019": ["6_infusions_in_2_weeks"],
    "kryst-2020": ["single_dose", "repeated_dosing", "placebo"],
    "fava-2020": ["ketamine_0.1_mg_kg", "ketamine_0.2_mg_kg", "ketamine", "midazolam"],
    "hu-2016": ["escitalopram_and_ketamine", "escitalopram_and_placebo"],
    "price-2022": ["ketamine", "saline"],
    "scenario-heroin-standard-care": [
        "none",
        "counselling",
        "methadone",
        "buprenorphine",
        "naltrexone",
    ],
    "scenario-heroin-ketamine": [
        "placebo-therapy",
        "ketamine-1-therapy",
        "ketamine-3-therapy",
        "ketamine-3",
        "ketamine-1-late-therapy",
        "ketamine-1-buprenorphine",
    ],
    "scenario-heroin-booster": [
        "saline-saline",
        "saline-ketamine",
        "ketamine-saline",
        "ketamine-ketamine",
    ],
    "scenario-alcohol-platform": ["saline", "ketamine-1", "ketamine-3", "ketamine-im"],
}
MORE_DOSES = {
    "nct06496750": "arm ket: 8 doses of ketamine, 3 days apart at the least.",
    "nct06943859": "arm ket: 4 doses of ketamine, 4 days apart at the least.",
}
"""Pending trials that give more than any trial of addiction that the model is held against"""
MORTALITY = "withholding methadone or buprenorphine raises mortality"


def test_the_library_holds_the_trials_and_the_scenarios():
    assert library() == sorted(TRIALS)


@pytest.mark.parametrize("name", TRIALS)
def test_a_protocol_of_the_library_loads_without_a_warning(name):
    protocol = load(name)

    assert protocol.name == name
    assert [arm.id for arm in protocol.arms] == TRIALS[name]
    warnings = [str(found) for found in check(protocol) if found.level == "warning"]
    assert [said[: len(MORE_DOSES[name])] for said in warnings] == [
        MORE_DOSES[name] for _ in range(name in MORE_DOSES)
    ]


@pytest.mark.parametrize("name", TRIALS)
def test_a_protocol_written_out_in_full_is_the_same_protocol(name):
    protocol = load(name)

    assert parse(dump(protocol), "resolved") == protocol


@pytest.mark.parametrize("name", TRIALS)
def test_a_protocol_of_the_library_says_what_it_is_and_what_was_assumed(name):
    header = text(name).split("\nname:")[0]

    assert header.startswith("# yaml-language-server: $schema=protocol.schema.json")
    assert "# Source: " in header
    assert "# Assumed" in header


@pytest.mark.parametrize("name", [name for name in TRIALS if not name.startswith("scenario")])
def test_a_trial_of_the_library_has_a_study_with_the_same_arms(name):
    protocol = load(name)

    measured = {arm.id for arm in evidence.study(protocol.study).arms}

    assert set(TRIALS[name]) <= measured


def test_a_study_that_a_simulation_could_be_held_against_has_a_protocol_or_a_reason_why_not():
    followed = {load(name).study for name in TRIALS}
    reasons = (Path(__file__).parents[2] / "docs/library.md").read_text("utf-8")
    said = set(re.findall(r"[a-z]+[0-9]{4}[a-z]*", reasons))

    for study in evidence.studies():
        if study.id not in followed and any(one.comparable for one in study.numbers):
            assert study.id.split("_")[0] in said, study.id


def test_in_xbot_as_many_never_start_as_were_counted():
    counted = {
        one.arm: one.value
        for one in evidence.study("lee2018").numbers
        if one.endpoint == "started on medication"
    }

    for arm in load("lee-2018").arms:
        (medication,) = arm.medications
        assert medication.induction_failure == pytest.approx(1.0 - counted[arm.id], abs=1e-3)


@pytest.mark.parametrize("name", TRIALS)
def test_every_endpoint_of_the_library_can_be_computed(name):
    protocol = load(name)

    for arm in protocol.arms:
        asked = endpoints_for(protocol.endpoints, protocol.follow_up_days, protocol.origin_day(arm))
        assert set(protocol.endpoints) <= set(asked)


@pytest.mark.parametrize("name", TRIALS)
def test_historical_comparators_always_say_so_in_their_sentence(name):
    protocol = load(name)

    for arm, sentence in zip(protocol.arms, describe(protocol), strict=True):
        assert sentence.startswith(f"{arm.id}: ")
        assert sentence.endswith(".")
        assert (MORTALITY in sentence) == arm.historical_comparator


@pytest.mark.parametrize("name", TRIALS)
def test_no_word_of_the_library_blames_or_promises(name):
    said = text(name) + "\n".join(describe(load(name)))
    without_journals = re.sub("Addict Sci Clin Pract|Subst Abuse Treat", "", said)

    blaming = r"\b(clean|addicts?|abus\w+|optimal\w*|proven|effective\w*|success\w*)\b"
    assert not re.search(blaming, without_journals, re.IGNORECASE)


def test_a_sentence_is_one_that_a_clinician_could_say_aloud():
    assert describe(load("krupitsky-2002"))[0] == (
        "high: one 2 mg/kg intramuscular ketamine injection on day 3, with existential ketamine"
        " psychotherapy (6 sessions of 2.5 h, days 1 to 6); no medication afterwards, a historical"
        " comparator: withholding methadone or buprenorphine raises mortality (on against off"
        " treatment, rate ratio 0.47)."
    )
    assert describe(load("engeriser-2026")) == [
        "ket: one 10 mg intramuscular ketamine injection on day 0, without therapy;"
        " buprenorphine 8 mg daily from 30 min into day 0."
    ]


def test_saline_keeps_the_days_and_minutes_of_the_infusions_that_it_replaces():
    protocol = load("scenario-heroin-ketamine")

    def edges(arm):
        return sorted((day, dose.minutes) for dose in arm.doses for day in dose.days)

    masked = {arm.id: edges(arm) for arm in protocol.arms}
    assert len({tuple(found) for found in masked.values()}) == 1


def test_a_trial_that_is_not_in_the_library_is_refused_with_the_nearest_name():
    with pytest.raises(ProtocolError, match=r"Did you mean krupitsky-2002\?"):
        text("krupitski-2002")


def test_the_text_of_the_library_is_found_by_name_alone():
    with pytest.raises(ProtocolError):
        text("../library/krupitsky-2002")


@given(
    st.lists(st.floats(0.0, 700.0), min_size=1, max_size=5, unique=True),
    st.floats(0.0, 4.0),
    st.booleans(),
    st.text(min_size=1, max_size=40).filter(str.strip).filter(str.isprintable),
)
def test_any_protocol_survives_being_written_and_read(days, mg_per_kg, prepared, label):
    written = parse(EXAMPLE, "my.yaml").model_dump(mode="json")
    written["arms"][0]["label"] = label
    written["severity"] = {"craving": "severe", "withdrawal": "mild"}
    written["setting"] |= {"detoxification_days": 3.5, "community_day": 1.25}
    written["population"] |= {"liver": "mild", "inhibitor": "rifampicin"}
    written["arms"][0]["doses"][0] |= {
        "days": sorted(days),
        "amount": {"value": mg_per_kg, "unit": "mg/kg"},
        "prepared": prepared,
    }
    protocol = Protocol.model_validate(written)

    assert parse(dump(protocol), "resolved") == protocol


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("2 mg/kg im", "3 mg/kg im", "1.2 times the highest dose of intramuscular ketamine"),
        ("2 mg/kg im", "0.8 mg/kg iv over 1 min", "faster than any ketamine infusion"),
        ("day 3", "days 1 to 9", "9 doses of ketamine"),
    ],
)
def test_what_stretches_the_evidence_is_warned_of(old, new, part):
    warnings = [str(found) for found in check(parse(changed(old, new), "my.yaml"))]

    assert any(part in warning for warning in warnings)
    assert not any(part in str(found) for found in check(parse(EXAMPLE, "my.yaml")))


def test_an_endpoint_with_an_unknown_name_is_warned_of():
    asked = EXAMPLE + "endpoints: [abstinance_6_months, craving_vas_day_7]\n"

    found = [one for one in check(parse(asked, "my.yaml")) if one.level == "warning"]

    assert [one.where for one in found] == ["endpoint abstinance_6_months"]
    assert "abstinence_6_months" in found[0].message


def test_a_rule_without_consequence_is_warned_of():
    rule = "rules:\n  - {name: rescue, visits: [30], when: lapsed, then: give}\n"

    assert any("does nothing" in str(found) for found in check(parse(EXAMPLE + rule, "my.yaml")))


def test_a_rule_is_spoken_with_what_it_gives():
    rule = "rules:\n  - {name: rescue, visits: [30, 60], when: craving above 60, then: give}\n"
    again = "{drug: ketamine, dose: 2 mg/kg im, days: [61], if_rule: rescue}"
    asked = changed("days: [3]", f"days: [3]\n      - {again}")

    sentence = describe(parse(asked + rule, "my.yaml"))[1]

    assert "only for a person who has craving above 60 at the visit on days 30 or 60" in sentence


def test_the_example_of_the_guide_can_be_run_as_it_stands(root):
    guide = (root / "docs" / "protocol_file.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]

    protocol = parse(example, "guide")

    assert [arm.id for arm in protocol.arms] == ["high", "low", "buprenorphine"]
    assert [str(found) for found in check(protocol) if found.level == "warning"] == []


def test_the_guide_gives_the_limits_that_hold(root):
    guide = (root / "docs" / "protocol_file.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1:5] for row in guide.splitlines() if row.count("|") == 5]

    said = {
        (drug.strip(), route.strip()): highest.strip()
        for drug, routes, highest, _ in rows
        for route in routes.split(",")
    }

    held = {pair: f"{limit.value:g} {limit.unit}" for pair, limit in limits.DOSES.items()}
    named = {pair: highest for pair, highest in said.items() if pair in held}
    assert len(named) == 11
    assert named == {pair: held[pair] for pair in named}
