"""What does an arm's plan say is about, and who goes through it?"""

import numpy as np
import pytest

from resynapse.patient import Patient
from resynapse.protocol import load
from resynapse.trial import conduct as conducting
from resynapse.trial.conduct import Conduct

S_KETAMINE, BENZODIAZEPINE = 0, 2


@pytest.fixture(scope="module")
def conduct():
    return Conduct(load("scenario-heroin-ketamine"), Patient(), 1)


def about(conduct, arm, block, day):
    plan = conduct.plan(conduct.protocol.arm(arm))
    step = np.searchsorted(plan.plan.time[: plan.steps], day + 1e-6) - 1
    return bool(plan.plan.drug[step, block])


def test_a_drug_is_about_after_doses_that_bring_it_and_after_no_saline(conduct):
    days = (2.01, 5.0, 9.01, 12.0)  # ketamine on day 2, saline on day 9
    found = [about(conduct, "ketamine-1-therapy", S_KETAMINE, day) for day in days]

    assert found == [True, True, False, False]
    assert about(conduct, "ketamine-3-therapy", S_KETAMINE, 9.01)
    assert not about(conduct, "placebo-therapy", S_KETAMINE, 2.01)
    assert not about(conduct, "ketamine-3-therapy", BENZODIAZEPINE, 2.01)


def test_instants_that_are_rounded_bring_no_lengths_of_step_of_their_own(conduct):
    """Each length costs a propagator of every drug, for every person."""
    for arm in conduct.protocol.arms:
        lengths = np.unique(conduct.plan(arm).lengths)
        assert (np.diff(lengths) > 1e-3 * lengths[1:]).all(), arm.id


def test_people_are_drawn_once_for_all_arms_and_only_the_last_are_kept(monkeypatch):
    made, drawn = Conduct(load("krupitsky-2002"), Patient(), 1), []
    one = made.persons

    def counted(start, count):
        drawn.append((start, count))
        return one(start, count)

    monkeypatch.setattr(made, "persons", counted)
    monkeypatch.setattr(conducting, "DRAWN", 8)
    for first in (0, 0, 8, 8, 0):
        assert [float(p.key[0]) for p in made.parties(first, 8, 8)] == [first]

    assert drawn == [(0, 8), (8, 8), (0, 8)]
