"""Do endpoints give the pathways' strength, sessions attended and ratios of rates as they stand?"""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.protocol import check, parse
from resynapse.trial.arm_run import run_arm
from resynapse.trial.conduct import Conduct
from resynapse.trial.endpoint import definition, estimate
from resynapse.trial.endpoint_name import (
    STATES,
    EndpointError,
    endpoints_for,
    measurement_days,
    states_asked,
)
from resynapse.trial.estimate import Estimate, rate_ratio
from resynapse.trial.fitted import fitted_for
from resynapse.trial.parameter_set import middle
from resynapse.trial.pilots import arms_felt

TEXT = """
name: few-sessions
title: A few sessions
disorder: heroin
blinding: open
setting: {detoxification_days: 3, use_days_before: 3}
arms:
  - id: ketamine
    label: Ketamine, therapy
    doses: [{drug: ketamine, dose: 0.5 mg/kg iv over 40 min, days: [1]}]
    therapies: [{type: CBT, days: [2, 5, 8, 11], hours: 1 h}]
follow_up: 16 d
visits: [8]
endpoints: [window_day_2, recovery_day_2, recovery_day_8, recovery_day_15.3,
            drug_memory_day_8, sessions_attended_percent]
reference: ketamine
"""
PEOPLE = 32
NOBODY_USED = np.zeros((3, 20), dtype=np.uint8)


@pytest.fixture(scope="module")
def arm():
    protocol = parse(TEXT, "test")
    patient = middle("heroin", fitted_for("prior", "heroin"))
    felt = arms_felt(protocol, patient, 1)
    conduct = Conduct(protocol, patient, 1)
    return run_arm(conduct, protocol.arms[0], felt["ketamine"], PEOPLE, lambda _: None).result


def test_the_mean_of_a_pathway_is_the_one_that_the_states_of_the_arm_show(arm):
    for name in ("recovery", "drug_memory"):
        shown = arm.states[name]
        at_day_8 = shown["values"][shown["days"].index(8.0)]

        assert arm.endpoints[f"{name}_day_8"].value == pytest.approx(at_day_8, rel=1e-6)


def test_a_state_can_be_asked_for_on_a_day_without_a_visit(arm):
    assert 0.5 < arm.endpoints["window_day_2"].value <= 1.0
    assert arm.endpoints["recovery_day_15.3"].value > arm.endpoints["recovery_day_2"].value
    assert "craving_vas_day_15.3" not in arm.patients


def test_sessions_attended_are_a_share_of_those_offered_to_each_person(arm):
    share = arm.patients["sessions_attended"]

    made = arm.endpoints["sessions_attended_percent"]

    assert made.value == pytest.approx(100.0 * share.mean())
    assert set(np.round(4 * share)) <= {0, 1, 2, 3, 4}
    assert (made.unit, made.n) == ("percent", PEOPLE)


def test_people_to_whom_no_session_was_offered_do_not_count():
    patients = pd.DataFrame({"sessions_attended": [1.0, 0.5, np.nan]})

    made = estimate("sessions_attended_percent", patients, NOBODY_USED)

    assert (made.value, made.n) == (75.0, 2)


def test_every_state_says_that_nobody_measured_it():
    for state in STATES:
        assert "no study has measured" in definition(f"{state}_day_3")
    assert "who left attends none" in definition("sessions_attended_percent")


def test_a_state_needs_no_visit_and_its_day_is_counted_from_entry():
    names = ("recovery_day_28", "craving_vas_day_7")

    assert measurement_days(names) == (7.0,)
    assert states_asked(names) == (("recovery", 28.0),)
    with pytest.raises(EndpointError, match=r"needs 28 days after its day 0 \(day 0 from entry\)"):
        endpoints_for(names, 20.0, origin_day=10.0)


def test_a_protocol_that_asks_for_states_is_not_warned_of_unknown_names():
    assert not [one for one in check(parse(TEXT, "test")) if "not known" in one.message]


def test_a_person_finds_what_a_run_gives_by_a_word():
    answer = CliRunner().invoke(app, ["endpoints", "sessions", "--json"])

    told = {one["name"]: one for one in json.loads(answer.stdout)["of_a_run"]}
    assert told["sessions_attended_percent"]["words"] == "sessions attended among sessions offered"
    assert "no trial in the evidence reports it by arm" in answer.stdout


def test_a_ratio_of_rates_has_the_interval_of_its_logarithms():
    this = Estimate(1.0, "", 0.5, 2.0, 100)
    that = Estimate(2.0, "", 1.0, 4.0, 100)

    made = rate_ratio(this, that)

    half = math.hypot(math.log(2.0), math.log(2.0))
    assert made.value == 0.5
    assert made.low == pytest.approx(0.5 * math.exp(-half))
    assert made.high == pytest.approx(0.5 * math.exp(half))
    assert rate_ratio(this, Estimate(0.0, "", None, None, 100)).value is None
