"""Are levels and effects scored apart, by baselines that know the other studies alone?"""

from __future__ import annotations

import numpy as np
import pytest

from resynapse.evidence.study import Number
from resynapse.inference import by_kind
from resynapse.inference.by_kind import LEVELS, NONE, ONCE, POOLED, SHARED
from resynapse.inference.forecast import Forecast
from resynapse.inference.scored import PRIMARY
from resynapse.inference.validated import stored
from resynapse.inference.words import OWN

SHARES = {"krupitsky-2002": 0.25, "krupitsky-2007": 0.5, "dakwar-2019": 0.4, "grabski-2022": 0.9}
RATIOS = {"krupitsky-2002": 0.4, "krupitsky-2007": 0.5, "dakwar-2019": 0.5, "grabski-2022": 2.0}
PEOPLE = 40


def _number(endpoint, measure, value, low, high, arm="a", reference="b", n=None):
    return Number(
        endpoint, arm, measure, value, "1", "table", "Table 1", True, reference, n=n, low=low,
        high=high,
    )  # fmt: skip


@pytest.fixture
def made():
    """Every study: a share of the treated arm, its primary ratio, and in one a craving."""
    found, chance = {}, np.random.default_rng(1)
    for name, (endpoint, measure) in PRIMARY.items():
        p, ratio = SHARES[name], RATIOS[name]
        share = _number("abstinence", "proportion", p, p - 0.1, p + 0.1, reference=None, n=PEOPLE)
        numbers = [share, _number(endpoint, measure, ratio, ratio / 1.5, ratio * 1.5)]
        if name == "dakwar-2019":
            numbers.append(_number("craving", "percent_difference", -50.0, -75.0, 0.0))
        found[name] = tuple(
            Forecast(one, one.value * np.exp(0.1 * chance.standard_normal(500))) for one in numbers
        )
    return {OWN: found}


def test_each_value_is_a_level_an_effect_of_several_trials_or_of_one(made):
    kinds = by_kind.by_kind(made)

    assert {name: kinds[name][OWN].values for name in kinds} == {LEVELS: 4, SHARED: 4, ONCE: 1}
    assert POOLED not in kinds[ONCE], "nobody else published a craving"


def test_a_level_is_forecast_from_the_arms_of_other_studies_and_never_from_its_own(made):
    far = by_kind.by_kind(made)[LEVELS][NONE]
    own = SHARES["grabski-2022"]
    others = [p for name, p in SHARES.items() if name != "grabski-2022"]
    unit = 0.2 / (2 * 1.959964)

    assert far.crps_by_study[3] == pytest.approx((own - np.mean(others)) / unit, rel=0.15)
    assert far.hits90 < 4


def test_no_effect_is_as_wide_as_the_trial_and_off_by_what_was_published(made):
    none = by_kind.by_kind(made)[SHARED][NONE]
    errors = 2.0 * 1.959964 / (2.0 * np.log(1.5))  # per unit of log ratio
    z = np.array([abs(np.log(ratio)) * errors for ratio in RATIOS.values()])

    assert none.width90 == pytest.approx(2.0 * 1.6449, rel=0.05)
    assert none.crps_by_study == pytest.approx(_crps_of_normal(z), abs=0.05)


def test_the_meta_analysis_of_effects_knows_the_other_studies_and_never_its_own(made):
    """Three ratios that agree: their mean, with a third of the variance of one of them."""
    pooled = by_kind.by_kind(made)[SHARED][POOLED]
    error = np.log(1.5) / 1.959964
    others = np.mean([np.log(ratio) for ratio in list(RATIOS.values())[:3]])
    away, sd = (np.log(2.0) - others) / error, np.sqrt(4.0 / 3.0)

    assert pooled.crps_by_study[3] == pytest.approx(sd * _crps_of_normal(away / sd), rel=0.02)


def _crps_of_normal(z):
    from scipy.stats import norm

    return z * (2.0 * norm.cdf(z) - 1.0) + 2.0 * norm.pdf(z) - 1.0 / np.sqrt(np.pi)


def test_a_number_without_an_interval_has_no_unit_and_is_left_out(made):
    study = made[OWN]["grabski-2022"]
    bare = Forecast(_number("other", "mean_difference", 3.0, None, None), np.ones(500))
    more = {OWN: made[OWN] | {"grabski-2022": (*study, bare)}}

    assert by_kind.by_kind(more)[ONCE][OWN].values == 1


@pytest.fixture(scope="module")
def found():
    return stored()


def test_the_model_is_not_worse_than_a_meta_analysis_on_levels_and_is_on_effects(found):
    levels, effects = found.kinds[LEVELS], found.kinds[SHARED]

    assert levels[OWN].hits90 == levels[OWN].values
    assert levels[OWN].crps <= min(levels[NONE].crps, levels[POOLED].crps)
    assert effects[POOLED].crps < effects[OWN].crps < effects[NONE].crps
    null = effects[OWN].studies.index("grabski-2022")
    assert effects[OWN].crps_by_study[null] < effects[POOLED].crps_by_study[null]


def test_every_miss_is_a_count_of_people_abstinent_compared_and_more_than_forecast(found):
    tests = [one for one in found.endpoints if one.role != "calibration"]
    missed = [one for one in tests if not one.hit90]

    assert {(one.protocol, one.endpoint) for one in missed} == {
        ("krupitsky-2002", "abstinence_12_months"), ("krupitsky-2007", "abstinence_12_months"),
        ("dakwar-2019", "last_two_weeks_abstinent"),
    }  # fmt: skip
    assert all(one.reference for one in missed)
    beyond = [one.pit if "survival" in one.measure else 1.0 - one.pit for one in missed]
    assert all(0.01 <= round(share, 2) <= 0.04 for share in beyond)


def test_hits_by_kind_add_up_to_those_of_all_values_of_the_trials_that_are_compared(found):
    tests = [one for one in found.endpoints if one.protocol in PRIMARY]
    bare = [one for one in tests if one.measure == "interaction"]

    hits = sum(made[OWN].hits90 for made in found.kinds.values())
    assert hits + sum(one.hit90 for one in bare) == sum(one.hit90 for one in tests)
    assert sum(made[OWN].values for made in found.kinds.values()) + len(bare) == len(tests)
