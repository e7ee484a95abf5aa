"""Are the words and intervals of a report those that a reader would use?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from resynapse.report import render
from resynapse.report.arms import styles
from resynapse.report.names import spoken
from resynapse.report.sections import comparison, opening, outcomes, safety, survival
from resynapse.report.sections.safety_limits import LIMITS, SAME, told
from resynapse.report.table import value_cell
from resynapse.report.wording import NARROW, interval, listed
from resynapse.trial.estimate import Estimate, undefined
from software.report_example import toy_result


@pytest.fixture(scope="module")
def result():
    return toy_result(people=20)


def test_limits_of_a_share_that_would_read_alike_get_one_digit_more():
    assert interval(0.3187, 0.3219, "proportion", 0.3203) == f"31.9{NARROW}to{NARROW}32.2"
    assert value_cell(0.3203, "proportion", 0.3187, 0.3219).value == f"32.0{NARROW}%"
    assert interval(0.0, 0.0003, "proportion") == f"0{NARROW}to{NARROW}0"
    assert interval(0.31, 0.34, "proportion", 0.32) == f"31{NARROW}to{NARROW}34"
    assert interval(0.09, 0.09, "proportion", 0.09) == f"9{NARROW}to{NARROW}9"


def test_what_is_the_same_for_everybody_says_so_instead_of_an_interval():
    same, apart = Estimate(0.09, "proportion", 0.09, 0.09, 20), Estimate(0.1, "1", 0.05, 0.2, 20)

    found = [told(one, value_cell(one.value, one.unit, one.low, one.high)) for one in (same, apart)]
    assert [cell.interval for cell in found] == [SAME, f"5{NARROW}to{NARROW}20"]


def test_a_cut_off_of_ours_is_named_as_ours_and_is_no_half_of_the_scale():
    ours = [words for words in LIMITS.values() if "our own cut-off" in words]

    assert len(ours) == 3
    assert not any("half of the scale" in words for words in LIMITS.values())


def test_an_arm_whose_label_is_too_long_for_a_curve_goes_by_words_that_one_says():
    names = [arm.name for arm in styles(toy_result("grabski-2022", people=20))]

    assert "ketamine and therapy" in names and "placebo and education" in names
    assert spoken("xr_naltrexone") == "XR naltrexone"
    assert spoken("ther") == "therapy"
    assert spoken("ketamine-1-therapy") == "ketamine-1-therapy"


def test_options_of_a_command_stand_as_code_that_no_line_breaks(result):
    gainless = replace(result, parameters_table=[{"path": comparison.GAIN, "value": 0.0}])

    html = render(gainless)
    assert "<code>--set learning.window_gain=1</code>" in html
    assert re.search(r"code \{[^}]*white-space: nowrap", html)


def test_people_who_come_back_on_the_last_day_of_follow_up_have_curves_with_a_scale(result):
    ends = {
        id: replace(arm, patients={**arm.patients, "end_day": arm.patients["origin_day"]})
        for id, arm in result.arms.items()
    }

    assert survival.clock(replace(result, arms=ends)).end == 1.0
    assert '"nan"' not in render(replace(result, arms=ends))


def test_days_are_compared_where_follow_up_is_too_short_for_the_share(result):
    def without(arm):
        found = {
            name: undefined(one.unit) if "abst" in name and name != comparison.DAYS else one
            for name, one in arm.endpoints.items()
        }
        return replace(arm, endpoints=found)

    short = replace(
        result, published=[], arms={id: without(arm) for id, arm in result.arms.items()}
    )
    assert comparison.quantity(short).name == comparison.DAYS
    assert comparison.quantity(replace(result, published=[])).name != comparison.DAYS


def test_where_nobody_is_back_in_the_community_no_use_is_said_to_be_no_result(result):
    last = result.protocol.follow_up_days
    setting = result.protocol.setting.model_copy(update={"community_day": last})
    ward = replace(result, protocol=result.protocol.model_copy(update={"setting": setting}))

    assert outcomes.NEVER_OUT in outcomes.outcome_words(ward, styles(ward))
    assert outcomes.NEVER_OUT not in outcomes.outcome_words(result, styles(result))


def test_arms_without_any_dose_are_said_to_have_no_ketamine():
    assert f"no{NARROW}ketamine" in opening.given(toy_result("ctn-0027", people=20).protocol)


def test_arms_have_their_line_in_the_headings_of_both_tables(result):
    arms = styles(result)
    table = comparison.comparison_table(result, arms)

    assert [str(head) for head in table.heads[1:3]] == [
        str(head) for head in safety.safety_table(result, arms).heads[1:3]
    ]
    assert table.labels[1:3] == tuple(arm.name for arm in arms)


def test_names_that_hold_an_and_are_parted_by_a_comma():
    assert listed(["ketamine and therapy", "ketamine and education"]) == (
        "ketamine and therapy, and ketamine and education"
    )
    assert listed(["low", "high"]) == "low and high"
