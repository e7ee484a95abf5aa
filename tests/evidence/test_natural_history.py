"""Does use without ketamine run as in the cohorts that the baseline was fitted to?

A fit, not a test of prediction: the numbers of the studies were in sight. What misses is listed in
docs/baseline.md.
"""

from __future__ import annotations

import pytest

from evidence import estimators as seen
from evidence.cohorts import after_taper, detoxified, simulated, started_while_using
from resynapse.evidence import study
from resynapse.trial.estimate import wilson

PEOPLE = 512
POINTS = 0.05
"""five points, the bar set for CTN-0027"""


@pytest.fixture(scope="module")
def smyth():
    return simulated(detoxified(900), PEOPLE)


@pytest.fixture(scope="module")
def short():
    return simulated(after_taper(14, 14, 92), PEOPLE)


@pytest.fixture(scope="module")
def long():
    return simulated(after_taper(84, 28, 92), PEOPLE)


@pytest.fixture(scope="module", params=["methadone", "buprenorphine"])
def start(request):
    return request.param, simulated(started_while_using(request.param, 175), PEOPLE)


def published(id, endpoint, arm=None):
    """Value and 95 % interval of a proportion."""
    one = next(n for n in study(id).numbers if n.endpoint == endpoint and arm in (None, n.arm))
    return one.value, wilson(one.value * one.n, one.n)


@pytest.mark.parametrize("day", [7, 30, 900])
def test_first_use_after_detoxification_alone_is_that_of_smyth(smyth, day):
    low, high = published("smyth2010", f"lapse_{day}_days")[1]

    assert low <= smyth.used_by(day) <= high


@pytest.mark.parametrize("day", [7, 30, 900])
def test_daily_use_after_detoxification_alone_is_that_of_smyth(smyth, day):
    low, high = published("smyth2010", f"daily use by {day} days")[1]

    assert low <= smyth.relapsed_by(day) <= high


def test_late_hazards_fall(smyth):
    late = (1.0 - smyth.used_by(365)) / (1.0 - smyth.used_by(180))

    assert 0.65 <= late <= 0.80


@pytest.mark.parametrize("day", [1, 7, 14, 28])
def test_first_use_after_two_weeks_of_buprenorphine_is_that_of_ctn_0030(short, day):
    low, high = published("ctn0030", f"lapse_{day}_days", "short")[1]

    assert low <= short.used_by(day) <= high


@pytest.mark.parametrize("day", [1, 14, 28])
def test_first_use_after_twelve_weeks_of_buprenorphine_is_that_of_ctn_0030(long, day):
    low, high = published("ctn0030", f"lapse_{day}_days", "long")[1]

    assert low <= long.used_by(day) <= high


@pytest.mark.parametrize("day", [7, 14, 28, 84])
def test_longer_stabilisation_delays_use(short, long, day):
    assert long.used_by(day) < short.used_by(day) - 2 * POINTS


@pytest.mark.parametrize("day", [30, 168])
def test_people_stay_on_an_agonist_as_in_ctn_0027(start, day):
    drug, cohort = start
    value, _ = published("ctn0027", f"retention_{day}_days", drug)

    assert float((seen.left(cohort) > day).mean()) == pytest.approx(value, abs=POINTS)


@pytest.mark.parametrize("now", ["negative", "positive"])
def test_the_next_urine_is_positive_as_often_as_in_ctn_0027(start, now):
    drug, cohort = start
    to = {
        then: published("ctn0027", f"weekly urine, {now} to {then}", drug)[0]
        for then in ("negative", "positive")
    }
    target = to["positive"] / sum(to.values())
    state = seen.NEGATIVE if now == "negative" else seen.POSITIVE

    assert seen.next_urine(cohort, state, seen.POSITIVE) == pytest.approx(target, abs=POINTS)


def test_who_takes_an_agonist_leaves_the_study_by_stopping_it(start):
    _, cohort = start

    gone = cohort.table[["dropout_day", "medication_stop_day"]].dropna()
    assert len(gone) > 50
    assert (gone["dropout_day"] == gone["medication_stop_day"]).all()
