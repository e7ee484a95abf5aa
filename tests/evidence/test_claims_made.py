"""Does no verdict go beyond its evidence, and is every claim set beside its rival?"""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import asdict, replace

import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.evidence import study
from resynapse.inference.claims import (
    PARAMETERS,
    UNSHOWN,
    Bearing,
    ClaimError,
    allowed,
    claim,
    claims,
    parameters_hash,
    stored,
)
from resynapse.inference.claims.claim import checked
from resynapse.inference.claims.finding import DRAWS, PEOPLE
from resynapse.protocol import load
from resynapse.trial.comparison import HAZARDS
from resynapse.trial.endpoint_name import endpoints_for

COMMAND = "python docs/build_claims_pages.py --run brings claims up to date"
TRIAL = Bearing("dakwar2019_cocaine", "for", "randomised", "")
OTHER = Bearing("krupitsky2002_heroin", "for", "randomised", "")
AGAINST = Bearing("krupitsky2007_heroin", "against", "randomised", "")
LABORATORY = Bearing("dakwar2014", "for", "laboratory", "")

MEASURED_IN = {
    ("standard-treatment-partial", "days_abstinent_percent"): ("mattick2009", "heroin use"),
    ("standard-treatment-partial", "retention_6_months"): ("mattick2009", "retention"),
    ("mood-within-hours", "mood_hamd17_day_1.17"): ("kishimoto2016", "depression score on day 1"),
    ("mood-within-hours", "mood_hamd17_day_2"): ("han2016", "response of depression on day 3"),
    ("lowers-craving", "craving_vas_day_7"): ("dakwar2019_cocaine", "craving over the trial"),
    ("lowers-craving", "craving_vas_day_9"): ("gent2024_esketamine_alcohol", "craving"),
    ("prolongs-abstinence", "lapse"): ("krupitsky2002_heroin", "abstinence_12_months"),
    ("options-limited", "relapse_12_months"): ("ctn0027", "relapse (4 weekly urines"),
    ("options-limited", "retention_12_months"): ("kakko2003", "retention_365_days"),
    ("options-limited", "retention_6_months"): ("mattick2009", "retention"),
    ("options-limited", "overdose_per_100_person_years"): ("sordo2017", "overdose mortality"),
}
"""claim and quantity that its own trial did not count -> the study that measured it in people, not
always at that time or by that scale, and its words"""


@pytest.mark.parametrize(
    ("studies", "strongest"),
    [
        ((), {"unresolved"}),
        ((LABORATORY,), {"unresolved", "plausible"}),
        ((TRIAL,), {"unresolved", "plausible"}),
        ((TRIAL, OTHER), {"unresolved", "plausible", "supported"}),
        ((TRIAL, OTHER, AGAINST), {"unresolved", "plausible"}),
        ((AGAINST,), {"unresolved", "contradicted"}),
    ],
)
def test_a_verdict_is_no_stronger_than_its_studies(studies, strongest):
    assert set(allowed(studies)) == strongest


def measured_by_its_own_trial(claim, asked) -> bool:
    """Whether the study of the trial that is run counted this very endpoint."""
    trial = load(asked.protocol or claim.protocol).study
    return bool(trial) and asked.endpoint in {one.endpoint for one in study(trial).numbers}


@pytest.mark.parametrize("one", claims(), ids=lambda one: one.id)
def test_what_a_claim_says_was_measured_in_people_a_study_of_the_evidence_measured(one):
    for asked in one.asked:
        if not asked.shown or measured_by_its_own_trial(one, asked):
            continue
        id, words = MEASURED_IN[one.id, asked.endpoint]
        found = study(id)
        told = [number.endpoint for number in found.numbers] + list(found.findings)

        assert any(words in text for text in told), (one.id, asked.endpoint)


def test_the_next_use_in_a_laboratory_of_choices_was_measured_by_nobody():
    (one,) = (found for found in claims() if found.id == "disrupted-network")

    assert not measured_by_its_own_trial(one, one.asked[0])
    assert [asked.shown for asked in one.asked] == [False]
    with pytest.raises(ClaimError, match="no study has measured in people"):
        checked(asdict(one) | {"verdict": "plausible"})


def test_a_claim_that_says_more_than_its_studies_is_refused():
    made = asdict(claims()[0]) | {"verdict": "supported"}

    with pytest.raises(ClaimError, match=r"called supported, but its studies carry no more than"):
        checked(made)


