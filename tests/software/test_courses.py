"""Is a dataset that is made late the one that is looked at, and are figures the same without it?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from resynapse.patient.observe import NAMES
from resynapse.report.curves import curve
from resynapse.report.sections.kinetics import kinetics
from resynapse.trial.dataset import ACUTE, FELT, days_courses, minutes_courses
from resynapse.trial.plan import MINUTES
from software.report_example import toy_result

PEOPLE, DAYS = 5, np.array([0.0, 7.0, 14.0])


def _records(length, seed):
    return np.random.default_rng(seed).uniform(size=(length, len(NAMES), PEOPLE))


def _minutes():
    return minutes_courses({name: _records(len(MINUTES), k) for k, name in enumerate("ab")})


def test_a_dataset_has_arm_time_and_percentile_with_their_units():
    made = _minutes().dataset()

    assert set(made.data_vars) == set(ACUTE)
    assert dict(made.sizes) == {"arm": 2, "minute": len(MINUTES), "percentile": 3}
    assert made["minute"].attrs == {"units": "min after the first dose"}
    assert made["percentile"].values.tolist() == [10, 50, 90]
    assert set(made["block_resting"].attrs) == {"units", "long_name"}
    place = NAMES.index("block_resting")
    expected = np.percentile(_records(len(MINUTES), 1)[:, place, :], [10, 50, 90], axis=1).T
    assert made["block_resting"].sel(arm="b").values.tolist() == expected.tolist()


def test_days_on_which_nobody_was_followed_any_more_are_missing():
    made = days_courses({"a": _records(2, 0)}, DAYS, FELT).dataset()

    assert np.isfinite(made["mood"].values[0, :2]).all()
    assert np.isnan(made["mood"].values[0, 2]).all()


def test_without_people_there_are_times_and_no_quantities():
    made = days_courses({}, DAYS).dataset()

    assert not made.data_vars
    assert dict(made.sizes) == {"arm": 0, "day": 3, "percentile": 3}


def test_the_only_arm_without_its_name_is_that_arm():
    named = minutes_courses({"one": _records(len(MINUTES), 0)})

    xr.testing.assert_identical(named.alone().dataset(), named.dataset().isel(arm=0, drop=True))


def test_a_curve_is_the_same_before_a_dataset_is_made_as_after():
    courses = _minutes()
    for arm in "ab":
        ours, theirs = curve(courses, "surge", arm), curve(courses.dataset(), "surge", arm)
        for name in ("x", "low", "middle", "high"):
            assert getattr(ours, name).tolist() == getattr(theirs, name).tolist()


def test_a_result_makes_its_dataset_once_somebody_looks_and_draws_the_same():
    alone = minutes_courses({"one": _records(len(MINUTES), 0)}).alone()
    result = replace(toy_result(), reference_kinetics=alone)
    early = kinetics(result)
    unmade = result.reference is alone
    made = result.reference_kinetics
    late = kinetics(result)

    assert unmade
    xr.testing.assert_identical(made, alone.dataset())
    assert result.reference_kinetics is made is result.reference
    assert early == late
