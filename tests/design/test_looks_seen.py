"""Do bounds hold alpha where looks see more or less than was planned, and are they rpact's?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from oracle import in_r
from resynapse.input_error import InputError
from resynapse.trial.design.futility import Futility
from resynapse.trial.design.joint_density import crossing
from resynapse.trial.design.looks_seen import Part, Seen, bounds, parts, replanned, seen
from resynapse.trial.design.sequential import BOUNDS, Looks

PLANNED = (1 / 3, 2 / 3, 1.0)
RUNS = {"too little": (0.21, 0.58, 0.9), "as planned": PLANNED, "too much": (0.4, 0.75, 1.23)}
FUNCTIONS = {
    "lan-demets-obrien-fleming": ("asOF", None),
    "lan-demets-pocock": ("asP", None),
    "kim-demets": ("asKD", 2.0),
    "hwang-shih-decani": ("asHSD", -4.0),
}
SHAPED = {
    "obrien-fleming": None, "pocock": None, "wang-tsiatis": 0.3, "user": None,
}  # fmt: skip
UPDATED = """
library(rpact)
one <- function(t, type, gamma) {
  part <- function(rates, ...) getDesignGroupSequential(
    alpha = 0.025, tolerance = 1e-10, informationRates = rates, ...)
  planned <- part(c(t[1:2], 1), typeOfDesign = type, gammaA = gamma)
  spent <- c(planned$alphaSpent[1:2], 0.025)
  last <- part(t / t[3], typeOfDesign = "asUser", userAlphaSpending = spent)
  c(planned$criticalValues[1:2], last$criticalValues[3])
}
"""


def alone(looks: Looks, information: tuple[float, ...], over: int | None = None) -> Part:
    """Bounds of one trial; ``over``: the look, from 0, at which everybody had been followed."""
    at = np.arange(len(information)) >= (len(information) - 1 if over is None else over)
    return bounds(looks, seen(np.array([information]), at[None]))


@pytest.fixture(scope="module")
def rpact():
    """rpact's recipe: interim bounds by the function, then its alpha spent by the user."""
    asked = [
        f"`{run} {name}` = one(c({t[0]}, {t[1]}, {t[2]}), '{type}', {gamma or 'NA_real_'})"
        for run, t in RUNS.items()
        for name, (type, gamma) in FUNCTIONS.items()
    ]
    return in_r(f"{UPDATED}\nlist({', '.join(asked)})")


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_bounds_by_what_was_seen_are_those_that_rpact_updates_to(rpact, run, name):
    looks = Looks(0.025, 1, 0.8, PLANNED, name, FUNCTIONS[name][1])

    found = alone(looks, RUNS[run]).critical_values[0]

    assert found == pytest.approx(rpact[f"{run} {name}"], abs=1e-6)


@pytest.fixture(scope="module")
def by_user():
    """rpact's bounds of the user's spending and of Haybittle and Peto at what was seen."""
    asked = []
    for run, t in RUNS.items():
        rates = f"c({t[0] / t[2]!r}, {t[1] / t[2]!r}, 1)"
        for name in SHAPED:
            spent = ", ".join(repr(float(one)) for one in straight(planned(name), t))
            asked.append(
                f"`{run} {name}` = part({rates}, 'asUser', userAlphaSpending = c({spent}))"
            )
        asked.append(f"`{run} haybittle-peto` = part({rates}, 'HP', constantBoundsHP = 3)")
    return in_r(
        "library(rpact)\n"
        "part <- function(rates, type, ...) getDesignGroupSequential(alpha = 0.025, "
        "tolerance = 1e-10, informationRates = rates, typeOfDesign = type, ...)$criticalValues\n"
        f"list({', '.join(asked)})"
    )


def planned(name):
    spent = (0.004, 0.012, 0.025) if name == "user" else None
    return Looks(0.025, 1, 0.8, PLANNED, name, SHAPED.get(name), spent=spent)


def straight(looks, t):
    """Alpha spent by each look on straight lines between planned looks, the whole at the last."""
    inside = [np.interp(one, [0.0, *PLANNED], [0.0, *looks.alpha_spent]) for one in t[:2]]
    return [*inside, 0.025]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("name", [*SHAPED, "haybittle-peto"])
def test_bounds_of_a_shape_or_of_the_user_spend_on_straight_lines_and_are_then_rpacts(
    by_user, run, name
):
    found = alone(planned(name), RUNS[run]).critical_values[0]

    assert found == pytest.approx(by_user[f"{run} {name}"], abs=1e-6)
    if name == "haybittle-peto":
        assert found[:2] == pytest.approx(3.0, abs=1e-8)


def test_haybittle_and_petos_looks_never_spend_more_than_there_is():
    looks = Looks(0.025, 1, 0.8, (0.8, 0.85, 0.9, 0.95, 1.0), "haybittle-peto", 2.3)

    upper = alone(looks, (0.01, 0.05, 0.2, 0.6, 0.99)).critical_values[0]

    t = np.array([0.01, 0.05, 0.2, 0.6, 0.99]) / 0.99
    whole = crossing(t, np.zeros(5), np.full(5, -np.inf), upper).upper.sum()
    assert upper[:2] == pytest.approx(2.3) and upper[3] > 2.4
    assert whole == pytest.approx(0.025, abs=1e-9)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("run", RUNS)
def test_looks_planned_anew_after_what_was_seen_have_the_bounds_of_a_trial_that_saw_it(name, run):
    looks = planned(name)

    for count in (1, 2, 3):
        t = [*RUNS[run][:count], *PLANNED[count:]]
        assert replanned(looks, t[:count]).critical_values == pytest.approx(
            alone(looks, tuple(t)).critical_values[0], abs=1e-6
        )


