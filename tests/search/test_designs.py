"""Which designs does a search make, and which does it refuse?"""

from __future__ import annotations

from itertools import pairwise

import pytest

from resynapse.input_error import InputError
from resynapse.protocol import load
from resynapse.trial.search import Asked
from resynapse.trial.search.candidate import candidate, costs, without_ketamine
from resynapse.trial.search.limit import limits
from resynapse.trial.search.space import Point, points, space

SCENARIO = load("scenario-heroin-ketamine")
THREE = SCENARIO.arm("ketamine-3-therapy")


def made(point, arm=THREE, **given):
    return candidate(SCENARIO, arm, point, given, 0)


def asked(*vary, protocol=SCENARIO, arm="ketamine-3-therapy", **given):
    benefit = given.pop("benefit", "days_abstinent_percent_6_months")
    return Asked(protocol, benefit, space(vary), arm, **given)


def test_a_small_space_is_gone_through_whole_and_one_infusion_has_no_spacing():
    found, possible = points(space(["infusions=1,2,3", "spacing=3,7", "dose=0.2,0.5"]), 64, 1)

    assert len(found) == possible == len(set(found)) == 2 * (1 + 2 + 2)
    assert all(one.spacing is None for one in found if one.infusions == 1)


def test_a_large_space_is_filled_evenly_and_the_same_way_for_the_same_seed():
    wide = space(["dose=0.1:0.8:0.1", "infusions=2:8:1", "spacing=2:14:1", "therapy=0:13:1"])

    found, possible = points(wide, 128, 1)

    assert possible == 8 * 7 * 13 * 14
    assert found == points(wide, 128, 1)[0] and len(set(found)) == 128
    for dose in wide["dose"]:
        assert 12 <= sum(one.dose == dose for one in found) <= 20


def test_sessions_are_as_many_as_before_and_are_dealt_to_the_infusions():
    two = made(Point(infusions=2, spacing=14.0, therapy=3.0)).arm

    assert two.doses[0].days == (2.0, 16.0)
    assert two.therapies[0].days == (5.0, 6.0, 7.0, 8.0, 9.0, 19.0, 20.0, 21.0, 22.0)


def test_no_two_sessions_fall_on_one_day_where_infusions_lie_close():
    six = made(Point(infusions=6, spacing=1.0, therapy=1.0)).arm.therapies[0].days

    assert len(six) == 9
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(six))


def test_what_is_not_varied_stays_as_it_is_written():
    stronger = made(Point(dose=0.8)).arm

    assert stronger.doses[0].days == THREE.doses[0].days
    assert stronger.therapies == THREE.therapies
    assert made(Point()).written and not made(Point(dose=0.8)).written


def test_burdens_are_counted_for_a_person_of_mean_weight():
    one = made(Point(dose=0.4, infusions=2, spacing=7.0), infusion=500.0, session=100.0)

    assert one.cumulative_dose == pytest.approx(0.8)
    assert (one.infusions, one.sessions, one.cost) == (2, 9, 2 * 500.0 + 9 * 100.0)


def test_the_own_control_differs_by_the_drug_alone():
    arm = made(Point(infusions=2, spacing=7.0, therapy=1.0)).arm

    control = without_ketamine(arm)

    assert not control.has_ketamine and not control.active
    assert control.therapies == arm.therapies
    assert [(d.days, d.minutes, d.route) for d in control.doses] == [
        (d.days, d.minutes, d.route) for d in arm.doses
    ]


def test_the_arm_as_written_is_always_among_the_designs():
    found, possible, outside = asked("dose=0.2,0.8").candidates()

    assert (len(found), possible, outside) == (3, 2, 0)
    assert [one.written for one in found] == [False, False, True]


def test_a_planned_limit_takes_designs_away_before_anybody_is_simulated():
    found, _, outside = asked(
        "dose=0.2,0.5,0.8", limits=limits(["cumulative_dose=1.6"])
    ).candidates()

    assert (len(found), outside) == (2, 1)


def test_infusion_time_is_searched_where_the_drive_saturates_and_nowhere_else():
    with pytest.raises(InputError, match="stretch the infusion for free"):
        asked("minutes=40,60", draws=8).candidates()
    with pytest.raises(InputError, match="in 8 of the draws"):
        asked("minutes=40,60", draws=8, settings={"window.steepness": 1.0}).candidates()

    found, *_ = asked("minutes=40,60", draws=8, settings={"window.steepness": 2.0}).candidates()

    assert {one.arm.doses[0].minutes for one in found} == {40.0, 60.0}


