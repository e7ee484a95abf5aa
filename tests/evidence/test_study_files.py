"""Do the files of the published studies say what they may be used for, and how they were seen?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import resynapse.protocol
from resynapse.evidence import (
    EvidenceError,
    Number,
    Study,
    UnknownStudy,
    bibtex,
    observed,
    published,
    studies,
    study,
)
from resynapse.evidence.source import Source
from resynapse.evidence.sources import trials
from resynapse.evidence.study import Role, Seen
from resynapse.trial.comparison import HAZARDS
from resynapse.trial.endpoint_name import EndpointError, parse

STUDIES = studies()
NUMBERS = [(found.id, number) for found in STUDIES for number in found.numbers]
CURVES = [(found.id, curve) for found in STUDIES for curve in found.concentrations]
PROTOCOLS = Path(resynapse.protocol.__file__).parent / "library"

ROLES_SET_BEFORE_ANY_FIT = {
    "krupitsky2002_heroin": "retrospective",
    "krupitsky2007_heroin": "retrospective",
    "jovaisa2006_opiate_detox": "held-out",
    "dakwar2014": "calibration",
    "dakwar2017_cocaine_choice": "calibration",
    "dakwar2019_cocaine": "calibration",
    "grabski2022_kare_alcohol": "retrospective",
    "engeriser2026_bup_im": "calibration",
    "morekare_phase3_alcohol": "forecast",
    "nct06943859_oud_methadone": "forecast",
    "nct04084860_alcohol_2x2": "forecast",
    "nct06496750_methamphetamine": "forecast",
    **dict.fromkeys(("smyth2010", "bailey2013", "gossop1989"), "calibration"),
    **dict.fromkeys(("ctn0027", "ctn0030", "kishimoto2016", "han2016"), "calibration"),
}
JUDGED_NONETHELESS = {
    "ctn0027": "held-out-site",
    "ctn0030": "held-out-site",
    "dakwar2019_cocaine": "leave-one-study-out",
    "krupitsky2002_heroin": "leave-one-study-out",
}


@pytest.mark.parametrize("found", STUDIES, ids=lambda found: found.id)
def test_a_study_says_what_it_did_and_why_it_has_its_role(found: Study):
    assert found.role in get_args(Role)
    assert found.role_reason
    assert found.design
    assert found.population
    assert found.origin
    assert found.arms
    assert str(found.year) in found.citation


@pytest.mark.parametrize(("id", "role"), ROLES_SET_BEFORE_ANY_FIT.items())
def test_the_role_of_a_trial_of_ketamine_is_the_one_set_before_any_fit(id: str, role: str):
    assert study(id).role == role


@pytest.mark.parametrize(("id", "judged_as"), JUDGED_NONETHELESS.items())
def test_a_study_that_is_fitted_says_how_it_is_judged_nonetheless(id: str, judged_as: str):
    assert study(id).judged_as == judged_as


def test_krupitsky_2002_says_that_its_contrast_shaped_the_model():
    reason = study("krupitsky2002_heroin").role_reason

    assert "looked at three times" in reason
    assert "no test of the model" in reason


def test_only_studies_that_hold_a_field_are_read_for_it():
    holding = studies(holding="concentrations")

    assert holding == tuple(found for found in studies() if found.concentrations)
    assert 2 < len(holding) < len(studies())


def test_no_file_is_read_twice_to_tell_which_studies_hold_a_field(monkeypatch):
    known = studies(holding="concentrations")
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("read again"))

    assert studies(holding="concentrations") == known


def test_a_number_has_a_unit_a_place_and_a_number_of_people_or_a_reason():
    def complete(number: Number) -> bool:
        reason = "not transcribed" in (number.note or "") or "not seen" in (number.note or "")
        return bool(
            number.seen in get_args(Seen) and number.unit and number.place and (number.n or reason)
        )

    assert [row for row in NUMBERS if not complete(row[1])] == []


def test_a_number_that_a_simulation_may_not_be_held_against_says_why():
    assert [row for row in NUMBERS if not row[1].comparable and not row[1].note] == []


def test_a_recalled_or_press_number_is_never_comparable():
    unread = [row for row in NUMBERS + CURVES if row[1].seen in ("recalled", "press")]

    assert unread
    assert [row for row in unread if row[1].comparable] == []


def test_a_number_belongs_to_an_arm_of_its_study():
    for id, number in NUMBERS:
        known = {arm.id for arm in study(id).arms}
        assert {number.arm, number.reference or number.arm} <= known, (id, number)


def test_no_more_people_stand_behind_a_number_than_its_arms_hold():
    for id, number in NUMBERS:
        held = {arm.id: arm.n for arm in study(id).arms if not arm.pools}
        of_all = number.measure == "interaction"
        rows = held if of_all else {number.arm, number.reference or number.arm}
        sizes = [held.get(arm) for arm in rows]
        if number.n is not None and None not in sizes:
            assert number.n <= sum(sizes), (id, number)


def test_arms_put_together_are_arms_of_the_study():
    for found in STUDIES:
        for arm in found.arms:
            assert all(found.arm(part).n is not None for part in arm.pools)
            assert not arm.pools or arm.n == sum(found.arm(part).n for part in arm.pools)


def test_an_interval_contains_its_value_and_says_what_it_is():
    for id, number in NUMBERS:
        if number.interval is None:
            assert number.low is None and number.high is None, (id, number)
        else:
            assert number.low <= number.value <= number.high, (id, number)


def test_a_share_lies_between_none_and_all():
    shares = [row for row in NUMBERS if row[1].unit == "proportion"]

    assert shares
    assert [row for row in shares if not -1.0 <= row[1].value <= 1.0] == []
    assert [row for row in shares if row[1].reference is None and row[1].value < 0.0] == []


def test_an_endpoint_in_one_word_is_one_that_a_simulated_trial_computes():
    for id, number in NUMBERS:
        if " " in number.endpoint or number.endpoint in HAZARDS:
            continue
        try:
            parse(number.endpoint)
        except EndpointError as error:
            pytest.fail(f"{id}: {error}")


def test_a_concentration_says_where_it_was_sampled_and_when():
    for id, curve in CURVES:
        minutes = [point[0] for point in curve.points]
        assert curve.site in ("arterial", "venous", "not stated"), (id, curve)
        assert curve.n or "n not seen" in curve.note, (id, curve)
        assert minutes == sorted(minutes), (id, curve)


def test_a_pending_trial_has_no_numbers():
    pending = [found for found in STUDIES if found.role == "forecast"]

    assert pending
    assert all(not found.numbers and not found.concentrations for found in pending)


@pytest.mark.parametrize("arm", ["methadone", "buprenorphine"])
@pytest.mark.parametrize("state", ["negative", "positive", "missing"])
def test_weekly_urines_go_somewhere(arm: str, state: str):
    leaving = [
        number.value
        for number in study("ctn0027").numbers
        if number.arm == arm and number.endpoint.startswith(f"weekly urine, {state} to ")
    ]

    assert len(leaving) == 3
    assert sum(leaving) == pytest.approx(1.0, abs=0.0015)  # three shares rounded to 0.001


def test_the_reference_infusion_has_two_measured_levels_and_one_from_memory():
    levels = observed(analyte="ketamine")

    status = {level.study: level.status for level in levels}
    assert status == {"zarate2006": "measured", "krystal1994": "measured", "zhao2012": "assumed"}
    assert all(level.minute == 40.0 and level.unit == "ng/mL" for level in levels)
    assert {level.value for level in levels} == {185.0, 204.1, None}


def test_published_values_leave_out_what_a_simulation_may_not_be_held_against():
    held = published("krupitsky2002_heroin")
    everything = published("krupitsky2002_heroin", comparable_only=False)

    assert {value.seen for value in held} == {"figure", "computed"}
    assert len(everything) == len(study("krupitsky2002_heroin").numbers)
    assert all(value.role == "retrospective" for value in everything)


def test_an_unknown_study_is_answered_with_the_nearest_names():
    with pytest.raises(UnknownStudy, match="krupitsky2002_heroin"):
        study("krupitsky2002")


def test_a_path_is_not_a_study():
    with pytest.raises(UnknownStudy):
        study("../studies/smyth2010")


def test_an_unknown_arm_is_answered_with_the_arms_there_are():
    with pytest.raises(EvidenceError, match="high, low"):
        study("krupitsky2002_heroin").arm("middle")


@pytest.mark.parametrize("found", STUDIES, ids=lambda found: found.id)
def test_a_bibtex_entry_can_be_read_back(found: Study):
    text = bibtex(found)

    kind, key, body = re.fullmatch(r"@(\w+)\{([\w-]+),\n(.*)\n\}", text, re.DOTALL).groups()
    entry = dict(re.fullmatch(r"  (\w+) = \{(.*)\},?", line).groups() for line in body.split("\n"))
    assert text.count("{") == text.count("}")
    assert key == found.id
    assert kind == ("article" if "journal" in entry else "misc")
    assert {"author", "title", "year"} <= set(entry)
    assert entry["year"] == str(found.year)


def test_every_source_of_the_trials_has_its_study_file_and_doi():
    records = [value for value in vars(trials).values() if isinstance(value, Source)]

    assert records
    for record in records:
        assert vars(trials)[record.key] is record
        assert study(record.key).doi == record.doi
        assert str(study(record.key).year) in record.citation


@pytest.mark.parametrize("path", sorted(PROTOCOLS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_study_that_a_protocol_of_the_library_names_exists(path: Path):
    named = re.findall(r"^study:[ \t]*([\w.-]+)", path.read_text(encoding="utf-8"), re.MULTILINE)

    for id in set(named) - {"null"}:
        assert study(id).id == id


def test_evidence_is_read_without_numerical_libraries():
    code = (
        "import sys, resynapse.evidence as e; e.studies(); "
        "print([m for m in ('jax', 'numpy', 'pandas', 'xarray') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_model_card_names_every_study_that_is_held_out(root):
    (row,) = [
        line for line in (root / "MODEL_CARD.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| held out |")
    ]  # fmt: skip
    held = [found for found in studies() if found.role == "held-out"]
    named = [(f"{one.authors[0].split(' ')[0]} {one.year}", one.id) for one in held]

    assert len(held) > 10
    assert [pair for pair in named if not any(name in row for name in pair)] == []