def test_what_nobody_measured_in_people_makes_no_verdict_stronger():
    (made,) = (asdict(one) for one in claims() if one.id == "prolongs-abstinence")
    unshown = [{**one, "shown": False} for one in made["asked"]]

    assert checked(made).verdict == "plausible"
    with pytest.raises(ClaimError, match="no study has measured in people what the model is asked"):
        checked({**made, "asked": unshown})


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("old-and-new-connections", {"window_day_3", "drug_memory_day_28", "recovery_day_168"}),
        ("most-in-severe", {"lapse", "days_abstinent_percent"}),
        ("engages-therapy", {"sessions_attended_percent"}),
        ("options-limited", {"retention_6_months", "overdose_per_100_person_years"}),
        ("harm-falls", {"overdose_per_100_person_years", "days_abstinent_percent"}),
    ],
)
def test_a_claim_asks_the_model_for_what_its_sentence_is_about(id, words):
    (one,) = (found for found in claims() if found.id == id)

    assert words <= {asked.endpoint for asked in one.asked}
    if id == "most-in-severe":
        assert {"lapse", "days_abstinent_percent"} == {a.endpoint for a in one.asked if a.than}


@pytest.mark.parametrize("id", ["nmda-and-calm", "disrupted-network", "old-and-new-connections"])
def test_what_ketamine_acts_through_is_unresolved_where_no_study_asked(id):
    """An outcome that was seen does not carry the mechanism that the sentence names."""
    assert claim(id).verdict == "unresolved"


def test_the_twelve_claims_that_people_make_are_there():
    assert len(claims()) == 12
    assert len({one.id for one in claims()}) == 12


@pytest.mark.parametrize("one", claims(), ids=lambda one: one.id)
def test_what_a_claim_asks_for_is_in_its_protocol_and_its_studies_in_the_evidence(one):
    for asked in one.asked:
        protocol = load(asked.protocol or one.protocol)
        names = () if asked.endpoint in HAZARDS else (asked.endpoint,)
        origin = protocol.origin_day(protocol.arm(asked.arm))

        assert {asked.arm, asked.reference} - {None} <= {arm.id for arm in protocol.arms}
        assert set(names) <= set(endpoints_for(names, protocol.follow_up_days, origin))
    assert all(study(bearing.id) for bearing in one.studies)


def test_craving_has_a_study_of_each_substance_that_its_claim_names():
    (one,) = (found for found in claims() if found.id == "lowers-craving")
    told = [f"{study(bearing.id).title} {study(bearing.id).population}" for bearing in one.studies]

    for substance in ("heroin", "alcohol", "cocaine"):
        assert substance in one.claim
        assert any(substance in text for text in told)


@pytest.mark.parametrize("one", claims(), ids=lambda one: one.id)
def test_what_is_stored_holds_for_the_parameters_of_now_and_has_its_rival(one):
    kept = stored(one)

    assert kept is not None, COMMAND
    assert kept["parameters"] == PARAMETERS, COMMAND
    assert kept["parameters_hash"] == parameters_hash(), COMMAND
    assert (kept["people_per_arm"], kept["draws"]) == (PEOPLE, DRAWS), COMMAND
    assert all(row["rival"] is not None for row in kept["findings"])


def test_what_is_stored_for_another_question_is_not_told():
    one = claims()[0]
    (first, *rest) = one.asked

    assert stored(one) is not None
    assert stored(replace(one, asked=(replace(first, severity="severe"), *rest))) is None
    assert stored(replace(one, asked=(replace(first, protocol="ctn-0027"), *rest))) is None


def test_the_pages_say_what_is_stored(root):
    spec = importlib.util.spec_from_file_location("pages", root / "docs/build_claims_pages.py")
    builder = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = builder
    spec.loader.exec_module(builder)

    for name, page in builder.pages().items():
        assert (builder.FOLDER / name).read_text(encoding="utf-8") == page, COMMAND


def test_a_program_reads_claims_with_verdict_result_and_rival():
    answer = CliRunner().invoke(app, ["claims", "--json"])

    told = json.loads(answer.stdout)["claims"]
    wanted = {"id", "claim", "verdict", "why", "studies", "protocol", "result", "rival"}
    assert all(wanted <= set(one) for one in told)
    assert len(told) == 12


def test_a_quantity_that_nobody_measured_says_so_in_words_and_to_programs():
    (told,) = (
        one
        for one in json.loads(CliRunner().invoke(app, ["claims", "--json"]).stdout)["claims"]
        if one["id"] == "old-and-new-connections"
    )
    shown = CliRunner().invoke(app, ["claims", "show", "old-and-new-connections"]).stdout

    assert all(row["label"] == UNSHOWN and not row["measured_in_people"] for row in told["result"])
    assert shown.count(UNSHOWN) == len(told["result"])


def test_an_unknown_claim_is_refused_with_the_known_ones():
    answer = CliRunner().invoke(app, ["claims", "show", "cures-everything"])

    assert answer.exit_code == 2
    assert "There are standard-treatment-partial" in " ".join(answer.stderr.split())
