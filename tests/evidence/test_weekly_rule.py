"""Does a rule that counts weeks find those whom it means, and is X:BOT judged by its own?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resynapse import evidence
from resynapse.inference.design import PEOPLE, _trials, asked
from resynapse.inference.prior_draws import enough
from resynapse.inference.statistic import Arm, level
from resynapse.inference.validation import STUDIES
from resynapse.inference.weekly_rule import FOUR_WEEKS, relapsed_by_weeks
from resynapse.protocol import load

NEVER = np.nan
DAYS = 24 * 7


def person(using=(), left=NEVER):
    """Days of use (from 0) and the day of leaving."""
    days = np.zeros((1, DAYS + 14), bool)
    days[0, list(using)] = True
    return pd.DataFrame({"dropout_day": [left]}), days


@pytest.mark.parametrize(
    ("using", "left", "relapsed"),
    [
        ((), NEVER, False),
        ((14, 21, 28, 35), NEVER, True),
        ((14, 21, 28), NEVER, False),
        ((14, 21, 35, 42), NEVER, False),
        ((0, 7, 14, 21), NEVER, False),
        ((), 147.0, False),
        ((), 146.0, True),
        ((140,), 147.0, True),
        (range(14, 21), NEVER, True),
        (range(13, 20), NEVER, False),
        ((*range(17, 20), *range(21, 25)), NEVER, False),
        (range(161, 168), NEVER, True),
        (range(162, 169), NEVER, False),
    ],
    ids=[
        "never", "four weeks", "three weeks", "a week between", "weeks 1 to 4", "three weeks gone",
        "four weeks gone", "used, then gone", "seven days", "seven days, too early",
        "seven days with a gap", "seven days at the end", "seven days, too late",
    ],
)  # fmt: skip
def test_four_weeks_or_seven_days_in_a_row_from_week_three_on_count(using, left, relapsed):
    assert relapsed_by_weeks(*person(using, left)).tolist() == [relapsed]


def test_xbot_is_forecast_by_its_own_rule_and_nothing_else_of_it_is_asked():
    study = evidence.study("lee2018")
    numbers = asked(study)
    table, days = person((14, 21, 28, 35))

    assert "lee-2018" in STUDIES
    assert [(one.endpoint, one.arm) for one in numbers] == [
        (FOUR_WEEKS, "xr_naltrexone"), (FOUR_WEEKS, "buprenorphine")
    ]  # fmt: skip
    assert level(numbers[0], study, {"xr_naltrexone": Arm(table, days)}) == 1.0


def test_a_trial_of_more_people_than_are_simulated_gets_more_of_them_and_no_short_arm():
    plan = load("lee-2018")
    sizes = [arm.n for arm in plan.arms]
    assert sum(sizes) > PEOPLE
    people = enough(plan, PEOPLE)
    table, days = person((14, 21))
    alike = Arm(pd.concat([table] * people, ignore_index=True), np.repeat(days, people, axis=0))
    everyone = {arm.id: alike for arm in plan.arms}

    assert people == 1024
    for trial in _trials(plan, everyone, 1):
        assert [len(trial[arm.id].table) for arm in plan.arms] == sizes
    assert enough(load("krupitsky-2002"), 256) == 256