def im(dose):
    arm = SCENARIO.arm("ketamine-1-therapy")
    given = arm.doses[0].model_copy(
        update={"route": "im", "minutes": 0.0,
                "amount": arm.doses[0].amount.model_copy(update={"value": dose})}
    )  # fmt: skip
    return arm.model_copy(update={"doses": (given,)})


def test_doses_stay_within_those_given_in_addiction_trials_by_each_route():
    assert made(Point(dose=0.8)).cumulative_dose == pytest.approx(2.4)
    assert made(Point(dose=2.5), im(2.0)).cumulative_dose == pytest.approx(2.5)
    for point, arm in ((Point(dose=0.81), THREE), (Point(dose=2.6), im(2.0))):
        with pytest.raises(InputError, match="more than was given in human addiction trials"):
            made(point, arm)
    with pytest.raises(InputError, match="more than one person was given"):
        made(Point(infusions=9, spacing=2.0))


def test_a_protocol_that_goes_beyond_evidence_is_searched_within_it_all_the_same():
    loose = SCENARIO.model_copy(update={"beyond_evidence": True})

    with pytest.raises(InputError, match="more than was given"):
        asked("dose=1.6", protocol=loose).candidates()


@pytest.mark.parametrize(
    ("vary", "answer"),
    [
        ([], "name what to search over"),
        (["doze=1"], "Did you mean dose"),
        (["dose"], "write NAME=VALUES"),
        (["dose=0.2", "dose=0.3"], "given twice"),
        (["dose=a"], "give numbers"),
        (["dose=nan"], "give numbers"),
        (["dose=0.8:0.2:0.1"], "LOW below HIGH"),
        (["dose=0.2:0.8"], "LOW:HIGH:STEP"),
        (["infusions=1.5"], "takes whole numbers"),
        (["spacing=0.5"], "takes numbers from 1"),
    ],
)
def test_a_space_that_is_not_understood_is_answered_in_a_sentence(vary, answer):
    with pytest.raises(InputError, match=answer):
        space(vary)


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ({"arm": None}, "--arm: name the arm with ketamine"),
        ({"arm": "placebo-therapy"}, "name the arm with ketamine"),
        ({"benefit": "time_to_relapse_median"}, "at a horizon"),
        ({"benefit": "overdose_per_100_person_years"}, "at a horizon"),
        ({"benefit": "abstinence_6_months_observed"}, "leave _observed out"),
        ({"benefit": "relapse_60_months"}, "Lengthen follow_up"),
        ({"draws": 4}, "never for one patient"),
        ({"people": 1}, "never for one patient"),
        ({"burden": "cost"}, "give --cost"),
        ({"burden": "pain"}, "--burden pain"),
        ({"designs": 1}, "give 2 to"),
        ({"limits": limits(["cumulative_dose=0.1"])}, "no design of the space keeps"),
        ({"benefit": "lapse_7_days"}, "after lapse_7_days has been read"),
    ],
)
def test_a_search_that_cannot_be_made_is_answered_in_a_sentence(wish, answer):
    with pytest.raises(InputError, match=answer):
        asked("dose=0.5", "infusions=4", "spacing=7", **wish).candidates()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("dissociation=40", "say how many may pass"),
        ("pressure=40@2", "say how many may pass"),
        ("cost=5@0.1", "write cost=NUMBER"),
        ("fear=2", "write NAME=VALUE"),
        ("infusions=many", "write infusions=NUMBER"),
    ],
)
def test_a_limit_that_is_not_understood_is_answered_in_a_sentence(text, answer):
    with pytest.raises(InputError, match=answer):
        limits([text])


def test_a_cost_that_is_none_is_answered_in_a_sentence():
    assert costs(["infusion=500"]) == {"infusion": 500.0}
    with pytest.raises(InputError, match="--cost nurse=2"):
        costs(["nurse=2"])


def test_an_arm_whose_doses_differ_is_refused():
    with pytest.raises(InputError, match="one course of equal doses"):
        asked("dose=0.5", protocol=load("dakwar-2014"), arm="k071").candidates()
