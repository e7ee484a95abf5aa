"""Does the cycle of addiction close without treatment, and can treatment open it?

People run through the engine for some months; all expect nothing and nobody leaves the study, so
that arms differ by what is done alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import equinox as eqx
import jax
import numpy as np
import pytest

from claims.course import Plan, follow, heavy_use
from claims.neutral import Values, rests_on, with_values
from claims.trial_course import (
    ALL_STAY,
    INFUSION,
    NO_EXPECTANCY,
    SALINE,
    Seen,
    programme,
    seen,
)
from resynapse.patient.hypotheses import KETAMINE_PATHS

DAYS = 90.0
STILL_USING = {"detoxification_days": 0, "use_days_before": 30}
NOT_HELD = {"stop.priming_weight": 0.0, "stop.withdrawal_weight": 0.0}
"""neither the momentum of a bout nor the withdrawal ahead keeps people in it"""
CBT = {"type": "CBT", "days": [0, 1, 2, 3, 7, 14, 21, 28, 35], "hours": "2 h"}
PREPARED = {"drug": "ketamine", "dose": "2 mg/kg im", "days": [1], "prepared": True}
AROUND_THE_DOSE = {"type": "KPT", "days": [0, 1.25, 2, 3], "hours": "5 h"}


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def people(*doses: dict, values: Values, until: float = DAYS, **given) -> Seen:
    arm = {name: given.pop(name) for name in ("therapies", "medications") if name in given}
    values = ALL_STAY | NO_EXPECTANCY | values
    return seen(programme(*doses, arm=arm, **given), until, values=values)


def days_using(run: Seen) -> float:
    """Mean share of days in the community spent using."""
    totals = run.chunk.totals
    return float(totals.days_using.mean() / totals.days_free.mean())


def test_people_in_use_stay_in_use_without_treatment():
    """They still use at entry; two months later most days are days of use."""

    def stay(values: Values) -> bool:
        run = people(values=values, setting=STILL_USING)
        return run.chunk.use_days[:, 60:90].mean() > 0.6

    rests_on(stay, NOT_HELD)


def test_a_lapse_becomes_a_relapse():
    """Over the two weeks after a first use, people use on most days."""

    def relapse(values: Values) -> bool:
        used = people(values=values).chunk.use_days[:, :90]
        first = used[:, :75].argmax(axis=1)
        lapsed = used[np.arange(len(used)), first] > 0
        after = [row[day + 1 : day + 15].mean() for row, day in zip(used, first, strict=True)]
        return np.mean(np.array(after)[lapsed]) > 0.6 and lapsed.mean() > 0.3

    rests_on(relapse, NOT_HELD)


def test_use_comes_back_to_most_people_after_detoxification_alone():
    def comes_back(values: Values) -> bool:
        used = people(values=values).chunk.use_days[:, :90]
        return used.any(axis=1).mean() > 0.5

    rests_on(comes_back, {"lapse.baseline": 0.0, "lapse.uncommitted": 0.0})


def test_therapy_can_open_the_cycle():
    def opens(values: Values) -> bool:
        without = days_using(people(values={}))
        return days_using(people(values=values, therapies=[CBT])) < 0.95 * without

    rests_on(opens, {"recovery.learning_rate": 0.0})


def test_ketamine_can_open_the_cycle():
    """A high dose within prepared therapy, against saline within the same therapy."""

    def opens(values: Values) -> bool:
        ketamine, saline = (
            days_using(people(dose, values=values, therapies=[AROUND_THE_DOSE]))
            for dose in (PREPARED, SALINE)
        )
        return ketamine < 0.95 * saline

    rests_on(opens, dict.fromkeys(KETAMINE_PATHS, 0.0))


MEDICATIONS = {
    "methadone": ("80 mg", "methadone"),
    "buprenorphine": ("16 mg", "buprenorphine"),
    "buprenorphine-monthly": ("300 mg", "buprenorphine"),
    "naltrexone": ("50 mg", "naltrexone"),
    "naltrexone-monthly": ("380 mg", "naltrexone"),
    "naltrexone-implant": ("1000 mg", "naltrexone"),
}
"""usual amount, and the substance whose hold on the receptor is made neutral"""


@pytest.mark.parametrize("name", list(MEDICATIONS))
def test_each_medication_lowers_use_by_its_hold_on_the_receptor(name):
    amount, substance = MEDICATIONS[name]
    taken = [{"drug": name, "amount": amount, "may_stop": False}]

    def lowers(values: Values) -> bool:
        without = people(values={}, until=45.0).chunk.use_days[:, :45]
        on_it = people(values=values, until=45.0, medications=taken).chunk.use_days[:, :45]
        return on_it.mean() < 0.8 * without.mean()

    rests_on(lowers, {f"{substance}.max_occupancy": 0.0})


def test_stopping_methadone_brings_back_withdrawal_and_use_in_people():
    taken = {"drug": "methadone", "amount": "80 mg", "may_stop": False}

    def comes_back(values: Values) -> bool:
        on, off = (
            people(values=values, until=70.0, medications=[one])
            for one in (taken, taken | {"stop_day": 40})
        )
        return off.mean("withdrawal", 42.0) > on.mean("withdrawal", 42.0) + 2.0 and bool(
            off.chunk.use_days[:, 45:70].mean() > 1.2 * on.chunk.use_days[:, 45:70].mean()
        )

    rests_on(comes_back, {"methadone.max_occupancy": 0.0})


def test_people_may_stop_their_medication_and_use_makes_them_stop():
    """Sooner where there is more use; nobody where the hazard is nothing."""
    taken = [{"drug": "buprenorphine", "amount": "16 mg"}]

    def stopped(values: Values) -> float:
        run = people(values=values, until=60.0, medications=taken)
        return float(np.isfinite(run.day_of("medication_stop")).mean())

    def more_with_use(values: Values) -> bool:
        return stopped({"lapse.baseline": 0.5} | values) > stopped(values) + 0.01 > 0.01

    rests_on(
        more_with_use,
        {f"medication_stop.{name}_weight": 0.0 for name in ("use", "withdrawal", "mood")},
    )
    assert stopped({"medication_stop.buprenorphine_scale": 1.0e12}) < 0.01


@cache
def heavy(*values: tuple[str, float]) -> tuple:
    return heavy_use(with_values(dict(values)))


def risk_of_a_use(values: Values, free_days: float) -> float:
    """Expected deaths a day while using, after so many days without use, in one person."""
    patient = with_values(values)
    state, marks = heavy(*values.items())
    if free_days:
        stopped = eqx.tree_at(lambda m: m.using, marks, 0.0)
        state, marks = follow(patient, free_days, start=(state, stopped)).last()
    path = follow(patient, 0.5, Plan(use=((0.0, 1.0),)), start=(state, marks))
    return path.at(path.flow.accumulation.deaths, 0.1)


def test_a_use_is_more_dangerous_after_tolerance_was_lost():
    def more_dangerous(values: Values) -> bool:
        return risk_of_a_use(values, 30.0) > 2.0 * risk_of_a_use(values, 0.0) > 0.0

    rests_on(more_dangerous, {"opioid.tolerance_gain": 0.0})
    rests_on(more_dangerous, {"dependence.tolerance_fall": 1.0e6})


@pytest.mark.parametrize(
    ("name", "amount"), [("methadone", "80 mg"), ("naltrexone-monthly", "380 mg")]
)
def test_medication_lowers_expected_deaths_from_overdose(name, amount):
    taken = [{"drug": name, "amount": amount, "may_stop": False}]

    def deaths(values: Values, medications: list) -> float:
        run = people(values=values, until=45.0, medications=medications)
        return float(run.chunk.totals.deaths.sum())

    def lowers(values: Values) -> bool:
        return deaths(values, taken) < 0.7 * deaths({}, [])

    substance = name.split("-")[0]
    rests_on(lowers, {f"{substance}.max_occupancy": 0.0})


def test_the_run_in_makes_the_memory_of_the_drug_strong_and_withdrawal_steady():
    def after(use_days: float, values: Values) -> Seen:
        setting = {"detoxification_days": 2, "use_days_before": use_days}
        return people(values=values, until=1.5, setting=setting)

    def settled(values: Values) -> bool:
        none, more = after(0.0, values), after(40.0, values)
        return more.mean("drug_memory", 0.0) > none.mean("drug_memory", 0.0) + 0.05

    rests_on(settled, {"memory.learning_per_use": 0.0})
    some, more = (after(days, {}).mean("withdrawal", 0.0) for days in (20.0, 40.0))
    assert some == pytest.approx(more, rel=0.03)


def test_ketamine_without_therapy_still_acts_on_people_in_the_engine():
    """The path of everyone changes, yet only a little of it is use."""
    ketamine, saline = (people(dose, values={}, until=7.5) for dose in (INFUSION, SALINE))

    assert np.all(ketamine.of("window", 2.0) > saline.of("window", 2.0))
    assert ketamine.mean("craving", 2.0) < saline.mean("craving", 2.0)
