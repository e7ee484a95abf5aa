"""When does withdrawal come, what brings it on, and what takes it away? One typical person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import equinox as eqx
import jax
import numpy as np
import pytest

from claims.course import Dose, Medicine, Path, Plan, detoxified, follow, heavy_use
from claims.neutral import Values, rests_on, with_values
from resynapse.patient import Patient
from resynapse.pharmacology import opioid_medication as medications
from resynapse.pharmacology.opioid_medication import OpioidMedication

DAILY = tuple(float(day) for day in range(31))
LOW_DOSE = Dose(0.0, 10.0 / 70.0, 0.0, "im")
"""10 mg into muscle, far below what dissociates"""
AGONISTS = {
    "methadone": (medications.methadone, 80.0, DAILY),
    "buprenorphine": (medications.buprenorphine_sublingual, 16.0, DAILY),
    "buprenorphine-monthly": (medications.buprenorphine_monthly, 300.0, (0.0, 28.0)),
}


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


@cache
def using() -> tuple:
    """After months of daily use, still using."""
    return heavy_use(Patient())


@cache
def stopped(days: float = 0.0) -> tuple:
    """So many days after the last use."""
    state, marks = using()
    start = state, eqx.tree_at(lambda m: m.using, marks, 0.0)
    return follow(Patient(), days, start=start).last() if days else start


@cache
def free() -> tuple:
    """Ten days after the last use."""
    return detoxified(Patient())


def points(path: Path, day: float) -> float:
    """COWS."""
    return 48.0 * path.at(path.withdrawal, day)


def course(values: Values, plan: Plan | None = None, start: tuple | None = None, days: float = 8.0):
    return follow(with_values(values), days, plan, start or stopped())


# each claim on the course fails when the parameter that makes it is neutral
COURSE: list[tuple[str, Callable[[Path], bool], Values]] = [
    ("it comes to a sizeable score", lambda p: points(p, 2.0) > 8.0, {"withdrawal.gain": 0.0}),
    (
        "it peaks between a day and a half and three days",
        lambda p: 1.4 <= p.day[np.argmax(p.withdrawal)] <= 3.0,
        {"withdrawal.expression_time": 0.01, "opioid.time_constant": 0.01},
    ),
    (
        "about a twelfth of the peak is left after a week",
        lambda p: 0.03 < p.at(p.withdrawal, 7.0) / np.max(p.withdrawal) < 0.16,
        {"dependence.fast_fall": 1.0e6},
    ),
    (
        "it needs a body that got used to the drug",
        lambda p: points(p, 2.0) > 8.0,
        {"dependence.fast_fall": 1.0e-3},
    ),
]


@pytest.mark.parametrize(("words", "claim", "neutral"), COURSE, ids=[row[0] for row in COURSE])
def test_withdrawal_from_heroin_has_the_course_that_is_known_of_it(words, claim, neutral):
    rests_on(lambda values: claim(course(values)), neutral)


@cache
def started(
    name: str, efficacy: float | None = None, competes: float = 1.0, begin: str = "using"
) -> Path:
    """The first days on a medication, in people who use or who are free."""
    drug, mg, days = AGONISTS[name]
    made = drug() if efficacy is None else _acting(drug(), efficacy)
    plan = Plan(agonist=Medicine(made, mg, days[:3]))
    begun = {"using": using, "free": free}[begin]()
    return follow(with_values({"opioid.competes": competes}), 3.0, plan, begun)


def _acting(drug: OpioidMedication, efficacy: float) -> OpioidMedication:
    return eqx.tree_at(lambda d: d.efficacy, drug, efficacy)


@pytest.mark.parametrize("name", ["buprenorphine", "buprenorphine-monthly"])
def test_buprenorphine_on_a_heavy_load_lowers_the_effect_and_brings_on_withdrawal(name):
    def precipitates(**changed) -> bool:
        path = started(name, **changed)
        before = path.mu.effect[0], path.withdrawal[0]
        return bool(
            np.min(path.mu.effect) < 0.9 * before[0]
            and np.max(path.withdrawal) > 5.0 * before[1] + 0.02
        )

    assert precipitates()
    assert not precipitates(efficacy=1.0), "a full agonist takes nothing away"
    assert not precipitates(competes=0.0), "what does not compete displaces nothing"
    assert not precipitates(begin="free"), "without a load there is nothing to displace"


def test_naltrexone_precipitates_withdrawal_within_hours():
    plan = Plan(antagonist=Medicine(medications.naltrexone_oral(), 50.0, (0.0,)))

    def within_hours(values: Values) -> bool:
        path = follow(with_values(values), 1.0, plan, using())
        alone = course({}, days=1.0)
        return points(path, 0.25) > 4.0 * points(alone, 0.25) + 5.0

    rests_on(within_hours, {"opioid.competes": 0.0})
    rests_on(within_hours, {"withdrawal.displacement_time": 1.0})


def test_naltrexone_brings_no_withdrawal_to_people_who_are_no_longer_dependent():
    plan = Plan(antagonist=Medicine(medications.naltrexone_oral(), 50.0, (0.0, 1.0)))

    assert np.max(course({}, plan, free(), days=2.0).withdrawal) * 48.0 < 1.0


@pytest.mark.parametrize("name", list(AGONISTS))
def test_an_agonist_given_in_withdrawal_takes_it_away(name):
    drug, mg, _ = AGONISTS[name]

    def relieved(drug: OpioidMedication) -> bool:
        plan = Plan(agonist=Medicine(drug, mg, (0.0,)))
        given, not_given = (course({}, p, stopped(2.0), days=1.0) for p in (plan, None))
        return points(given, 1.0) < 0.5 * points(not_given, 1.0)

    assert relieved(drug())
    assert not relieved(_acting(drug(), 0.0))


def test_a_low_dose_of_ketamine_relieves_withdrawal_for_hours_only():
    def relieved(values: Values) -> bool:
        given = course(values, Plan(doses=(LOW_DOSE,)), stopped(2.0), days=1.0)
        without = course(values, None, stopped(2.0), days=1.0)
        half_hour, a_day = 0.5 / 24.0, 0.99
        return points(given, half_hour) < 0.8 * points(without, half_hour) and points(
            given, a_day
        ) > 0.95 * points(without, a_day)

    rests_on(relieved, {"relief.greatest": 0.0})
    rests_on(relieved, {"relief.half_effect": 1.0e6})


@pytest.mark.parametrize("name", ["methadone", "buprenorphine"])
def test_stopping_an_agonist_brings_withdrawal_and_staying_on_it_does_not(name):
    drug, mg, days = AGONISTS[name]

    def comes_back(drug: OpioidMedication) -> bool:
        path = follow(Patient(), 40.0, Plan(agonist=Medicine(drug, mg, days)), free())
        later = path.withdrawal[path.day > 31.0]
        return bool(48.0 * np.max(later) > points(path, 29.9) + 2.0)

    assert comes_back(drug())
    assert not comes_back(_acting(drug(), 0.0))


def test_stopping_naltrexone_brings_no_withdrawal():
    plan = Plan(antagonist=Medicine(medications.naltrexone_oral(), 50.0, DAILY))
    path = follow(Patient(), 40.0, plan, free())

    assert 48.0 * np.max(path.withdrawal[path.day > 29.0]) < 1.0
