"""Are trials drawn as they should be, and is their Monte Carlo error honest?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from power.generators import Means, Rates, Survival
from resynapse.cli.power.show import needed_in_words
from resynapse.input_error import InputError
from resynapse.trial.analysis.log_rank import MAX_COMBO, log_rank, max_combo
from resynapse.trial.analysis.many_trials import in_order
from resynapse.trial.analysis.many_weighted import max_combo_z, weighted_z
from resynapse.trial.design.means import means
from resynapse.trial.design.sequential import Looks
from resynapse.trial.power import Asked, Design, Extent, power, sizes_in
from resynapse.trial.power.batch import Sizes, orders, seats
from resynapse.trial.power.looking import Calendar, cut
from resynapse.trial.power.looking import played as play
from resynapse.trial.power.method import Question, answers
from resynapse.trial.power.monte_carlo import share
from resynapse.trial.power.outcome import Outcome
from resynapse.trial.power.solve import needed

SCALE, RELAPSE = "craving_vas_day_28", "relapse_6_months"


def played(
    people, n, *, looks=None, trials=400, much=None, endpoint=SCALE, methods=(), seed=3, known=28.0
):
    asked = Asked(endpoint, methods, n, looks or Looks(0.05, 2), trials=trials, seed=seed)
    design = Design("one", people, known, 182.0, {})
    return power([design], asked, much or Extent(8 * max(n), 8))


def test_nobody_is_in_both_arms_and_a_larger_trial_keeps_the_people_of_a_smaller_one():
    order = orders(1, 0, 60, 200)

    small, large = seats(order, Sizes(20, 10)), seats(order, Sizes(36, 18))

    for treated, control in zip(*large, strict=True):
        assert len({*treated, *control}) == 54
    for few, many in zip(small, large, strict=True):
        assert all(set(a) <= set(b) for a, b in zip(few, many, strict=True))


def test_the_stated_monte_carlo_error_is_the_spread_of_runs_with_other_people():
    class Other(Means):
        shift = 0

        def worlds(self, first, count, draw):
            return super().worlds(first + 10**6 * self.shift, count, draw)

    found = []
    for run in range(40):
        people = Other(-8.0, 20.0)
        object.__setattr__(people, "shift", run)
        found.append(played(people, (100,), much=Extent(800, 8)).rows[0].rejected)

    spread = np.std([one.value for one in found], ddof=1)
    stated = np.sqrt(np.mean([one.error**2 for one in found]))
    binomial = np.sqrt(0.8 * 0.2 / 400)
    assert stated / spread == pytest.approx(1.0, abs=0.35)
    assert spread > 1.3 * binomial


def test_the_error_stays_between_those_of_all_trials_and_of_trials_without_common_people():
    units = np.arange(8)

    alike = share(np.full(8, 0.5), units, 400, 40.0)
    apart = share(np.repeat([0.0, 1.0], 4), units, 400, 40.0)
    certain = share(np.ones(8), units, 400, 40.0)

    assert alike.error == pytest.approx(np.sqrt(0.25 / 400))
    assert apart.error == pytest.approx(np.sqrt(0.25 * (1 / 400 + 1 / 40)))
    assert certain.error == 0.0
    assert certain.low < 0.92


def test_arms_without_any_difference_are_told_apart_in_five_trials_of_a_hundred():
    for people, endpoint, methods in (
        (Means(-8.0, 20.0), SCALE, ("mean_difference", "wilcoxon")),
        (Rates(0.5, 0.3), "abstinence_6_months", ()),
        (
            Survival(90.0, (0.6,), end=182.0, leaving=1 / 300),
            RELAPSE,
            ("log_rank", "cox", "fleming_harrington_1_0", "max_combo", "restricted_mean"),
        ),
    ):
        rows = played(people, (100,), endpoint=endpoint, methods=methods, trials=2400).rows
        for row in (one for one in rows if one.world == "no effect"):
            assert abs(row.rejected.value - 0.05) < 3 * row.rejected.error + 0.005, row.method


def test_the_size_that_is_solved_for_is_the_formula_s():
    size = means(Looks(0.05, 2), 8.0, 20.0).n_per_arm["control"]

    found = played(Means(-8.0, 20.0), (50, 80, 120, 160), trials=1600, much=Extent(1200, 16))

    solved = found.needed["one", "mean_difference"]
    assert solved.inside
    assert abs(solved.n - size) < 3 * solved.error
    assert solved.error < 0.1 * size


def test_a_power_that_never_rises_is_not_extrapolated():
    flat = np.full((8, 3), 0.05) + np.random.default_rng(1).normal(0, 0.005, (8, 3))

    assert needed((50, 100, 200), flat, 0.8).n is None


@pytest.mark.parametrize("sizes", [(40,), (20, 40)])
def test_a_power_that_the_smallest_size_has_already_is_told_as_passed(sizes):
    found = needed(sizes, np.ones((8, len(sizes))), 0.8)

    assert (found.n, found.passed) == (None, True)
    assert "passed at the smallest of these sizes" in needed_in_words("ket", "log_rank", found)
    assert not needed((50, 100), np.full((8, 2), 0.05), 0.8).passed


def test_an_average_over_draws_is_not_extrapolated_since_it_levels_off():
    rising = np.array([[0.2, 0.3, 0.4]] * 8) + np.linspace(0, 0.01, 8)[:, None]

    alone, averaged = (needed((50, 100, 200), rising, 0.8, beyond=yes) for yes in (True, False))

    assert alone.n > 200
    assert not alone.inside
    assert averaged.n is None


def test_trials_end_at_each_look_as_often_as_the_bounds_say():
    looks = Looks(0.025, 1, 0.9, (1 / 3, 2 / 3, 1.0))
    design = means(looks, 8.0, 20.0)

    n = (round(design.n_per_arm["control"]),)
    much = Extent(1600, 16)

    row, waiting = (
        played(Means(-8.0, 20.0), n, looks=looks, trials=1600, much=much, known=days).rows[0]
        for days in (0.0, 28.0)
    )

    by_look = np.diff([look.power for look in design.analyses], prepend=0)
    assert row.stopped[:2] == pytest.approx(by_look[:2], abs=0.035)
    assert row.people.value == pytest.approx(design.expected_n["h1"], rel=0.02)
    assert 1.02 * row.people.value < waiting.people.value
    assert 28 < waiting.days.value < 28 + 365


def test_a_look_sees_people_as_far_as_they_have_been_followed_and_no_event_after_it():
    time, event = np.array([[30.0, 5.0, 8.0, 50.0]]), np.array([[True, True, False, True]])
    outcome = Outcome(time, event, time, event)
    asked = Question("time", False, 182.0)
    past = np.array([[10.0, 10.0, 10.0, -2.0]])

    found = cut(outcome, past, asked, 0.0)

    assert found.seen.tolist() == [[10.0, 5.0, 8.0, -1.0]]
    assert found.event.tolist() == [[False, True, False, False]]


def test_looks_at_events_stop_as_many_trials_as_the_bounds_say():
    looks = Looks(0.05, 2, information_rates=(0.5, 1.0), spending="pocock")
    rates = np.log(2) / 90.0 * np.array([1.0, 0.65])
    events = 4 * (looks.drift / np.log(0.65)) ** 2
    n = round(events / np.sum(1 - np.exp(-rates * 182.0)))

    row = played(
        Survival(90.0, (0.65,), end=182.0), (n,), looks=looks, endpoint=RELAPSE, trials=1600,
        much=Extent(8 * n, 16),
    ).rows[0]  # fmt: skip

    assert abs(row.rejected.value - 0.8) < 3 * row.rejected.error + 0.01
    assert row.stopped[0] == pytest.approx(looks.cumulative_power[0], abs=0.04)
    assert row.people.value < 2 * n


def test_each_trial_stops_by_the_bound_of_what_its_own_look_saw():
    looks = Looks(0.05, 2, 0.8, (0.5, 1.0))
    draw = np.random.default_rng(6)
    arms = [draw.normal(gap, 1.0, (3000, 60)) for gap in (-0.5, 0.0)]
    treated, control = (Outcome(y, y < 9, y, y < 9) for y in arms)
    entry = draw.uniform(0.0, 100.0, (3000, 120)) + draw.uniform(-60.0, 0.0, (3000, 1))
    calendar = Calendar(looks, 0.0, 120.0, days=(20.0,))

    found = play(["mean_difference"], treated, control, Question("number", False, 1.0), calendar,
                 np.maximum(entry, 0.0))["mean_difference"]  # fmt: skip

    first, early = found.critical_values[:, 0], found.look == 1
    seen = np.count_nonzero(np.maximum(entry, 0.0) <= 20.0, axis=1)
    assert np.ptp(seen) > 40
    assert np.corrcoef(seen, first)[0, 1] < -0.8
    assert 100 < early.sum() < 2900
    assert (np.abs(found.last.z[early]) >= first[early]).all()
    assert (np.abs(found.last.z[early]) < looks.critical_values[0]).any()


def test_weighted_tests_of_many_trials_are_those_of_one():
    draw = np.random.default_rng(2)
    time, event = np.ceil(draw.exponential(6.0, (40, 60))), draw.random((40, 60)) < 0.7
    time[:, :30] = np.ceil(time[:, :30] * 1.5)
    treated = np.broadcast_to(np.arange(60) < 30, time.shape)

    ordered = in_order(time, event, treated)
    early, combined = weighted_z([ordered], 1.0, 0.0), max_combo_z([ordered], 0.05)

    for row in range(40):
        one = time[row], event[row], treated[row]
        assert early[row] == pytest.approx(log_rank(*one, rho=1.0).z, abs=1e-9)
    each = [np.abs(weighted_z([ordered], *weights)) for weights in MAX_COMBO]
    largest = np.max(each, axis=0)
    near = np.flatnonzero((largest > 1.97) & (largest < 2.45))[:2]
    assert len(near) == 2
    for row in near:
        p = max_combo(time[row], event[row], treated[row]).p_value
        assert 2 * special.ndtr(-abs(combined[row])) == pytest.approx(p, abs=2e-3)


@pytest.mark.parametrize(
    ("text", "found"),
    [("120", (120,)), ("80,40", (40, 80)), ("40:160", (40, 50, 63, 80, 101, 127, 160))],
)
def test_sizes_are_a_number_a_list_or_a_range_in_even_ratios(text, found):
    assert sizes_in(text) == found


@pytest.mark.parametrize("text", ["", "1", "40:", "400:40", "a", "40:1e9"])
def test_sizes_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="give people of the reference arm"):
        sizes_in(text)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"endpoint": "abstinence_6_months_committed"}, "nobody knows at randomisation"),
        ({"endpoint": "overdose_per_100_person_years"}, "no endpoint that a trial observes"),
        ({"methods": ("coks",)}, "Allowed: log_rank"),
        ({"methods": ("wilcoxon",)}, "cannot test an endpoint that is a time"),
        ({"methods": ("restricted_mean",), "looks": Looks(information_rates=(0.5, 1))}, "one look"),
        ({"n": (1,)}, "at least 2 people"),
        ({"ratio": 0.0}, "above 0"),
        ({"trials": 0}, "give 1 to"),
    ],
)
def test_a_wish_that_cannot_be_is_answered_in_a_sentence(wish, words):
    with pytest.raises(InputError) as caught:
        played_with = Asked(**{"endpoint": RELAPSE, **wish})
        seats(orders(1, 0, 10, 1), Sizes(*(2 * list(played_with.n))))
        played(Means(1.0, 1.0), played_with.n)

    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_information_of_means_is_that_of_their_difference_where_arms_fill_unevenly():
    """Two thirds of controls but a sixth of the treated have a value at the first look."""
    draw = np.random.default_rng(7)
    value = draw.normal(size=(4000, 120))
    treated, control = (Outcome(y, y < 99, y, y < 99) for y in np.split(value, 2, axis=1))
    enters = np.concatenate([np.repeat([0.0, 9.0], late) for late in ([10, 50], [40, 20])])
    entry = np.tile(enters, (4000, 1))
    looks = Looks(0.025, 1, 0.8, (0.5, 1.0))
    calendar, question = Calendar(looks, planned=120.0, days=(5.0,)), Question("number", True, 0.0)

    methods = ("mean_difference",)
    stops = play(methods, treated, control, question, calendar, entry)["mean_difference"]

    early = [cut(arm, 5.0 - entry[:, part], question, 0.0)
             for arm, part in ((treated, slice(0, 60)), (control, slice(60, 120)))]  # fmt: skip
    z = [answers(methods, *pair, question)["mean_difference"].z
         for pair in (early, (treated, control))]  # fmt: skip
    share = stops.information[0, 0]
    assert share == pytest.approx((10 * 40 / 50) / (60 * 60 / 120))
    assert np.corrcoef(*z)[0, 1] == pytest.approx(np.sqrt(share), abs=0.04)