def test_futility_planned_anew_keeps_its_bounds_and_alpha():
    rule = Futility(spending="kim-demets", parameter=1.5, binding=True)
    looks = Looks(0.025, 1, 0.9, PLANNED, futility=rule)

    found, part = replanned(looks, [0.3, 0.5]), alone(looks, (0.3, 0.5, 1.0))

    assert found.futility_bounds == pytest.approx(part.futility_bounds[0, :2], abs=1e-8)
    assert found.alpha_spent[-1] == pytest.approx(0.025, abs=1e-8)


@pytest.mark.parametrize("wrong", [(0.4, 0.3), (0.0, 0.5), (0.4, 1.0), (0.2, 0.4, 0.6, 0.8), ()])
def test_information_that_does_not_rise_or_overtakes_the_next_look_is_refused(wrong):
    with pytest.raises(InputError, match=r"[Ss]een"):
        replanned(Looks(0.025, 1, 0.8, PLANNED), wrong)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("sided", [1, 2])
def test_looks_that_see_what_was_planned_have_the_bounds_that_were_planned(name, sided):
    spent = (0.01 * sided, 0.02 * sided, 0.025 * sided) if name == "user" else None
    looks = Looks(0.025 * sided, sided, 0.8, PLANNED, name, spent=spent)

    assert alone(looks, PLANNED).critical_values[0] == pytest.approx(
        looks.critical_values, abs=1e-8
    )


@pytest.mark.parametrize("name", ["lan-demets-pocock", "obrien-fleming", "haybittle-peto"])
def test_alpha_is_spent_whole_and_never_more_whatever_the_looks_saw(name):
    looks = Looks(0.025, 1, 0.8, PLANNED, name)
    draw = np.random.default_rng(1)
    information = np.sort(draw.uniform(0.05, 0.99, (40, 3)), axis=1) * [1.0, 1.0, 1.3]
    told = seen(information, np.zeros((40, 3), dtype=bool))

    for _, _, here, part in parts(looks, told):
        for t, upper, last in zip(here.information, part.critical_values, here.last, strict=True):
            k = last + 1
            none = np.full(k, -np.inf)
            whole = crossing(t[:k] / t[last], np.zeros(k), none, upper[:k]).upper.sum()
            assert whole == pytest.approx(0.025, abs=1e-9)


def test_planned_bounds_would_not_hold_alpha_where_looks_see_less():
    looks = Looks(0.025, 1, 0.8, PLANNED, "lan-demets-pocock")
    t = np.array([0.02, 0.1, 1.0])

    kept = crossing(t, np.zeros(3), np.full(3, -np.inf), looks.critical_values).upper.sum()

    assert kept > 0.028


def test_a_look_that_sees_no_more_than_the_one_before_shares_its_alpha():
    looks = Looks(0.025, 1, 0.8, (0.5, 1.0), "lan-demets-pocock")

    found = alone(looks, (0.6, 0.6)).critical_values[0]

    assert found[1] == pytest.approx(-special.ndtri(0.025), abs=1e-9)
    assert found[0] > found[1]


@pytest.mark.parametrize(("information", "over"), [((0.4, 0.7, 0.7), 1), ((0.4, 1.02, 1.1), None)])
def test_what_is_left_is_spent_when_all_is_known_and_nothing_after_it(information, over):
    looks = Looks(0.05, 2, 0.8, PLANNED)

    part, two = alone(looks, information, over), information[:2]

    t = np.array(two) / two[1]
    low = -part.critical_values[0, :2]
    assert crossing(t, np.zeros(2), low, -low).upper.sum() == pytest.approx(0.025, abs=1e-9)
    assert part.critical_values[0, 2] == np.inf


def test_a_look_that_has_seen_nothing_claims_nothing():
    looks = Looks(0.025, 1, 0.8, (0.5, 1.0))

    found = alone(looks, (0.0, 0.9)).critical_values[0]

    assert found[0] > 8.0
    assert found[1] == pytest.approx(-special.ndtri(0.025), abs=1e-6)


@pytest.mark.parametrize("binding", [False, True])
def test_beta_is_spent_by_what_was_seen_at_the_drift_of_the_plan(binding):
    rule = Futility(spending="kim-demets", parameter=1.5, binding=binding)
    looks = Looks(0.025, 1, 0.9, PLANNED, futility=rule)
    t = np.array(RUNS["too little"])

    part = alone(looks, tuple(t))

    draw = np.random.default_rng(3).normal(size=(400_000, 3)) * np.sqrt(np.diff(t, prepend=0.0))
    Z = (np.cumsum(draw, axis=1) + looks.drift * t) / np.sqrt(t)
    going, idle = np.ones(len(Z), dtype=bool), []
    for k in range(2):
        stops = going & (Z[:, k] < part.futility_bounds[0, k])
        idle.append(stops.mean())
        going &= ~stops & (Z[:, k] < part.critical_values[0, k])
    planned = np.diff(0.1 * t[:2] ** 1.5, prepend=0.0)
    assert idle == pytest.approx(planned, abs=4 * np.sqrt(0.05 / len(Z)))


def test_trials_that_saw_the_same_share_their_bounds_and_every_trial_has_its_own():
    looks = Looks(0.025, 1, 0.8, PLANNED)
    t = np.array([RUNS["too little"], RUNS["too much"], (0.5, 0.5004, 0.93), RUNS["too little"]])
    found = np.empty((4, 3))

    for trials, row, _, part in parts(looks, Seen(t, np.full(4, 2))):
        found[trials] = part.critical_values[row]

    each = [alone(looks, tuple(one)).critical_values[0] for one in t]
    assert found[[0, 2, 3]] == pytest.approx(np.array(each)[[0, 2, 3]], abs=1e-8)
    assert (found[0] == found[3]).all() and found[1, 0] < found[0, 0]
