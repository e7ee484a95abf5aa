"""Does each endpoint mean what its definition says, on people one can count by hand?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resynapse.trial.comparison import ComparisonError, comparisons
from resynapse.trial.endpoint import definition, estimate, estimates
from resynapse.trial.endpoint_name import (
    MONTH_DAYS,
    PATTERNS,
    EndpointError,
    endpoints_for,
    measurement_days,
    parse,
)
from resynapse.trial.estimate import wilson
from resynapse.trial.hazard_ratio import hazard_ratio
from resynapse.trial.result import ArmResult
from resynapse.trial.time_to_event import time_to_event

ORIGIN, END = 10.0, 210.0
SIX_MONTHS = 6 * MONTH_DAYS


def people(**columns) -> pd.DataFrame:
    """People who never use, followed from day 10 to day 210, but for the columns given."""
    n = len(next(iter(columns.values())))
    table = {
        "patient": range(n),
        "committed": True,
        "first_use_day": np.nan,
        "relapse_day": np.nan,
        "dropout_day": np.nan,
        "overdose_deaths_expected": 0.0,
        "days_in_community": END - ORIGIN,
        "origin_day": ORIGIN,
        "community_day": ORIGIN,
        "end_day": END,
    }
    return pd.DataFrame({**table, **columns}, index=range(n))


def used_from(first_use_day: list[float], until: float = END) -> np.ndarray:
    """Use on every day from the first."""
    day = np.arange(int(END))
    first = np.array(first_use_day)[:, None]
    return ((day >= first) & (day < until)).astype(np.uint8)


def found(name: str, **columns) -> float | None:
    patients = people(**columns)
    return estimate(name, patients, used_from(list(patients["first_use_day"]))).value


FOUR_PEOPLE = {
    "first_use_day": [np.nan, 50.0, np.nan, 120.0],
    "dropout_day": [np.nan, np.nan, 60.0, 100.0],
}
"""Abstinent; used; left without use; left, and used after that where no one saw it"""


def test_people_who_left_count_as_using_unless_only_the_observed_are_asked_for():
    assert found("abstinence_6_months", **FOUR_PEOPLE) == 1 / 4
    assert found("abstinence_6_months_observed", **FOUR_PEOPLE) == 1 / 2


def test_someone_seen_to_use_before_leaving_is_not_missing():
    columns = {"first_use_day": [50.0, np.nan], "dropout_day": [60.0, np.nan]}

    assert found("abstinence_6_months_observed", **columns) == 1 / 2


def test_abstinence_counts_from_the_origin_and_not_from_entry():
    just_before, just_after = ORIGIN + MONTH_DAYS - 0.1, ORIGIN + MONTH_DAYS + 0.1

    assert found("abstinence_1_months", first_use_day=[just_before]) == 0.0
    assert found("abstinence_1_months", first_use_day=[just_after]) == 1.0


def test_abstinence_carries_wilsons_interval():
    made = estimate("abstinence_6_months", people(**FOUR_PEOPLE), used_from([np.nan] * 4))

    assert (made.low, made.high) == pytest.approx(wilson(1, 4))
    assert (made.n, made.unit) == (4, "proportion")


def test_abstinence_can_only_fall_with_time():
    days = np.random.default_rng(1).exponential(100.0, 50) + ORIGIN
    names = [f"abstinence_{months}_months" for months in (1, 2, 3, 6)]

    made = estimates(names, people(first_use_day=days), used_from(list(days)))

    values = [one.value for one in made.values()]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]


def test_a_lapse_after_drop_out_is_not_seen():
    seen = time_to_event("lapse", people(**FOUR_PEOPLE), used_from([np.nan] * 4))

    assert list(seen.time) == [200.0, 40.0, 50.0, 90.0]
    assert list(seen.event) == [False, True, False, False]


def test_dakwars_relapse_is_first_use_or_drop_out():
    seen = time_to_event("lapse_or_dropout", people(**FOUR_PEOPLE), used_from([np.nan] * 4))

    assert list(seen.time) == [200.0, 40.0, 50.0, 90.0]
    assert list(seen.event) == [False, True, True, True]
    assert found("lapse_or_dropout_6_months", **FOUR_PEOPLE) == pytest.approx(3 / 4)


def test_use_before_the_origin_does_not_count_but_the_next_use_does():
    patients = people(first_use_day=[2.0, 2.0], relapse_day=[2.0, np.nan])
    used = np.zeros((2, int(END)), dtype=np.uint8)
    used[0, 2:40] = 1
    used[1, [2, 30]] = 1

    lapse = time_to_event("lapse", patients, used)
    relapse = time_to_event("relapse", patients, used)

    assert list(lapse.time) == [0.0, 20.0]
    assert list(relapse.time) == [0.0, 200.0]
    assert list(relapse.event) == [True, False]


def test_six_days_of_use_are_no_relapse_and_seven_are():
    patients = people(first_use_day=[2.0, 2.0], relapse_day=[2.0, 2.0])
    used = np.zeros((2, int(END)), dtype=np.uint8)
    used[:, 2:9] = 1
    used[0, 50:56] = 1
    used[1, 50:57] = 1

    relapse = time_to_event("relapse", patients, used)

    assert list(relapse.event) == [False, True]
    assert relapse.time[1] == 40.0


def test_the_share_with_a_lapse_treats_people_who_left_as_those_who_stayed():
    columns = {
        "first_use_day": [np.nan, 20.0, np.nan, 60.0],
        "dropout_day": [np.nan, np.nan, 40.0, np.nan],
    }

    assert found("lapse_6_months", **columns) == pytest.approx(1 - 3 / 4 * 1 / 2)


def test_a_share_beyond_the_last_person_followed_is_unknown():
    columns = {"first_use_day": [20.0, np.nan], "dropout_day": [np.nan, 40.0]}

    assert found("lapse_7_days", **columns) == 0.0
    assert found("lapse_6_months", **columns) is None


def test_the_median_is_unknown_while_most_people_wait():
    assert found("time_to_lapse_median", first_use_day=[20.0, 30.0, 40.0, np.nan]) == 20.0
    assert found("time_to_lapse_median", first_use_day=[20.0, np.nan, np.nan]) is None


def test_retention_falls_at_drop_out_whatever_the_use():
    columns = {"first_use_day": [11.0, np.nan, np.nan], "dropout_day": [np.nan, 40.0, 200.0]}

    assert found("retention_1_months", **columns) == pytest.approx(2 / 3)
    assert found("retention_6_months", **columns) == pytest.approx(2 / 3)


def test_days_abstinent_are_a_share_of_days_in_the_community():
    columns = {"first_use_day": [110.0, 190.0], "community_day": [10.0, 110.0]}

    made = estimate("days_abstinent_percent", people(**columns), used_from([110.0, 190.0]))

    assert made.value == pytest.approx((50.0 + 80.0) / 2)
    assert (made.low, made.high) == (0.0, 100.0)


def test_days_after_drop_out_are_left_out_of_days_abstinent_observed():
    columns = {"first_use_day": [110.0], "dropout_day": [110.0]}

    assert found("days_abstinent_percent", **columns) == pytest.approx(50.0)
    assert found("days_abstinent_percent_observed", **columns) == pytest.approx(100.0)
    assert found("days_abstinent_percent_4_months", **columns) == pytest.approx(100 * 100 / 121)


def test_the_last_two_weeks_forget_earlier_use_but_not_people_who_left():
    patients = people(first_use_day=[20.0, 20.0, np.nan], dropout_day=[np.nan, np.nan, 100.0])
    used = used_from([20.0, 20.0, np.nan], until=196.0)
    used[1, 196] = 1

    assert estimate("last_two_weeks_abstinent", patients, used).value == pytest.approx(1 / 3)
    assert estimate("last_two_weeks_abstinent_observed", patients, used).value == 1 / 2


def test_overdose_deaths_are_per_time_in_the_community():
    patients = people(overdose_deaths_expected=[0.02, 0.0], days_in_community=[365.25, 365.25])

    made = estimate("overdose_per_100_person_years", patients, used_from([np.nan, np.nan]))

    assert made.value == pytest.approx(1.0)
    assert made.low < 1.0 < made.high


def test_a_scale_is_read_on_its_visit_day_in_its_own_unit():
    patients = people(craving_vas_day_7=[10.0, 30.0, np.nan])

    made = estimate("craving_vas_day_7", patients, used_from([np.nan] * 3))

    assert (made.value, made.n, made.unit) == (20.0, 2, "VAS 0-100")


def test_a_visit_that_did_not_take_place_is_named_with_those_that_did():
    with pytest.raises(EndpointError, match="measured on days 7, 28. Add the day to visits"):
        found("craving_vas_day_14", craving_vas_day_7=[1.0], craving_vas_day_28=[1.0])


def test_people_without_the_intention_to_abstain_can_be_set_aside():
    columns = {"first_use_day": [11.0, np.nan], "committed": [False, True]}

    assert found("abstinence_6_months", **columns) == 0.5
    assert found("abstinence_6_months_committed", **columns) == 1.0


def test_an_empty_arm_has_no_endpoints_and_no_error():
    nobody = people(first_use_day=[1.0]).iloc[:0]
    names = endpoints_for(("retention_6_months", "lapse_or_dropout_6_months"), 200.0)

    made = estimates(names, nobody, np.zeros((0, 5), dtype=np.uint8))

    assert all(one.value is None for one in made.values())


def test_follow_up_of_730_days_reaches_24_months_of_730_and_a_half():
    patients = people(first_use_day=[np.nan, 735.0], end_day=[740.0, 740.0])

    names = endpoints_for(("abstinence_24_months",), 730.0)

    assert "abstinence_24_months" in names
    assert estimate("abstinence_24_months", patients, used_from([np.nan] * 2)).value == 0.5
    assert estimate("lapse_24_months", patients, used_from([np.nan] * 2)).value == 0.5


def test_every_abstinence_figure_stands_beside_retention_and_its_other_variant():
    names = endpoints_for((), 400.0)

    asked = [name for name in names if parse(name).kind == "abstinence"]
    assert "abstinence_12_months" in asked
    assert "abstinence_24_months" not in asked
    for name in (name for name in asked if not name.endswith("_observed")):
        assert f"{name}_observed" in names
        assert name.replace("abstinence", "retention") in names
    assert "overdose_per_100_person_years" in names


def test_an_endpoint_beyond_the_follow_up_is_refused_before_the_run():
    with pytest.raises(EndpointError, match="needs 365.25 days.*day 180.*Lengthen follow_up"):
        endpoints_for(("abstinence_12_months",), 180.0)
    with pytest.raises(EndpointError, match="day 30 from entry"):
        endpoints_for(("abstinence_6_months",), 190.0, origin_day=30.0)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("abstinance_6_months", "abstinence_6_months"),
        ("abstinence_6_month", "abstinence_6_months"),
        ("craving_vas_7", "craving_vas_day_7"),
        ("time_to_laps_median", "time_to_lapse_median"),
        ("retention_6_months_observed", "retention_6_months"),
    ],
)
def test_a_misspelt_endpoint_is_answered_with_the_nearest_names(wrong, right):
    with pytest.raises(EndpointError) as raised:
        endpoints_for((wrong,), 400.0)

    message = str(raised.value)
    assert right in message.split("Allowed are")[0]
    assert all(pattern in message for pattern in PATTERNS)


def test_visits_are_known_from_the_endpoints_that_need_them():
    names = ("craving_vas_day_7", "mood_madrs_day_1", "abstinence_6_months")

    assert measurement_days(names) == (1.0, 7.0)


def test_every_endpoint_says_what_it_is_and_how_its_interval_is_made():
    for name in (*endpoints_for((), 800.0), "craving_vas_day_0", "relapse_3_weeks_committed"):
        sentence = definition(name)

        assert sentence.endswith(").")
        assert "95 % interval: " in sentence
    assert "missing counted as use" in definition("abstinence_6_months")
    assert "observed" in definition("abstinence_6_months_observed")


def arm(name: str, first_use_day: np.ndarray, committed: np.ndarray) -> ArmResult:
    patients = people(first_use_day=first_use_day, relapse_day=first_use_day, committed=committed)
    patients["craving_vas_day_7"] = np.where(committed, 20.0, 60.0) + first_use_day % 7
    used = used_from(list(first_use_day))
    names = ("abstinence_3_months", "lapse_30_days", "craving_vas_day_7", "time_to_lapse_median")
    return ArmResult(name, name, "", patients, used, estimates(names, patients, used), {}, {})


@pytest.fixture(scope="module")
def two_arms() -> dict[str, ArmResult]:
    draw = np.random.default_rng(2)
    committed = draw.random(400) < 0.7
    days = ORIGIN + np.where(committed, draw.exponential(60.0, 400), 1.0)
    later = np.where(committed, ORIGIN + (days - ORIGIN) * 3.0, days)
    return {"saline": arm("saline", days, committed), "ketamine": arm("ketamine", later, committed)}


def test_people_who_do_not_intend_to_abstain_pull_the_ratio_towards_1(two_arms):
    made = {one.endpoint: one for one in comparisons(two_arms, "saline", ())}

    assert made["lapse_committed"].low < 1 / 3 < made["lapse_committed"].high
    assert made["lapse_committed"].value < made["lapse"].value < 1.0
    assert {"relapse", "dropout", "lapse_or_dropout"} <= set(made)


def test_every_ratio_stands_beside_the_one_among_committed_people(two_arms):
    made = [one.endpoint for one in comparisons(two_arms, "saline", ())]

    assert sorted(made) == sorted(
        event + suffix
        for event in ("lapse", "relapse", "dropout", "lapse_or_dropout")
        for suffix in ("", "_committed")
    )


def test_a_comparison_is_the_arm_minus_the_reference(two_arms):
    names = ("abstinence_3_months", "lapse_30_days", "craving_vas_day_7", "time_to_lapse_median")

    made = {one.endpoint: one for one in comparisons(two_arms, "saline", names)}

    ours, theirs = (
        two_arms[name].endpoints["abstinence_3_months"].value for name in ("ketamine", "saline")
    )
    gap = made["abstinence_3_months"]
    assert (gap.arm, gap.reference, gap.measure) == ("ketamine", "saline", "risk_difference")
    assert gap.value == pytest.approx(ours - theirs)
    assert gap.low < gap.value < gap.high
    assert made["lapse_30_days"].value < 0.0
    assert made["craving_vas_day_7"].measure == "mean_difference"
    assert "time_to_lapse_median" not in made


def test_a_hazard_ratio_of_arms_is_the_one_of_their_times(two_arms):
    this, that = (
        time_to_event("lapse", one.patients, one.use_days)
        for one in (two_arms["ketamine"], two_arms["saline"])
    )

    direct = hazard_ratio(
        np.concatenate([this.time, that.time]),
        np.concatenate([this.event, that.event]),
        np.repeat([True, False], 400),
    )

    made = {one.endpoint: one for one in comparisons(two_arms, "saline", ())}
    assert made["lapse"].value == direct.value


def test_where_no_one_drops_out_the_ratio_of_drop_out_says_why_it_has_no_value(two_arms):
    made = {one.endpoint: one for one in comparisons(two_arms, "saline", ())}

    assert made["dropout"].value is None
    assert made["dropout"].reason == "no one had the event"


def test_a_reference_that_is_no_arm_is_refused_with_the_arms_there_are(two_arms):
    with pytest.raises(ComparisonError, match="'placebo' is not among the arms saline, ketamine"):
        comparisons(two_arms, "placebo", ())
