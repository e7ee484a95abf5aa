"""Does a trial of `resynapse power` go through the conduct that its protocol writes?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from conduct.population import population
from power.generators import Means, Survival
from resynapse.input_error import InputError
from resynapse.protocol import load
from resynapse.protocol.conduct import TrialConduct
from resynapse.trial.allocation import of_two
from resynapse.trial.design.sequential import Looks
from resynapse.trial.power import Asked, Design, Extent, power
from resynapse.trial.power.batch import Sizes, orders
from resynapse.trial.power.looking import cut
from resynapse.trial.power.measured import learned, measured, written_down
from resynapse.trial.power.method import Question
from resynapse.trial.power.outcome import Outcome, outcome
from resynapse.trial.power.people import Population, for_endpoint, two_arms
from resynapse.trial.power.seating import MOST_TRIALS, Conducted, Response
from resynapse.trial.streams import Streams
from resynapse.trial.trials import trial

POPULATION = population(people=600)
PERFECT = {
    "visits": {"every_days": 1, "window_days": 0, "missed": 0, "missed_using": 0},
    "urine": {"sensitivity": 1, "specificity": 1},
    "follow_back": {"denied": 0},
}
ENDPOINTS = ("lapse_56_days", "relapse_56_days", "lapse_or_dropout_56_days", "retention_56_days",
             "abstinence_56_days", "craving_vas_day_28")  # fmt: skip


def conduct(**changed) -> TrialConduct:
    rule = {"ratio": "1:2", "block_sizes": [6], **changed.pop("randomisation", {})}
    return TrialConduct.model_validate({"randomisation": rule, **changed})


def seen(endpoint, how, arm="saline"):
    patients, used = POPULATION.patients[arm], POPULATION.use_days[arm]
    return measured(endpoint, patients, used, how, Streams(1, 0))


def conducted(how, trials=40, largest=90):
    known = {name: POPULATION.baseline[name].to_numpy() for name in ("female", "age_years")}
    response = Response("time", 0.0, 0.0)
    return Conducted(orders(1, 0, 600, trials), how, known, 1, 0, largest, response)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_daily_visits_without_error_show_what_happened(endpoint):
    found = seen(endpoint, conduct(**PERFECT))

    exact = outcome(endpoint, POPULATION.patients["saline"], POPULATION.use_days["saline"])
    alike = found.event == exact.event
    assert alike.mean() > 0.97  # a lapse in the last day before people leave is not told
    both = alike & ~np.isnan(exact.seen)
    assert np.abs(found.seen - exact.seen)[both].max() < 2.0
    assert np.array_equal(found.whole, exact.whole, equal_nan=True)


def test_relapses_are_known_at_a_visit_after_the_week_of_use_and_never_before():
    found = seen("relapse_56_days", conduct())

    late = found.event
    assert late.sum() > 50
    assert (found.learned[late] >= found.seen[late] + 6.5).all()
    assert (found.before[late] <= found.learned[late]).all()
    assert np.array_equal(found.learned[~late], found.seen[~late])


def test_what_a_trial_writes_down_ends_at_visits_that_people_attended():
    found = learned(POPULATION.patients["saline"], POPULATION.use_days["saline"], conduct(),
                    Streams(1, 0))  # fmt: skip

    table = written_down(found)

    course, left = found.course, table["dropout_day"].notna().to_numpy()
    assert left.sum() > 30
    last = np.where(course.attended, course.day, 0.0).max(axis=1)
    assert (table["dropout_day"].to_numpy()[left] == last[left]).all()
    after = np.arange(found.use_days.shape[1]) >= found.last[:, None]
    assert not (found.use_days & after).any()
    visit = int(np.searchsorted(course.due, 28.0))
    missed = ~course.attended[:, visit]
    assert missed.sum() > 30
    assert np.array_equal(table["craving_vas_day_28"].isna().to_numpy(), missed)


@pytest.mark.parametrize(("deaths", "most"), [(False, 0.0), (True, 0.15)])
def test_only_people_who_left_or_died_are_written_down_as_having_left(deaths, most):
    patients, used = POPULATION.patients["saline"], POPULATION.use_days["saline"]
    how = conduct(interruptions={"deaths": deaths})
    found = learned(patients, used, how, Streams(1, 0))

    table = written_down(found)

    stayed = patients["dropout_day"].isna().to_numpy()
    left = table["dropout_day"].notna().to_numpy()
    assert 30 < stayed.sum() < 570
    assert left[~stayed].all()
    assert left[stayed].mean() <= most
    followed = np.minimum(patients["end_day"], found.last).to_numpy()
    assert (table["end_day"].to_numpy() == followed)[~left].all()


def test_everybody_who_is_randomised_is_rated_at_entry_on_that_day():
    entry = np.linspace(20, 80, 600)
    patients = POPULATION.patients["saline"].assign(craving_vas_day_0=entry)
    rarely = conduct(visits={"missed": 0.9, "missed_using": 0.9, "window_days": 3})

    found = learned(patients, POPULATION.use_days["saline"], rarely, Streams(1, 0))

    assert found.course.due[0] == 0.0
    assert found.course.attended[:, 0].all() and (found.course.day[:, 0] == 0.0).all()
    assert found.course.attended[:, 1:].mean() < 0.15
    assert np.array_equal(written_down(found)["craving_vas_day_0"], entry)


def test_missed_visits_and_denied_use_hide_relapses():
    often = seen("relapse_56_days", conduct(follow_back={"denied": 0})).event.mean()
    denied = seen("relapse_56_days", conduct(follow_back={"denied": 0.6})).event.mean()
    rarely = {"missed": 0.9, "missed_using": 0.9}
    missed = seen("relapse_56_days", conduct(visits=rarely)).event.mean()

    assert denied < 0.8 * often
    assert missed < 0.9 * often


def test_false_positive_urines_end_the_abstinence_of_people_who_did_not_use():
    how = conduct(**{**PERFECT, "urine": {"specificity": 0.5}, "visits": {"every_days": 7}})
    truly = seen("abstinence_56_days", conduct(**PERFECT)).seen.mean()

    assert seen("abstinence_56_days", how).seen.mean() < 0.2 * truly


def test_a_look_counts_an_event_from_the_visit_at_which_it_was_told():
    learned, before = np.array([[17.0, 30.0]]), np.array([[9.0, 30.0]])
    time, event = np.array([[10.0, 30.0]]), np.array([[True, False]])
    one = Outcome(time, event, time, event, learned, before)
    asked = Question("time", False, 182.0)

    early, late = (cut(one, np.full((1, 2), past), asked, 0.0) for past in (14.0, 18.0))

    assert (early.seen.tolist(), early.event.tolist()) == ([[9.0, 14.0]], [[False, False]])
    assert (late.seen.tolist(), late.event.tolist()) == ([[10.0, 18.0]], [[True, False]])


def test_a_smaller_trial_is_the_first_people_of_the_larger_one():
    seating = conducted(conduct(randomisation={"strata": ["site", "female"]}, sites=3))

    (small,), (large,) = (list(seating.parts(Sizes(2 * n, n), {})) for n in (10, 30))

    for row in range(40):
        few, many = set(map(int, np.concatenate(small.people(row)))), large.people(row)
        assert few <= set(map(int, np.concatenate(many))) and len(few) == 30
        assert set(small.people(row)[0]) <= set(many[0])
        assert not set(many[0]) & set(many[1])


@pytest.mark.parametrize(
    ("rule", "widest"),
    [
        ({"ratio": "1:2", "block_sizes": [6]}, 0),
        ({"ratio": "1:2", "block_sizes": [3, 9]}, 6),
        ({"ratio": "1:2", "method": "complete", "block_sizes": []}, 40),
    ],
)
def test_blocks_hold_the_ratio_of_every_trial_and_complete_randomisation_only_on_average(
    rule, widest
):
    (found,) = conducted(conduct(randomisation=rule), trials=200).parts(Sizes(60, 30), {})

    treated = np.array([len(found.people(row)[0]) for row in range(200)])
    assert np.abs(treated - 60).max() <= widest
    assert treated.mean() == pytest.approx(60, abs=4 * np.sqrt(90 * 2 / 9 / 200))
    assert (treated.std() > 3) == (rule.get("method") == "complete")


def test_minimisation_gives_each_person_the_arm_that_a_trial_of_the_same_seed_gives():
    rule = {"ratio": "1:1", "method": "minimisation", "strata": ["site", "female"]}
    how = conduct(randomisation={**rule, "block_sizes": []}, sites=3)
    streams = Streams(1, 0 * MOST_TRIALS + 7)
    one = trial(POPULATION, 90, seed=1, replicate=7, conduct=how)
    rows = streams.of(1).permutation(600)[:90]  # the people whom that trial draws
    seating = conducted(how)
    object.__setattr__(seating, "order", np.tile(rows, (40, 1)))

    (found,) = seating.parts(Sizes(*np.bincount(one.people["arm"] == "saline")), {})

    treated, control = found.people(7)
    given = one.people.set_index("person")["arm"]
    assert set(given.index[given == "ketamine"]) == set(treated.tolist())
    assert set(given.index[given == "saline"]) == set(control.tolist())
    assert sorted(found.entry[7][np.isfinite(found.entry[7])]) == pytest.approx(
        one.people["entry_day"].tolist()
    )


@dataclass(frozen=True)
class Known(Survival):
    """Survival with what strata are made of."""

    def baseline(self, first, count):
        return {"female": (np.random.default_rng([11, first]).random(count) < 0.3) * 1.0}


@pytest.mark.parametrize(
    "method", ["permuted-block", "complete", "minimisation", "response-adaptive"]
)
def test_arms_without_any_difference_are_told_apart_in_five_trials_of_a_hundred(method):
    rule = {"method": method, "ratio": "1:2", "block_sizes": [6]}
    rule |= {} if method in ("complete", "response-adaptive") else {"strata": ["female"]}
    people = Known(90.0, (0.6,), (), 1 / 300, 182.0)
    design = Design("one", people, 182.0, 182.0, {}, conduct(randomisation=rule))

    trials = 200 if method == "response-adaptive" else 800
    found = power([design], Asked("relapse_6_months", (), (60,), trials=trials), Extent(540, 8))

    row = found.row("one", "no effect", 60, "log_rank")
    assert abs(row.rejected.value - 0.05) < 3 * row.rejected.error + 0.005
    assert found.row("one", "as asked", 60, "log_rank").rejected.value > 0.5


def test_people_enter_at_the_rates_of_the_conduct_so_a_slow_trial_ends_late():
    people = Known(90.0, (0.6,), (), 1 / 300, 182.0)
    days = []
    for per_month in (10, 40):
        how = conduct(accrual=[{"per_month": per_month}])
        design = Design("one", people, 182.0, 182.0, {}, how)
        found = power([design], Asked("relapse_6_months", (), (40,), trials=80), Extent(480, 4))
        days.append(found.rows[0].days.value)

    assert days[0] - 182 == pytest.approx(120 / 10 * 30.4375, rel=0.05)
    assert days[1] - 182 == pytest.approx(120 / 40 * 30.4375, rel=0.1)


def test_a_trial_of_two_arms_keeps_their_parts_of_the_ratio_and_of_the_blocks():
    protocol = load("krupitsky-2002")
    names = [arm.id for arm in protocol.arms]
    how = conduct(randomisation={"ratio": "2:1", "block_sizes": [3, 6]})

    two = of_two(how, protocol, "high").randomisation

    given = dict(zip(names, (2, 1), strict=True))
    assert two.ratio == (given["low"], given["high"])
    assert two.block_sizes == (3, 6)
    six = of_two(
        TrialConduct.model_validate({"randomisation": {"block_sizes": [12, 24]}}),
        load("scenario-heroin-ketamine"), "ketamine-3",
    ).randomisation  # fmt: skip
    assert (six.ratio, six.block_sizes) == ((1, 1), (4, 8))


@pytest.mark.parametrize(
    ("wish", "said"),
    [({"ratio": 3.0}, "conduct gives 2:1"), ({"accrual": 100.0}, "conduct says how people enter")],
)
def test_a_wish_against_the_conduct_is_refused(wish, said):
    design = Design("one", Means(1.0, 1.0), 28.0, 28.0, {}, conduct())

    with pytest.raises(InputError, match=said):
        design.asked(Asked("craving_vas_day_28", **wish))


@dataclass(frozen=True)
class Told(Known):
    """Events that the trial learns ten days after they happened."""

    def arm(self, treated, count, chance):
        one = super().arm(treated, count, chance)
        return replace(one, learned=one.seen + 10.0, before=np.maximum(one.seen - 4.0, 0.0))


def test_what_is_learned_late_is_kept_with_the_people_and_moves_looks(tmp_path):
    asked = Asked("relapse_6_months", (), (60,), Looks(0.05, 2, 0.8, (0.5, 1.0)), trials=80)
    found = {}
    for name, kind in (("late", Told), ("at once", Known)):
        people = kind(90.0, (0.6,), (), 1 / 300, 182.0)
        design = Design(name, people, 182.0, 182.0, {}, conduct())
        found[name] = power([design], asked, Extent(360, 4), folder=tmp_path).rows[0]
        (next((tmp_path / name).glob("*.npz"))).unlink()
        again = power([design], asked, Extent(360, 4), folder=tmp_path).rows[0]
        assert again == found[name]

    assert found["late"].days.value > found["at once"].days.value + 5


def test_people_of_the_engine_are_seen_at_visits_and_known_at_entry():
    protocol = load("dakwar-2019").model_copy(update={"conduct": conduct(sites=2)})
    people = Population(
        for_endpoint(two_arms(protocol, "ketamine"), "lapse_30_days"), "lapse_30_days", 1
    )

    one = people._outcome("as asked", people.protocol.arms[0], 0, 48, None)

    assert (one.learned[one.event] > one.seen[one.event]).all() and one.event.sum() > 5
    known = people.baseline(0, 48)
    assert set(known) == {"female", "age_years", "weight_kg"}
    assert all(len(column) == 48 for column in known.values())


def test_looks_on_calendar_days_see_what_slow_accrual_has_brought_by_then():
    people, seen = Known(90.0, (0.6,), (), 1 / 300, 182.0), []
    looks = Looks(0.05, 2, 0.8, (0.5, 1.0))
    for per_month in (10, 30):
        design = Design(
            "one", people, 182.0, 182.0, {}, conduct(accrual=[{"per_month": per_month}])
        )
        asked = Asked("relapse_6_months", (), (60,), looks, trials=80, look_days=(250.0,))
        row = power([design], asked, Extent(360, 4)).rows[0]
        seen.append(row.information[0])
        assert row.information[1] == pytest.approx(1.0, abs=0.05)

    assert 0.15 < seen[0] < 0.45 < seen[1] < 1.0


@pytest.mark.parametrize("days", [(100.0,), (200.0, 100.0), (-1.0, 100.0)])
def test_look_days_that_do_not_fit_the_looks_are_refused(days):
    looks = Looks(0.05, 2, 0.8, (0.3, 0.6, 1.0))

    with pytest.raises(InputError, match="--look-days"):
        Asked("relapse_6_months", (), (60,), looks, look_days=days)


def test_response_adaptive_randomisation_favours_the_better_arm_and_nobody_before_results():
    rule = {"method": "response-adaptive", "ratio": "1:1", "block_sizes": [], "success_day": 20}
    shares = {}
    for per_month in (10, 10_000):
        how = conduct(randomisation=rule, accrual=[{"per_month": per_month}])
        seating = conducted(how, trials=60)
        arms = {
            name: outcome("lapse_56_days", POPULATION.patients[arm], POPULATION.use_days[arm])
            for name, arm in (("control", "saline"), ("treated", "ketamine"))
        }
        (found,) = seating.parts(Sizes(45, 45), arms)
        treated = [len(found.people(row)[0]) for row in range(60)]
        shares[per_month] = np.mean(treated) / 90

    assert shares[10] > 0.58
    assert shares[10_000] == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(60 * 90))


def test_response_adaptive_randomisation_needs_an_event_or_a_yes_or_no():
    rule = {"method": "response-adaptive", "ratio": "1:1", "block_sizes": []}
    design = Design("one", Means(1.0, 1.0), 28.0, 28.0, {}, conduct(randomisation=rule))

    with pytest.raises(InputError, match="follows a yes or no"):
        design.asked(Asked("craving_vas_day_28"))
