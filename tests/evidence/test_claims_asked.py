"""Is a claim's quantity the right contrast, of the right people, in every world?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from resynapse.inference.claims import Asked, Claim, find
from resynapse.inference.claims.contrast import quantity
from resynapse.inference.claims.worlds import simulated
from resynapse.protocol import load
from resynapse.trial.estimate import Estimate
from resynapse.trial.result import ArmResult
from resynapse.trial.simulate import simulate

DEATHS, DAYS = "overdose_per_100_person_years", "days_abstinent_percent"
PEOPLE, DRAWS = 8, 2


def arm(id: str, deaths: float, days: float, first_use: float) -> ArmResult:
    """Everyone uses first on days around ``first_use``."""
    spread = first_use + np.arange(200) / 2.0
    columns = {
        "first_use_day": spread, "relapse_day": np.nan, "dropout_day": np.nan, "origin_day": 0.0,
        "community_day": 0.0, "end_day": 300.0, "committed": True,
    }  # fmt: skip
    found = {
        DEATHS: Estimate(deaths, "", deaths / 2, deaths * 2, 200),
        DAYS: Estimate(days, "percent", days - 3.0, days + 4.0, 200),
    }
    used = (np.arange(300) >= spread[:, None]).astype(np.uint8)
    table = pd.DataFrame(columns, index=range(200))
    return ArmResult(id, id, "", table, used, found, {}, {})


MILD = {"drug": arm("drug", 1.0, 50.0, 30.0), "none": arm("none", 2.0, 40.0, 25.0)}
SEVERE = {"drug": arm("drug", 1.0, 45.0, 40.0), "none": arm("none", 4.0, 25.0, 20.0)}
WORLD = {"mild": MILD, "severe": SEVERE}


def asked(endpoint: str, **other: str) -> Asked:
    return Asked("drug", endpoint, "none", **other)


def test_deaths_are_compared_by_their_ratio():
    made = quantity(asked(DEATHS, severity="mild"), WORLD)

    assert (made.measure, made.value) == ("rate_ratio", 0.5)
    assert made.low < 0.5 < made.high


def test_what_more_it_does_in_severe_people_is_a_difference_of_differences():
    made = quantity(asked(DAYS, severity="severe", than="mild"), WORLD)

    assert (made.measure, made.value) == ("difference_of_mean_differences", 20.0 - 10.0)
    # Each difference has hypot(3, 4) = 5 on either side.
    assert made.low == pytest.approx(10.0 - math.hypot(5.0, 5.0))
    assert made.high == pytest.approx(10.0 + math.hypot(5.0, 5.0))


def test_ratios_are_divided_by_one_another():
    deaths = quantity(asked(DEATHS, severity="severe", than="mild"), WORLD)
    lapse = quantity(asked("lapse", severity="severe", than="mild"), WORLD)
    each = [quantity(asked("lapse", severity=one), WORLD) for one in ("severe", "mild")]

    assert (deaths.measure, deaths.value) == ("ratio_of_rate_ratios", pytest.approx(0.25 / 0.5))
    assert lapse.measure == "ratio_of_hazard_ratios"
    assert lapse.value == pytest.approx(each[0].value / each[1].value)


def test_a_quantity_of_one_arm_has_no_reference():
    made = quantity(Asked("drug", DAYS), {None: MILD})

    assert (made.measure, made.value, made.low, made.high) == ("percent", 50.0, 47.0, 54.0)


@pytest.fixture(scope="module")
def made():
    """A small claim of severity, simulated."""
    one = {"arm": "ketamine", "endpoint": "craving_vas_day_2"}
    wanted = (
        Asked(**one, severity="mild"),
        Asked(**one, severity="severe"),
        Asked(**one, reference="midazolam", severity="severe", than="mild"),
    )
    claim = Claim("any", "Any.", "dakwar-2017", wanted, (), "unresolved", "", "")
    return find(claim, PEOPLE, DRAWS)


def test_severe_people_are_people_who_feel_more(made):
    mild, severe, _ = made

    assert mild.value < severe.value
    assert mild.knowledge_low < severe.knowledge_high
    assert [one.severity for one in made] == ["mild", "severe", "severe"]


def test_a_finding_stands_beside_its_rival_and_its_draws(made):
    apart = made[-1]

    assert apart.measure == "difference_of_mean_differences"
    assert apart.rival is not None
    assert apart.knowledge_low <= apart.knowledge_high


def test_default_rival_and_draws_of_a_claim_are_those_of_a_run():
    name, one = "dakwar-2017", Asked("ketamine", DAYS, "midazolam")
    plan = load(name).model_copy(update={"endpoints": (DAYS,)})

    found = simulated(name, None, [one], 256, 1, 1)
    run = simulate(plan, patients=256, seed=1, draws=1)

    drawn = quantity(one, {None: found.draws[0]}).value
    assert drawn == run.knowledge[f"ketamine against midazolam: {DAYS} mean_difference"]["median"]
    assert found.default["ketamine"].endpoints[DAYS] == run.arms["ketamine"].endpoints[DAYS]
    assert found.rival["ketamine"].endpoints[DAYS] == run.rival["ketamine"].endpoints[DAYS]
