"""Are trials of naltrexone held against their own estimators, and their numbers found again?"""

from __future__ import annotations

import jax
import numpy as np
import pytest

from evidence.recovery import recovered, truth
from resynapse.inference import comparator_course as course
from resynapse.inference.emulator import Emulator
from resynapse.inference.stages import naltrexone


def _people(*spans, left=np.inf):
    """One person who uses on these days, [1, days]."""
    use = np.zeros((1, 169))
    for first, last in spans:
        use[0, first:last] = 1
    return use, np.array([left])


def test_relapse_is_ten_days_in_28_or_two_urines_in_a_row_positive_or_missing():
    assert not course.relapse_10_of_28(*_people((20, 29)))[0]
    assert course.relapse_10_of_28(*_people((15, 25)))[0]
    assert not course.relapse_10_of_28(*_people((26, 28)))[0]
    assert course.relapse_10_of_28(*_people((26, 28), (40, 42)))[0]
    assert course.relapse_10_of_28(*_people(left=100.0))[0]
    assert not course.relapse_10_of_28(*_people(left=160.0))[0]


def test_confirmed_abstinence_needs_every_urine_from_week_5():
    assert course.confirmed_abstinence(*_people((5, 20)))[0]
    assert not course.confirmed_abstinence(*_people((33, 34)))[0]
    assert course.confirmed_abstinence(*_people((36, 37)))[0]
    assert not course.confirmed_abstinence(*_people(left=150.0))[0]


def test_a_run_of_seven_days_or_leaving_ends_retention_without_relapse():
    assert course.retained_without_relapse(*_people((50, 56)))[0]
    assert not course.retained_without_relapse(*_people((50, 57)))[0]
    assert not course.retained_without_relapse(*_people(left=167.0))[0]


def test_every_count_is_published_and_of_its_arm():
    for name, targets in naltrexone.TRIALS.items():
        for target in targets:
            count, n = naltrexone._counted(name, target)
            assert 0 < count < n
    placebo = naltrexone.TRIALS["krupitsky-2011"][1]
    assert naltrexone._counted("krupitsky-2011", placebo) == (28.0, 124)


def test_laws_that_made_the_counts_are_found_again():
    one = object.__new__(naltrexone.NaltrexoneTrials)
    one.free = (
        *naltrexone.common(),
        *(f for t in naltrexone.TRIALS for f in naltrexone.of_site(t)),
    )
    chance, names = np.random.default_rng(2), [free.name for free in one.free]
    trials = []
    for name, targets in naltrexone.TRIALS.items():
        inputs = (*naltrexone.common(), *naltrexone.of_site(name))
        B = np.concatenate([np.zeros((1, len(targets))),
                            0.5 * chance.normal(size=(len(inputs), len(targets)))])  # fmt: skip
        A = np.zeros_like(B)
        A[0] = -3.0
        emulator = Emulator(inputs, 1, B, A, np.eye(len(targets)), np.ones(len(targets)))
        place = tuple(names.index(free.name) for free in inputs)
        n = np.full(len(targets), 120.0)
        trials.append(naltrexone.Trial(name, targets, n / 2, n, emulator, place))
    one.trials = tuple(trials)
    with jax.enable_x64(True):
        made = [np.asarray(one.scaled(trial, truth(one.free))[0]) for trial in trials]
    one.trials = tuple(
        naltrexone.Trial(t.name, t.targets, t.n / (1.0 + np.exp(-mean)), t.n, t.emulator, t.place)
        for t, mean in zip(trials, made, strict=True)
    )
    off, sd = recovered(one.stage)

    assert np.abs(off).max() < 2.0
    assert sd.max() <= 1.0 + 1e-6
    assert sd.min() < 0.8, "something is learned"


def test_a_median_that_was_published_says_that_half_were_still_there():
    median = naltrexone.TRIALS["krupitsky-2011"][2]

    assert naltrexone._counted("krupitsky-2011", median)[0] == pytest.approx(62.0)
