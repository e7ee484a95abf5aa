"""Is a published contrast computed in simulated people as the trial computed it?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from resynapse.evidence import study
from resynapse.inference.prior_draws import contrasts
from resynapse.inference.statistic import Arm, no_effect, statistic

YEAR = 366


def arm(abstinent: int, people: int) -> Arm:
    """An arm in which so many never used, and the others used on every day from the first."""
    used = np.ones((people, YEAR + 10), np.uint8)
    used[:abstinent] = 0
    return Arm(
        pd.DataFrame(
            {
                "committed": True,
                "first_use_day": np.where(np.arange(people) < abstinent, np.nan, 0.5),
                "relapse_day": np.where(np.arange(people) < abstinent, np.nan, 0.0),
                "dropout_day": np.full(people, np.nan),
                "origin_day": 0.0,
                "community_day": 0.0,
                "end_day": 365.25,
                "craving_vas_day_0": 90.0,
                "craving_vas_day_7": np.where(np.arange(people) < abstinent, 10.0, 40.0),
            }
        ),
        used,
    )


def number(source: str, measure: str):
    found = study(source)
    return found, next(one for one in contrasts(found) if one.measure == measure)


@pytest.fixture(scope="module")
def as_counted():
    """Krupitsky 2002 as read off its figure: 9 of 35 and 1 of 35 abstinent at a year."""
    return {"high": arm(9, 35), "low": arm(1, 35)}


@pytest.mark.parametrize("measure", ["risk_difference", "log_survival_ratio", "odds_ratio"])
def test_the_counts_of_a_trial_give_back_its_published_contrasts(as_counted, measure):
    found, one = number("krupitsky2002_heroin", measure)

    assert statistic(one, found, as_counted) == pytest.approx(one.value, rel=0.02)


@pytest.mark.parametrize("measure", ["risk_difference", "log_survival_ratio", "odds_ratio"])
def test_arms_that_do_not_differ_give_the_value_of_no_effect(measure):
    found, one = number("krupitsky2002_heroin", measure)
    same = {"high": arm(9, 35), "low": arm(9, 35)}

    assert statistic(one, found, same) == pytest.approx(no_effect(measure))


def test_an_arm_in_which_nobody_stays_abstinent_still_gives_a_ratio():
    found, one = number("krupitsky2002_heroin", "log_survival_ratio")

    value = statistic(one, found, {"high": arm(9, 35), "low": arm(0, 35)})
    assert value == pytest.approx(math.log(9 / 35) / math.log(0.5 / 36))


def test_pooled_arms_hold_the_people_of_all_their_parts():
    found = study("grabski2022_kare_alcohol")
    one = next(n for n in contrasts(found) if n.measure == "mean_difference" and "pool" in n.arm)
    cells = {"ket_ther": arm(10, 10), "ket_edu": arm(0, 10)}
    cells |= {"pla_ther": arm(0, 10), "pla_edu": arm(0, 10)}

    assert statistic(one, found, cells) == pytest.approx(50.0)


def test_two_effects_that_add_do_not_interact():
    found, one = number("grabski2022_kare_alcohol", "interaction")
    cells = {"ket_ther": arm(9, 10), "ket_edu": arm(6, 10)}
    cells |= {"pla_ther": arm(5, 10), "pla_edu": arm(2, 10)}

    assert statistic(one, found, cells) == pytest.approx(0.0, abs=1.0e-9)
    synergy = cells | {"ket_ther": arm(10, 10)}
    assert statistic(one, found, synergy) == pytest.approx(10.0)


def test_craving_over_a_trial_is_a_percentage_of_the_reference():
    found, one = number("dakwar2019_cocaine", "percent_difference")
    one = replace(one, arm="ketamine", reference="midazolam")

    value = statistic(one, found, {"ketamine": arm(10, 10), "midazolam": arm(0, 10)})
    assert value == pytest.approx(100.0 * (50.0 / 65.0 - 1.0))


def test_withdrawal_is_compared_with_that_at_entry():
    found, one = number("engeriser2026_bup_im", "mean_change")
    people = arm(0, 4)
    people.table["withdrawal_cows_day_0"] = 13.0
    people.table["withdrawal_cows_day_0.021"] = 6.0

    assert statistic(one, found, {"ket": people}) == pytest.approx(-7.0)
