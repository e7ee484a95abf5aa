"""Does withdrawal come and go as seen in people who stop without medication? Part of the fit."""

from __future__ import annotations

import numpy as np
import pytest

from claims.course import Plan, follow
from resynapse.patient import Patient
from resynapse.population.disorder import apply

DAYS_OF_USE = 60.0


def course(disorder):
    """Days since the last use, and withdrawal."""
    patient = apply(Patient(), disorder)
    path = follow(patient, DAYS_OF_USE + 15.0, Plan(use=((0.0, DAYS_OF_USE),)))
    after = path.day >= DAYS_OF_USE
    return path.day[after] - DAYS_OF_USE, np.asarray(path.withdrawal)[after]


@pytest.fixture(scope="module")
def heroin():
    return course("heroin")


@pytest.mark.parametrize("disorder", ["heroin", "fentanyl"])
def test_withdrawal_peaks_between_one_and_a_half_and_three_days(disorder, heroin):
    day, withdrawal = heroin if disorder == "heroin" else course(disorder)

    assert 1.5 <= day[np.argmax(withdrawal)] <= 3.0


def test_a_week_after_the_last_use_of_heroin_little_withdrawal_is_left(heroin):
    day, withdrawal = heroin

    assert np.interp(7.0, day, withdrawal) / withdrawal.max() == pytest.approx(0.08, abs=0.03)


def test_withdrawal_from_heroin_begins_within_half_a_day(heroin):
    day, withdrawal = heroin

    assert 0.15 < np.interp(0.5, day, withdrawal) / withdrawal.max() < 0.5
