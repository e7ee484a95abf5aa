"""Does a laboratory that remembers give what a run from nothing gives?"""

from __future__ import annotations

import pytest

from resynapse.engine.native import run
from resynapse.trial import live as live_module
from resynapse.trial.live import AbandonedError, Live, Remembered
from resynapse.trial.simulate import simulate
from resynapse.web.opening import example

PEOPLE = 16


def _with(protocol, number, **parts):
    """The protocol with one arm changed."""
    arms = list(protocol.arms)
    arms[number] = arms[number].model_copy(update=parts)
    return protocol.model_copy(update={"arms": tuple(arms)})


@pytest.fixture(scope="module")
def programmes():
    """The example, with another dose, with other days, and with that dose and longer sessions."""
    first = example().model_copy(update={"follow_up_days": 70.0, "visits": (7.0,), "endpoints": ()})
    dose = first.arms[1].doses[0]
    less = dose.model_copy(update={"amount": dose.amount.model_copy(update={"value": 0.3})})
    therapy = first.arms[1].therapies[0]
    late = therapy.model_copy(update={"days": tuple(day + 3.0 for day in therapy.days)})
    longer = therapy.model_copy(update={"hours": 2.0})
    return (
        first,
        _with(first, 1, doses=(less,)),
        _with(first, 1, therapies=(late,)),
        _with(_with(first, 1, doses=(less,)), 1, therapies=(longer,)),
    )


def test_changing_a_dose_or_a_session_in_a_kept_laboratory_gives_the_numbers_of_a_fresh_run(
    programmes,
):
    live = Live(parameters="prior")
    for programme in programmes[:-1]:
        live.result(programme, patients=PEOPLE)

    again = live.result(programmes[-1], patients=PEOPLE)
    fresh = simulate(programmes[-1], patients=PEOPLE, draws=0, parameters="prior")

    for kind in ("arms", "rival", "window_off"):
        ours, theirs = getattr(again, kind), getattr(fresh, kind)
        assert {id: arm.endpoints for id, arm in ours.items()} == {
            id: arm.endpoints for id, arm in theirs.items()
        }
    assert again.comparisons == fresh.comparisons
    assert again.acute.equals(fresh.acute)
    assert again.chronic.equals(fresh.chronic)
    assert again.reference_kinetics.equals(fresh.reference_kinetics)
    assert [arm.sentence for arm in again.arms.values()] == [
        arm.sentence for arm in fresh.arms.values()
    ]


def test_a_duration_whose_steps_are_all_known_gives_the_numbers_of_a_fresh_run(programmes):
    live, first = Live(parameters="prior"), programmes[0]
    dose = first.arms[1].doses[0]
    longer, shorter = (
        _with(first, 1, doses=(dose.model_copy(update={"minutes": minutes}),))
        for minutes in (50.0, 30.0)
    )
    for programme in (first, longer):
        live.result(programme, patients=PEOPLE, worlds=("default",))

    again = live.result(shorter, patients=PEOPLE, worlds=("default",))
    fresh = Live(parameters="prior").result(shorter, patients=PEOPLE, worlds=("default",))

    for arm in again.arms.values():
        assert arm.endpoints == fresh.arms[arm.id].endpoints
    assert again.acute.equals(fresh.acute)


def test_an_arm_that_nobody_touched_runs_again_only_where_its_plan_or_its_feel_has_changed(
    programmes, monkeypatch
):
    first, less, late, _ = programmes
    therapy = first.arms[1].therapies[0]
    early = therapy.model_copy(update={"days": tuple(day - 0.5 for day in therapy.days)})
    masked, ran = {"therapy ends earlier": _with(first, 1, therapies=(early,))}, []
    masked |= {"therapy ends later": late, "another dose": less}
    opened = {"blinding": "open"}
    real = live_module.run_arm
    monkeypatch.setattr(live_module, "run_arm", lambda *g: ran.append(g[1].id) or real(*g))

    def arms_run(live, programme):
        ran.clear()
        live.result(programme, patients=PEOPLE, worlds=("default",))
        return len(ran)

    live, open_live = Live(parameters="prior"), Live(parameters="prior")
    arms_run(live, first)
    told = {name: arms_run(live, after) for name, after in masked.items()}
    arms_run(open_live, first.model_copy(update=opened))
    unmasked = arms_run(open_live, less.model_copy(update=opened))

    assert told == {"therapy ends earlier": 1, "therapy ends later": 2, "another dose": 2}
    assert unmasked == 1


def test_another_dose_in_one_arm_changes_what_masked_people_of_the_other_arm_believe(programmes):
    live = Live(parameters="prior")

    before, after = (
        live.result(one, patients=PEOPLE, worlds=("default",)) for one in programmes[:2]
    )

    believed = [r.arms["placebo-therapy"].patients["belief"].mean() for r in (before, after)]
    assert believed[0] != believed[1]


def test_what_is_remembered_stays_within_its_room_and_the_longest_unused_goes_first():
    kept, made = Remembered(250_000), []

    def thing(name):
        return kept.get(name, lambda: made.append(name) or name)

    for name in ("a", "b", "a", "c", "a", "b"):
        assert thing(name) == name

    assert made == ["a", "b", "c", "b"]


def test_what_nobody_waits_for_any_more_is_left_in_the_midst_of_an_arm(programmes, monkeypatch):
    parts, real = [], run.driver.drive
    monkeypatch.setattr(run.driver, "drive", lambda *given: parts.append(given) or real(*given))
    Live(parameters="prior").result(programmes[0], patients=PEOPLE, worlds=("default",))
    whole = len(parts)

    parts.clear()
    with pytest.raises(AbandonedError):
        Live(parameters="prior").result(
            programmes[0], patients=PEOPLE, wanted=lambda: len(parts) < whole // 2
        )

    # each of two arms may just have begun another part
    assert whole // 2 <= len(parts) <= whole // 2 + 2
    assert whole > 20
